"""What the solver is given: boards as cameras saw them, and in which other ways they may have been read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.errors import CalibrationError
from station.geometry import Array, Pose

Order = NDArray[np.intp]
"""Permutation (N,) of a board's points."""


@dataclass(frozen=True, slots=True, eq=False)
class BoardView:
    """One board in one picture.

    ``placement`` names the instant at which the board stood still for all cameras, ``board`` its id. ``points_m``
    (N, 3) are points of the board with z = 0, ``pixels`` (N, 2) where they were seen. ``turns`` are other orders of the
    points that the picture allows: read by turn ``o``, pixel i shows point ``o[i]``. A board with marker ids has none.
    """

    role: str
    placement: str
    board: str
    points_m: Array
    pixels: Array
    turns: tuple[Order, ...] = ()

    def __post_init__(self) -> None:
        """Take read-only copies and check the shapes; raises CalibrationError."""
        points = np.array(self.points_m, dtype=np.float64).reshape(-1, 3)
        pixels = np.array(self.pixels, dtype=np.float64).reshape(-1, 2)
        if len(points) != len(pixels) or len(points) < 4 or not np.isfinite(pixels).all():
            raise CalibrationError(
                f"A view needs at least 4 finite points, as many in the picture as on the board; found {len(pixels)} "
                f"and {len(points)}.",
                where=f"{self.placement}, {self.role}",
            )
        points.flags.writeable = False
        pixels.flags.writeable = False
        object.__setattr__(self, "points_m", points)
        object.__setattr__(self, "pixels", pixels)

    @property
    def outline(self) -> Array:
        """Corners of the points' upright rectangle on the board, (4, 3)."""
        (left, top), (right, bottom) = self.points_m[:, :2].min(axis=0), self.points_m[:, :2].max(axis=0)
        return np.array([[left, top, 0.0], [right, top, 0.0], [right, bottom, 0.0], [left, bottom, 0.0]])

    def read_as(self, reading: int) -> Array:
        """Return the board's points (N, 3) in the order of a reading: 0 as given, r the r-th turn."""
        return self.points_m if reading == 0 else self.points_m[self.turns[reading - 1]]

    def motions(self) -> tuple[Pose, ...]:
        """Return per reading the motion of the board into itself that leads from the first reading to it."""
        return tuple(motion_between(self.points_m, self.read_as(r)) for r in range(len(self.turns) + 1))


def motion_between(source: Array, target: Array) -> Pose:
    """Return the rigid motion that takes ``source`` (N, 3) nearest to ``target`` (N, 3).

    Kabsch, "A solution for the best rotation to relate two sets of vectors", 1976.
    """
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    u, _, vt = np.linalg.svd((target - to_mean).T @ (source - from_mean))
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    return Pose(rotation, to_mean - rotation @ from_mean)
