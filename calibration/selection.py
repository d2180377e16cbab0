"""Which views and corners a solve uses, and their arrays for the bundle adjustment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.bundle import Corners, State, evened, residuals
from calibration.consensus import FirstPoses
from calibration.findings import View
from calibration.votes import Ballot
from station.geometry import Array, CameraModel, Pose

OUTLIER_DEVIATIONS = 6.0
"""A corner further off than this many standard deviations of the noise is wrong."""

_LEAST_SHARE = 0.7
"""A view with fewer right corners than this share is another board or a wrong detection."""

_NEVER_OUTLIER_PX = 0.2
"""No corner nearer than this is called wrong, however small the noise."""

_LEAST_NOISE_PX = 0.02
"""No picture is more precise than this."""

_MOST_SPREAD = 20.0
"""A board that fits itself worse than so many times the commonest one's noise is judged as if it did not."""


@dataclass(slots=True)
class Selection:
    """The views of a group with the reading and the corners that count; shrinks and grows between adjustments.

    ``spreads`` gives by board id how precisely its corners are found, as a multiple of the commonest board's; 1 for
    boards that no view agreed on. ``own_noise_px`` is how well the commonest board's views fit by themselves, per
    coordinate.
    """

    roles: tuple[str, ...]
    placements: tuple[str, ...]
    ballots: dict[tuple[str, str], Ballot]
    readings: dict[tuple[str, str], int]
    kept: dict[tuple[str, str], NDArray[np.bool_]]
    spreads: Mapping[str, float]
    own_noise_px: float

    @staticmethod
    def of_group(group: FirstPoses, ballots: Sequence[Ballot]) -> Selection:
        """Return the selection that the consensus found."""
        by_name = {(ballot.view.placement, ballot.view.role): ballot for ballot in ballots}
        inside = {name: b for name, b in by_name.items() if name[0] in group.boards and name[1] in group.cameras}
        spreads, own_noise_px = _spreads([ballot for name, ballot in inside.items() if name in group.readings])
        return Selection(
            roles=tuple(sorted(group.cameras)),
            placements=tuple(sorted(group.boards)),
            ballots=inside,
            readings=dict(group.readings),
            kept={name: inside[name].pose.kept for name in group.readings},
            spreads=spreads,
            own_noise_px=own_noise_px,
        )

    @property
    def names(self) -> list[tuple[str, str]]:
        """The views that count, in a fixed order."""
        return sorted(self.readings)

    def corners(self, models: Mapping[str, CameraModel]) -> Corners:
        """Return the arrays of all views that count."""
        return self._packed([(name, self.readings[name], self.kept[name]) for name in self.names], models)

    def revise(self, state: State, models: Mapping[str, CameraModel], noise_px: float) -> bool:
        """Judge every view and corner of the group by a solved state; return whether anything changed.

        A view counts under the reading in which most of its corners are right, if they are enough.
        """
        limit = max(OUTLIER_DEVIATIONS * noise_px, _NEVER_OUTLIER_PX)
        trials = [
            (name, reading, np.ones(len(ballot.view.pixels), dtype=np.bool_))
            for name, ballot in sorted(self.ballots.items())
            for reading in range(len(ballot.motions))
        ]
        packed = self._packed(trials, models)
        length = np.linalg.norm(evened(packed, residuals(packed, state)), axis=2)
        best: dict[tuple[str, str], tuple[int, int, NDArray[np.bool_]]] = {}
        for row, (name, reading, everything) in enumerate(trials):
            right = length[row, : len(everything)] <= limit
            if name not in best or right.sum() > best[name][0]:
                best[name] = (int(right.sum()), reading, right)
        before = {name: (self.readings[name], self.kept[name].tobytes()) for name in self.readings}
        self.readings, self.kept = {}, {}
        for name, (count, reading, right) in best.items():
            if count >= max(4, _LEAST_SHARE * len(right)):
                self.readings[name], self.kept[name] = reading, right
        return before != {name: (self.readings[name], self.kept[name].tobytes()) for name in self.readings}

    def keep(self, names: Sequence[View]) -> None:
        """Let only these views count."""
        self.readings = {name: self.readings[name] for name in names}
        self.kept = {name: self.kept[name] for name in names}

    def without_empty(self, state: State) -> tuple[Selection, State]:
        """Return selection and state without cameras and boards that no view is left of."""
        roles = tuple(role for role in self.roles if any(name[1] == role for name in self.readings))
        placements = tuple(p for p in self.placements if any(name[0] == p for name in self.readings))
        cameras = [self.roles.index(role) for role in roles]
        boards = [self.placements.index(placement) for placement in placements]
        smaller = State(
            state.camera_rotation[cameras],
            state.camera_shift[cameras],
            state.board_rotation[boards],
            state.board_shift[boards],
            state.intrinsics[cameras],
        )
        ballots = {name: b for name, b in self.ballots.items() if name[0] in placements and name[1] in roles}
        return Selection(roles, placements, ballots, self.readings, self.kept, self.spreads, self.own_noise_px), smaller

    def _packed(
        self,
        rows: Sequence[tuple[tuple[str, str], int, NDArray[np.bool_]]],
        models: Mapping[str, CameraModel],
    ) -> Corners:
        most = max(len(kept) for _, _, kept in rows)
        points, pixels = np.zeros((len(rows), most, 3)), np.zeros((len(rows), most, 2))
        used = np.zeros((len(rows), most), dtype=np.bool_)
        for row, (name, reading, kept) in enumerate(rows):
            view = self.ballots[name].view
            points[row, : len(kept)] = view.read_as(reading)
            points[row, len(kept) :] = view.points_m[0]
            pixels[row, : len(kept)], used[row, : len(kept)] = view.pixels, kept
        return Corners(
            camera=np.array([self.roles.index(name[1]) for name, _, _ in rows], dtype=np.intp),
            board=np.array([self.placements.index(name[0]) for name, _, _ in rows], dtype=np.intp),
            points=points,
            pixels=pixels,
            used=used,
            distortion=np.array([models[role].distortion for role in self.roles]),
            spread=np.array([self.spreads.get(self.ballots[name].view.board, 1.0) for name, _, _ in rows]),
        )


def first_state(group: FirstPoses, selection: Selection, models: Mapping[str, CameraModel]) -> State:
    """Return the consensus as a state."""
    cameras: list[Pose] = [group.cameras[role] for role in selection.roles]
    boards: list[Pose] = [group.boards[placement] for placement in selection.placements]
    intrinsics: list[Array] = [np.array([m.fx, m.fy, m.cx, m.cy]) for m in (models[role] for role in selection.roles)]
    return State(
        np.stack([pose.rotation for pose in cameras]),
        np.stack([pose.translation for pose in cameras]),
        np.stack([pose.rotation for pose in boards]),
        np.stack([pose.translation for pose in boards]),
        np.stack(intrinsics),
    )


def hanging_together(names: Sequence[View], placement: str | None, standing: Sequence[str] = ()) -> list[View]:
    """Return the views that chains of shared boards tie to what stands fast, or the largest such set where it is free.

    What stands fast is a ``placement``, or cameras that hang together by themselves (``standing``). What else is in
    ``names`` would stay wherever it began.
    """
    left, found = list(names), list[View]()
    while left:
        chain, roles = list[View](), set(standing)
        boards = set[str]() if standing else {placement or left[0][0]}
        while len(more := [name for name in left if name[0] in boards or name[1] in roles]) > len(chain):
            chain = more
            boards |= {name[0] for name in chain}
            roles |= {name[1] for name in chain}
        if placement is not None or standing:
            return chain
        left = [name for name in left if name not in chain]
        if len(chain) > len(found):
            found = chain
    return found


def _spreads(ballots: Sequence[Ballot]) -> tuple[dict[str, float], float]:
    """Return by board id the noise of its corners over that of the board with the most views, and that noise in px.

    From how well each view fits its own best pose, which no contradiction between the cameras can spoil: the printed
    frame of a plate may fit itself several times worse than a board's corners and still be right.
    """
    noise: dict[str, list[float]] = {}
    for ballot in ballots:
        surplus = max(2 * int(ballot.pose.kept.sum()) - 6, 1)
        squares = ballot.pose.rms_px**2 * ballot.pose.kept.sum()
        noise.setdefault(ballot.view.board, []).append(max(float(np.sqrt(squares / surplus)), _LEAST_NOISE_PX))
    commonest = max(sorted(noise), key=lambda board: len(noise[board]))
    reference = float(np.median(noise[commonest]))
    spreads = {board: min(float(np.median(found)) / reference, _MOST_SPREAD) for board, found in noise.items()}
    return spreads, reference
