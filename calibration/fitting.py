"""Which cameras of a rig a calibration holds for: same device, and a picture size that can be derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.errors import CalibrationError
from station.frames import CameraInfo
from station.geometry import CameraCalibration, RigCalibration

_FULL_HEIGHT_IMAGERS = ("D415", "D435")
"""Devices whose picture sizes follow from each other by ``CameraModel.for_size``; D435i and D435f among them."""


@dataclass(frozen=True, slots=True)
class RigCamera:
    """A camera as it stands in the rig now: serial number, ``None`` where it is not known, and (width, height).

    ``device`` is its name as it says it, empty where it was not asked.
    """

    serial: str | None
    size: tuple[int, int]
    device: str = ""


def cameras_of(infos: Mapping[str, CameraInfo]) -> dict[str, RigCamera]:
    """Return the cameras that are open, by role."""
    return {
        role: RigCamera(info.serial, (info.color.width, info.color.height), info.name) for role, info in infos.items()
    }


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """A calibration as a rig can work with it.

    ``origin`` is the calibration as it is kept; ``calibration`` holds what fits of it, at the rig's picture sizes,
    and is ``origin`` itself when all does, ``None`` when nothing does. ``misfits`` is one sentence for each role that
    it does not hold for; ``refusal`` is the sentence that says why nothing does, else empty.
    """

    origin: RigCalibration
    calibration: RigCalibration | None
    misfits: tuple[str, ...] = ()
    refusal: str = ""


def fit_to_rig(origin: RigCalibration, cameras: Mapping[str, RigCamera]) -> FittedCalibration:
    """Return what a calibration says of a rig's cameras, by role.

    A role with another device is refused, another picture size is derived (``CameraModel.for_size``) or refused. So is
    all of a calibration whose world is not the plate.
    """
    try:
        origin.require_plate_world()
    except CalibrationError as error:
        return FittedCalibration(origin, None, refusal=str(error))
    fitting: dict[str, CameraCalibration] = {}
    misfits: list[str] = []
    for role, camera in sorted(cameras.items()):
        try:
            fitting[role] = _fitted(origin, role, camera)
        except CalibrationError as misfit:
            misfits.append(str(misfit))
    if not fitting:
        refusal = f"Calibration {origin.id} was made for other cameras or another picture size: it is not used."
        return FittedCalibration(origin, None, tuple(misfits), refusal)
    if fitting == dict(origin.cameras):
        return FittedCalibration(origin, origin, tuple(misfits))
    source = f"{origin.source}; what fits of calibration {origin.id}"
    return FittedCalibration(origin, replace(origin, cameras=fitting, source=source), tuple(misfits))


def _fitted(origin: RigCalibration, role: str, camera: RigCamera) -> CameraCalibration:
    known = origin.cameras.get(role)
    if known is None:
        raise _misfit(role, f"calibration {origin.id} does not know it")
    if camera.serial is not None and known.serial != camera.serial:
        raise _misfit(role, f"camera {camera.serial} stands there, camera {known.serial or 'unknown'} was calibrated")
    if (known.model.width, known.model.height) == camera.size:
        return known
    for device in (known.device, camera.device):
        if device and not any(imager in device for imager in _FULL_HEIGHT_IMAGERS):
            raise _misfit(role, f"how the picture sizes of a {device} follow from each other is not known")
    try:
        return replace(known, model=known.model.for_size(*camera.size))
    except CalibrationError as error:
        raise _misfit(role, error.what.rstrip(".")) from error


def _misfit(role: str, reason: str) -> CalibrationError:
    return CalibrationError(
        f"It does not take part in recognition: {reason}.", where=role, todo="Calibrate this camera."
    )
