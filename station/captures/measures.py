"""Figures of the part's pixels in one view: how sharp, how well lit, how much depth, how much of it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.frames import ColorImage, DepthImage, MaskImage
from station.results import Square

_BURNT = 250
_DARK = 5
_RIM = 3
"""Pixels beyond the mask that count for the sharpness: the part's outline is its surest edge."""
_RANGE = (1.0, 99.0)
_STEEP = 99.5
_LEAST_CONTRAST = 12.0
"""Grey levels; with less contrast than that the noise would pass for edges."""


@dataclass(frozen=True, slots=True)
class ViewMeasures:
    """Figures of one view, each 0…1 but for ``pixels``, the number of the part's pixels.

    ``sharpness`` is the grey step between neighbouring pixels that one in two hundred exceeds, as a share of the
    part's whole range of grey: about 0.4/sigma for an edge that a lens smears by sigma pixels, whatever the part's
    texture and light; ``nan`` where the part hardly differs from the plate. ``burnt`` and ``dark`` are shares of
    pixels with no channel under 250 or none over 5, ``share`` is the part's in its square, ``depth`` that of pixels
    with a depth, ``cut`` is the share of the mask's outline that lies on the picture's edge.
    """

    pixels: int
    sharpness: float
    burnt: float
    dark: float
    share: float
    depth: float
    cut: float


def measure_view(color: ColorImage, depth: DepthImage, mask: MaskImage, square: Square) -> ViewMeasures | None:
    """Measure the part in a view of colour (H, W, 3), depth (H, W) and mask (H, W); ``None`` where it is not seen."""
    x, y, width, height = cv2.boundingRect(mask)
    if width == 0:
        return None
    rows, columns = mask.shape
    x0, y0 = max(x - _RIM, 0), max(y - _RIM, 0)
    x1, y1 = min(x + width + _RIM, columns), min(y + height + _RIM, rows)
    window = (slice(y0, y1), slice(x0, x1))
    part = mask[window] > 0
    pixels = int(np.count_nonzero(part))
    inside = color[window][part]
    edge = (square[2] - square[0]) * (square[3] - square[1])
    return ViewMeasures(
        pixels=pixels,
        sharpness=_sharpness(color[window], mask[window]),
        burnt=float(np.count_nonzero(inside.min(axis=1) >= _BURNT)) / pixels,
        dark=float(np.count_nonzero(inside.max(axis=1) <= _DARK)) / pixels,
        share=pixels / edge if edge > 0 else 0.0,
        depth=float(np.count_nonzero(depth[window][part])) / pixels,
        cut=_cut(mask, width, height),
    )


def _sharpness(color: ColorImage, mask: MaskImage) -> float:
    grey: NDArray[np.float32] = np.asarray(cv2.cvtColor(np.ascontiguousarray(color), cv2.COLOR_RGB2GRAY), np.float32)
    rim = cv2.dilate(np.ascontiguousarray(mask), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)) > 0
    low, high = np.percentile(grey[rim], _RANGE)
    if high - low < _LEAST_CONTRAST:
        return float("nan")
    across = np.abs(np.diff(grey, axis=1))[:-1]
    down = np.abs(np.diff(grey, axis=0))[:, :-1]
    steps = np.maximum(across, down)[rim[:-1, :-1]]
    return min(1.0, float(np.percentile(steps, _STEEP)) / float(high - low))


def _cut(mask: MaskImage, width: int, height: int) -> float:
    borders = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return sum(int(np.count_nonzero(border)) for border in borders) / (2.0 * (width + height))
