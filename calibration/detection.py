"""Finding boards in pictures with sub-pixel corners, and refusing those that are not fit to measure with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.picture_quality import STEEPEST_FRAME_TILT_DEG, STEEPEST_TILT_DEG, GreyImage, weakness
from calibration.views import BoardView, Order
from station.boards import Board, CharucoBoard, Chessboard, FrameBoard
from station.geometry import Array

LEAST_MARKED_CORNERS = 6
"""Corners of a ChArUco board, and markers of the frame, without which a view is refused."""

_STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-3)


@dataclass(frozen=True, slots=True)
class Detection:
    """A board's view, or the reason why there is none; a refused board has both ``None`` view and a ``refusal``."""

    view: BoardView | None
    refusal: str | None


def detect(picture: NDArray[np.uint8], board: Board, role: str, placement: str) -> Detection:
    """Look for a board in an RGB (H, W, 3) or grey (H, W) picture."""
    colour = picture.ndim == 3
    grey = cast(GreyImage, cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if colour else np.ascontiguousarray(picture))
    if isinstance(board, Chessboard):
        found = _chessboard(grey, board)
    elif isinstance(board, CharucoBoard):
        found = _charuco(grey, board)
    else:
        found = _frame(grey, board)
    if isinstance(found, str):
        return Detection(None, found)
    points, pixels, turns = found
    steepest = STEEPEST_FRAME_TILT_DEG if isinstance(board, FrameBoard) else STEEPEST_TILT_DEG
    reason = weakness(grey, points, pixels, board.square_m, steepest)
    if reason is not None:
        return Detection(None, reason)
    return Detection(BoardView(role, placement, board.id, points, pixels, turns), None)


_Found = tuple[Array, Array, tuple[Order, ...]]


def _chessboard(grey: GreyImage, board: Chessboard) -> _Found | str:
    """Find all inner corners, in the order that handedness and colours tell; the turned order stays possible."""
    flags = cv2.CALIB_CB_ADAPTIVE_THRESH + cv2.CALIB_CB_NORMALIZE_IMAGE
    found, corners = cv2.findChessboardCorners(grey, board.inner, flags=flags)
    if not found:
        across, down = board.inner
        return f"not found: no chessboard with {across} × {down} inner corners is wholly visible"
    across, down = board.inner
    grid = np.asarray(corners, dtype=np.float32).reshape(down, across, 2)
    spacing = min(
        float(np.linalg.norm(np.diff(grid, axis=0), axis=2).min()),
        float(np.linalg.norm(np.diff(grid, axis=1), axis=2).min()),
    )
    window = int(np.clip(0.4 * spacing, 2, 5))
    grid = cv2.cornerSubPix(grey, grid.reshape(-1, 1, 2), (window, window), (-1, -1), _STOP).reshape(down, across, 2)
    right, lower = grid[:, 1:] - grid[:, :-1], grid[1:] - grid[:-1]
    handed = float(np.cross(np.append(right.mean(axis=(0, 1)), 0.0), np.append(lower.mean(axis=(0, 1)), 0.0))[2])
    if handed < 0:  # read like in a mirror: no camera before the board can see it so
        grid = grid[:, ::-1]
    if board.unmistakable and _first_square_is_bright(grey, np.asarray(grid, dtype=np.float32)):
        grid = grid[::-1, ::-1]
    return board.corners, np.asarray(grid, dtype=np.float64).reshape(-1, 2), board.turns


def _first_square_is_bright(grey: GreyImage, grid: NDArray[np.float32]) -> bool:
    """Compare the squares between the corners: the first one and all of its colour are black on the board."""
    middles = (grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:]) / 4.0
    columns, rows = np.rint(middles[..., 0]).astype(int), np.rint(middles[..., 1]).astype(int)
    shades = grey[rows.clip(0, grey.shape[0] - 1), columns.clip(0, grey.shape[1] - 1)].astype(np.float64)
    parity = np.indices(shades.shape).sum(axis=0) % 2
    return bool(shades[parity == 0].mean() > shades[parity == 1].mean())


def _numbers(ids: Any) -> NDArray[np.intp]:
    """Return the ids that OpenCV read, (n,); it gives ``None`` for none, whatever its annotation says."""
    return np.asarray(() if ids is None else ids, dtype=np.intp).ravel()


def _charuco(grey: GreyImage, board: CharucoBoard) -> _Found | str:
    corners, ids, _, _ = cv2.aruco.CharucoDetector(board.charuco()).detectBoard(grey)
    numbers = _numbers(ids)
    total = (board.columns - 1) * (board.rows - 1)
    if len(numbers) == 0:
        return f"not found: no marker of {board.id} was read"
    if len(numbers) < LEAST_MARKED_CORNERS:
        return f"cut off: {len(numbers)} of {total} corners are visible, {LEAST_MARKED_CORNERS} are needed"
    points = board.corners[numbers]
    if np.linalg.matrix_rank(points[:, :2] - points[:, :2].mean(axis=0), tol=1e-6) < 2:
        return "cut off: the visible corners lie on one line"
    pixels = np.asarray(corners, dtype=np.float64).reshape(-1, 2)
    return points, pixels, ()


def _frame(grey: GreyImage, board: FrameBoard) -> _Found | str:
    """Find the markers of the plate's frame; points are world coordinates, four per marker."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.minMarkerPerimeterRate = 0.01
    dictionary = cv2.aruco.getPredefinedDictionary(board.dictionary)
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, parameters).detectMarkers(grey)
    numbers = _numbers(ids)
    known = frame_markers(board)
    seen = [row for row, number in enumerate(numbers.tolist()) if number in known]
    if len(seen) < LEAST_MARKED_CORNERS:
        return f"not found: {len(seen)} markers of the plate's frame were read, {LEAST_MARKED_CORNERS} are needed"
    points = np.concatenate([known[int(numbers[row])] for row in seen])
    pixels = np.concatenate([np.asarray(corners[row], dtype=np.float64).reshape(4, 2) for row in seen])
    return points, pixels, ()


def frame_markers(board: FrameBoard) -> dict[int, Array]:
    """Return the corners (4, 3) of the printed markers in world coordinates, metres, by marker id."""
    charuco = board.charuco()
    inner_x = board.ring * board.square_m, board.width_m - board.ring * board.square_m
    inner_y = board.ring * board.square_m, board.height_m - board.ring * board.square_m
    found: dict[int, Array] = {}
    for number, corners in zip(np.asarray(charuco.getIds()).ravel().tolist(), charuco.getObjPoints(), strict=True):
        world = board.to_world(np.asarray(corners, dtype=np.float64))
        x, y, _ = world.mean(axis=0).tolist()
        if not (inner_x[0] < x < inner_x[1] and inner_y[0] < y < inner_y[1]):
            found[int(number)] = world
    return found
