"""``station scale`` on a real pseudo-terminal."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from typer.testing import CliRunner

from station.cli.main import app as main
from station.cli.scale import app
from station.datadir import DataDir
from station.errors import ScaleError, StorageError
from station.frames import ROLES
from station.scale.adjustment import FILE_NAME, ScaleAdjustment
from station.simulation.scale import VirtualScale
from station.simulation.scale_voices import COUNTS_PER_KG, EMPTY_COUNTS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


@pytest.fixture
def virtual() -> Iterator[VirtualScale]:
    with VirtualScale(seed=3, protocol="lines") as scale:
        yield scale


@pytest.fixture
def config(virtual: VirtualScale, tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    # An amplifier whose counts are 2 % too many.
    path.write_text(
        f'[scale]\nport = "{virtual.url}"\nprotocol = "lines"\n[scale.lines]\n'
        f"kg_per_count = {1.02 / COUNTS_PER_KG}\noffset = {EMPTY_COUNTS}\n",
        encoding="utf-8",
    )
    return path


def test_the_readings_are_printed_as_json(virtual: VirtualScale, config: Path) -> None:
    virtual.set_load(1.0)
    result = CliRunner().invoke(app, ["show", "--seconds", "2", "--json", "--config", str(config)])
    assert result.exit_code == 0
    said = [json.loads(line) for line in result.stdout.splitlines()]
    assert said[-1]["kg"] == pytest.approx(1.02, abs=2e-3)


def test_two_weights_adjust_the_scale_and_the_adjustment_is_used(
    virtual: VirtualScale, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = iter([0.0, 2.0, 1.0])
    monkeypatch.setattr("typer.prompt", lambda *_args, **_kwargs: virtual.set_load(next(loads)))
    result = CliRunner().invoke(app, ["adjust", "--weight", "2", "--check", "1", "--config", str(config)])
    assert result.exit_code == 0, result.output
    found = ScaleAdjustment.load(config.parent / "station-data" / FILE_NAME)
    assert found is not None
    assert found.factor == pytest.approx(1 / 1.02, rel=1e-3)
    assert found.straight(0.0001)
    shown = CliRunner().invoke(app, ["show", "--seconds", "2", "--json", "--config", str(config)])
    assert json.loads(shown.stdout.splitlines()[-1])["kg"] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("protocol", ["mt-sics", "sbi"])
def test_zero_and_tare_are_done_and_said(protocol: Literal["mt-sics", "sbi"], tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    with VirtualScale(seed=3, protocol=protocol) as virtual:
        config.write_text(f'[scale]\nport = "{virtual.url}"\nprotocol = "{protocol}"\n', encoding="utf-8")
        virtual.set_load(0.05)
        assert "zeroed" in CliRunner().invoke(app, ["zero", "--config", str(config)]).stdout
        assert shown_kg(config) == pytest.approx(0.0, abs=3e-4)
        virtual.set_load(1.0)
        assert "tared" in CliRunner().invoke(app, ["tare", "--config", str(config)]).stdout
        assert shown_kg(config) == pytest.approx(0.0, abs=3e-4)


@pytest.mark.parametrize("wish", ["zero", "tare"])
def test_what_the_scale_cannot_keep_is_refused(wish: str, config: Path) -> None:
    result = CliRunner().invoke(app, [wish, "--config", str(config)])
    assert isinstance(result.exception, ScaleError)
    assert "cannot" in str(result.exception)
    assert "ed." not in result.stdout


@pytest.mark.parametrize("command", [["show"], ["zero"], ["tare"], ["adjust", "--weight", "2"]])
def test_beside_a_running_station_the_scale_is_left_alone(
    command: list[str], virtual: VirtualScale, tmp_path: Path
) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'[scale]\nport = "{virtual.url}"\n', encoding="utf-8")
    with DataDir.open(tmp_path / "station-data"):
        result = CliRunner().invoke(app, [*command, "--config", str(config)])
    assert isinstance(result.exception, StorageError)
    assert "A station is running" in str(result.exception)


def test_beside_a_running_station_nothing_is_recorded(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    cameras = (f'[[cameras]]\nrole = "{role}"\nserial = "{100000000000 + n}"\n' for n, role in enumerate(ROLES))
    config.write_text("".join(cameras), encoding="utf-8")
    with DataDir.open(tmp_path / "station-data"):
        result = CliRunner().invoke(main, ["record", "--out", str(tmp_path / "out"), "--config", str(config)])
    assert isinstance(result.exception, StorageError)
    assert "A station is running" in str(result.exception)
    assert not (tmp_path / "out").exists()


def shown_kg(config: Path) -> float:
    shown = CliRunner().invoke(app, ["show", "--seconds", "1.5", "--json", "--config", str(config)])
    return float(json.loads(shown.stdout.splitlines()[-1])["kg"])


def test_a_scale_that_is_switched_off_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("[scale]\nenabled = false\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["show", "--config", str(path)])
    assert "switched off" in str(result.exception)
