"""Consensus of two cameras about how they stand to each other, over the boards that both see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from calibration.votes import Ballot, agreement, disagreements
from station.geometry import Pose

Placements = Mapping[str, Mapping[str, Ballot]]
"""Ballots by role, by placement."""


@dataclass(frozen=True, slots=True)
class PairConsensus:
    """What two cameras agree on.

    ``relative`` leads from ``first``'s coordinates to ``second``'s; ``agreeing`` of the ``shared`` placements support
    it. ``sure`` says that the support cannot be a board read two ways: two placements agree, or one with marker ids.
    """

    first: str
    second: str
    relative: Pose
    shared: tuple[str, ...]
    agreeing: tuple[str, ...]
    score: float
    sure: bool


def pair_consensus(first: str, second: str, placements: Placements) -> PairConsensus | None:
    """Return the relative pose that most shared placements support; ``None`` without shared placements.

    Every shared placement proposes one pose for each way of reading its two views; each proposal is tried on all.
    """
    shared = [name for name, seen in placements.items() if first in seen and second in seen]
    if not shared:
        return None
    pairs = [(placements[name][first], placements[name][second]) for name in shared]
    proposals = [
        there @ here.inverse for ours, theirs in pairs for here in ours.pose.poses for there in theirs.board_poses()
    ]
    outlines = np.stack([ours.pose.poses[0].apply(ours.outline) for ours, _ in pairs])
    rotations = np.stack([proposal.rotation for proposal in proposals])
    shifts = np.stack([proposal.translation for proposal in proposals])
    carried = np.einsum("pij,bnj->pbni", rotations, outlines) + shifts[:, None, None]
    votes = agreement(disagreements(carried, [theirs for _, theirs in pairs])[0])
    best = int(np.argmax(votes.sum(axis=1)))
    agreeing = tuple(name for name, vote in zip(shared, votes[best], strict=True) if vote > 0)
    certain = any(
        vote > 0 and not (ours.view.turns and theirs.view.turns)
        for vote, (ours, theirs) in zip(votes[best], pairs, strict=True)
    )
    return PairConsensus(
        first=first,
        second=second,
        relative=proposals[best],
        shared=tuple(shared),
        agreeing=agreeing,
        score=float(votes[best].sum()),
        sure=len(agreeing) >= 2 or certain,
    )


def all_pairs(placements: Placements) -> list[PairConsensus]:
    """Return the consensus of every two cameras that share a placement, the best supported first."""
    roles = sorted({role for seen in placements.values() for role in seen})
    found = (pair_consensus(a, b, placements) for a, b in combinations(roles, 2))
    return sorted((pair for pair in found if pair), key=lambda pair: -pair.score)
