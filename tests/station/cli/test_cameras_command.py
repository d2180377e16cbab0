"""``station cameras`` with ten pretended cameras."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from station.cli.cameras import app
from station.config import load_settings
from station.errors import CameraError, ConfigError
from station.settings import Settings
from tests.station.cameras.pretended_sdk import SERIALS, World, pretended_sdk

NEW = "9121120799"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World((*SERIALS.values(), NEW))
    world.period_s = 0.002
    monkeypatch.setitem(sys.modules, "pyrealsense2", pretended_sdk(world))
    return world


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    cameras = "".join(f'[[cameras]]\nrole = "{r}"\nserial = "{s}"  # ours\n' for r, s in SERIALS.items())
    path.write_text(f'[rig]\nsize = "640x480"  # small\nfps = 30\n{cameras}', encoding="utf-8")
    return path


def settings_of(path: Path) -> Settings:
    return load_settings(path, path.parent).settings


def test_the_list_shows_expected_against_found(world: World, config: Path) -> None:
    world.devices[SERIALS["cam_04"]].connected = False
    world.devices[SERIALS["cam_06"]].usb = "2.1"
    result = CliRunner().invoke(app, ["list", "--config", str(config)])
    assert result.exit_code == 1
    rows = {line.split()[0] + line.split()[1]: line.rstrip() for line in result.stdout.splitlines()}
    assert rows[f"cam_01{SERIALS['cam_01']}"].endswith("5.16.0.1  3.2  2-1.1   0000:00:14.0  ok")
    assert rows[f"cam_04{SERIALS['cam_04']}"].endswith("not connected")
    assert rows[f"cam_06{SERIALS['cam_06']}"].endswith("on USB 2")
    assert rows[f"–{NEW}"].endswith("no role")


def test_the_list_is_also_json_and_all_well_is_exit_code_0(world: World, config: Path) -> None:
    del world.devices[NEW]
    result = CliRunner().invoke(app, ["list", "--json", "--config", str(config)])
    assert result.exit_code == 0
    first = json.loads(result.stdout)["cameras"][0]
    assert (first["role"], first["serial"], first["state"], first["port"]) == (
        "cam_01",
        SERIALS["cam_01"],
        "ok",
        "2-1.1",
    )


def test_a_camera_is_replaced_with_one_that_is_there(world: World, config: Path) -> None:
    before = config.read_text()
    result = CliRunner().invoke(app, ["replace", "cam_04", NEW, "--config", str(config)])
    assert result.exit_code == 0, result.output
    assert f"cam_04 is {NEW} (was {SERIALS['cam_04']})" in result.stdout
    assert config.read_text() == before.replace(SERIALS["cam_04"], NEW)
    assert (config.parent / "station.toml.bak").read_text() == before
    again = CliRunner().invoke(app, ["replace", "cam_04", NEW, "--config", str(config)])
    assert again.stdout.strip() == f"cam_04 is {NEW} already."


def test_a_mistyped_serial_and_another_cameras_are_refused(world: World, config: Path) -> None:
    before = config.read_text()
    absent = CliRunner().invoke(app, ["replace", "cam_04", "1234567890", "--config", str(config)])
    assert isinstance(absent.exception, CameraError)
    assert f"connected are: {SERIALS['cam_01']}" in str(absent.exception)
    taken = CliRunner().invoke(app, ["replace", "cam_04", SERIALS["cam_05"], "--config", str(config)])
    assert isinstance(taken.exception, ConfigError)
    assert config.read_text() == before
    unseen = CliRunner().invoke(app, ["replace", "cam_04", "1234567890", "--unseen", "--config", str(config)])
    assert unseen.exit_code == 0
    assert settings_of(config).serials()["cam_04"] == "1234567890"


def test_roles_are_given_by_pictures(world: World, config: Path, tmp_path: Path) -> None:
    config.write_text('[rig]\nsize = "640x480"\nfps = 30\n')
    for serial in list(world.devices)[3:]:
        del world.devices[serial]
    world.devices[SERIALS["cam_02"]].silent = True
    folder = tmp_path / "pictures"
    how = ["assign", "--config", str(config), "--pictures", str(folder)]
    looked = CliRunner().invoke(app, [*how, "--look"])
    assert looked.exit_code == 0, looked.output
    assert sorted(p.name for p in folder.iterdir()) == [f"{SERIALS['cam_01']}.png", f"{SERIALS['cam_03']}.png"]
    picture = cv2.imread(str(folder / f"{SERIALS['cam_01']}.png"))
    assert picture is not None
    assert picture[0, 0].tolist() == [118, 118, 118]
    assert settings_of(config).serials() == {}
    # The second picture's person first names a place that is taken.
    asked = CliRunner().invoke(app, how, input="7\ncam_77\n8\n")
    assert asked.exit_code == 0, asked.output
    assert '"cam_77" is no role' in asked.output
    assert settings_of(config).serials() == {"cam_07": SERIALS["cam_01"], "cam_08": SERIALS["cam_03"]}
    assert "Without a camera: cam_01, cam_02" in asked.output


def test_passing_over_every_picture_changes_nothing(world: World, config: Path, tmp_path: Path) -> None:
    before = config.read_text()
    result = CliRunner().invoke(app, ["assign", "--config", str(config), "--pictures", str(tmp_path / "p")], input="\n")
    assert result.exit_code == 0, result.output
    assert "Nothing was changed." in result.stdout
    assert config.read_text() == before


def test_the_colour_of_the_reference_is_written_for_all(world: World, config: Path) -> None:
    world.period_s = 0.0005
    for serial in list(world.devices)[3:]:
        world.devices[serial].connected = False
    world.devices[SERIALS["cam_02"]].light = 1.5 * 1.3
    before = config.read_text()
    result = CliRunner().invoke(app, ["match-colour", "--config", str(config)])
    assert result.exit_code == 0, result.output
    rig = settings_of(config).rig
    assert rig.exposure_us == pytest.approx(11800 / 1.5, rel=0.03)
    assert rig.gain == 64.0
    assert rig.white_balance_k == pytest.approx(4300, rel=0.02)
    assert "# small" in config.read_text()
    assert (config.parent / "station.toml.bak").read_text() == before
    told = {line.split(":")[0]: line for line in result.stdout.splitlines()}
    assert "+3" in told["cam_02"].replace("+29%", "+30%")
    assert "cam_03" in told
    assert "cam_04 was not compared" in result.stderr


def test_a_reference_without_a_camera_and_a_missing_file_are_said(
    world: World, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text("")
    result = CliRunner().invoke(app, ["match-colour", "--config", str(config)])
    assert isinstance(result.exception, ConfigError)
    assert "cam_01 has no camera" in str(result.exception)
    config.unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATION_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    result = CliRunner().invoke(app, ["replace", "cam_01", NEW])
    assert isinstance(result.exception, ConfigError)
    assert "There is no station.toml that could be changed" in str(result.exception)
