"""A printed board on a stiff plate in somebody's hand: which boards, how large, where."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from station.boards import Board, CharucoBoard, Chessboard
from station.errors import SimulationError
from station.geometry import Array, Pose

MARGIN_SQUARES = 0.6
"""White paper around the print; OpenCV needs a bright rim to find a chessboard."""

HandBoard = Chessboard | CharucoBoard
"""A board that is held in a hand; the frame board lies on the plate."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldBoard:
    """A printed board in the rig; ``pose`` carries the board's own frame, as its corners have it, into the world.

    The print is on the side of the board's -z axis: who sees it has x to the right and y down before the eyes.
    """

    board: HandBoard
    pose: Pose

    @property
    def outline(self) -> Array:
        """The plate's four corners in the world, (4, 3), metres."""
        return self.pose.apply(plate_outline(self.board))


def hand_board(board: Board) -> HandBoard:
    """Return ``board`` if it can be held in a hand; raises SimulationError for the plate's frame."""
    if isinstance(board, Chessboard | CharucoBoard):
        return board
    raise SimulationError(
        f"The frame board {board.id} lies on the plate and cannot be held.",
        where="simulation",
        todo="Hold a chessboard or a ChArUco board.",
    )


def print_corner(board: HandBoard) -> tuple[float, float]:
    """Return where the print begins in the board's own frame, metres: a chessboard's lies on its first inner corner."""
    return (-board.square_m, -board.square_m) if isinstance(board, Chessboard) else (0.0, 0.0)


def plate_outline(board: HandBoard) -> Array:
    """Return the corners of print and margin in the board's own frame, (4, 3), metres."""
    left, top = print_corner(board)
    margin = MARGIN_SQUARES * board.square_m
    x0, y0 = left - margin, top - margin
    x1, y1 = left + board.columns * board.square_m + margin, top + board.rows * board.square_m + margin
    return np.array([[x0, y0, 0.0], [x1, y0, 0.0], [x1, y1, 0.0], [x0, y1, 0.0]])


def between(start: Pose, end: Pose, share: float) -> Pose:
    """Return the pose after ``share`` (0…1) of the way from ``start`` to ``end``: straight, and about one axis."""
    turn = np.asarray(cv2.Rodrigues(end.rotation @ start.rotation.T)[0], dtype=np.float64)
    part = np.asarray(cv2.Rodrigues(turn * share)[0], dtype=np.float64)
    return Pose(part @ start.rotation, start.translation + share * (end.translation - start.translation))
