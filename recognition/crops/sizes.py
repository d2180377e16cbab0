"""The part's three edges and its crops for training: known ones get the scatter that the ROI step has."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from recognition.roi import measure_with_masks
from station.captures.record import CaptureRecord
from station.errors import CalibrationError, DatasetError
from station.frames import FrameSet, MaskImage
from station.geometry import RigCalibration
from station.results import Square

_USUAL_M, _ODD_M, _ODD_SHARE = 0.0015, 0.005, 0.15
"""Scatter of a training capture's edges, to which the augmentation adds: usual, and of parts that depth sees badly."""
_FULL_USUAL_M, _FULL_ODD_M, _FULL_ODD_SHARE = 0.0020, 0.0080, 0.25
"""Scatter of an edge as the ROI step measures it, for captures that no augmentation touches."""


def measured_size(
    frameset: FrameSet,
    calibration: RigCalibration,
    masks: Mapping[str, MaskImage],
    record: CaptureRecord | None,
    rng: np.random.Generator,
    where: str,
    *,
    full_scatter: bool,
) -> tuple[float, float, float] | None:
    """Return the edges of the smallest upright box round the part, metres, longest first; ``None`` when unknown.

    A simulated capture says its true edges, which get the ROI step's scatter, with ``full_scatter`` all of it;
    otherwise the masks are measured.
    Raises DatasetError when the capture's calibration does not fit its pictures; ``where`` names the capture.
    """
    if record is not None and record.size_true_m is not None:
        usual, odd, share = _USUAL_M, _ODD_M, _ODD_SHARE
        if full_scatter:
            usual, odd, share = _FULL_USUAL_M, _FULL_ODD_M, _FULL_ODD_SHARE
        scatter = odd if rng.random() < share else usual
        noisy = np.maximum(np.array(record.size_true_m) + rng.normal(0.0, scatter, 3), 0.0005)
        longest, middle, shortest = sorted((float(edge) for edge in noisy), reverse=True)
        return longest, middle, shortest
    try:
        return measure_with_masks(frameset, calibration, masks)
    except CalibrationError as error:
        raise DatasetError(str(error), where=where, todo="Restore the capture or remove it.") from error


def scattered(square: Square, spread: float, rng: np.random.Generator) -> Square:
    """Return a square with edge and place off by ``spread`` of its edge, as the ROI step's squares are."""
    x0, y0, x1, y1 = square
    edge = (x1 - x0) * float(np.exp(rng.normal(0.0, spread)))
    x, y = (float(v) for v in rng.normal(0.0, 0.6 * spread, 2) * (x1 - x0))
    left, top = round((x0 + x1 - edge) / 2.0 + x), round((y0 + y1 - edge) / 2.0 + y)
    return left, top, left + max(4, round(edge)), top + max(4, round(edge))


def worn(mask: MaskImage, rng: np.random.Generator) -> MaskImage:
    """Return a mask that is up to two pixels too large or too small all round, as the ROI step's masks are."""
    pixels = int(rng.integers(-2, 3))
    kernel = np.ones((2 * abs(pixels) + 1,) * 2, np.uint8)
    if pixels == 0:
        return mask
    return np.asarray((cv2.dilate if pixels > 0 else cv2.erode)(mask, kernel), np.uint8)
