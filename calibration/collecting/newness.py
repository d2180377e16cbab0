"""Whether the board stands where it has not been taken yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np

from calibration.collecting.sighting import Placement, Sighting

_SAME_TILT_DEG = 12.0
_SAME_DISTANCE = 1.1


def is_new(sightings: Mapping[str, Sighting], taken: Iterable[Placement], share: float) -> bool:
    """Return whether some two cameras see the board as no placement shows it to both.

    In one camera a sighting is near another when the board's middle lies within ``share`` of the picture's diagonal,
    its distance within a tenth, and the board is tilted alike within 12°. Turning it in its plane makes nothing new.
    """
    known = [
        {role for role in sightings.keys() & one.sightings.keys() if _near(sightings[role], one.sightings[role], share)}
        for one in taken
        if not one.dropped
    ]
    return any(not any({a, b} <= near for near in known) for a, b in combinations(sorted(sightings), 2))


def _near(one: Sighting, other: Sighting, share: float) -> bool:
    moved = float(np.linalg.norm(one.outline.mean(axis=0) - other.outline.mean(axis=0)))
    alike = float(one.pose.rotation[:, 2] @ other.pose.rotation[:, 2])
    return (
        moved < share * float(np.hypot(*one.size))
        and max(one.distance_m, other.distance_m) < _SAME_DISTANCE * min(one.distance_m, other.distance_m)
        and alike > np.cos(np.radians(_SAME_TILT_DEG))
    )
