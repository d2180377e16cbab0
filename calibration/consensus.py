"""First poses of a rig's cameras and boards, from what most views agree on, before anything is optimised.

The best supported pair of cameras begins; then one camera after another joins at the pose that most of its views of
already known boards support, so that chains of cameras form and no board needs to be seen by all. Boards that were read
turned are recognised by it, and views that fit nobody's are put aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from calibration.pairs import PairConsensus, Placements, all_pairs
from calibration.projection import pose_of_vectors, vectors_of_pose
from calibration.votes import TOLERANCE, Ballot, agreement, disagreements
from station.geometry import CameraModel, Pose


@dataclass(frozen=True, slots=True)
class FirstPoses:
    """One group of cameras that hang together, in the coordinates of one of them.

    ``cameras`` are poses group → camera, ``boards`` poses board → group by placement. ``readings`` gives for every view
    (placement, role) that fits the reading that was taken; ``strays`` are the views that fit under no reading.
    """

    cameras: Mapping[str, Pose]
    boards: Mapping[str, Pose]
    readings: Mapping[tuple[str, str], int]
    strays: tuple[tuple[str, str], ...]


def find_groups(ballots: Sequence[Ballot]) -> tuple[list[FirstPoses], list[PairConsensus]]:
    """Return the groups of cameras that hang together, the largest first, and the consensus of all pairs.

    A camera that is tied to the others only by single boards that could have been read two ways forms no group.
    """
    placements = _by_placement(ballots)
    pairs = all_pairs(placements)
    groups: list[FirstPoses] = []
    taken: set[str] = set()
    for pair in pairs:
        if pair.sure and not {pair.first, pair.second} & taken:
            group = _Growth(placements, {pair.first: Pose.identity(), pair.second: pair.relative}, taken).grown()
            taken |= set(group.cameras)
            groups.append(group)
    lonely = sorted({ballot.view.role for ballot in ballots} - taken)
    groups += [_Growth(placements, {role: Pose.identity()}, taken).grown(alone=True) for role in lonely]
    return sorted(groups, key=lambda group: (-len(group.cameras), -len(group.readings))), pairs


def join_camera(role: str, cameras: Mapping[str, Pose], ballots: Sequence[Ballot]) -> FirstPoses | None:
    """Return the group of cameras that stand already (rig → camera) with ``role`` at the pose most boards support.

    ``None`` when it shares too little with them: no board with marker ids and less than two others.
    """
    placements = _by_placement(ballots)
    group = _Growth(placements, cameras, set(cameras)).grown()
    return group if role in group.cameras else None


def _by_placement(ballots: Sequence[Ballot]) -> dict[str, dict[str, Ballot]]:
    placements: dict[str, dict[str, Ballot]] = {}
    for ballot in ballots:
        placements.setdefault(ballot.view.placement, {})[ballot.view.role] = ballot
    return placements


class _Growth:
    """A group while it grows, from cameras at known poses."""

    def __init__(self, placements: Placements, seed: Mapping[str, Pose], taken: set[str]) -> None:
        self._placements = placements
        self._free = {role for seen in placements.values() for role in seen} - taken
        self._cameras = dict(seed)
        self._boards: dict[str, Pose] = {}
        self._readings: dict[tuple[str, str], int] = {}
        self._strays: set[tuple[str, str]] = set()

    def grown(self, alone: bool = False) -> FirstPoses:
        self._settle_boards(set(self._cameras))
        while not alone and (joining := self._next_camera()) is not None:
            role, pose = joining
            self._cameras[role] = self._polished(role, pose)
            self._settle_boards({role})
        return FirstPoses(self._cameras, self._boards, self._readings, tuple(sorted(self._strays)))

    def _settle_boards(self, roles: set[str]) -> None:
        """Find the boards that any of ``roles`` sees anew, from all cameras that stand by now."""
        for name, seen in self._placements.items():
            if roles & set(seen):
                self._settle_board(name, [seen[role] for role in sorted(self._cameras) if role in seen])

    def _settle_board(self, name: str, seen: Sequence[Ballot]) -> None:
        boards = [self._cameras[proposer.view.role].inverse @ flat for proposer in seen for flat in proposer.pose.poses]
        rotations = np.stack([board.rotation for board in boards])
        shifts = np.stack([board.translation for board in boards])
        errors, readings = np.empty((len(boards), len(seen))), np.empty((len(boards), len(seen)), dtype=np.intp)
        for column, ballot in enumerate(seen):
            rig = ballot.outline @ rotations.transpose(0, 2, 1) + shifts[:, None]
            carried = self._cameras[ballot.view.role].apply(rig)[:, None]
            error, reading = disagreements(carried, [ballot])
            errors[:, column], readings[:, column] = error[:, 0], reading[:, 0]
        best = int(agreement(errors).sum(axis=1).argmax())
        fits = errors[best] <= TOLERANCE
        for ballot in seen:
            self._readings.pop((name, ballot.view.role), None)
            self._strays.add((name, ballot.view.role))
        if len(seen) > 1 and fits.sum() < 2:  # cameras that all contradict each other: none can be believed
            self._boards.pop(name, None)
            return
        # The reading that most cameras took is called the right one.
        agreed = readings[best][fits].tolist()
        usual = max(sorted(set(agreed)), key=agreed.count)
        motions = max((ballot.motions for ballot in seen), key=_count)
        self._boards[name] = boards[best] @ cast(Pose, motions[usual]).inverse
        for ballot, fit in zip(seen, fits, strict=True):
            if fit:
                key = (name, ballot.view.role)
                carried = (self._cameras[ballot.view.role] @ self._boards[name]).apply(ballot.outline)
                self._readings[key] = int(disagreements(carried[None, None], [ballot])[1][0, 0])
                self._strays.discard(key)

    def _next_camera(self) -> tuple[str, Pose] | None:
        """Return the free camera with the best supported pose; ``None`` when none is supported surely."""
        best: tuple[float, str, Pose] | None = None
        for role in sorted(self._free - set(self._cameras)):
            known = [
                (seen[role], self._boards[name])
                for name, seen in self._placements.items()
                if role in seen and name in self._boards
            ]
            if not known:
                continue
            proposals = [pose @ board.inverse for ballot, board in known for pose in ballot.board_poses()]
            outlines = np.stack([board.apply(ballot.outline) for ballot, board in known])
            rotations = np.stack([proposal.rotation for proposal in proposals])
            shifts = np.stack([proposal.translation for proposal in proposals])
            carried = np.einsum("pij,bnj->pbni", rotations, outlines) + shifts[:, None, None]
            votes = agreement(disagreements(carried, [ballot for ballot, _ in known])[0])
            unmistakable = np.array([not ballot.view.turns for ballot, _ in known])
            sure = ((votes > 0).sum(axis=1) >= 2) | ((votes > 0) & unmistakable).any(axis=1)
            score = np.where(sure, votes.sum(axis=1), 0.0)
            first = int(score.argmax())
            if sure[first] and (best is None or score[first] > best[0]):
                best = (float(score[first]), role, proposals[first])
        return best[1:] if best else None

    def _polished(self, role: str, pose: Pose) -> Pose:
        """Return the camera's pose fitted to all boards that support it at once."""
        points: list[np.ndarray] = []
        pixels: list[np.ndarray] = []
        camera: CameraModel | None = None
        for name, seen in self._placements.items():
            if role in seen and name in self._boards:
                ballot = seen[role]
                camera = ballot.camera
                carried = (pose @ self._boards[name]).apply(ballot.outline)[None, None]
                error, readings = disagreements(carried, [ballot])
                if error[0, 0] <= TOLERANCE:
                    kept, reading = ballot.pose.kept, int(readings[0, 0])
                    points.append(self._boards[name].apply(ballot.view.read_as(reading)[kept]))
                    pixels.append(ballot.view.pixels[kept])
        if camera is None or not points:
            return pose
        start = vectors_of_pose(pose)
        turn, shift = cv2.solvePnPRefineLM(
            np.concatenate(points), np.concatenate(pixels), camera.matrix, camera.dist_coeffs, *start
        )
        return pose_of_vectors(turn, shift)


def _count(motions: tuple[Pose, ...]) -> int:
    return len(motions)
