"""The size of a part whose masks are known, as for captures that are already labelled."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.depth import BACKGROUND, PART, corrected_depth, fit_plate
from recognition.roi.grid import CoarseView, Component
from recognition.roi.rays import Floats, ViewRays, Window
from recognition.roi.rig import RigGeometries, RigGeometry
from recognition.roi.solid import Solid, ViewOutline, carve_solid, window_over
from recognition.roi.squares import largest_component
from station.frames import Frame, FrameSet, MaskImage
from station.geometry import RigCalibration, WorkVolume

THREADS = 2
"""Views are worked on side by side; most of the work leaves the interpreter free."""
BORDER_M = 0.006
"""The fine voxels reach so far beyond the coarse ones."""


def measure_with_masks(
    frameset: FrameSet,
    calibration: RigCalibration,
    masks: Mapping[str, MaskImage],
    volume: WorkVolume | None = None,
) -> tuple[float, float, float] | None:
    """Return the three edges of the smallest upright box round a part, longest first, metres.

    ``masks`` holds the part's pixels (H, W) by role, in the colour image's geometry; only the largest component of each
    counts, and roles without one are left out. ``None`` when the masks have no common solid. Raises CalibrationError
    when the calibration does not fit the frameset.
    """
    geometry = RigGeometries(volume or WorkVolume()).of(frameset, calibration)
    clean = {
        role: largest_component(mask)
        for role, mask in masks.items()
        if role in geometry.rays and role in frameset.frames and mask.any()
    }
    coarse = {role: _coarse(geometry.rays[role], mask) for role, mask in clean.items()}
    parts = geometry.grid.parts(coarse) if coarse else []
    if not parts:
        return None
    solid = _carve(geometry, frameset.frames, clean, parts[0])
    return None if solid is None else solid.box.size


def _carve(
    geometry: RigGeometry, frames: Mapping[str, Frame], masks: Mapping[str, MaskImage], part: Component
) -> Solid | None:
    low, high = fine_bounds(part)
    outlines: dict[str, ViewOutline] = {}
    for role, mask in masks.items():
        rays = geometry.rays[role]
        window = window_over(rays, low, high)
        if window is None:
            continue
        inside = _on_grid(rays, mask, window) > 0
        fit = fit_plate(rays, frames[role])
        surface = None if fit is None else inner_surface(corrected_depth(rays, frames[role], fit, window), inside)
        outlines[role] = ViewOutline(rays, window, inside, surface)
    with ThreadPoolExecutor(THREADS) as pool:
        return carve_solid(outlines, low, high, pool)


def fine_bounds(part: Component) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners (3,), (3,) of the box of the world to be carved finely for a coarse component."""
    low, high = part.low - BORDER_M, part.high + BORDER_M
    low[2] = 0.0
    return low, high


def inner_surface(depth: Floats, part: NDArray[np.bool_]) -> Floats:
    """Return the depth (h, w) of a part's pixels but for its rim, where it mixes with what lies behind; 0 elsewhere."""
    inner = cv2.erode(part.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(inner > 0, depth, np.float32(0))


def _on_grid(rays: ViewRays, mask: MaskImage, window: Window) -> MaskImage:
    return mask[rays.offset :: rays.step, rays.offset :: rays.step][window.rows, window.columns]


def _coarse(rays: ViewRays, mask: MaskImage) -> CoarseView:
    seen = _on_grid(rays, mask, rays.coarse)
    label = np.where(seen > 0, np.uint8(PART), np.uint8(BACKGROUND))
    return CoarseView(label=label, depth=np.zeros(label.shape, np.float32), raised=label == PART)
