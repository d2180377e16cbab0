"""Changing ``station.toml`` keeps what a person wrote in it, and the file that was there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config import load_settings
from station.config_file import ConfigFile
from station.errors import ConfigError
from station.frames import ROLES
from station.settings import Settings

EXAMPLE = (Path(__file__).parents[2] / "station.toml").read_text(encoding="utf-8")
TEXT = """\
# our rig
[rig]
fps = 15  # the hall is bright
exposure_us = 5000.0  # by hand

# left of the door
[[cameras]]
role = "cam_02"
serial = "2222"  # replaced in May
sync = "slave"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "station.toml"
    path.write_bytes(text.encode("utf-8"))
    return path


def settings_of(path: Path) -> Settings:
    return load_settings(path, path.parent).settings


def test_a_replaced_camera_keeps_its_settings_and_all_comments_stay(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    file = ConfigFile(path)
    file.give_role("cam_02", "9999")
    backup = file.save()
    assert path.read_text() == TEXT.replace('"2222"', '"9999"')
    assert backup == tmp_path / "station.toml.bak"
    assert backup.read_text() == TEXT
    (camera,) = settings_of(path).cameras
    assert (camera.serial, camera.sync) == ("9999", "slave")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["station.toml", "station.toml.bak"]


def test_a_new_role_is_added(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    file = ConfigFile(path)
    file.give_role("cam_01", "1111")
    file.save()
    assert settings_of(path).serials() == {"cam_01": "1111", "cam_02": "2222"}
    assert path.read_text().startswith(TEXT)


@pytest.mark.parametrize("text", ["", "[rig]\nfps = 6\n", 'cameras = [{role = "cam_05", serial = "5555"}]\n', EXAMPLE])
def test_all_roles_are_given_in_any_file(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    file = ConfigFile(path)
    wanted = {role: f"55{number:02d}" for number, role in enumerate(ROLES)}
    for role, serial in wanted.items():
        file.give_role(role, serial)
    file.set_rig({"exposure_us": 8000.0, "gain": 64.0, "white_balance_k": 4400.0})
    file.save()
    found = settings_of(path)
    assert found.serials() == wanted
    assert (found.rig.exposure_us, found.rig.gain, found.rig.white_balance_k) == (8000.0, 64.0, 4400.0)
    comments = [line for line in text.split("\n") if line.startswith("#")]
    after = path.read_text().split("\n")
    assert [line for line in after if line.startswith("#")] == comments


def test_numbers_keep_their_place_and_comment(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    file = ConfigFile(path)
    file.set_rig({"exposure_us": 7000.0})
    file.save()
    assert path.read_text() == TEXT.replace("5000.0", "7000.0")


@pytest.mark.parametrize("text", [TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT], ids=["line ends", "byte order mark"])
def test_another_systems_file_stays_as_it_is(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    file = ConfigFile(path)
    assert file.save() is None
    file.give_role("cam_02", "9999")
    file.save()
    assert path.read_bytes().decode("utf-8") == text.replace('"2222"', '"9999"')


def test_what_would_not_be_right_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    file = ConfigFile(path)
    with pytest.raises(ConfigError, match=r"2222 is cam_02 already.*Give cam_02 another camera first"):
        file.give_role("cam_03", "2222")
    with pytest.raises(ConfigError, match=r'"cam_11" is no role.*cam_01 to cam_10'):
        file.give_role("cam_11", "3333")
    file.give_role("cam_02", "no")
    with pytest.raises(ConfigError, match="4 to 32 letters and digits"):
        file.save()
    assert path.read_text() == TEXT
    assert [p.name for p in tmp_path.iterdir()] == ["station.toml"]


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    real = written(tmp_path / "etc", TEXT)
    real.chmod(0o640)
    link = tmp_path / "station.toml"
    link.symlink_to(real)
    file = ConfigFile(link)
    file.give_role("cam_02", "9999")
    file.save()
    assert link.is_symlink()
    assert '"9999"' in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, TEXT)
    file = ConfigFile(path)
    file.give_role("cam_02", "9999")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"cannot be written: No space left on device.*It is as it was"):
        file.save()
    assert path.read_text() == TEXT


def test_a_file_that_is_wrong_already_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rig\.fps is 25"):
        ConfigFile(written(tmp_path, "[rig]\nfps = 25\n"))
    with pytest.raises(ConfigError, match="cannot be read"):
        ConfigFile(tmp_path / "absent.toml")


@given(st.permutations(ROLES), st.integers(1, 10))
def test_any_order_of_giving_roles_ends_the_same(order: list[str], count: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), TEXT)
        file = ConfigFile(path)
        wanted = {role: f"77{ROLES.index(role):02d}" for role in order[:count]}
        for role, serial in wanted.items():
            file.give_role(role, serial)
        file.save()
        assert settings_of(path).serials() == {"cam_02": "2222"} | wanted


def test_who_stands_where_is_written_as_a_whole(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT + '\n[[cameras]]\nrole = "cam_05"\nserial = "5555"\n')
    file = ConfigFile(path)
    # Two exchange their places, one comes, one goes.
    file.give_roles({"cam_02": "5555", "cam_07": "2222"})
    file.save()
    cameras = {camera.role: (camera.serial, camera.sync) for camera in settings_of(path).cameras}
    assert cameras == {"cam_02": ("5555", "slave"), "cam_07": ("2222", "default")}
    assert "# our rig" in path.read_text()
