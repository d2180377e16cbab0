"""Whether unknowns that a solve held fast would fit the pictures better: Rao's score test, with errors that are shared.

One linear step of the larger problem at the solved state, no second solve (Rao, "Large sample tests of statistical
hypotheses concerning several parameters", 1948). All corners of a view share an error when the board moved between the
pictures, and all views of the plate share that of its print. So the statistic is judged by how the views, and the
plate's corners, pull against each other, not by the noise of single corners alone: Rao and Scott, "On chi-squared tests
for multiway contingency tables", 1984, with Satterthwaite's freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from calibration.bundle import POSE_PARAMETERS, linearised
from calibration.settling import Settled
from calibration.uncertainty import bound_95
from station.geometry import Array

LENS_PARAMETERS = 4

_LEAST_SURPLUS = 0.1
"""Least share of the views' six numbers each that is taken to be left over by the unknowns."""


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """What the pictures say of unknowns that were held fast.

    ``change`` (q,) would fit best, with standard ``deviation`` (q,). ``statistic`` is χ² distributed with ``freedom``
    degrees when they are right, ``probability`` that of so large a one. ``moves`` (C, 3) are the cameras' shifts with
    the change, m in camera coordinates, ``unsure_mm`` (C,) the 95 % bounds of their centres when it is solved along.
    ``explained_px2`` is by how much the sum of squares would fall.
    """

    change: Array
    deviation: Array
    statistic: float
    freedom: int
    probability: float
    moves: Array
    unsure_mm: Array
    explained_px2: float


class ScoreTest:
    """The linear problem at a settled state with intrinsics and the sizes of boards as further unknowns.

    ``boards`` are the board ids in the order of their unknowns, ``lens`` (E,) marks the intrinsics among all further
    unknowns (four per camera, fx, fy, cx, cy), which come first.
    """

    def __init__(self, settled: Settled) -> None:
        corners, state, selection = settled.corners, settled.state, settled.selection
        self._noise_px = settled.noise_px
        self._cameras, views = len(state.camera_shift), len(corners.camera)
        self.boards = tuple(sorted({selection.ballots[name].view.board for name in selection.names}))
        of_view = np.array([self.boards.index(selection.ballots[name].view.board) for name in selection.names])
        jacobian, weighted, _ = linearised(corners, state, True, settled.loss, settled.scale)
        # A board grown by the factor 1 + s about its origin moves each of its points by s times its place.
        out = np.einsum("vij,vnj->vni", state.board_rotation[corners.board], corners.points)
        by_shift = jacobian[:, :, -3:].reshape(views, -1, 2, 3)
        by_size = np.einsum("vnij,vnj->vni", by_shift, out).reshape(views, -1, 1)
        jacobian = np.concatenate([jacobian, by_size], axis=2)
        poses = POSE_PARAMETERS * (self._cameras + len(state.board_shift))
        lenses = LENS_PARAMETERS * self._cameras
        total = poses + lenses + len(self.boards)
        columns = np.concatenate(
            [
                POSE_PARAMETERS * corners.camera[:, None] + np.arange(POSE_PARAMETERS),
                poses + LENS_PARAMETERS * corners.camera[:, None] + np.arange(LENS_PARAMETERS),
                POSE_PARAMETERS * (self._cameras + corners.board[:, None]) + np.arange(POSE_PARAMETERS),
                poses + lenses + of_view[:, None],
            ],
            axis=1,
        )
        matrix = np.zeros((total, total))
        np.add.at(matrix, (columns[:, :, None], columns[:, None, :]), jacobian.transpose(0, 2, 1) @ jacobian)

        free = np.ones(poses, dtype=np.bool_)
        for camera in settled.freedom.fixed_cameras:
            free[POSE_PARAMETERS * camera : POSE_PARAMETERS * (camera + 1)] = False
        fixed = settled.freedom.fixed_board
        if fixed is not None:
            free[POSE_PARAMETERS * (self._cameras + fixed) :][:POSE_PARAMETERS] = False
        inside = np.flatnonzero(free)
        factor = linalg.cho_factor(matrix[np.ix_(inside, inside)])
        # How poses follow the further unknowns, and what is left of these when the poses follow.
        self._follow = np.zeros((poses, total - poses))
        self._follow[inside] = -linalg.cho_solve(factor, matrix[inside, poses:])
        self._block: Array = matrix[poses:, poses:] + matrix[poses:, :poses] @ self._follow
        self._corners, self._fixed_board, self._unknowns = corners, fixed, len(inside)
        self._jacobian, self._weighted, self._columns = jacobian, weighted, columns
        self._pull: Array = self._by_view(weighted).sum(axis=0)
        self._pose_covariance = np.zeros((poses, poses))
        self._pose_covariance[np.ix_(inside, inside)] = linalg.cho_solve(factor, np.eye(len(inside)))
        self.lens: NDArray[np.bool_] = np.arange(total - poses) < lenses

    def size(self, board: str) -> NDArray[np.bool_]:
        """Return which of all further unknowns is the size of a board."""
        return np.arange(len(self.lens)) == int(self.lens.sum()) + self.boards.index(board)

    def follow(self, asked: NDArray[np.bool_]) -> Array:
        """Return how all poses (6 per camera, then per board) follow the further unknowns ``asked``."""
        return self._follow[:, asked]

    def ask(self, asked: NDArray[np.bool_], beside: NDArray[np.bool_]) -> Score:
        """Return what the pictures say of unknowns ``asked`` (E,) when those ``beside`` (E,) may change as well."""
        block = self._block
        cross = _inverse(block[np.ix_(beside, beside)]) @ block[np.ix_(beside, asked)]
        own = block[np.ix_(asked, asked)] - block[np.ix_(asked, beside)] @ cross
        inverse = _inverse(own)
        pull = self._pull[asked] - self._pull[beside] @ cross
        change = -inverse @ pull
        explained = float(-pull @ change)
        statistic, freedom = explained / self._noise_px**2, int(asked.sum())

        onto = np.zeros((len(asked), freedom))
        onto[asked], onto[beside] = np.eye(freedom), -cross
        settled = onto @ change
        settled[beside] -= _inverse(block[np.ix_(beside, beside)]) @ self._pull[beside]
        shared = inverse @ (onto.T @ self._shared(settled) @ onto) / self._noise_px**2
        first, second = float(np.trace(shared)), float(np.trace(shared @ shared))
        probability = float(stats.chi2.sf(statistic, freedom))
        larger = max(first / freedom, 1.0)
        if first > 0.0:
            by_views = float(stats.chi2.sf(statistic * first / second, first**2 / second))
            probability = max(probability, by_views)
        moves = (self._follow[:, asked] @ change)[: POSE_PARAMETERS * self._cameras]
        variance = larger * self._noise_px**2
        covariance = variance * (self._pose_covariance + self._follow[:, asked] @ inverse @ self._follow[:, asked].T)
        shifts = [slice(POSE_PARAMETERS * c + 3, POSE_PARAMETERS * (c + 1)) for c in range(self._cameras)]
        return Score(
            change=change,
            deviation=np.sqrt(np.maximum(variance * np.diag(inverse), 0.0)),
            statistic=statistic / larger,
            freedom=freedom,
            probability=probability,
            moves=moves.reshape(-1, POSE_PARAMETERS)[:, 3:],
            unsure_mm=np.array([1e3 * bound_95(covariance[shift, shift]) for shift in shifts]),
            explained_px2=explained,
        )

    def _shared(self, change: Array) -> Array:
        """Return the covariance (E, E) of the pull on the further unknowns, from the residuals after a change (E,)."""
        step = np.concatenate([self._follow @ change, change])[self._columns]
        left = self._weighted + np.einsum("vij,vj->vi", self._jacobian, step)
        pulls = self._by_view(left)
        # The unknowns take up some of what the views do not agree on.
        unknowns = self._unknowns + int(np.count_nonzero(change))
        surplus = max(1.0 - unknowns / (POSE_PARAMETERS * len(pulls)), _LEAST_SURPLUS)
        found: Array = pulls.T @ pulls / surplus
        if self._fixed_board is not None:
            printed = self._by_point(left, self._fixed_board)
            found += printed.T @ printed
        return found

    def _by_view(self, weighted: Array) -> Array:
        """Return every view's pull (V, E) on the further unknowns when the poses follow."""
        rows = np.zeros((len(weighted), len(self._follow) + len(self._block)))
        np.put_along_axis(rows, self._columns, np.einsum("vij,vi->vj", self._jacobian, weighted), axis=1)
        return self._following(rows)

    def _by_point(self, weighted: Array, board: int) -> Array:
        """Return the pull of every printed point of a board (M, E), from all its views together."""
        chosen = np.flatnonzero(self._corners.board == board)
        count = self._corners.used.shape[1]
        points = np.round(self._corners.points[chosen], 7).reshape(-1, 3)
        which = np.unique(points, axis=0, return_inverse=True)[1].reshape(len(chosen), count, 1)
        slopes = self._jacobian[chosen].reshape(len(chosen), count, 2, -1)
        pulls = np.einsum("vnij,vni->vnj", slopes, weighted[chosen].reshape(len(chosen), count, 2))
        rows = np.zeros((int(which.max()) + 1, len(self._follow) + len(self._block)))
        np.add.at(rows, (which, np.broadcast_to(self._columns[chosen][:, None], pulls.shape)), pulls)
        return self._following(rows)

    def _following(self, rows: Array) -> Array:
        poses = len(self._follow)
        return rows[:, poses:] + rows[:, :poses] @ self._follow


def _inverse(matrix: Array) -> Array:
    """Return the inverse of a matrix of normal equations; what the data say nothing about gets no say."""
    return np.asarray(np.linalg.pinv(matrix, rcond=1e-10, hermitian=True), dtype=np.float64)
