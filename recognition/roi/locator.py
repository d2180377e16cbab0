"""Where the part lies: all views together agree on its solid, and every view gets its crop and mask from it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.boxes import UprightBox
from recognition.roi.depth import BACKGROUND, PART, DepthView, PlateFit, fit_plate, read_depth
from recognition.roi.empty_plate import CoarseChange, EmptyView, working_picture
from recognition.roi.evidence import coarse_labels, fine_labels
from recognition.roi.grid import CoarseView, Component
from recognition.roi.measuring import THREADS, fine_bounds, inner_surface
from recognition.roi.rays import ViewRays, Window
from recognition.roi.rig import RigGeometries, RigGeometry
from recognition.roi.solid import ViewOutline, carve_solid, project_solid, window_over
from recognition.roi.squares import mask_box, square_around
from recognition.roi.tray import Tray
from station.frames import ColorImage, Frame, FrameSet, MaskImage
from station.geometry import RigCalibration, WorkVolume
from station.results import PartLocation, PlateState, Square

_MIN_VOXELS = 2
_MOST_PARTS = 4
"""So many parts are looked at closely; more than one is refused anyway."""
_RAISED_FOOT_M = 0.0022
_OUTSIDE_M = 0.012
"""A part may seem to reach so far beyond the printed frame before it counts as lying outside."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One part: its box, and its pixels in each view's window of the working grid (h, w)."""

    box: UprightBox
    pixels: Mapping[str, tuple[Window, NDArray[np.bool_]]]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One view of the frameset: ``fit`` is ``None`` without usable depth, ``change`` without a usable reference.

    ``picture`` is the frame on the working grid (h, w, 3); without a reference nobody looks at it.
    """

    rays: ViewRays
    frame: Frame
    picture: ColorImage
    fit: PlateFit | None
    empty: EmptyView | None
    change: CoarseChange | None


class RoiLocator:
    """Finds the part on the plate in all views of a frameset together (``PartLocator``)."""

    def __init__(self, volume: WorkVolume | None = None) -> None:
        """Recognise parts in ``volume``, metres above the plate."""
        self._volume = volume or WorkVolume()
        self._geometries = RigGeometries(self._volume)
        self._empty: dict[str, EmptyView] = {}
        self._trays: dict[str, Tray] = {}

    def learn_empty(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        """Take this frameset as the picture of the empty plate."""
        geometry = self._geometries.of(frameset, calibration)
        for role, frame in frameset.frames.items():
            rays = geometry.rays.get(role)
            if rays is None:
                continue
            known = self._empty.get(role)
            if known is None or known.shape != frame.color.shape:
                self._empty[role] = EmptyView(rays, frame)
            else:
                known.learn(rays, frame)

    def learn_tray(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        """Take this frameset as the picture of the empty plate with a tray on it, in place of all pictures before."""
        self.forget_empty()
        self.learn_empty(frameset, calibration)
        geometry = self._geometries.of(frameset, calibration)
        for role, frame in frameset.frames.items():
            rays = geometry.rays.get(role)
            fit = None if rays is None else fit_plate(rays, frame)
            if rays is not None and fit is not None:
                self._trays[role] = Tray.seen(rays, frame, fit)

    def forget_empty(self) -> None:
        """Forget the picture of the empty plate: cameras may stand elsewhere now."""
        self._empty.clear()
        self._trays.clear()

    def locate(self, frameset: FrameSet, calibration: RigCalibration) -> PartLocation:
        """Return where the part is; depth of the frameset lies in the colour images' geometry.

        Raises CalibrationError when the calibration knows none of the frameset's roles or another image size.
        """
        begin = perf_counter()
        geometry = self._geometries.of(frameset, calibration)
        frames = {role: frame for role, frame in frameset.frames.items() if role in geometry.rays}
        with ThreadPoolExecutor(THREADS) as pool:
            views = list(pool.map(self._view, (geometry.rays[role] for role in frames), frames.values()))
            labelled = zip(views, pool.map(self._coarse, views), strict=True)
            coarse = {view.rays.camera.role: seen for view, seen in labelled if seen is not None}
            parts = [part for part in geometry.grid.parts(coarse) if part.count >= _MIN_VOXELS]
            refined = [self._refine(views, part, pool) for part in parts[:_MOST_PARTS]]
        found = [one for one in refined if one is not None]
        reached = _reached_into(parts[:_MOST_PARTS])
        state, message = (PlateState.REACHED_INTO, "") if reached else self._judge(found)
        roi, masks = _views(frames, geometry, found)
        return PartLocation(
            state=state,
            roi=roi,
            mask=masks,
            size_m=found[0].box.size if len(found) == 1 else None,
            boxes=tuple(one.box.corners for one in found),
            views_without_depth=tuple(view.rays.camera.role for view in views if view.fit is None),
            message=message,
            duration_ms=1e3 * (perf_counter() - begin),
            too_high=len(found) == 1 and self._too_high(found[0]),
            each=tuple(_views(frames, geometry, [one])[0] for one in found) if len(found) > 1 else (),
            cameras=calibration.cameras,
        )

    def _view(self, rays: ViewRays, frame: Frame) -> View:
        empty = self._empty.get(rays.camera.role)
        if empty is not None and empty.shape != frame.color.shape:
            empty = None
        picture = frame.color if empty is None else working_picture(rays, frame)
        change = None if empty is None else empty.compare(rays, picture)
        return View(rays, frame, picture, fit_plate(rays, frame), empty, change)

    def _coarse(self, view: View) -> CoarseView | None:
        seen = self._depth(view, view.rays.coarse)
        label = coarse_labels(seen, view.change.changed if view.change else None)
        if label is None:
            return None
        if seen is None:
            return CoarseView(label, np.zeros(label.shape, np.float32), np.zeros(label.shape, np.bool_))
        return CoarseView(label, seen.depth, seen.label == PART)

    def _depth(self, view: View, window: Window) -> DepthView | None:
        if view.fit is None:
            return None
        seen = read_depth(view.rays, view.frame, view.fit, window)
        tray = self._trays.get(view.rays.camera.role)
        return seen if tray is None else tray.taken_off(seen, view.fit, window)

    def _refine(self, views: list[View], part: Component, pool: Executor) -> Found | None:
        low, high = fine_bounds(part)

        def outline_in(view: View) -> tuple[Window | None, ViewOutline | None]:
            window = window_over(view.rays, low, high)
            return window, None if window is None else self._outline(view, window, part.raised)

        looked = list(pool.map(outline_in, views))
        outlines = {outline.rays.camera.role: outline for _, outline in looked if outline is not None}
        solid = carve_solid(outlines, low, high, pool, _RAISED_FOOT_M if part.raised else 0.0)
        if solid is None:
            return None
        rays = [view.rays for view, (window, _) in zip(views, looked, strict=True) if window is not None]
        windows = [window for window, _ in looked if window is not None]
        pixels = pool.map(partial(project_solid, solid), rays, windows)
        return Found(
            box=solid.box,
            pixels={
                each.camera.role: (window, inside) for each, window, inside in zip(rays, windows, pixels, strict=True)
            },
        )

    def _outline(self, view: View, window: Window, raised: bool) -> ViewOutline | None:
        seen = self._depth(view, window)
        change = None
        if view.empty and view.change:
            change = view.empty.change(view.picture, view.change.exposure, window)
        label = fine_labels(seen, change, raised)
        if label is None:
            return None
        surface = None if seen is None else inner_surface(seen.depth, label == PART)
        sure = change.changed & ~change.shadow if change else None
        return ViewOutline(view.rays, window, label != BACKGROUND, surface, sure)

    def _judge(self, found: list[Found]) -> tuple[PlateState, str]:
        if not found:
            return PlateState.EMPTY, ""
        if len(found) > 1:
            return PlateState.SEVERAL_PARTS, f"{len(found)} parts lie on the plate; leave one."
        volume, box = self._volume, found[0].box
        if self._too_high(found[0]):
            return PlateState.OUTSIDE, f"The part is higher than the work volume's {volume.z[1]:.2f} m."
        if any(
            reach[0] < frame[0] - _OUTSIDE_M or reach[1] > frame[1] + _OUTSIDE_M
            for reach, frame in ((box.x, volume.x), (box.y, volume.y))
        ):
            return PlateState.OUTSIDE, "The part reaches beyond the printed frame; put it in the middle."
        return PlateState.OK, ""

    def _too_high(self, part: Found) -> bool:
        return part.box.top > self._volume.z[1]


def _reached_into(parts: list[Component]) -> bool:
    """Whether a body comes in from beyond the plate: through the air, or beside one that lies there whole."""
    leaving = [part for part in parts if part.leaves]
    return any(part.in_the_air for part in leaving) or 0 < len(leaving) < len(parts)


def _views(
    frames: Mapping[str, Frame], geometry: RigGeometry, found: list[Found]
) -> tuple[dict[str, Square], dict[str, MaskImage]]:
    """Return crop and mask per role; several parts share one crop."""
    roi: dict[str, Square] = {}
    masks: dict[str, MaskImage] = {}
    for role, frame in frames.items():
        mask = np.zeros(frame.color.shape[:2], np.uint8)
        for one in found:
            if role in one.pixels:
                _paint(mask, geometry.rays[role], *one.pixels[role])
        box = mask_box(mask)
        if box[2] > box[0]:
            roi[role] = square_around(box)
            mask.flags.writeable = False
            masks[role] = mask
    return roi, masks


def _paint(mask: MaskImage, rays: ViewRays, window: Window, inside: NDArray[np.bool_]) -> None:
    """Set the image pixels of a window's pixels in a mask (H, W) to 255."""
    factor = rays.step * window.stride
    x, y, width, height = cv2.boundingRect(inside.astype(np.uint8))
    if width == 0:
        return
    patch = inside[y : y + height, x : x + width].astype(np.uint8) * np.uint8(255)
    large = cv2.resize(patch, (width * factor, height * factor), interpolation=cv2.INTER_NEAREST)
    left, top = (window.left + x * window.stride) * rays.step, (window.top + y * window.stride) * rays.step
    target = mask[top : top + height * factor, left : left + width * factor]
    np.maximum(target, large[: target.shape[0], : target.shape[1]], out=target)
