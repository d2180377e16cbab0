"""What one camera saw of the board at one instant, and where the board stood before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from calibration.collecting.snapshot import Sight
from calibration.detection import Detection
from calibration.view_pose import view_pose
from calibration.views import BoardView
from station.boards import Board, FrameBoard
from station.geometry import Array, CameraModel, Pose

_NOT_FOUND = "not found"
"""How the refusal of a picture begins in which there is no board at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A board found in one camera's picture.

    ``outline`` (4, 2) are the printed board's corners, px; ``size`` is the picture's (width, height). ``pose`` leads
    from the board's points to the camera; ``distance_m`` to the board's middle, ``tilt_deg`` between the board's normal
    and the line of sight.
    """

    view: BoardView
    pose: Pose
    outline: Array
    size: tuple[int, int]
    distance_m: float
    tilt_deg: float

    def named(self, placement: str) -> Sighting:
        """Return the same sighting under the placement's name."""
        return replace(self, view=replace(self.view, placement=placement))


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """The outcome of one look at one picture: a ``sighting``, or the ``reason`` why there is none that can be used."""

    sighting: Sighting | None = None
    reason: str = ""

    @property
    def refusal(self) -> str:
        """Why a board that was found cannot be used; empty when none was found."""
        return "" if self.reason.startswith(_NOT_FOUND) else self.reason

    def sight(self, size: tuple[int, int]) -> Sight:
        """Return it as the snapshot shows it."""
        return Sight(None if self.sighting is None else self.sighting.outline, size, self.refusal)


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A placement of the board that was taken: its sightings by role."""

    name: str
    sightings: Mapping[str, Sighting]
    taken_at: datetime
    dropped: bool = False


def looked(detection: Detection, board: Board, model: CameraModel) -> Looked:
    """Return what a detection amounts to; a board whose corners fit no pose is refused."""
    if detection.view is None:
        return Looked(reason=detection.refusal or _NOT_FOUND)
    found = sighting_of(detection.view, board, model)
    return Looked(found) if found else Looked(reason="bent: the corners that were found do not lie on a flat board")


def sighting_of(view: BoardView, board: Board, model: CameraModel) -> Sighting | None:
    """Return the sighting of a view, ``None`` when its corners fit no pose of a flat board."""
    found = view_pose(view, model)
    if found is None:
        return None
    pose = found.poses[0]
    outline = board_outline(board)
    corners = pose.apply(outline)
    if (corners[:, 2] <= 0).any():
        return None
    middle = corners.mean(axis=0)
    distance = float(np.linalg.norm(middle))
    facing = abs(float(pose.rotation[:, 2] @ middle)) / distance
    return Sighting(
        view,
        pose,
        model.project(corners),
        (model.width, model.height),
        distance,
        float(np.degrees(np.arccos(min(facing, 1.0)))),
    )


def board_outline(board: Board) -> Array:
    """Return the corners of the printed squares in the coordinates of the board's points, (4, 3), metres."""
    if isinstance(board, FrameBoard):
        left, top, right, bottom = 0.0, 0.0, board.width_m, board.height_m
    else:
        (left, top), (right, bottom) = board.corners[:, :2].min(axis=0), board.corners[:, :2].max(axis=0)
        left, top, right, bottom = (
            left - board.square_m,
            top - board.square_m,
            right + board.square_m,
            bottom + board.square_m,
        )
    return np.array([[left, top, 0.0], [right, top, 0.0], [right, bottom, 0.0], [left, bottom, 0.0]])
