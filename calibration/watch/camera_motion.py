"""How far one camera stands from where it was calibrated, from the plate frame's corners in one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.projection import project_points, rotation_matrices
from station.geometry import Array, CameraModel, Pose

LEAST_CORNERS = 10
"""Fewer corners say nothing sure of six unknowns."""

_STEPS = 8
_HUBER = 2.0
_GROSS = 6.0
"""Corners beyond so many σ count as wrong."""
_LEAST_SIGMA_PX = 0.05
_MOST_SIGMA_PX = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A small motion of a camera: ``pose' = exp(twist) · pose``, twist (6,) = turn (rad), shift (m), camera axes.

    ``information`` (6, 6) is the inverse of the twist's covariance by the corners' own spread ``sigma_px``;
    ``kept`` (K,) are the corners that count.
    """

    twist: Array
    information: Array
    sigma_px: float
    kept: NDArray[np.bool_]

    def moved(self, pose: Pose) -> Pose:
        """Return the camera's pose after the motion."""
        return moved(pose, self.twist)


def moved(pose: Pose, twist: Array) -> Pose:
    """Return ``exp(twist) · pose``, twist (6,) as in :class:`Motion`."""
    rotation = rotation_matrices(twist[None, :3])[0]
    return Pose(rotation @ pose.rotation, rotation @ pose.translation + twist[3:])


def twist_between(before: Pose, after: Pose) -> Array:
    """Return the twist (6,) with ``after = exp(twist) · before``, for angles well below 180°."""
    rotation = after.rotation @ before.rotation.T
    skew = 0.5 * np.array(
        [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]]
    )
    sine = float(np.linalg.norm(skew))
    angle = np.arctan2(sine, 0.5 * (np.trace(rotation) - 1.0))
    turn = skew * (angle / sine if sine > 1e-12 else 1.0)
    return np.concatenate([turn, after.translation - rotation @ before.translation])


def fit_motion(
    points: Array, pixels: Array, spread: Array, camera: CameraModel, pose: Pose, start: Pose
) -> Motion | None:
    """Return the motion from ``pose`` that explains ``pixels`` (K, 2) of world ``points`` (K, 3).

    ``spread`` (K,) is each corner's relative standard deviation. Gauss–Newton with Huber weights, from ``start``;
    ``None`` when fewer than ten corners agree or they do not fix six unknowns.
    """
    weight_of = 1.0 / spread**2
    kept = np.ones(len(points), dtype=np.bool_)
    now, sigma = start, _MOST_SIGMA_PX
    information = np.zeros((6, 6))
    for step in range(_STEPS):
        error, slope = _residuals(points, pixels, camera, now)
        length = np.linalg.norm(error, axis=1) / spread
        median = float(np.median(length[kept])) / np.sqrt(2.0 * np.log(2.0))  # Rayleigh
        sigma = float(np.clip(median, _LEAST_SIGMA_PX, _MOST_SIGMA_PX))
        if step:  # the first residuals hold the motion itself
            kept = length <= _GROSS * sigma
        if kept.sum() < LEAST_CORNERS:
            return None
        weight = weight_of * np.minimum(1.0, _HUBER * sigma / np.maximum(length, 1e-12)) * kept
        information = np.einsum("k,kia,kib->ab", weight, slope, slope) / sigma**2
        gradient = np.einsum("k,kia,ki->a", weight, slope, error) / sigma**2
        if np.linalg.cond(information) > 1e13:
            return None
        change = -_solved(information, gradient)
        now = moved(now, change)
        if step >= 2 and float(np.abs(change).max()) < 1e-7:
            break
    return Motion(twist_between(pose, now), information, sigma, kept)


def _solved(matrix: Array, right: Array) -> Array:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


def _residuals(points: Array, pixels: Array, camera: CameraModel, pose: Pose) -> tuple[Array, Array]:
    """Return projected minus seen (K, 2) and its derivative by a twist (K, 2, 6)."""
    seen = pose.apply(points)
    intrinsics = np.array([[camera.fx, camera.fy, camera.cx, camera.cy]])
    projected, by_point, _ = project_points(seen[None], intrinsics, camera.dist_coeffs)
    slope = np.empty((len(points), 2, 6))
    slope[..., 3:] = by_point[0]
    slope[..., :3] = np.cross(seen[:, None, :], by_point[0])  # d(ω × P) seen through the derivative by P
    return projected[0] - pixels, slope
