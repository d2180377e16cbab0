"""Which cameras are tied to each other by common placements, and which ties are still too weak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from calibration.collecting.sighting import Placement, Sighting
from station.geometry import Array, Pose

Pair = tuple[str, str]
"""Two roles in order."""


def shared_placements(roles: Sequence[str], placements: Iterable[Placement]) -> dict[Pair, int]:
    """Return for every two cameras how many placements both saw; dropped ones do not count."""
    counts = dict.fromkeys(combinations(sorted(roles), 2), 0)
    for one in placements:
        if not one.dropped:
            for pair in combinations(sorted(one.sightings.keys() & set(roles)), 2):
                counts[pair] += 1
    return counts


def weak_pairs(roles: Sequence[str], shared: Mapping[Pair, int], least: int, ease: Mapping[Pair, float]) -> list[Pair]:
    """Return the pairs to strengthen until all cameras hang together over ties of ``least`` placements each.

    Cameras joined by such ties form groups; the pairs named join the groups in a tree, those that share most already
    and that can most easily see a board together (``ease``) first. Empty when there is one group.
    """
    groups = {role: role for role in roles}

    def root(role: str) -> str:
        while groups[role] != role:
            role = groups[role]
        return role

    def joined(pair: Pair) -> bool:
        first, second = root(pair[0]), root(pair[1])
        groups[second] = first
        return first != second

    for pair, count in shared.items():
        if count >= least:
            joined(pair)
    rest = sorted(shared, key=lambda pair: (-shared[pair], -ease.get(pair, 0.0), pair))
    return [pair for pair in rest if joined(pair)]


def lonely(role: str, shared: Mapping[Pair, int], least: int, ease: Mapping[Pair, float]) -> list[Pair]:
    """Return the pair that ties one camera best to others, unless it is tied by ``least`` placements already."""
    own = [pair for pair in shared if role in pair]
    if not own or max(shared[pair] for pair in own) >= least:
        return []
    return [max(own, key=lambda pair: (shared[pair], ease.get(pair, 0.0)))]


def rough_cameras(plate: Mapping[str, Sighting], placements: Iterable[Placement]) -> dict[str, Pose]:
    """Return roughly where cameras stand (world → camera): by the plate, else by a board that a known one saw too.

    A chessboard may have been read turned, so this serves advice alone.
    """
    known = {role: sighting.pose for role, sighting in plate.items()}
    for one in placements:
        anchors = sorted(known.keys() & one.sightings.keys())
        if anchors:
            board = known[anchors[0]].inverse @ one.sightings[anchors[0]].pose
            for role in one.sightings.keys() - known.keys():
                known[role] = one.sightings[role].pose @ board.inverse
    return known


def ease_of_pairs(cameras: Mapping[str, Pose], target: Array) -> dict[Pair, float]:
    """Return how easily two cameras see one flat board held at ``target`` (3,): 1 side by side, 0 face to face.

    ``cameras`` are poses world → camera. A board on the bisector is tilted towards each by half their angle.
    """
    sight = {role: (pose.center - target) / np.linalg.norm(pose.center - target) for role, pose in cameras.items()}
    return {
        (a, b): float(np.sqrt(max(0.0, (1.0 + float(sight[a] @ sight[b])) / 2.0)))
        for a, b in combinations(sorted(sight), 2)
    }
