"""What a camera has so far, and what it still lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.collecting.sighting import Sighting
from calibration.collecting.snapshot import Coverage, Want

COLUMNS, ROWS = 4, 3
"""Cells of the grid over a camera's picture."""


@dataclass(frozen=True, slots=True)
class Enough:
    """What counts as enough for one camera.

    ``views`` of the board; one of them tilted by ``tilt_deg``; the farthest at least ``depth_ratio`` times as far as
    the nearest; corners in ``cells`` of the twelve cells.
    """

    views: int = 8
    tilt_deg: float = 25.0
    depth_ratio: float = 1.15
    cells: int = 4


def coverage_of(sightings: Sequence[Sighting], enough: Enough, *, partner_missing: bool) -> Coverage:
    """Return a camera's coverage by its sightings; ``partner_missing`` says that it is not well tied to the others."""
    cells = cells_hit(sightings)
    tilts = [one.tilt_deg for one in sightings]
    distances = [one.distance_m for one in sightings]
    wants: list[Want] = []
    if partner_missing:
        wants.append(Want.PARTNER)
    if len(sightings) < enough.views:
        wants.append(Want.VIEWS)
    if sightings and max(tilts) < enough.tilt_deg:
        wants.append(Want.TILT)
    if sightings and max(distances) < enough.depth_ratio * min(distances):
        # ask for the side on which there is more room: nearer while the board was held far, and the other way round
        spread = float(np.median([_width(one) for one in sightings]))
        wants.append(Want.NEAR if spread < 0.5 else Want.FAR)
    if sightings and sum(cells) < enough.cells:
        wants.append(Want.CORNERS)
    return Coverage(
        len(sightings),
        cells,
        (min(tilts), max(tilts)) if tilts else None,
        (min(distances), max(distances)) if distances else None,
        tuple(wants),
    )


def cells_hit(sightings: Sequence[Sighting]) -> tuple[bool, ...]:
    """Return which cells of the picture, row by row, hold a corner of any sighting."""
    hit = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    for one in sightings:
        columns = np.floor(one.view.pixels[:, 0] / one.size[0] * COLUMNS).astype(int).clip(0, COLUMNS - 1)
        rows = np.floor(one.view.pixels[:, 1] / one.size[1] * ROWS).astype(int).clip(0, ROWS - 1)
        hit[rows, columns] = True
    return tuple(hit.ravel().tolist())


def empty_part(cells: Sequence[bool]) -> str:
    """Return the part of the picture to fill next: ``upper left``, ``lower right``, ``middle`` and so on.

    Parts nearer to the middle come first: cells next to filled ones are easier to reach.
    """
    grid = np.asarray(cells, dtype=np.bool_).reshape(ROWS, COLUMNS)
    middle = np.array([(ROWS - 1) / 2, (COLUMNS - 1) / 2])
    empty = np.argwhere(~grid)
    row, column = empty[int(np.abs(empty - middle).sum(axis=1).argmin())]
    down = ("upper", "", "lower")[int(row)]
    across = "left" if column < COLUMNS / 2 else "right"
    return f"{down} {across}".strip()


def _width(sighting: Sighting) -> float:
    """Return how much of the picture's width or height the board takes."""
    reach = (sighting.outline.max(axis=0) - sighting.outline.min(axis=0)) / np.array(sighting.size)
    return float(reach.max())
