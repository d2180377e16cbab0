"""What is no part but reaches over the simulated plate: an arm in a sleeve, or a cable that hangs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.geometry import Array
from station.simulation.live_messages import Intruder
from station.simulation.renderer import prepare
from station.simulation.scene import Body
from station.simulation.surfaces import Surface

_SIDES = 24
_EYE = np.eye(3, dtype=np.float32)
_ORIGIN = np.zeros(3, np.float32)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A tube from outside the rig to its tip: points from the tip (n, 3) and radii (n,), metres; its surface."""

    points: tuple[tuple[float, float, float], ...]
    radii: tuple[float, ...]
    surface: Surface


_SHAPES: dict[Intruder, _Shape] = {
    # Fingers, palm, wrist, sleeve, elbow.
    "arm": _Shape(
        (
            (0.000, 0.0, 0.000),
            (-0.004, 0.0, 0.003),
            (-0.060, 0.0, 0.022),
            (-0.110, 0.0, 0.035),
            (-0.160, 0.0, 0.055),
            (-0.165, 0.0, 0.057),
            (-0.480, 0.0, 0.190),
        ),
        (0.0, 0.018, 0.036, 0.042, 0.032, 0.045, 0.058),
        Surface((0.08, 0.11, 0.20), metal=0.0, rough=0.8, bump=0.08),
    ),
    "cable": _Shape(
        (
            (0.000, 0.0, 0.000),
            (-0.001, 0.0, 0.000),
            (-0.060, 0.004, 0.002),
            (-0.110, 0.010, 0.020),
            (-0.180, 0.012, 0.060),
            (-0.300, 0.010, 0.090),
            (-0.480, 0.000, 0.100),
        ),
        (0.0, 0.006, 0.006, 0.006, 0.006, 0.006, 0.006),
        Surface((0.03, 0.03, 0.03), metal=0.0, rough=0.5),
    ),
}


def reach_in(kind: Intruder, tip: Sequence[float]) -> Body:
    """Return an arm or a cable that comes in over the plate's left edge (x = 0), its end at ``tip`` (3,), metres."""
    shape = _SHAPES[kind]
    vertices, faces = _tube(np.array(shape.points) + np.asarray(tip, dtype=np.float64), np.array(shape.radii))
    mesh = prepare(vertices.astype(np.float32), faces)
    return Body(mesh.corners, mesh.normals, None, (shape.surface,), _EYE, _ORIGIN, part=False)


def _tube(points: Array, radii: Array) -> tuple[Array, np.ndarray[tuple[int, int], np.dtype[np.int32]]]:
    """Return vertices (V, 3) and faces (F, 3) of rings round ``points`` (n, 3), which run roughly along x."""
    turns = np.linspace(0.0, 2.0 * np.pi, _SIDES, endpoint=False)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, (0.0, 1.0, 0.0))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    third = np.cross(along, across)
    rings = points[:, None] + radii[:, None, None] * (
        np.cos(turns)[None, :, None] * across[:, None] + np.sin(turns)[None, :, None] * third[:, None]
    )
    faces: list[tuple[int, int, int]] = []
    for ring in range(len(points) - 1):
        for side in range(_SIDES):
            a, b = ring * _SIDES + side, ring * _SIDES + (side + 1) % _SIDES
            faces += [(a, b, a + _SIDES), (b, b + _SIDES, a + _SIDES)]
    return rings.reshape(-1, 3), np.array(faces, np.int32)
