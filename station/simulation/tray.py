"""A flat tray that may lie on the simulated plate, with parts in it."""

from __future__ import annotations

import numpy as np

from station.geometry import Array
from station.simulation.renderer import prepare
from station.simulation.scene import Body
from station.simulation.surfaces import Surface

TRAY_KG = 0.352
FLOOR_M = 0.003
"""Parts in the tray lie so much higher."""
MIDDLE_M = (0.240, 0.192)
"""Where its middle lies, (x, y)."""

_LENGTH_M, _WIDTH_M, _HEIGHT_M, _WALL_M = 0.280, 0.200, 0.012, 0.003
_PIECE_M = 0.03
_SURFACE = Surface((0.25, 0.25, 0.27), metal=0.0, rough=0.6)


def tray() -> Body:
    """Return the tray, which lies in the middle of the plate: a floor and four low walls of grey plastic."""
    long, across = _LENGTH_M / 2 - _WALL_M / 2, _WIDTH_M / 2 - _WALL_M / 2
    blocks = (
        ((_LENGTH_M - _WALL_M, _WIDTH_M - _WALL_M, FLOOR_M), (0.0, 0.0)),
        *(((_WALL_M, _WIDTH_M, _HEIGHT_M), (side * long, 0.0)) for side in (-1, 1)),
        *(((_LENGTH_M - 2 * _WALL_M, _WALL_M, _HEIGHT_M), (0.0, side * across)) for side in (-1, 1)),
    )
    corners = np.concatenate([_block(size, at) for size, at in blocks]).astype(np.float32)
    made = prepare(corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 3))
    return Body(
        made.corners,
        made.normals,
        None,
        (_SURFACE,),
        np.eye(3, dtype=np.float32),
        np.zeros(3, np.float32),
        part=False,
    )


def _block(size: tuple[float, float, float], at: tuple[float, float]) -> Array:
    """Return a block on the plate, its middle ``at`` beside the tray's: the corners of its triangles (3F, 3), metres.

    Its faces are cut into pieces small enough to be lit well.
    """
    triangles: list[Array] = []
    for axis in range(3):
        across, up = (axis + 1) % 3, (axis + 2) % 3
        columns, rows = (max(1, round(size[edge] / _PIECE_M)) for edge in (across, up))
        for side, turn in ((-0.5, (0, 2, 1, 0, 3, 2)), (0.5, (0, 1, 2, 0, 2, 3))):
            for column, row in np.ndindex(columns, rows):
                square = np.full((4, 3), side)
                square[:, across] = np.array((column, column + 1, column + 1, column)) / columns - 0.5
                square[:, up] = np.array((row, row, row + 1, row + 1)) / rows - 0.5
                triangles.append(square[list(turn)])
    return np.concatenate(triangles) * size + (MIDDLE_M[0] + at[0], MIDDLE_M[1] + at[1], size[2] / 2)
