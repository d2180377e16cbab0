"""Tells a plate that was moved, which all cameras see alike, from single cameras that were knocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.watch.camera_motion import moved, twist_between
from station.geometry import Array, Pose

LEAST_CAMERAS = 3
"""Fewer cameras cannot vote on what moved."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A motion beyond either is one: metres of a camera's or the plate's centre, and radians."""

    shift_m: float
    turn_rad: float

    def passed(self, twist: Array) -> bool:
        """Whether a motion (6,), turn and shift, lies beyond."""
        return size_m(twist) > self.shift_m or turn_rad(twist) > self.turn_rad


def size_m(twist: Array) -> float:
    """Return how far the origin of a twist's axes moves, metres."""
    return float(np.linalg.norm(twist[3:]))


def turn_rad(twist: Array) -> float:
    """Return the angle of a twist, radians."""
    return float(np.linalg.norm(twist[:3]))


def common_motion(
    twists: Mapping[str, Array],
    informations: Mapping[str, Array],
    poses: Mapping[str, Pose],
    middle: Array,
    limits: Limits,
) -> Array | None:
    """Return how the plate was moved (6,), turn and shift of its middle in world axes; ``None`` when it lies still.

    ``twists`` are the cameras' motions (6,) as each sees them against the plate, ``poses`` their calibrated poses,
    ``middle`` (3,) the plate's. The plate was moved when more than half of the cameras agree on one motion and are
    not explained by standing still; with fewer than three cameras nobody can tell.
    """
    if len(twists) < LEAST_CAMERAS or sum(limits.passed(t) for t in twists.values()) <= len(twists) / 2:
        return None
    origin = Pose(np.eye(3), -middle)  # world → axes through the plate's middle
    seen = {role: _of_plate(twist, poses[role], origin) for role, twist in twists.items()}
    agreeing = max(
        ([r for r in seen if not limits.passed(without(twists[r], poses[r], m, middle))] for m in seen.values()),
        key=len,
    )
    if len(agreeing) <= len(twists) / 2:
        return None
    weights: list[Array] = []
    pulls: list[Array] = []
    for role in agreeing:
        change = _adjoint(poses[role] @ origin.inverse)
        information = change.T @ informations[role] @ change
        weights.append(information)
        pulls.append(information @ seen[role])
    motion = np.asarray(np.linalg.solve(np.stack(weights).sum(axis=0), np.stack(pulls).sum(axis=0)), dtype=np.float64)
    return motion if limits.passed(motion) else None


def without(twist: Array, pose: Pose, plate: Array, middle: Array) -> Array:
    """Return what is left of a camera's twist (6,) when the plate moved by ``plate`` (6,) about its ``middle``."""
    origin = Pose(np.eye(3), -middle)
    return twist_between(
        pose @ origin.inverse @ moved(Pose(np.eye(3), np.zeros(3)), plate) @ origin, moved(pose, twist)
    )


def _of_plate(twist: Array, pose: Pose, origin: Pose) -> Array:
    """Return the plate's motion (6,) that looks to the camera at ``pose`` as if it had made ``twist``."""
    here = pose @ origin.inverse
    return twist_between(Pose(np.eye(3), np.zeros(3)), here.inverse @ moved(here, twist))


def _adjoint(pose: Pose) -> Array:
    """Return the matrix (6, 6) that carries a small twist through ``pose``."""
    x, y, z = pose.translation
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    matrix = np.zeros((6, 6))
    matrix[:3, :3] = matrix[3:, 3:] = pose.rotation
    matrix[3:, :3] = cross @ pose.rotation
    return matrix
