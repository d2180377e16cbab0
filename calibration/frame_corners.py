"""The plate frame's corners in a picture whose camera is known almost: found where they must be, hidden ones told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.picture_quality import GreyImage
from station.boards import FrameBoard
from station.geometry import Array, CameraModel, Pose

_STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 5e-3)
_LEAST_SQUARE_PX = 6.0
"""Squares whose short side looks smaller than this are too blurred to measure a corner between them."""
_LARGEST_WINDOW = 5
_LIKENESS = 0.6
"""Correlation of a corner's surroundings with the printed ones, from which it counts as seen."""
_LEAST_SPREAD = 8.0
"""Grey levels by which the surroundings of a corner must vary, standard deviation."""
_PATCH = np.linspace(-0.45, 0.45, 10)
"""Where the surroundings are compared, in squares."""


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """Seen corners of the frame: ``index`` (K,) into :func:`frame_corners`, ``pixels`` (K, 2)."""

    index: NDArray[np.intp]
    pixels: Array


@dataclass(frozen=True, slots=True, eq=False)
class FrameCorners:
    """Where four printed squares meet: ``points`` (K, 3) in the world, metres; ``patches`` (K, P) grey around them.

    Patches lie on the grid ``offsets`` (P, 2), metres along x and y, and have mean 0 and length 1.
    """

    points: Array
    patches: Array
    offsets: Array


@lru_cache(maxsize=8)
def frame_corners(board: FrameBoard) -> FrameCorners:
    """Return the frame's corners; only those with four printed squares around them count."""
    fine = 32
    picture = cv2.GaussianBlur(board.picture(fine), (0, 0), 0.06 * fine)
    across, up = np.meshgrid(_PATCH, _PATCH)
    places: list[tuple[float, float, float]] = []
    patches: list[Array] = []
    for i in range(1, board.columns):
        for j in range(1, board.rows):
            if not all(_printed(board, i - a, j - b) for a in (0, 1) for b in (0, 1)):
                continue
            # Picture row 0 is the frame's far edge.
            columns = np.rint((i + across.ravel()) * fine - 0.5).astype(int)
            rows = np.rint((board.rows - j - up.ravel()) * fine - 0.5).astype(int)
            patches.append(np.asarray(picture[rows, columns], dtype=np.float64))
            places.append((i * board.square_m, j * board.square_m, 0.0))
    offsets = np.stack([across.ravel(), up.ravel()], axis=1) * board.square_m
    return FrameCorners(np.array(places), _normal(np.stack(patches))[0], offsets)


def find_corners(grey: GreyImage, board: FrameBoard, camera: CameraModel, pose: Pose) -> Corners:
    """Refine the corners that a camera at ``pose`` (world → camera) would see, at most half a square off.

    A corner counts when its surroundings still look like the print; one that the part hides does not.
    """
    frame = frame_corners(board)
    expected = camera.project(pose.apply(frame.points))
    half = np.array([0.5 * board.square_m, 0.0, 0.0])
    right = camera.project(pose.apply(frame.points + half)) - camera.project(pose.apply(frame.points - half))
    up = camera.project(pose.apply(frame.points + half[[1, 0, 2]])) - camera.project(
        pose.apply(frame.points - half[[1, 0, 2]])
    )
    area = np.abs(right[:, 0] * up[:, 1] - right[:, 1] * up[:, 0])
    narrow = area / np.maximum(np.linalg.norm(right, axis=1), np.linalg.norm(up, axis=1))
    height, width = grey.shape
    margin = (np.abs(right) + np.abs(up)) / 2.0 + 2.0
    inside = (expected > margin).all(axis=1) & (expected < np.array([width, height]) - 1.0 - margin).all(axis=1)
    usable = np.flatnonzero(inside & (narrow >= _LEAST_SQUARE_PX))
    if not len(usable):
        return Corners(usable.astype(np.intp), np.zeros((0, 2)))
    reach = np.clip(np.floor(0.4 * narrow), 2, _LARGEST_WINDOW).astype(int)
    pixels = expected.copy()
    for window in np.unique(reach[usable]).tolist():
        some = usable[reach[usable] == window]
        start = np.ascontiguousarray(expected[some], dtype=np.float32).reshape(-1, 1, 2)
        pixels[some] = cv2.cornerSubPix(grey, start, (window, window), (-1, -1), _STOP).reshape(-1, 2)
    near = np.linalg.norm(pixels - expected, axis=1) <= 0.5 * narrow
    steps = frame.offsets / board.square_m
    around = pixels[usable, None] + steps[None, :, :1] * right[usable, None] + steps[None, :, 1:] * up[usable, None]
    columns, rows = (np.ascontiguousarray(around[..., axis], dtype=np.float32) for axis in (0, 1))
    shades = cv2.remap(grey, columns, rows, cv2.INTER_LINEAR)
    normal, spread = _normal(np.asarray(shades, dtype=np.float64))
    alike = (normal * frame.patches[usable]).sum(axis=1)
    seen = usable[(alike >= _LIKENESS) & (spread >= _LEAST_SPREAD) & near[usable]]
    return Corners(seen.astype(np.intp), pixels[seen])


def _printed(board: FrameBoard, column: int, row: int) -> bool:
    ring = board.ring
    return not (ring <= column < board.columns - ring and ring <= row < board.rows - ring)


def _normal(patches: Array) -> tuple[Array, Array]:
    """Return patches (K, P) with mean 0 and length 1, and their standard deviations (K,)."""
    centred = patches - patches.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1)
    return centred / np.maximum(length, 1e-9)[:, None], length / np.sqrt(patches.shape[1])
