"""What of a calibration the locator needs again and again: the world ray of every pixel of every view."""

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


@dataclass(frozen=True, slots=True, eq=False)
class ViewRays:
    """World rays of one view on its working grid (h, w).

    Working pixel (i, j) is image pixel (``offset`` + i·``step``, …). A depth z along the optical axis lies at the world
    point ``z·direction + origin``; ``direction`` is (3, h, w), ``origin`` (3,). ``plate_z`` (h, w) is the depth where
    the ray meets the plate, 0 where it does not; ``on_plate`` (h, w) says where that point lies on the frame.
    """

    camera: CameraCalibration
    step: int
    offset: int
    direction: Floats
    origin: Floats
    plate_z: Floats
    on_plate: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the working grid."""
        return self.plate_z.shape[0], self.plate_z.shape[1]

    def to_working(self, pixels: Floats) -> Floats:
        """Map image pixels (N, 2) to coordinates of the working grid (N, 2)."""
        return (pixels - np.float32(self.offset)) / np.float32(self.step)


def view_rays(camera: CameraCalibration, volume: WorkVolume) -> ViewRays:
    """Compute the rays of one calibrated camera; distortion is taken out with OpenCV's iteration."""
    model, pose = camera.model, camera.pose
    step = max(1, -(-model.width // WORKING_WIDTH))
    offset = step // 2
    x, y = _normalised(model, step, offset)
    to_world = pose.rotation.T
    direction = to_world[:, :1, None] * x + to_world[:, 1:2, None] * y + to_world[:, 2:, None]
    origin = pose.center
    down = direction[2] < -1e-3
    plate_z = np.where(down, -origin[2] / np.where(down, direction[2], -1.0), 0.0)
    at = direction[:2] * plate_z + origin[:2, None, None]
    on_plate = (
        (plate_z > 0)
        & (at[0] >= volume.x[0])
        & (at[0] <= volume.x[1])
        & (at[1] >= volume.y[0])
        & (at[1] <= volume.y[1])
    )
    return ViewRays(
        camera=camera,
        step=step,
        offset=offset,
        direction=np.ascontiguousarray(direction, dtype=np.float32),
        origin=origin.astype(np.float32),
        plate_z=plate_z.astype(np.float32),
        on_plate=on_plate,
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


def project(camera: CameraCalibration, points: Floats) -> tuple[Floats, Floats]:
    """Project world points (N, 3) into a camera: image pixels (N, 2) float32 and depths (N,), distortion applied.

    The same model as ``CameraModel.project`` in single precision; points behind the camera come back at −1e6.
    """
    model = camera.model
    rotation, translation = camera.pose.rotation.astype(np.float32), camera.pose.translation.astype(np.float32)
    x, y, z = rotation @ np.ascontiguousarray(points.T) + translation[:, None]
    behind = z < 1e-3
    inverse = 1.0 / np.where(behind, np.float32(1.0), z)
    x *= inverse
    y *= inverse
    if model.distorted:
        k1, k2, p1, p2, k3 = (np.float32(v) for v in model.distortion)
        x2, y2, xy = x * x, y * y, x * y
        r2 = x2 + y2
        radial = r2 * k3
        radial += k2
        radial *= r2
        radial += k1
        radial *= r2
        radial += 1
        x *= radial
        x += 2 * p1 * xy
        x += p2 * (r2 + 2 * x2)
        y *= radial
        y += 2 * p2 * xy
        y += p1 * (r2 + 2 * y2)
    pixels = np.empty((points.shape[0], 2), np.float32)
    pixels[:, 0] = np.float32(model.fx) * x + np.float32(model.cx)
    pixels[:, 1] = np.float32(model.fy) * y + np.float32(model.cy)
    if behind.any():
        pixels[behind] = -1e6
    return pixels, z
