"""How well a view agrees with a camera's and a board's pose: in fractions of the board's size in the picture.

Whether a board was read upside-down or is another board altogether shows as an error of the board's own size, and so
does not need a threshold in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.view_pose import ViewPose, view_pose
from calibration.views import BoardView
from station.geometry import Array, CameraModel, Pose

TOLERANCE = 0.1
"""Largest disagreement that still counts as agreement, as a fraction of the board's diagonal in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Ballot:
    """A view with everything it may mean.

    ``motions`` are the board's motions into itself, one per reading, ``outline`` (4, 3) its corners. ``seen``
    (R, 4, 2) are the pixels of the outline under each reading, ``diagonal_px`` its size.
    """

    view: BoardView
    pose: ViewPose
    motions: tuple[Pose, ...]
    outline: Array
    seen: Array
    diagonal_px: float
    camera: CameraModel

    def board_poses(self) -> list[Pose]:
        """Poses board → camera under every reading and both flat poses."""
        return [pose @ motion.inverse for motion in self.motions for pose in self.pose.poses]


def disagreements(carried: Array, cast: Sequence[Ballot]) -> tuple[Array, NDArray[np.intp]]:
    """Return how far outlines lie from where one camera saw them, and under which reading they lie nearest.

    ``carried`` (P, B, 4, 3) are the outlines of the boards of ``cast`` (B ballots of the same camera) in camera
    coordinates under P proposals. Returns fractions of the boards' diagonals and readings, both (P, B).
    """
    count = max(len(ballot.seen) for ballot in cast)
    seen = np.full((len(cast), count, 4, 2), np.nan)
    for row, ballot in enumerate(cast):
        seen[row, : len(ballot.seen)] = ballot.seen
    pixels = cast[0].camera.project(carried.reshape(-1, 3)).reshape(*carried.shape[:2], 1, 4, 2)
    difference = pixels - seen
    squared = np.einsum("pbrij,pbrij->pbr", difference, difference) / 4.0
    squared[np.isnan(squared)] = np.inf
    reading = squared.argmin(axis=2)
    least = np.take_along_axis(squared, reading[..., None], axis=2)[..., 0]
    return np.sqrt(least) / np.array([ballot.diagonal_px for ballot in cast]), reading


def ballots(
    views: Sequence[BoardView], cameras: Mapping[str, CameraModel]
) -> tuple[list[Ballot], list[tuple[BoardView, str]]]:
    """Return a ballot per view, and the views that have no pose with the reason."""
    cast: list[Ballot] = []
    spoilt: list[tuple[BoardView, str]] = []
    motions: dict[tuple[str, int], tuple[Pose, ...]] = {}
    for view in views:
        pose = view_pose(view, cameras[view.role])
        if pose is None:
            spoilt.append((view, "its corners fit no flat board"))
            continue
        key = (view.board, len(view.points_m))
        turned = motions[key] if key in motions and view.turns else view.motions()
        if view.turns:
            motions[key] = turned
        camera = cameras[view.role]
        outline = view.outline
        seen = np.stack([camera.project((pose.poses[0] @ m.inverse).apply(outline)) for m in turned])
        diagonal = float(np.linalg.norm(seen[0, 0] - seen[0, 2]) + np.linalg.norm(seen[0, 1] - seen[0, 3])) / 2
        if not np.isfinite(seen).all() or diagonal <= 0:
            spoilt.append((view, "its pose lies behind the camera"))
            continue
        cast.append(Ballot(view, pose, turned, outline, seen, diagonal, camera))
    return cast, spoilt


def agreement(disagreement: Array) -> Array:
    """Return the weights of votes: 1 for a perfect fit, 0 beyond the tolerance."""
    return np.maximum(0.0, 1.0 - disagreement / TOLERANCE)
