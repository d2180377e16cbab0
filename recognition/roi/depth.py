"""What the depth of one view says: how high above the plate every pixel lies, and how far that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.rays import Floats, ViewRays, Window, WindowRays
from station.frames import Frame

UNKNOWN, BACKGROUND, PART = 0, 1, 2
"""Labels of a pixel: nothing known, plate or workshop, something inside the work volume above the plate."""

_GAP = 5
_LEAST_AROUND = 14

Labels = NDArray[np.uint8]

_SCALE_RANGE = (0.88, 1.14)
_SCALE_BINS = 104
_MIN_PLATE = 0.15
"""A view whose depth shows less of the visible printed frame than this has no depth worth using."""
_LOWEST, _HIGHEST = 0.004, 0.012
"""Bounds of the height above the plate from which a pixel counts as part, metres."""
_NEAR_PLATE_M = 0.030
"""Depth within so much of the plate may be that of a thin part; farther below it is the workshop behind."""


@dataclass(frozen=True, slots=True)
class PlateFit:
    """How one view's depth sees the plate: factor on depth that puts it at z = 0, and the spread of height round it.

    Stereo cameras err by a factor that differs from camera to camera, so each view's own plate corrects it.
    """

    factor: float
    noise_m: float

    @property
    def threshold_m(self) -> float:
        """Height above which a pixel is no longer the plate, metres."""
        return float(np.clip(4.0 * self.noise_m, _LOWEST, _HIGHEST))


def middle(values: NDArray[np.floating]) -> float:
    """Return the median of values (n,), the upper one of two; ``numpy.median`` takes twice as long for as few."""
    half = values.size // 2
    return float(np.partition(values, half)[half])


def corrected_depth(rays: ViewRays, frame: Frame, fit: PlateFit, window: Window) -> Floats:
    """Return the depth of a window of the working grid (h, w), its factor taken out, metres, 0 where there is none."""
    grid = frame.depth[rays.offset :: rays.step, rays.offset :: rays.step]
    depth = grid[window.rows, window.columns].astype(np.float32)
    depth *= np.float32(frame.depth_scale * fit.factor)
    return depth


def fit_plate(rays: ViewRays, frame: Frame) -> PlateFit | None:
    """Compare a view's depth with where its calibration sees the plate; ``None`` when the depth does not show it.

    The factor is the median of plate depth over measured depth round its most frequent value on the printed frame, so
    that a part covering much of the frame does not draw it away.
    """
    plate = rays.plate
    if plate.depth_index.size < 64:
        return None
    measured = frame.depth.reshape(-1)[plate.depth_index].astype(np.float32)
    least = _MIN_PLATE * measured.size
    seen = measured > 0
    ratio = plate.plate_z[seen] / (measured[seen] * np.float32(frame.depth_scale))
    near = ratio[(ratio > _SCALE_RANGE[0]) & (ratio < _SCALE_RANGE[1])]
    if near.size < least:
        return None
    bin_width = (_SCALE_RANGE[1] - _SCALE_RANGE[0]) / _SCALE_BINS
    bins = ((near - np.float32(_SCALE_RANGE[0])) * np.float32(1.0 / bin_width)).astype(np.intp)
    counts = np.bincount(bins, minlength=_SCALE_BINS)
    peak = int(np.argmax(np.convolve(counts, np.ones(5), mode="same")))
    factor = _SCALE_RANGE[0] + (peak + 0.5) * bin_width
    for reach in (0.02, 0.012):
        close = near[np.abs(near - np.float32(factor)) < reach]
        if close.size < least:
            return None
        factor = middle(close)
    close = near[np.abs(near - np.float32(factor)) < 0.012]
    # Height error = ratio error × depth × how steeply the ray goes down; the median steepness is close enough.
    noise = 1.4826 * middle(np.abs(close - np.float32(factor))) / factor * plate.steepness
    return PlateFit(factor=factor, noise_m=noise)


@dataclass(frozen=True, slots=True, eq=False)
class DepthView:
    """One window of a view seen by depth: corrected depth (h, w) metres, 0 unknown, its labels and its rays."""

    depth: Floats
    label: Labels
    rays: WindowRays

    @property
    def height(self) -> Floats:
        """Height above the plate (h, w), metres; without sense where the depth is unknown."""
        return self.depth * self.rays.fall + np.float32(self.rays.origin_z)

    @property
    def may_be_plate(self) -> NDArray[np.bool_]:
        """Where nothing is measured that lies far below the plate (h, w)."""
        return self.depth <= self.rays.level(-_NEAR_PLATE_M)


def read_depth(rays: ViewRays, frame: Frame, fit: PlateFit, window: Window) -> DepthView:
    """Label a window of one view by depth.

    A pixel is part when its point lies above the plate's noise and within the searched space. Background is a measured
    point elsewhere.
    """
    depth = corrected_depth(rays, frame, fit, window)
    over = rays.over(window)
    inside = _bytes(cv2.inRange(depth, over.near, np.minimum(over.far, over.level(fit.threshold_m)))) & np.uint8(1)
    # A lone pixel is a mismatch of the stereo search, never a part.
    found = inside & (around(inside, 3) >= 4)
    label = (depth > 0).view(np.uint8) - inside + np.uint8(PART) * found
    _fill_gaps(label)
    return DepthView(depth=depth, label=label, rays=over)


def _fill_gaps(label: Labels) -> None:
    """Give small unmeasured gaps (in place) the word of most of the pixels around them."""
    background = around(_bytes(label == BACKGROUND), _GAP)
    part = around(_bytes(label == PART), _GAP)
    gap = (label == UNKNOWN) & (background + part >= _LEAST_AROUND)
    np.copyto(label, PART - (background > part).view(np.uint8), where=gap)


def around(chosen: NDArray[np.uint8], edge: int) -> NDArray[np.uint8]:
    """Count the ones in the square of ``edge`` pixels round each (h, w)."""
    return _bytes(cv2.boxFilter(chosen, -1, (edge, edge), normalize=False))


def _bytes(picture: object) -> NDArray[np.uint8]:
    return np.asarray(picture).view(np.uint8)
