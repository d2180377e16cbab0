"""The part's three edges for training: measured as the ROI step measures them, from the masks of the capture."""

from __future__ import annotations

from collections.abc import Mapping

from recognition.roi import measure_with_masks
from station.errors import CalibrationError, DatasetError
from station.frames import FrameSet, MaskImage
from station.geometry import RigCalibration


def measured_size(
    frameset: FrameSet, calibration: RigCalibration, masks: Mapping[str, MaskImage], where: str
) -> tuple[float, float, float] | None:
    """Return the edges of the smallest upright box round the part, metres, longest first; ``None`` when unknown.

    Raises DatasetError when the capture's calibration does not fit its pictures; ``where`` names the capture.
    """
    try:
        return measure_with_masks(frameset, calibration, masks)
    except CalibrationError as error:
        raise DatasetError(str(error), where=where, todo="Restore the capture or remove it.") from error
