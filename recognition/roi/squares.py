"""The square crop of a view: round a box or a mask, with its margin."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from station.frames import MaskImage
from station.results import Square

MARGIN = 0.10
"""The crop's edge is so much longer than the longer edge of the box."""


def square_around(box: Sequence[float] | MaskImage, margin: float = MARGIN) -> Square:
    """Return the square round a box (x0, y0, x1, y1) or round the pixels of a mask (H, W), longer edge + ``margin``.

    The box is in pixels, x1 and y1 exclusive. The square keeps the box's centre and may reach beyond the image.
    Raises ValueError for an empty mask or box.
    """
    x0, y0, x1, y1 = mask_box(box) if isinstance(box, np.ndarray) and box.ndim == 2 else (float(v) for v in box)
    edge = max(x1 - x0, y1 - y0)
    if edge <= 0:
        raise ValueError(f"no square round the empty box {x0, y0, x1, y1}")
    size = max(2, round(edge * (1.0 + margin)))
    left = math.floor((x0 + x1 - size) / 2.0 + 0.5)
    top = math.floor((y0 + y1 - size) / 2.0 + 0.5)
    return left, top, left + size, top + size


def mask_box(mask: MaskImage) -> tuple[float, float, float, float]:
    """Return the box (x0, y0, x1, y1) of a mask's non-zero pixels, x1 and y1 exclusive; empty is (0, 0, 0, 0)."""
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask, dtype=np.uint8))
    return float(x), float(y), float(x + width), float(y + height)


def largest_component(mask: MaskImage) -> MaskImage:
    """Return a mask (H, W) that keeps only the largest 8-connected component of the given one, 255 on it."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8), connectivity=8)
    if count < 2:
        return np.zeros(mask.shape, np.uint8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.where(labels == largest, 255, 0).astype(np.uint8)


def clipped(square: Square, width: int, height: int) -> Square:
    """Return the part of a square that lies in an image of ``width`` × ``height`` pixels."""
    return max(0, square[0]), max(0, square[1]), min(width, square[2]), min(height, square[3])


def overlap(a: Square, b: Square) -> float:
    """Return the intersection over union of two boxes, 0…1."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
