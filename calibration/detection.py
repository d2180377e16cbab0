"""Finding boards in pictures with sub-pixel corners, and refusing those that are not fit to measure with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.picture_quality import STEEPEST_FRAME_TILT_DEG, STEEPEST_TILT_DEG, GreyImage, weakness
from calibration.print_fit import fit_print
from calibration.views import BoardView, Order
from station.boards import Board, CharucoBoard, Chessboard, FrameBoard
from station.geometry import Array

LEAST_MARKED_CORNERS = 6
"""Corners of a ChArUco board, and markers of the frame, without which a view is refused."""

_ALTERNATION_BEYOND = 0.75
_LEAST_BEYOND = 2

_QUICK_WIDTH_PX = 800
"""A quick search halves pictures wider than this."""

_STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-3)


@dataclass(frozen=True, slots=True)
class Detection:
    """A board's view, or the reason why there is none; a refused board has both ``None`` view and a ``refusal``."""

    view: BoardView | None
    refusal: str | None


def detect(picture: NDArray[np.uint8], board: Board, role: str, placement: str, *, quick: bool = False) -> Detection:
    """Look for a board in an RGB (H, W, 3) or grey (H, W) picture.

    A ``quick`` search, for live pictures, looks for chessboards at half the size in large pictures and tries fewer
    thresholds; corners are refined at full size all the same. Where there is no board it costs a tenth, and it
    overlooks small and steep ones. Boards with markers are found at the same price either way.
    """
    colour = picture.ndim == 3
    grey = cast(GreyImage, cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if colour else np.ascontiguousarray(picture))
    if isinstance(board, Chessboard):
        found = _chessboard(grey, board, quick)
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


def _chessboard(grey: GreyImage, board: Chessboard, quick: bool) -> _Found | str:
    """Find all inner corners, in the order that handedness and colours tell; the turned order stays possible."""
    across, down = board.inner
    corners = _quick_corners(grey, board.inner) if quick else _corners(grey, board.inner)
    if corners is None:
        return f"not found: no chessboard with {across} × {down} inner corners is wholly visible"
    grid = corners.reshape(down, across, 2)
    spacing = min(
        float(np.linalg.norm(np.diff(grid, axis=0), axis=2).min()),
        float(np.linalg.norm(np.diff(grid, axis=1), axis=2).min()),
    )
    window = int(np.clip(0.4 * spacing, 2, 5))
    grid = cv2.cornerSubPix(grey, grid.reshape(-1, 1, 2), (window, window), (-1, -1), _STOP).reshape(down, across, 2)
    if _goes_on(grey, np.asarray(grid, dtype=np.float64)):
        return f"another board: its squares go on beyond {across} × {down} inner corners"
    right, lower = grid[:, 1:] - grid[:, :-1], grid[1:] - grid[:-1]
    handed = float(np.cross(np.append(right.mean(axis=(0, 1)), 0.0), np.append(lower.mean(axis=(0, 1)), 0.0))[2])
    if handed < 0:  # read like in a mirror: no camera before the board can see it so
        grid = grid[:, ::-1]
    if board.unmistakable and _first_square_is_bright(grey, np.asarray(grid, dtype=np.float32)):
        grid = grid[::-1, ::-1]
    return board.corners, np.asarray(grid, dtype=np.float64).reshape(-1, 2), board.turns


def _corners(grey: GreyImage, inner: tuple[int, int]) -> NDArray[np.float32] | None:
    flags = cv2.CALIB_CB_ADAPTIVE_THRESH + cv2.CALIB_CB_NORMALIZE_IMAGE
    found, corners = cv2.findChessboardCorners(grey, inner, flags=flags)
    return np.asarray(corners, dtype=np.float32) if found else None


def _quick_corners(grey: GreyImage, inner: tuple[int, int]) -> NDArray[np.float32] | None:
    """Take out the light's slope first, so that the one threshold that OpenCV tries first is enough."""
    small, scale = _reduced(grey)
    size = (small.shape[1], small.shape[0])
    light = cv2.resize(grey, (grey.shape[1] // 4, grey.shape[0] // 4), interpolation=cv2.INTER_AREA)
    light = cv2.resize(cv2.blur(light, (15, 15)), size)
    found, corners = cv2.findChessboardCorners(cv2.addWeighted(small, 1.0, light, -1.0, 128.0), inner, flags=0)
    return _enlarged(np.asarray(corners, dtype=np.float32), scale) if found else None


def _reduced(grey: GreyImage) -> tuple[GreyImage, int]:
    """Return the picture in which a quick search looks, and how many times smaller it is."""
    if grey.shape[1] <= _QUICK_WIDTH_PX:
        return grey, 1
    size = (grey.shape[1] // 2, grey.shape[0] // 2)
    return cast(GreyImage, cv2.resize(grey, size, interpolation=cv2.INTER_AREA)), 2


def _enlarged(pixels: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """Carry pixels of the reduced picture back; pixel centres are at integers."""
    return (pixels + np.float32(0.5)) * np.float32(scale) - np.float32(0.5)


def _goes_on(grey: GreyImage, grid: Array) -> bool:
    """Tell whether squares alternate beyond the outer corners (rows, columns, 2) as they do between the inner ones.

    One step outside, a board's own edge has its margin on one side: half the alternation of a corner inside.
    """
    inside = np.median(
        _alternation(grey, grid[1:-1, 1:-1], grid[1:-1, 2:] - grid[1:-1, 1:-1], grid[2:, 1:-1] - grid[1:-1, 1:-1])
    )
    for quarter in range(4):
        side = np.rot90(grid, quarter)
        step = side[0] - side[1]
        along = np.gradient(side[0], axis=0)
        found = _alternation(grey, (side[0] + step)[1:-1], along[1:-1], step[1:-1])
        if len(found) >= _LEAST_BEYOND and np.median(found) > _ALTERNATION_BEYOND * inside:
            return True
    return False


def _alternation(grey: GreyImage, points: Array, across: Array, down: Array) -> Array:
    """Return by how much the quarters around points (..., 2) alternate, (n,) of those whose quarters are in sight."""
    centres, a, b = points.reshape(-1, 2), 0.3 * across.reshape(-1, 2), 0.3 * down.reshape(-1, 2)
    places = np.rint(np.stack([centres + a + b, centres - a - b, centres + a - b, centres - a + b])).astype(np.intp)
    inside = ((places >= 0) & (places < [grey.shape[1], grey.shape[0]])).all(axis=(0, 2))
    shades = grey[places[:, inside, 1], places[:, inside, 0]].astype(np.float64)
    return np.abs(shades[0] + shades[1] - shades[2] - shades[3])


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


def _own_markers(dictionary: cv2.aruco.Dictionary, ids: NDArray[np.intp]) -> cv2.aruco.Dictionary:
    """Return a dictionary of a board's own markers, numbered as in ``ids``: reading compares with every one in it."""
    own = np.ascontiguousarray(dictionary.bytesList[ids])
    return cv2.aruco.Dictionary(own, dictionary.markerSize, dictionary.maxCorrectionBits)


def _charuco(grey: GreyImage, board: CharucoBoard) -> _Found | str:
    art = board.charuco()
    own = _own_markers(art.getDictionary(), np.asarray(art.getIds()).ravel())
    art = cv2.aruco.CharucoBoard((board.columns, board.rows), board.square_m, board.marker_m, own)
    art.setLegacyPattern(board.legacy)
    # Markers that were not read are looked for once more where those that were read say they must be.
    parameters = cv2.aruco.CharucoParameters()
    parameters.tryRefineMarkers = True
    corners, ids, _, _ = cv2.aruco.CharucoDetector(art, parameters).detectBoard(grey)
    numbers = _numbers(ids)
    total = (board.columns - 1) * (board.rows - 1)
    if len(numbers) == 0:
        return f"not found: no marker of {board.id} was read"
    if len(numbers) < LEAST_MARKED_CORNERS:
        return f"cut off: {len(numbers)} of {total} corners are visible, {LEAST_MARKED_CORNERS} are needed"
    points = board.corners[numbers]
    if np.linalg.matrix_rank(points[:, :2] - points[:, :2].mean(axis=0), tol=1e-6) < 2:
        return "cut off: the visible corners lie on one line"
    pixels, borne_out = _on_print(grey, board, points, np.asarray(corners, dtype=np.float64).reshape(-1, 2))
    if borne_out.sum() < LEAST_MARKED_CORNERS:
        return f"unreadable: only {borne_out.sum()} of {len(points)} corners look as they are printed"
    return points[borne_out], pixels[borne_out], ()


def _on_print(grey: GreyImage, board: CharucoBoard, points: Array, pixels: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Refine the corners (N, 2) by the print around them; lens and perspective are those between the corners."""
    # A wrong corner must not bend the whole; the seed makes the draw the same each time.
    cv2.setRNGSeed(1)
    found = cv2.findHomography(points[:, :2], pixels, cv2.LMEDS)[0]
    plane = np.asarray(found, dtype=np.float64)
    if plane.shape != (3, 3):  # OpenCV gives None where there is none
        return pixels, np.zeros(len(pixels), dtype=np.bool_)

    def project(some: Array) -> Array:
        carried = np.column_stack([some[:, :2], np.ones(len(some))]) @ plane.T
        return np.asarray(carried[:, :2] / carried[:, 2:], dtype=np.float64)

    return fit_print(grey, board, project, points, pixels)


def _frame(grey: GreyImage, board: FrameBoard) -> _Found | str:
    """Find the markers of the plate's frame; points are world coordinates, four per marker."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.minMarkerPerimeterRate = 0.01
    known = frame_markers(board)
    printed = np.array(sorted(known))
    own = _own_markers(cv2.aruco.getPredefinedDictionary(board.dictionary), printed)
    corners, ids, _ = cv2.aruco.ArucoDetector(own, parameters).detectMarkers(grey)
    seen = printed[_numbers(ids)].tolist()
    if len(seen) < LEAST_MARKED_CORNERS:
        return f"not found: {len(seen)} markers of the plate's frame were read, {LEAST_MARKED_CORNERS} are needed"
    points = np.concatenate([known[number] for number in seen])
    pixels = np.concatenate([np.asarray(one, dtype=np.float64).reshape(4, 2) for one in corners])
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
