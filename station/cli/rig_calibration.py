"""Which calibration a station begins with: the active one of its store, one that is named, or none."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.fitting import RigCamera, fit_to_rig
from calibration.store import CalibrationStore
from station.errors import CalibrationError
from station.geometry import RigCalibration
from station.settings import Settings, frame_size

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChosenCalibration:
    """What a rig works with.

    ``calibration`` holds for the rig as it stands, ``None`` when nothing does; ``origin`` is the kept calibration that
    it is taken from; ``remarks`` are sentences for whoever looks after the station.
    """

    calibration: RigCalibration | None = None
    origin: RigCalibration | None = None
    remarks: tuple[str, ...] = ()


def configured_cameras(settings: Settings) -> dict[str, RigCamera]:
    """Return the real rig's cameras as ``station.toml`` names them; empty where it names none."""
    size = frame_size(settings.rig.size)
    return {role: RigCamera(serial, size) for role, serial in settings.serials().items()}


def calibration_for(
    cameras: Mapping[str, RigCamera],
    store: CalibrationStore | None,
    *,
    named: Path | None = None,
    handed_over: RigCalibration | None = None,
) -> ChosenCalibration:
    """Return the calibration in the file ``named``, else the store's active one, else the one handed over.

    A calibration that holds for none of the cameras is passed over and said. Raises CalibrationError when the named
    file cannot be read; a damaged store is only said, for a new calibration mends it.
    """
    if named is not None:
        return chosen(RigCalibration.load(named), cameras)
    remarks: tuple[str, ...] = ()
    try:
        active = store.active() if store is not None and store.active_id is not None else None
    except CalibrationError as error:
        active, remarks = None, (str(error),)
    if active is not None:
        found = chosen(active, cameras)
        if found.calibration is not None:
            return found
        remarks = found.remarks
    if handed_over is not None:
        return chosen(handed_over, cameras)
    for remark in remarks:
        _log.warning("%s", remark)
    return ChosenCalibration(remarks=remarks)


def chosen(origin: RigCalibration, cameras: Mapping[str, RigCamera]) -> ChosenCalibration:
    """Return what a calibration says of these cameras; what does not fit is said in the log, too."""
    fitted = fit_to_rig(origin, cameras)
    if fitted.calibration is None:
        return ChosenCalibration(remarks=(fitted.refusal,))
    for misfit in fitted.misfits:
        _log.warning("%s", misfit)
    return ChosenCalibration(fitted.calibration, origin, fitted.misfits)
