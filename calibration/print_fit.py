"""Corners between a board's squares, refined by laying the print itself, with its markers, onto the picture.

Sub-pixel search by gradients supposes that nothing but black and white squares lies around a corner. A marker that
fills its square, or a square that looks small, reaches into the search window and pulls the corner by tenths of a
pixel, the same way in every picture. Where the print is known, the marker is no disturbance but a measurement.
Method: Lucas and Kanade, "An iterative image registration technique with an application to stereo vision", 1981, with
brightness, contrast and a slope of the light as further unknowns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.picture_quality import GreyImage
from station.boards import CharucoBoard, FrameBoard
from station.geometry import Array

_PER_SQUARE = 64
_MOST_PIXELS = 40_000_000
"""The print has at least so many pixels along a square, and at least as many as the picture while it stays this small.

OpenCV's warps place pixels to a thirty-second only.
"""

_REACH_PX = 7
"""The print is compared so far to every side of a corner, with falling weight."""
_WEIGHT_PX = 4.5
_REACH_SQUARES = 0.95
"""And no farther than this on the board: of what lies beyond the next corner nothing may be known."""

_FINER = 4
"""The print is brought to the picture's pixels through so many finer ones a side."""
_BLUR_PX = 0.5
"""Blur of lens and sensor beside that of the pixel's own area, standard deviation."""

_LEAST_TURN_PX2 = 1.0
"""A square seen smaller than this, or edge on, shows no print."""

_WIDEST_PX = 5000.0

_MOST_STEPS = 8
_SETTLED_PX = 2e-3
_FARTHEST_PX = 1.5
"""A corner that moves farther from where the search by gradients found it was not the one."""
_LIKENESS = 0.7
"""Share of the picture's variance around a corner that the print must explain."""


@dataclass(frozen=True, slots=True, eq=False)
class _Print:
    """A board's picture (rows, columns), and where it is printed (1) or something else (0)."""

    picture: NDArray[np.uint8]
    printed: NDArray[np.uint8]


def fit_print(
    grey: GreyImage,
    board: CharucoBoard | FrameBoard,
    project: Callable[[Array], Array],
    points_m: Array,
    pixels: Array,
) -> tuple[Array, NDArray[np.bool_]]:
    """Refine where a grey picture (H, W) shows points (N, 3) of a board, found near ``pixels`` (N, 2).

    ``project`` carries points (M, 3) of the board into the picture (M, 2), right in shape and size around every corner;
    a shift does not matter. Returns pixels (N, 2) and which of them the print bears out (N,); the others stay as found.
    """
    steps = np.array([[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]) * board.square_m
    around = points_m[:, None] + _REACH_SQUARES * steps
    flat = np.concatenate([points_m, around.reshape(-1, 3)])
    seen = project(flat)
    shown = seen[len(points_m) :].reshape(-1, 4, 2) - seen[: len(points_m), None]
    sound = [_is_square(one) for one in shown]
    if not any(sound):
        return pixels.copy(), np.zeros(len(pixels), dtype=np.bool_)
    per_square = _fineness(board, shown[sound])
    art, places = _print_of(board, per_square), _on_print(board, around, per_square)
    found, borne_out = pixels.copy(), np.zeros(len(pixels), dtype=np.bool_)
    picture = grey.astype(np.float32)
    for row in range(len(pixels)):
        if sound[row]:
            found[row], borne_out[row] = _fitted(picture, art, places[row], shown[row], pixels[row])
    return found, borne_out


def _fitted(picture: NDArray[np.float32], art: _Print, places: Array, shown: Array, start: Array) -> tuple[Array, bool]:
    """Lay the print around one corner onto the picture: its ``places`` (4, 2) are ``shown`` (4, 2) px from the corner.

    Returns where the corner lies, and whether the print bears it out.
    """
    template, weight = _seen_print(art, places, shown)
    along: Array = (template[1:-1, 2:] - template[1:-1, :-2]).ravel() / 2.0
    upright: Array = (template[2:, 1:-1] - template[:-2, 1:-1]).ravel() / 2.0
    template, weight = template[1:-1, 1:-1].ravel(), np.sqrt(weight[1:-1, 1:-1].ravel())
    down, across = np.mgrid[-_REACH_PX : _REACH_PX + 1, -_REACH_PX : _REACH_PX + 1].reshape(2, -1) / _REACH_PX
    design = np.stack([along, upright, template, np.ones_like(template), across, down], axis=1)
    design *= weight[:, None]
    solver = np.linalg.pinv(design)
    size = 2 * _REACH_PX + 1
    place = start.copy()
    around = weight
    answer = np.zeros(6)
    for _ in range(_MOST_STEPS):
        patch = cv2.getRectSubPix(picture, (size, size), (float(place[0]), float(place[1])))
        around = patch.ravel().astype(np.float64) * weight
        answer = solver @ around
        if answer[2] <= 0.0:
            return start, False
        # The print shifted by d is, to first order, the print less its slope times d.
        move = -answer[:2] / answer[2]
        place = place + np.clip(move, -1.0, 1.0)
        if np.abs(move).max() < _SETTLED_PX:
            break
    left = float(np.sum((around - design @ answer) ** 2))
    plain = design[:, 3:] @ np.linalg.lstsq(design[:, 3:], around, rcond=None)[0]
    spread = float(np.sum((around - plain) ** 2))
    good = left <= (1.0 - _LIKENESS) * spread and float(np.linalg.norm(place - start)) <= _FARTHEST_PX
    return (place, True) if good else (start, False)


def _is_square(shown: Array) -> bool:
    """Tell whether four corners (4, 2) may be a square seen from before it, and no horizon lies between them."""
    if not (np.abs(shown) < _WIDEST_PX).all():  # nor what is no number
        return False
    sides = np.roll(shown, -1, axis=0) - shown
    onward = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * onward[:, 1] - sides[:, 1] * onward[:, 0]
    return bool((turns > _LEAST_TURN_PX2).all() or (turns < -_LEAST_TURN_PX2).all())


def _seen_print(art: _Print, places: Array, shown: Array) -> tuple[Array, Array]:
    """Return the print as the camera sees it around a corner and its weights, both (2r + 3, 2r + 3)."""
    size = 2 * _REACH_PX + 3
    fine = ((shown + _REACH_PX + 1.5) * _FINER - 0.5).astype(np.float32)
    plane = cv2.getPerspectiveTransform(places.astype(np.float32), fine)
    wide = (size * _FINER, size * _FINER)
    seen = cv2.warpPerspective(art.picture, plane, wide, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.resize(seen.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    seen = cv2.GaussianBlur(seen, (0, 0), _BLUR_PX)
    known = cv2.warpPerspective(art.printed, plane, wide, flags=cv2.INTER_NEAREST, borderValue=0.0)
    reach = np.zeros(wide, np.uint8)
    cv2.fillConvexPoly(reach, np.rint(fine).astype(np.int32), 1.0)
    known = cv2.resize((known * reach).astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    steps = np.arange(size) - (_REACH_PX + 1.0)
    near = np.exp(-(steps[:, None] ** 2 + steps**2) / (2.0 * _WEIGHT_PX**2))
    return np.asarray(seen, dtype=np.float64), near * (known > 0.99)


def _fineness(board: CharucoBoard | FrameBoard, shown: Array) -> int:
    """Return the print's pixels along a square for squares ``shown`` (N, 4, 2), each twice the reach wide."""
    side = float(np.median(np.linalg.norm(shown[:, 0] - shown[:, 2], axis=1))) / (2.0 * _REACH_SQUARES * np.sqrt(2.0))
    finest = np.sqrt(_MOST_PIXELS / (board.columns * board.rows))
    per_square = _PER_SQUARE
    while per_square < side and 2 * per_square <= finest:
        per_square *= 2
    return per_square


@lru_cache(maxsize=4)
def _print_of(board: CharucoBoard | FrameBoard, per_square: int) -> _Print:
    picture = board.picture(per_square)
    printed = np.ones_like(picture)
    if isinstance(board, FrameBoard):
        cut = board.ring * per_square
        printed[cut:-cut, cut:-cut] = 0
    return _Print(picture, printed)


def _on_print(board: CharucoBoard | FrameBoard, points: Array, per_square: int) -> Array:
    """Return where points (..., 3) of a board lie on its picture (..., 2); a pixel's centre is at an integer."""
    across, down = points[..., 0], points[..., 1]
    if isinstance(board, FrameBoard):
        down = board.height_m - down
    return np.stack([across, down], axis=-1) * (per_square / board.square_m) - 0.5
