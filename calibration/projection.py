"""Projection of many points through many cameras at once, with its derivatives."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from station.geometry import Array, Pose


def pose_of_vectors(turn: Any, shift: Any) -> Pose:
    """Return the pose of OpenCV's rotation vector and shift, three numbers each in any shape."""
    vector = np.asarray(turn, dtype=np.float64).reshape(1, 3)
    return Pose(rotation_matrices(vector)[0], np.asarray(shift, dtype=np.float64))


def vectors_of_pose(pose: Pose) -> tuple[Array, Array]:
    """Return a pose as OpenCV takes it: rotation vector (3, 1) and shift (3, 1), both writeable."""
    turn = np.asarray(cv2.Rodrigues(pose.rotation)[0], dtype=np.float64)
    return turn.reshape(3, 1), pose.translation.reshape(3, 1).copy()


def rotation_matrices(vectors: Array) -> Array:
    """Return the rotation matrices (M, 3, 3) of rotation vectors (M, 3); Rodrigues' formula."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    cross = _cross_matrices(vectors)
    small = angle < 1e-8
    safe = np.where(small, 1.0, angle)
    first = np.where(small, 1.0, np.sin(safe) / safe)
    second = np.where(small, 0.5, (1.0 - np.cos(safe)) / safe**2)
    return np.eye(3) + first * cross + second * (cross @ cross)


def rotation_angle(rotation: Array) -> float:
    """Return the angle of a rotation matrix (3, 3), radians."""
    sine = np.linalg.norm(rotation - rotation.T) / np.sqrt(8.0)
    return float(np.arctan2(sine, (np.trace(rotation) - 1.0) / 2.0))


def project_points(points: Array, intrinsics: Array, distortion: Array) -> tuple[Array, Array, Array]:
    """Project points in camera coordinates and differentiate.

    ``points`` is (V, N, 3) metres, ``intrinsics`` (V, 4) as fx, fy, cx, cy, ``distortion`` (V, 5) as k1, k2, p1, p2, k3
    (Brown's model as in OpenCV's ``projectPoints``). Returns pixels (V, N, 2), their derivatives by the point
    (V, N, 2, 3) and the distorted normalised coordinates (V, N, 2), which are the derivatives by fx and fy.
    Points behind a camera are projected as if they lay 1 µm before it, which makes them outliers.
    """
    depth = np.maximum(points[..., 2], 1e-6)
    x, y = points[..., 0] / depth, points[..., 1] / depth
    k1, k2, p1, p2, k3 = (distortion[:, i, None] for i in range(5))
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    slope = 2.0 * (k1 + r2 * (2.0 * k2 + 3.0 * k3 * r2))
    xd = x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x)
    yd = y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y
    xx = radial + x * x * slope + 2.0 * p1 * y + 6.0 * p2 * x
    xy = x * y * slope + 2.0 * p1 * x + 2.0 * p2 * y
    yy = radial + y * y * slope + 6.0 * p1 * y + 2.0 * p2 * x
    fx, fy, cx, cy = (intrinsics[:, i, None] for i in range(4))
    pixels = np.stack([fx * xd + cx, fy * yd + cy], axis=-1)
    by_point = np.empty((*points.shape[:2], 2, 3))
    by_point[..., 0, 0], by_point[..., 0, 1] = fx * xx / depth, fx * xy / depth
    by_point[..., 1, 0], by_point[..., 1, 1] = fy * xy / depth, fy * yy / depth
    by_point[..., 2] = -(by_point[..., 0] * x[..., None] + by_point[..., 1] * y[..., None])
    return pixels, by_point, np.stack([xd, yd], axis=-1)


def moment(points: Array, by_point: Array) -> Array:
    """Return the derivatives by a small rotation of the points' frame: ``points × by_point``.

    ``points`` is (V, N, 3), ``by_point`` (V, N, 2, 3), and so is the result.
    """
    x, y, z = (points[..., None, i] for i in range(3))
    a, b, c = (by_point[..., i] for i in range(3))
    return np.stack([y * c - z * b, z * a - x * c, x * b - y * a], axis=-1)


def _cross_matrices(vectors: Array) -> Array:
    matrices = np.zeros((len(vectors), 3, 3))
    matrices[:, 0, 1], matrices[:, 0, 2], matrices[:, 1, 2] = -vectors[:, 2], vectors[:, 1], -vectors[:, 0]
    return matrices - matrices.transpose(0, 2, 1)
