"""Fine voxels over a box of the world, and the signed distance to an outline."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.rays import Floats, homogeneous


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Fine voxel centres: ``points`` (4, n) in the world, homogeneous, ``shape`` (nx, ny, nz), ``spacing`` (3,) metres.

    z runs fastest, x slowest.
    """

    points: Floats
    shape: tuple[int, int, int]
    spacing: NDArray[np.float64]


def lattice_over(low: NDArray[np.float64], high: NDArray[np.float64], cells: int, finest_m: float) -> Lattice:
    """Fill a box with about ``cells`` voxels, no edge finer than ``finest_m``; the lowest layer lies at ``low[2]``."""
    span = high - low
    edge = max(finest_m, float((span[0] * span[1] * span[2] / cells) ** (1.0 / 3.0)))
    spacing = np.array([edge, edge, max(finest_m, min(edge, span[2] / 12.0))])
    axes = [
        np.arange(float(first), float(last) + 0.5 * float(step), float(step))
        for first, last, step in zip(low, high, spacing, strict=True)
    ]
    points = homogeneous(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3))
    return Lattice(points=points, shape=(len(axes[0]), len(axes[1]), len(axes[2])), spacing=spacing)


def outline_distance(inside: NDArray[np.bool_]) -> Floats:
    """Return the signed distance (h, w) in pixels to the edge of a mask, positive inside; the border is no edge."""
    mask = inside.astype(np.uint8)
    if mask.all() or not mask.any():
        return np.full(mask.shape, 1e3 if mask.all() else -1e3, np.float32)
    within = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    without = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    return np.where(mask > 0, within - 0.5, 0.5 - without).astype(np.float32)


def sample(image: Floats, x: Floats, y: Floats, interpolation: int, outside: float) -> Floats:
    """Sample an image (h, w) at pixels (rows, columns), columns < 32767; ``outside`` where they fall beyond it."""
    found = cv2.remap(image, x, y, interpolation, borderMode=cv2.BORDER_CONSTANT, borderValue=(outside,) * 4)
    return np.asarray(found, dtype=np.float32)
