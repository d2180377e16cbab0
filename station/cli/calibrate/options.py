"""What the commands of ``station calibrate`` share: options, and the store they work on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calibration.store import CalibrationStore
from station.cli.configuration import chosen_settings
from station.datadir import CALIBRATIONS, DataDir

JsonOption = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]


def calibrations(config: Path | None) -> CalibrationStore:
    """Return the calibrations of the station that ``--config`` names; raises ConfigError."""
    return CalibrationStore(DataDir.lay_out(chosen_settings(config).data_dir) / CALIBRATIONS)
