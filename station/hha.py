"""HHA coding of depth: horizontal disparity, height above the plate, angle of the surface to the plate's upward normal.

The three quantities are those of Gupta, Girshick, Arbeláez and Malik, "Learning Rich Features from RGB-D Images for
Object Detection and Segmentation", ECCV 2014, section 3, there scaled to what a living room shows. Here they are
scaled to what lies on a plate: half a metre high, from a fifth of a metre to some metres away. The channels stand in
the order of MVIP's files: red is the angle, green the height, blue the disparity.
"""

from __future__ import annotations

import functools
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from station.frames import ColorImage, DepthImage
from station.geometry import CameraModel, Pose

DEGREES_PER_LEVEL = 180.0 / 254.0
"""Angle 0° (facing up, as the plate) is level 1, 180° is level 255; level 0 is "unknown"."""
METRES_PER_LEVEL = 0.002
PLATE_LEVEL = 31
"""Level of height 0: levels 1 to 255 are −60 mm to 448 mm."""
NEAREST_M = 0.2
"""Distance along the optical axis whose disparity is level 255; twice as far is half of it."""

_HALF_WINDOW = 7
"""A surface's slope is fitted over 15×15 pixels, 10 mm at 0.6 m with 900 pixels of focal length."""
_LEAST_SHARE = 0.25
"""Share of the window that must have depth."""

_Plane = NDArray[np.float32]


Part = tuple[int, int, int, int]
"""Part (x0, y0, x1, y1) of an image in pixels, x1 and y1 exclusive."""


def hha_image(depth: DepthImage, depth_scale: float, model: CameraModel, pose: Pose) -> ColorImage:
    """Return the HHA picture (H, W, 3) uint8, RGB, of a depth image (H, W) uint16 in units of ``depth_scale`` metres.

    ``model`` is the camera of the depth image, ``pose`` leads from the plate's world (z up, metres) to the camera.
    Where depth is 0 all three are 0; elsewhere a level lies between 1 and 255, and the angle alone is 0 where too few
    neighbours have depth. The slope takes distortion to be constant over its window.
    """
    return _coded(depth, depth_scale, model, pose, _rays(model))


def hha_part(depth: DepthImage, depth_scale: float, model: CameraModel, pose: Pose, part: Part) -> ColorImage:
    """Return ``part`` of what :func:`hha_image` makes of the whole image, without coding the rest of it."""
    height, width = depth.shape
    x0, y0, x1, y1 = part
    left, top = max(0, x0 - _HALF_WINDOW), max(0, y0 - _HALF_WINDOW)
    around = (slice(top, min(height, y1 + _HALF_WINDOW)), slice(left, min(width, x1 + _HALF_WINDOW)))
    ray_x, ray_y = (np.ascontiguousarray(rays[around]) for rays in _rays(model))
    coded = _coded(np.ascontiguousarray(depth[around]), depth_scale, model, pose, (ray_x, ray_y))
    return coded[y0 - top : y1 - top, x0 - left : x1 - left]


def _coded(
    depth: DepthImage, depth_scale: float, model: CameraModel, pose: Pose, rays: tuple[_Plane, _Plane]
) -> ColorImage:
    valid = depth > 0
    z = depth.astype(np.float32) * np.float32(depth_scale)
    ray_x, ray_y = rays
    up = pose.rotation[:, 2].astype(np.float32)
    height = z * (up[0] * ray_x + up[1] * ray_y + up[2]) - np.float32(up @ pose.translation.astype(np.float32))
    inverse = np.divide(1.0, z, out=np.zeros_like(z), where=valid)
    angle, known = _angle_deg(inverse, valid, model, ray_x, ray_y, up)
    levels = np.empty((*depth.shape, 3), dtype=np.float32)
    levels[..., 0] = angle / DEGREES_PER_LEVEL + 1.0
    levels[..., 1] = height / METRES_PER_LEVEL + PLATE_LEVEL
    levels[..., 2] = 255.0 * NEAREST_M * inverse
    coded = np.clip(np.rint(levels, out=levels), 1.0, 255.0, out=levels).astype(np.uint8)
    coded[~known, 0] = 0
    coded[~valid] = 0
    return coded


def _angle_deg(
    inverse: _Plane, valid: NDArray[np.bool_], model: CameraModel, ray_x: _Plane, ray_y: _Plane, up: NDArray[np.float32]
) -> tuple[_Plane, NDArray[np.bool_]]:
    """Return the angle between the surface's normal (towards the camera) and ``up``, degrees, and where it is known.

    A plane aX + bY + cZ = 1 has the inverse depth 1/Z = a·x + b·y + c over the rays x = X/Z, y = Y/Z, so least squares
    over inverse depth, linear in the pixel's place, gives the normal (a, b, c) without a bias from perspective.
    """
    steps = np.arange(-_HALF_WINDOW, _HALF_WINDOW + 1, dtype=np.float32)
    one, first, second = np.ones_like(steps), steps, steps * steps

    def total(values: _Plane, across: NDArray[np.float32], down: NDArray[np.float32]) -> _Plane:
        return cast(_Plane, cv2.sepFilter2D(values, cv2.CV_32F, across, down, borderType=cv2.BORDER_CONSTANT))

    weight = valid.astype(np.float32)
    n = total(weight, one, one)
    known = valid & (n >= _LEAST_SHARE * len(steps) ** 2)
    n = np.maximum(n, 1.0)
    mean_u, mean_v = total(weight, first, one) / n, total(weight, one, first) / n
    mean_q = total(inverse, one, one) / n
    uu = total(weight, second, one) / n - mean_u * mean_u
    vv = total(weight, one, second) / n - mean_v * mean_v
    uv = total(weight, first, first) / n - mean_u * mean_v
    uq = total(inverse, first, one) / n - mean_u * mean_q
    vq = total(inverse, one, first) / n - mean_v * mean_q
    determinant = uu * vv - uv * uv
    known &= determinant > 1.0
    determinant = np.where(known, determinant, np.float32(1.0))
    a = (uq * vv - vq * uv) / determinant * np.float32(model.fx)
    b = (vq * uu - uq * uv) / determinant * np.float32(model.fy)
    center = mean_q - a * mean_u / np.float32(model.fx) - b * mean_v / np.float32(model.fy)
    c = center - a * ray_x - b * ray_y
    length = np.sqrt(a * a + b * b + c * c)
    known &= length > 0
    cosine = -(a * up[0] + b * up[1] + c * up[2]) / np.where(known, length, np.float32(1.0))
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).astype(np.float32), known


@functools.lru_cache(maxsize=20)
def _rays(model: CameraModel) -> tuple[_Plane, _Plane]:
    """Return x/z and y/z of every pixel's ray, (H, W) each, without distortion."""
    columns, rows = np.meshgrid(np.arange(model.width, dtype=np.float64), np.arange(model.height, dtype=np.float64))
    if not model.distorted:
        x, y = (columns - model.cx) / model.fx, (rows - model.cy) / model.fy
    else:
        pixels = np.stack([columns, rows], axis=-1).reshape(-1, 1, 2)
        straight = cv2.undistortPoints(pixels, model.matrix, model.dist_coeffs).reshape(model.height, model.width, 2)
        x, y = straight[..., 0], straight[..., 1]
    return np.ascontiguousarray(x, dtype=np.float32), np.ascontiguousarray(y, dtype=np.float32)
