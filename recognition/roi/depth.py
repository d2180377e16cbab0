"""What the depth of one view says: how high above the plate every pixel lies, and how far that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.rays import Floats, ViewRays
from station.frames import Frame
from station.geometry import WorkVolume

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


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Part of a working grid: rows and columns from (top, left) on, every ``stride``-th."""

    left: int
    top: int
    right: int
    bottom: int
    stride: int = 1

    @property
    def rows(self) -> slice:
        """Rows of the working grid."""
        return slice(self.top, self.bottom, self.stride)

    @property
    def columns(self) -> slice:
        """Columns of the working grid."""
        return slice(self.left, self.right, self.stride)


def depth_in_metres(rays: ViewRays, frame: Frame, window: Window) -> Floats:
    """Return the depth of a window of the working grid (h, w), metres, 0 where there is none."""
    grid = frame.depth[rays.offset :: rays.step, rays.offset :: rays.step]
    return grid[window.rows, window.columns].astype(np.float32) * np.float32(frame.depth_scale)


def fit_plate(rays: ViewRays, frame: Frame) -> PlateFit | None:
    """Compare a view's depth with where its calibration sees the plate; ``None`` when the depth does not show it.

    The factor is the median of plate depth over measured depth round its most frequent value on the printed frame, so
    that a part covering much of the frame does not draw it away.
    """
    height, width = rays.shape
    window = Window(0, 0, width, height, stride=6)
    expected = rays.plate_z[window.rows, window.columns]
    on_plate = rays.on_plate[window.rows, window.columns]
    measured = depth_in_metres(rays, frame, window)[on_plate]
    expected = expected[on_plate]
    if measured.size < 64:
        return None
    ratio = expected[measured > 0] / measured[measured > 0]
    near = ratio[(ratio > _SCALE_RANGE[0]) & (ratio < _SCALE_RANGE[1])]
    if near.size < _MIN_PLATE * measured.size:
        return None
    counts, edges = np.histogram(near, bins=_SCALE_BINS, range=_SCALE_RANGE)
    peak = int(np.argmax(np.convolve(counts, np.ones(5), mode="same")))
    factor = 0.5 * float(edges[peak] + edges[peak + 1])
    for reach in (0.02, 0.012):
        close = near[np.abs(near - factor) < reach]
        if close.size < _MIN_PLATE * measured.size:
            return None
        factor = float(np.median(close))
    close = near[np.abs(near - factor) < 0.012]
    # Height error = ratio error × depth × how steeply the ray goes down; the median steepness is close enough.
    steepness = float(np.median(np.abs(rays.direction[2][window.rows, window.columns][on_plate]) * expected))
    noise = 1.4826 * float(np.median(np.abs(close / factor - 1.0))) * steepness
    return PlateFit(factor=factor, noise_m=noise)


@dataclass(frozen=True, slots=True, eq=False)
class DepthView:
    """One window of a view seen by depth: corrected depth (h, w) metres, 0 unknown, height above the plate, labels."""

    depth: Floats
    height: Floats
    label: Labels


def read_depth(
    rays: ViewRays, frame: Frame, fit: PlateFit, window: Window, volume: WorkVolume, reach: float
) -> DepthView:
    """Label a window of one view by depth.

    A pixel is part when its point lies above the plate's noise, below the work volume's lid and over the printed frame,
    each widened by ``reach`` metres. Background is a measured point elsewhere.
    """
    depth = depth_in_metres(rays, frame, window) * np.float32(fit.factor)
    direction = rays.direction[:, window.rows, window.columns]
    height = depth * direction[2] + rays.origin[2]
    x = depth * direction[0] + rays.origin[0]
    y = depth * direction[1] + rays.origin[1]
    inside = (height > fit.threshold_m) & (height < volume.z[1] + reach)
    inside &= (x > volume.x[0] - reach) & (x < volume.x[1] + reach)
    inside &= (y > volume.y[0] - reach) & (y < volume.y[1] + reach)
    # A lone pixel is a mismatch of the stereo search, never a part.
    found = inside & (_around(inside, 3) >= 4)
    label = np.where(depth > 0, np.uint8(BACKGROUND), np.uint8(UNKNOWN))
    label[inside] = UNKNOWN
    label[found] = PART
    _fill_gaps(label)
    return DepthView(depth=depth, height=height, label=label)


def _fill_gaps(label: Labels) -> None:
    """Give small unmeasured gaps (in place) the word of most of the pixels around them."""
    background = _around(label == BACKGROUND, _GAP)
    part = _around(label == PART, _GAP)
    gap = (label == UNKNOWN) & (background + part >= _LEAST_AROUND)
    label[gap] = np.where(background > part, np.uint8(BACKGROUND), np.uint8(PART))[gap]


def _around(chosen: NDArray[np.bool_], edge: int) -> NDArray[np.uint8]:
    """Count the chosen pixels in the square of ``edge`` pixels round each (h, w)."""
    counted: object = cv2.boxFilter(chosen.astype(np.uint8), -1, (edge, edge), normalize=False)
    return np.asarray(counted, dtype=np.uint8)
