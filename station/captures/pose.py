"""How a part lies, as far as pictures tell: what a capture is compared by with the earlier ones of its class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from station.frames import ColorImage, MaskImage


@dataclass(frozen=True, slots=True, eq=False)
class PoseView:
    """One view of a pose: the part's square in the picture, small.

    ``box`` is (x0, y0, x1, y1), the part of the square that lies inside the picture, as shares of the picture's width;
    ``grey`` is what it shows, (S, S) uint8 whatever the box's shape.
    """

    box: tuple[float, float, float, float]
    grey: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """How a part lies, some twenty kilobytes."""

    views: Mapping[str, PoseView]


class PoseLikeness(Protocol):
    """Compares how parts lie."""

    def pose(self, colors: Mapping[str, ColorImage], masks: Mapping[str, MaskImage]) -> Pose:
        """Return how the part lies in pictures (H, W, 3) and masks (H, W) by role; roles without both are left out."""
        ...

    def likeness(self, one: Pose, other: Pose) -> float:
        """Return how alike two poses of one class are: 1 for the same, 0 and below for nothing in common."""
        ...
