"""``station calibrate collect`` in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calibration.store import CalibrationStore
from station.boards import FrameBoard
from station.cli.main import app
from station.errors import CalibrationError


def test_the_plates_frame_is_no_board_to_hold(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["calibrate", "collect", "--board", FrameBoard().id, "--sim"])
    assert isinstance(done.exception, CalibrationError)
    assert "no board to be held" in str(done.exception)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_simulated_rig_is_calibrated_from_the_terminal(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'[station]\ndata_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    arguments = ["calibrate", "collect", "--board", "charuco-8x6-30-18-DICT_5X5_100", "--sim", "--count", "6", "--use"]
    done = CliRunner().invoke(app, [*arguments, "--json", "--config", str(config)], catch_exceptions=False)
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    assert figures["pictures"] == 6
    assert CalibrationStore(tmp_path / "data-demo" / "calibrations").active_id == figures["calibration"]
    assert figures["solution"]["rms_px"] < 0.5
