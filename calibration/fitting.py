"""Which cameras of a rig a calibration holds for: same device, and a picture size that can be derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.errors import CalibrationError
from station.frames import CameraInfo
from station.geometry import CameraCalibration, RigCalibration


@dataclass(frozen=True, slots=True)
class RigCamera:
    """A camera as it stands in the rig now: serial number, ``None`` where it is not known, and (width, height)."""

    serial: str | None
    size: tuple[int, int]


def cameras_of(infos: Mapping[str, CameraInfo]) -> dict[str, RigCamera]:
    """Return the cameras that are open, by role."""
    return {role: RigCamera(info.serial, (info.color.width, info.color.height)) for role, info in infos.items()}


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """A calibration as a rig can work with it.

    ``origin`` is the calibration as it is kept; ``calibration`` holds what fits of it, at the rig's picture sizes,
    and is ``origin`` itself when all does, ``None`` when nothing does. ``misfits`` is one sentence for each role that
    it does not hold for.
    """

    origin: RigCalibration
    calibration: RigCalibration | None
    misfits: tuple[str, ...] = ()


def fit_to_rig(origin: RigCalibration, cameras: Mapping[str, RigCamera]) -> FittedCalibration:
    """Return what a calibration says of a rig's cameras, by role.

    A role with another device is refused, another picture size is derived (``CameraModel.for_size``) or refused.
    """
    fitting: dict[str, CameraCalibration] = {}
    misfits: list[str] = []
    for role, camera in sorted(cameras.items()):
        try:
            fitting[role] = _fitted(origin, role, camera)
        except CalibrationError as misfit:
            misfits.append(str(misfit))
    if not fitting:
        return FittedCalibration(origin, None, tuple(misfits))
    if fitting == dict(origin.cameras):
        return FittedCalibration(origin, origin, tuple(misfits))
    source = f"{origin.source}; what fits of calibration {origin.id}"
    return FittedCalibration(
        origin, RigCalibration(fitting, source, origin.created_at, origin.quality), tuple(misfits)
    )


def _fitted(origin: RigCalibration, role: str, camera: RigCamera) -> CameraCalibration:
    known = origin.cameras.get(role)
    if known is None:
        raise _misfit(role, f"calibration {origin.id} does not know it")
    if camera.serial is not None and known.serial != camera.serial:
        raise _misfit(role, f"camera {camera.serial} stands there, camera {known.serial or 'unknown'} was calibrated")
    if (known.model.width, known.model.height) == camera.size:
        return known
    try:
        return replace(known, model=known.model.for_size(*camera.size))
    except CalibrationError as error:
        raise _misfit(role, error.what.rstrip(".")) from error


def _misfit(role: str, reason: str) -> CalibrationError:
    return CalibrationError(
        f"It does not take part in recognition: {reason}.", where=role, todo="Calibrate this camera."
    )
