"""Check of the calibration in use: there, undamaged, and of the cameras that are configured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from station.datadir import CALIBRATIONS
from station.doctor.case import Case
from station.doctor.result import Check, broken, less, well
from station.errors import CalibrationError
from station.geometry import RigCalibration

_MEND = "Calibrate: docs/calibration.md; or choose an older one: station calibrate use."


def calibration(case: Case) -> Check:
    """Find the calibration that the real rig would use and hold its serials against the configured ones."""
    try:
        path = _path(case)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        return broken("calibration", f"The pointer to the active calibration is damaged: {error!r}.", _MEND)
    if path is None:
        return less("calibration", "No calibration is active; the real rig recognises nothing without one.", _MEND)
    try:
        found = RigCalibration.load(path)
        found.require_plate_world()
    except CalibrationError as error:
        return broken("calibration", error.what, _MEND)
    about = f"{found.id} of {found.created_at}, {len(found.cameras)} cameras"
    others = [
        role
        for role, serial in case.expected.items()
        if role not in found.cameras or found.cameras[role].serial not in ("", serial)
    ]
    if others:
        return less("calibration", f"{about}; not of the cameras that now are {', '.join(others)}.", _MEND)
    return well("calibration", f"{about}.")


def _path(case: Case) -> Path | None:
    """Return the file that [recognition] names, else the active one of the store, ``None`` without either."""
    named = case.settings.recognition.calibration
    if named is not None:
        return case.data_dir / named
    pointer = case.data_dir / CALIBRATIONS / "active.json"
    if not pointer.exists():
        return None
    data: Any = json.loads(pointer.read_text(encoding="utf-8"))
    return pointer.with_name(f"{data['history'][-1]}.json")
