"""Whether the board stands where it has not been taken yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np

from calibration.collecting.sighting import Placement, Sighting


def is_new(sightings: Mapping[str, Sighting], taken: Iterable[Placement], share: float) -> bool:
    """Return whether some two cameras see the board as no placement shows it to both.

    In one camera a sighting is near another when the corners of the board's outline lie, in the root mean square,
    within ``share`` of the picture's diagonal: place, distance, tilt and turn in one figure.
    """
    known = [
        {role for role in sightings.keys() & one.sightings.keys() if _near(sightings[role], one.sightings[role], share)}
        for one in taken
        if not one.dropped
    ]
    return any(not any({a, b} <= near for near in known) for a, b in combinations(sorted(sightings), 2))


def _near(one: Sighting, other: Sighting, share: float) -> bool:
    diagonal = float(np.hypot(*one.size))
    # An outline that begins at the opposite corner is the same board read turned.
    turned = np.roll(other.outline, 2, axis=0)
    distance = min(float(np.sqrt(((one.outline - way) ** 2).sum(axis=1).mean())) for way in (other.outline, turned))
    return distance < share * diagonal
