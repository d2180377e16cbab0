"""What of a calibration the locator needs again and again: where every pixel's ray meets plate and searched space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from station.geometry import Array, CameraCalibration, CameraModel, WorkVolume

Floats = NDArray[np.float32]

WORKING_WIDTH = 640
"""Pixels are looked at on a grid at most so wide; depth of wider images is taken at every n-th pixel."""
BORDER_M = 0.040
"""The search reaches so far beyond the printed frame and the work volume's lid, to see a part that does."""
COARSE_STRIDE = 2
"""Every so many pixels of the working grid the coarse labels are taken."""
_FAR_M = np.float32(1e3)
_DEPTH_STRIDE = 6
_COLOR_STRIDE = 8
"""So many working pixels lie between those at which the plate's depth and exposure are taken."""


@dataclass(frozen=True, slots=True)
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

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that the window has."""
        return -(-(self.bottom - self.top) // self.stride), -(-(self.right - self.left) // self.stride)


@dataclass(frozen=True, slots=True, eq=False)
class WindowRays:
    """The rays of a window (h, w) of a view; all depths in metres along the optical axis.

    A ray meets the plate at ``plate_z`` (far away where it never does), and a point at height h lies at
    ``plate_z + h·per_height``, one of depth z at height ``origin_z + z·fall``. Between ``near`` and ``far`` the ray is
    within the searched space, if ``near`` is the less of the two.
    """

    plate_z: Floats
    per_height: Floats
    fall: Floats
    near: Floats
    far: Floats
    origin_z: float

    def of(self, window: Window) -> WindowRays:
        """Return the rays of a window of these."""
        rows, columns = window.rows, window.columns
        return WindowRays(
            self.plate_z[rows, columns],
            self.per_height[rows, columns],
            self.fall[rows, columns],
            self.near[rows, columns],
            self.far[rows, columns],
            self.origin_z,
        )

    def level(self, height_m: float) -> Floats:
        """Return the depth (h, w) at which the rays are so high above the plate."""
        return np.add(self.plate_z, np.float32(height_m) * self.per_height, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class PlateSamples:
    """Scattered pixels of the printed frame: flat indices into images, and what is expected there.

    ``depth_index`` (n,) counts the depth image's pixels, ``plate_z`` (n,) is the plate's depth there, ``steepness`` how
    many metres such a depth rises per unit of its relative error. ``color_index`` (m,) counts the pixels of the halved
    working picture.
    """

    depth_index: NDArray[np.intp]
    plate_z: Floats
    steepness: float
    color_index: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class ViewRays:
    """One view on its working grid (h, w): working pixel (i, j) is image pixel (``offset`` + i·``step``, …).

    ``coarse`` is the window that shows the searched space, every ``COARSE_STRIDE``-th pixel of it, ``coarse_rays`` its
    rays, ``coarse_plate`` where it shows the printed frame. ``into_camera`` (3, 4) takes world points to the camera.
    """

    camera: CameraCalibration
    step: int
    offset: int
    rays: WindowRays
    coarse: Window
    coarse_rays: WindowRays
    coarse_plate: NDArray[np.bool_]
    plate: PlateSamples
    into_camera: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the working grid."""
        return self.rays.plate_z.shape[0], self.rays.plate_z.shape[1]

    def over(self, window: Window) -> WindowRays:
        """Return the rays of a window of the working grid."""
        return self.coarse_rays if window is self.coarse else self.rays.of(window)


def view_rays(camera: CameraCalibration, volume: WorkVolume) -> ViewRays:
    """Compute the rays of one calibrated camera; distortion is taken out with OpenCV's iteration."""
    model, pose = camera.model, camera.pose
    step = max(1, -(-model.width // WORKING_WIDTH))
    offset = step // 2
    x, y = _normalised(model, step, offset)
    to_world, origin = pose.rotation.T, pose.center
    direction = to_world[:, :1, None] * x + to_world[:, 1:2, None] * y + to_world[:, 2:, None]
    down = direction[2] < -1e-3
    per_height = np.where(down, 1.0 / np.where(down, direction[2], -1.0), 0.0)
    plate_z = np.where(down, -origin[2] * per_height, _FAR_M)
    near, far = _searched(direction, origin, volume)
    rays = WindowRays(*(_single(v) for v in (plate_z, per_height, direction[2], near, far)), origin_z=float(origin[2]))
    at = direction[:2] * plate_z + origin[:2, None, None]
    on_plate = down & (at[0] >= volume.x[0]) & (at[0] <= volume.x[1]) & (at[1] >= volume.y[0]) & (at[1] <= volume.y[1])
    coarse = _window_of(near < np.minimum(far, plate_z))
    within = rays.of(coarse)
    return ViewRays(
        camera=camera,
        step=step,
        offset=offset,
        rays=rays,
        coarse=coarse,
        coarse_rays=WindowRays(
            *(_single(v) for v in (within.plate_z, within.per_height, within.fall, within.near, within.far)),
            origin_z=rays.origin_z,
        ),
        coarse_plate=np.ascontiguousarray(on_plate[coarse.rows, coarse.columns]),
        plate=_plate_samples(rays, on_plate, step, offset, model.width),
        into_camera=np.hstack([pose.rotation, pose.translation.reshape(3, 1)]).astype(np.float32),
    )


def _single(values: NDArray[np.floating]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float32)


def _searched(direction: Array, origin: Array, volume: WorkVolume) -> tuple[Array, Array]:
    """Return the depths between which the rays (3, h, w) are over the widened printed frame and under its lid."""
    near = np.full(direction.shape[1:], 1e-3)
    far = np.full(direction.shape[1:], float(_FAR_M))
    for axis, (low, high) in enumerate((volume.x, volume.y, (-float(_FAR_M), volume.z[1]))):
        along = np.where(np.abs(direction[axis]) < 1e-9, 1e-9, direction[axis])
        first, second = (low - BORDER_M - origin[axis]) / along, (high + BORDER_M - origin[axis]) / along
        np.maximum(near, np.minimum(first, second), out=near)
        np.minimum(far, np.maximum(first, second), out=far)
    return near, far


def _window_of(chosen: NDArray[np.bool_]) -> Window:
    """Return the coarse window round the chosen pixels (h, w) of a view; all of it where none is."""
    height, width = chosen.shape
    rows, columns = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
    if not rows.size:
        return Window(0, 0, width, height, COARSE_STRIDE)
    left, top = (int(first[0]) // COARSE_STRIDE * COARSE_STRIDE for first in (columns, rows))
    return Window(left, top, int(columns[-1]) + 1, int(rows[-1]) + 1, COARSE_STRIDE)


def _plate_samples(rays: WindowRays, on_plate: NDArray[np.bool_], step: int, offset: int, width: int) -> PlateSamples:
    grid = slice(None, None, _DEPTH_STRIDE)
    rows, columns = np.nonzero(on_plate[grid, grid])
    expected = rays.plate_z[grid, grid][rows, columns]
    rise = np.abs(rays.fall[grid, grid][rows, columns]) * expected
    each = _DEPTH_STRIDE * step
    half_width = -(-on_plate.shape[1] // 2)
    color_rows, color_columns = np.nonzero(on_plate[::_COLOR_STRIDE, ::_COLOR_STRIDE])
    return PlateSamples(
        depth_index=(offset + rows * each) * width + offset + columns * each,
        plate_z=expected,
        steepness=float(np.median(rise)) if rise.size else 0.0,
        color_index=(color_rows * half_width + color_columns) * (_COLOR_STRIDE // 2),
    )


@lru_cache(maxsize=32)
def _normalised(model: CameraModel, step: int, offset: int) -> tuple[Array, Array]:
    """Return x/z and y/z (h, w) of the working pixels; kept, because captures of one rig share their intrinsics."""
    u, v = np.meshgrid(
        np.arange(offset, model.width, step, dtype=np.float64), np.arange(offset, model.height, step, dtype=np.float64)
    )
    if not model.distorted:
        return (u - model.cx) / model.fx, (v - model.cy) / model.fy
    pixels = np.stack([u.ravel(), v.ravel()], axis=1)[:, None]
    undistorted = cv2.undistortPoints(pixels, model.matrix, model.dist_coeffs)
    normalised = np.asarray(undistorted, dtype=np.float64).reshape(-1, 2)
    return normalised[:, 0].reshape(u.shape), normalised[:, 1].reshape(u.shape)


def homogeneous(points: NDArray[np.floating]) -> Floats:
    """Return points (n, 3) as columns (4, n) with a last row of ones, as :func:`project` wants them."""
    columns = np.ones((4, len(points)), np.float32)
    columns[:3] = points.T
    return columns


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Points seen by one view: pixels ``x`` and ``y`` (n,) in the view's window, ``depth`` (n,) in metres, 1/depth.

    ``focal`` is the window's focal length: ``focal·inverse`` are pixels per metre at a point.
    """

    x: Floats
    y: Floats
    depth: Floats
    inverse: Floats
    focal: float


def project(rays: ViewRays, points: Floats, window: Window) -> Sight:
    """Project world points (4, n), homogeneous, into a window of a view's working grid, distortion applied.

    The same model as ``CameraModel.project`` in single precision. Points behind the camera come back at pixel −1e6.
    """
    x, y, depth = rays.into_camera @ points
    inverse = np.maximum(depth, np.float32(1e-3))
    np.reciprocal(inverse, out=inverse)
    x *= inverse
    y *= inverse
    model = rays.camera.model
    if model.distorted:
        _distort(model, x, y)
    scale = 1.0 / (rays.step * window.stride)
    for pixels, focal, centre, first in ((x, model.fx, model.cx, window.left), (y, model.fy, model.cy, window.top)):
        pixels *= np.float32(focal * scale)
        pixels += np.float32((centre - rays.offset) * scale - first / window.stride)
        if depth.size and float(depth.min()) < 1e-3:
            pixels[depth < 1e-3] = -1e6
    return Sight(x, y, depth, inverse, model.fx * scale)


def _distort(model: CameraModel, x: Floats, y: Floats) -> None:
    """Apply a model's lens (Brown-Conrady) to normalised points (n,), in place.

    With g = 1 + k1·r² + k2·r⁴ + k3·r⁶ + 2·p1·y + 2·p2·x OpenCV's formula reads x·g + p2·r² and y·g + p1·r².
    """
    k1, k2, p1, p2, k3 = (np.float32(v) for v in model.distortion)
    r2 = x * x
    r2 += y * y
    growth = r2 * k3 if k3 else np.zeros_like(r2)
    growth += k2
    growth *= r2
    growth += k1
    growth *= r2
    growth += np.float32(1.0)
    growth += (2 * p1) * y
    growth += (2 * p2) * x
    x *= growth
    y *= growth
    x += p2 * r2
    y += p1 * r2
