"""The smallest upright box round a solid given by points with a radius each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.roi.rays import Floats

_DIRECTIONS = 90
"""Directions over a quarter turn in which the footprint's width is measured."""


@dataclass(frozen=True, slots=True, eq=False)
class UprightBox:
    """Upright box: its footprint's centre, edges along its own x and y, turn about z (radians), top and bottom.

    ``x`` and ``y`` are from where to where the solid itself reaches along the world's axes: the corners of a turned box
    reach farther.
    """

    centre: tuple[float, float]
    edges: tuple[float, float]
    turn: float
    x: tuple[float, float]
    y: tuple[float, float]
    top: float
    bottom: float = 0.0

    @property
    def size(self) -> tuple[float, float, float]:
        """The three edges, longest first, metres."""
        longest, middle, shortest = sorted((*self.edges, self.top - self.bottom), reverse=True)
        return longest, middle, shortest

    @property
    def corners(self) -> NDArray[np.float64]:
        """The eight corners in the world, (8, 3), read-only."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        half_x, half_y = self.edges[0] / 2.0, self.edges[1] / 2.0
        found = np.array(
            [
                (self.centre[0] + a * cos - b * sin, self.centre[1] + a * sin + b * cos, z)
                for a in (-half_x, half_x)
                for b in (-half_y, half_y)
                for z in (self.bottom, self.top)
            ]
        )
        found.flags.writeable = False
        return found


def upright_box(points: Floats, radius: Floats, top: float) -> UprightBox:
    """Return the upright box of smallest footprint round balls on the plate.

    ``points`` (n, 2) are ball centres on the plate, ``radius`` (n,) their radii; negative radii are distances that a
    point lies outside the solid. The support of the balls' union in a direction d is max(p·d + r), which is exact for a
    flat side and never beyond a convex solid when r is a signed distance. ``top`` is the box's upper side, metres.
    """
    turns = np.arange(_DIRECTIONS, dtype=np.float32) * np.float32(0.5 * math.pi / _DIRECTIONS)
    axes = np.stack([np.cos(turns), np.sin(turns)]).astype(np.float32)
    across = np.stack([-np.sin(turns), np.cos(turns)]).astype(np.float32)
    along_x, along_y = points @ axes, points @ across
    reach = radius[:, None]
    high_x, low_x = (along_x + reach).max(axis=0), (along_x - reach).min(axis=0)
    high_y, low_y = (along_y + reach).max(axis=0), (along_y - reach).min(axis=0)
    width, depth = np.maximum(high_x - low_x, 1e-4), np.maximum(high_y - low_y, 1e-4)
    best = int(np.argmin(width * depth))
    a, b = 0.5 * float(high_x[best] + low_x[best]), 0.5 * float(high_y[best] + low_y[best])
    turn = float(turns[best])
    cos, sin = math.cos(turn), math.sin(turn)
    return UprightBox(
        centre=(a * cos - b * sin, a * sin + b * cos),
        edges=(float(width[best]), float(depth[best])),
        turn=turn,
        x=(float(low_x[0]), float(high_x[0])),
        y=(float(low_y[0]), float(high_y[0])),
        top=top,
    )
