"""What a picture shows instead of the board that was looked for: another size, other markers, or a mirror image."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.picture_quality import GreyImage
from station.boards import DICTIONARIES, Board, Chessboard

_LEAST_MARKERS = 4

_FAMILIES = ("DICT_4X4_1000", "DICT_5X5_1000", "DICT_6X6_1000", "DICT_7X7_1000", "DICT_ARUCO_ORIGINAL")
"""The largest dictionaries of each kind; smaller ones are their beginnings."""


def other_board(picture: NDArray[np.uint8], board: Board) -> str | None:
    """Return in words what an RGB (H, W, 3) or grey (H, W) picture shows in place of ``board``, ``None`` if unknown.

    Costs a tenth of a second and more: meant for a picture or two when nothing was found in any. A mirrored chessboard
    looks like an unmirrored one, so it cannot be told.
    """
    colour = picture.ndim == 3
    grey = cast(GreyImage, cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if colour else np.ascontiguousarray(picture))
    if isinstance(board, Chessboard):
        return _other_chessboard(grey, board)
    own = board.dictionary if isinstance(board.dictionary, int) else DICTIONARIES[board.dictionary]
    if _markers(grey, own) >= _LEAST_MARKERS:
        return f"markers of its dictionary that do not lie as on {board.id}"
    if _markers(cast(GreyImage, cv2.flip(grey, 1)), own) >= _LEAST_MARKERS:
        return "the board as in a mirror: the pictures are mirrored"
    counts = {name: _markers(grey, DICTIONARIES[name]) for name in _FAMILIES}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= _LEAST_MARKERS:
        return f"markers of {best.rpartition('_')[0] if best[-1].isdigit() else best}"
    return None


def _other_chessboard(grey: GreyImage, board: Chessboard) -> str | None:
    """Sector-based detection grows the board as far as it goes: Duda and Frese, 2018."""
    found, _, meta = cv2.findChessboardCornersSBWithMeta(grey, (4, 4), cv2.CALIB_CB_LARGER)
    if not found:
        return None
    across, down = max(meta.shape[:2]), min(meta.shape[:2])
    if (across, down) == (max(board.inner), min(board.inner)):
        return None
    return f"a chessboard with {across} × {down} inner corners ({across + 1} × {down + 1} squares)"


def _markers(grey: GreyImage, dictionary: int) -> int:
    return len(cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(dictionary)).detectMarkers(grey)[0])
