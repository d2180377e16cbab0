"""Pictures of boards through a known camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station.boards import Board, Chessboard, FrameBoard
from station.geometry import Array, CameraModel, Pose

_PER_SQUARE = 32
_FINER = 3


def looking_at(centre: tuple[float, float, float], target: tuple[float, float, float]) -> Pose:
    """Return world → camera of a camera at ``centre`` whose axis goes through ``target``."""
    z = np.subtract(target, centre) / np.linalg.norm(np.subtract(target, centre))
    x = np.cross(z, [0.0, 0.3, 1.0])
    x /= np.linalg.norm(x)
    rotation = np.stack([x, np.cross(z, x), z])
    return Pose(rotation, -rotation @ np.asarray(centre))


def picture_of(board: Board, model: CameraModel, board_to_camera: Pose) -> NDArray[np.uint8]:
    """Render the board with a white margin, grey (H, W), three times finer and averaged; no distortion.

    The pose is that of the points that detection gives: world coordinates for the plate's frame.
    """
    margin = _PER_SQUARE
    art = cv2.copyMakeBorder(board.picture(_PER_SQUARE), *[margin] * 4, cv2.BORDER_CONSTANT, value=255)
    metre = board.square_m / _PER_SQUARE
    # A picture's pixel (u, v) has its centre at (u + 0.5) pixels from the edge.
    shift = (0.5 - margin) * metre
    to_board: Array = np.array([[metre, 0.0, shift], [0.0, metre, shift], [0.0, 0.0, 1.0]])
    if isinstance(board, Chessboard):
        to_board[:2, 2] -= board.square_m
    if isinstance(board, FrameBoard):
        to_board[1] = [0.0, -metre, board.height_m - shift]
    plane = np.column_stack([board_to_camera.rotation[:, :2], board_to_camera.translation])
    finer = np.array([[_FINER, 0.0, (_FINER - 1) / 2], [0.0, _FINER, (_FINER - 1) / 2], [0.0, 0.0, 1.0]])
    size = model.width * _FINER, model.height * _FINER
    large = cv2.warpPerspective(
        art, finer @ model.matrix @ plane @ to_board, size, flags=cv2.INTER_LINEAR, borderValue=200
    )
    return np.asarray(cv2.resize(large, (model.width, model.height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
