"""Where the part lies: all views together agree on its solid, and every view gets its crop and mask from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.boxes import UprightBox, upright_box
from recognition.roi.depth import BACKGROUND, PART, PlateFit, Window, fit_plate, read_depth
from recognition.roi.grid import BORDER_M, STRIDE, CoarseView, Component, VoxelGrid
from recognition.roi.hull import Lattice, lattice_over, outline_distance, sample, sight
from recognition.roi.rays import Floats, ViewRays, project, view_rays
from recognition.roi.squares import square_around
from station.errors import CalibrationError
from station.frames import Frame, FrameSet, MaskImage
from station.geometry import RigCalibration, WorkVolume
from station.results import PartLocation, PlateState, Square

_KEPT_CALIBRATIONS = 2
_FINE_VOXELS = 48_000
_FINEST_M = 0.0005
_WINDOW_PIXELS = 200
_MIN_VOXELS = 2
_OUTSIDE_M = 0.008


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """What is kept of one calibration."""

    rays: Mapping[str, ViewRays]
    grid: VoxelGrid


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The part in one view: window of the working grid and its pixels there (h, w)."""

    window: Window
    inside: NDArray[np.bool_]


class RoiLocator:
    """Finds the part on the plate in all views of a frameset together (``PartLocator``)."""

    def __init__(self, volume: WorkVolume | None = None) -> None:
        """Recognise parts in ``volume``, metres above the plate."""
        self._volume = volume or WorkVolume()
        self._geometry: dict[str, Geometry] = {}

    def learn_empty(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        """Take this frameset as the picture of the empty plate."""

    def locate(self, frameset: FrameSet, calibration: RigCalibration) -> PartLocation:
        """Return where the part is; depth of the frameset lies in the colour images' geometry.

        Raises CalibrationError when the calibration knows none of the frameset's roles or another image size.
        """
        begin = perf_counter()
        geometry = self._prepare(frameset, calibration)
        frames = {role: frame for role, frame in frameset.frames.items() if role in geometry.rays}
        fits = {role: fit_plate(geometry.rays[role], frame) for role, frame in frames.items()}
        dead = tuple(role for role in frames if fits[role] is None)
        live = {role: fit for role, fit in fits.items() if fit is not None}
        kept = geometry.grid.carve({role: self._coarse(geometry.rays[role], frames[role], live[role]) for role in live})
        parts = [part for part in geometry.grid.components(kept) if part.count >= _MIN_VOXELS]
        if not parts:
            return PartLocation(PlateState.EMPTY, {}, {}, None, (), dead, "", 1e3 * (perf_counter() - begin))
        box, outlines = self._refine(geometry, frames, live, parts[0])
        roi, masks = self._hand_out(frames, geometry, outlines)
        return PartLocation(
            state=PlateState.OK,
            roi=roi,
            mask=masks,
            size_m=box.size,
            boxes=(box.corners,),
            views_without_depth=dead,
            duration_ms=1e3 * (perf_counter() - begin),
        )

    def _prepare(self, frameset: FrameSet, calibration: RigCalibration) -> Geometry:
        key = calibration.id
        if key in self._geometry:
            return self._geometry[key]
        rays = {role: view_rays(camera, self._volume) for role, camera in calibration.cameras.items()}
        for role, frame in frameset.frames.items():
            camera = calibration.cameras.get(role)
            if camera and frame.color.shape[:2] != (camera.model.height, camera.model.width):
                raise CalibrationError(
                    f"Its picture is {frame.color.shape[1]}×{frame.color.shape[0]}, "
                    f"its calibration is for {camera.model.width}×{camera.model.height}.",
                    where=role,
                    todo="Use the calibration of this profile.",
                )
        if not rays.keys() & frameset.frames.keys():
            raise CalibrationError("It knows none of the frameset's cameras.", where="calibration")
        while len(self._geometry) >= _KEPT_CALIBRATIONS:
            self._geometry.pop(next(iter(self._geometry)))
        self._geometry[key] = Geometry(rays, VoxelGrid(rays, self._volume))
        return self._geometry[key]

    def _coarse(self, rays: ViewRays, frame: Frame, fit: PlateFit) -> CoarseView:
        height, width = rays.shape
        seen = read_depth(rays, frame, fit, Window(0, 0, width, height, STRIDE), self._volume, BORDER_M)
        return CoarseView(label=seen.label, depth=seen.depth)

    def _refine(
        self, geometry: Geometry, frames: Mapping[str, Frame], fits: Mapping[str, PlateFit], part: Component
    ) -> tuple[UprightBox, dict[str, Outline]]:
        low, high = part.low.copy(), part.high.copy()
        low[:2] -= 0.006
        high += 0.006
        low[2] = 0.0
        lattice = lattice_over(low, high, _FINE_VOXELS, _FINEST_M)
        distance = np.full(len(lattice.points), 1.0, np.float32)
        windows: dict[str, Window] = {}
        for role in frames:
            rays = geometry.rays[role]
            window = _window_of(rays, low, high)
            if window is None:
                continue
            windows[role] = window
            if role not in fits:
                continue
            seen = read_depth(rays, frames[role], fits[role], window, self._volume, BORDER_M)
            look = sight(rays, lattice, window.left, window.top, window.stride)
            edge = outline_distance(seen.label != BACKGROUND)
            here = sample(edge, look.at, cv2.INTER_LINEAR, 1e3) / look.pixels_per_m
            distance = np.minimum(distance, here)
            surface = sample(np.where(seen.label == PART, seen.depth, 0), look.at, cv2.INTER_NEAREST, 0.0)
            behind = np.where(surface > 0, look.depth - surface + 0.006, 1.0)
            distance = np.minimum(distance, behind)
        size = float(lattice.spacing.max())
        near = distance > -0.5 * size
        points, radius = lattice.points[near], distance[near]
        top = float((points[:, 2] + radius).max())
        box = upright_box(points, radius, top)
        solid = lattice.points[distance >= -0.25 * size]
        outlines = {role: _splat(geometry.rays[role], windows[role], solid, lattice) for role in windows}
        return box, outlines

    def _hand_out(
        self, frames: Mapping[str, Frame], geometry: Geometry, outlines: Mapping[str, Outline]
    ) -> tuple[dict[str, Square], dict[str, MaskImage]]:
        roi: dict[str, Square] = {}
        masks: dict[str, MaskImage] = {}
        for role, outline in outlines.items():
            rays, window = geometry.rays[role], outline.window
            factor = rays.step * window.stride
            x, y, width, height = cv2.boundingRect(outline.inside.astype(np.uint8))
            if width == 0:
                continue
            left = (window.left + x * window.stride) * rays.step
            top = (window.top + y * window.stride) * rays.step
            roi[role] = square_around((left, top, left + width * factor, top + height * factor))
            mask = np.zeros(frames[role].color.shape[:2], np.uint8)
            large = cv2.resize(
                outline.inside[y : y + height, x : x + width].astype(np.uint8) * 255,
                (width * factor, height * factor),
                interpolation=cv2.INTER_NEAREST,
            )
            target = mask[top : top + height * factor, left : left + width * factor]
            target[:] = large[: target.shape[0], : target.shape[1]]
            mask.flags.writeable = False
            masks[role] = mask
        return roi, masks


def _window_of(rays: ViewRays, low: NDArray[np.float64], high: NDArray[np.float64]) -> Window | None:
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    pixels, depth = project(rays.camera, corners.astype(np.float32))
    if not (depth > 0).all():
        return None
    at = rays.to_working(pixels)
    height, width = rays.shape
    left, top = (max(0, int(v) - 4) for v in np.floor(at.min(axis=0)))
    right, bottom = (int(v) + 5 for v in np.ceil(at.max(axis=0)))
    right, bottom = min(width, right), min(height, bottom)
    if right - left < 4 or bottom - top < 4:
        return None
    stride = max(1, -(-max(right - left, bottom - top) // _WINDOW_PIXELS))
    return Window(left, top, right, bottom, stride)


def _splat(rays: ViewRays, window: Window, solid: Floats, lattice: Lattice) -> Outline:
    look = sight(rays, Lattice(solid, lattice.shape, lattice.spacing), window.left, window.top, window.stride)
    height = -(-(window.bottom - window.top) // window.stride)
    width = -(-(window.right - window.left) // window.stride)
    at = np.rint(look.at).astype(np.int32)
    ok = (at[:, 0] >= 0) & (at[:, 0] < width) & (at[:, 1] >= 0) & (at[:, 1] < height)
    image = np.zeros((height, width), np.uint8)
    image[at[ok, 1], at[ok, 0]] = 1
    pitch = float(np.median(look.pixels_per_m)) * float(lattice.spacing.max()) if len(solid) else 1.0
    edge = 2 * max(1, int(np.ceil(pitch / 2))) + 1
    closed = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((edge, edge), np.uint8))
    return Outline(window, closed > 0)
