"""Whether the board has stood still long enough for pictures that are not taken at quite the same instant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calibration.views import BoardView
from station.geometry import Array

_LEAST_POINTS = 6


class Stillness:
    """Follows the board's corners from frameset to frameset.

    The board is still while no camera that keeps seeing it has it moved by more than ``most_px`` since it came to rest;
    a slow drift therefore counts as motion too. It has to be so for ``hold_s`` seconds, and a frameset whose
    pictures lie further apart than that says nothing.
    """

    def __init__(self, most_px: float, hold_s: float) -> None:
        self._most_px = most_px
        self._hold_s = hold_s
        self._since_ns = 0
        self._resting: dict[str, BoardView] = {}

    def add(self, time_ns: int, skew_ms: float, views: Mapping[str, BoardView]) -> float:
        """Take the views of one frameset; return how much of the time has passed, 0…1."""
        common = views.keys() & self._resting.keys()
        moved = any(motion_px(self._resting[role], views[role]) > self._most_px for role in common)
        if moved or not common or skew_ms >= 1e3 * self._hold_s:
            self._since_ns = time_ns
            self._resting = dict(views)
            return 0.0
        self._resting = {**views, **self._resting}
        return min(1.0, (time_ns - self._since_ns) * 1e-9 / self._hold_s)

    def reset(self) -> None:
        """Forget the board: it was taken, or is gone."""
        self._resting = {}


def motion_px(before: BoardView, after: BoardView) -> float:
    """Return how far the board moved in the picture, px: the largest motion of a corner of its outline.

    It is read from the affine map that carries the corners over best, which averages their noise, and leaves out
    corners that jumped alone. Infinite when too few corners are in both.
    """
    if before.turns and len(before.pixels) == len(after.pixels):
        # a chessboard may be read turned from one picture to the next
        orders = [np.arange(len(after.pixels)), *after.turns]
        return min(_carried(before.points_m, before.pixels, after.pixels[order]) for order in orders)
    same = (np.abs(before.points_m[:, None, :2] - after.points_m[None, :, :2]).max(axis=2) < 1e-6).nonzero()
    return _carried(before.points_m[same[0]], before.pixels[same[0]], after.pixels[same[1]])


def _carried(points: Array, before: Array, after: Array) -> float:
    if len(points) < _LEAST_POINTS:
        return float("inf")
    design = np.hstack([points[:, :2], np.ones((len(points), 1))])
    moved = after - before
    kept = np.ones(len(points), dtype=np.bool_)
    affine = np.zeros((3, 2))
    for _ in range(2):
        affine = np.linalg.lstsq(design[kept], moved[kept], rcond=None)[0]
        error = np.linalg.norm(moved - design @ affine, axis=1)
        kept = error <= max(4.0 * float(np.median(error)), 1e-3)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    corners = np.array([[low[0], low[1], 1.0], [high[0], low[1], 1.0], [high[0], high[1], 1.0], [low[0], high[1], 1.0]])
    return float(np.linalg.norm(corners @ affine, axis=1).max())
