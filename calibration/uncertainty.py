"""How sure a solved rig is: covariances and their 95 % bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calibration.bundle import (
    Corners,
    Freedom,
    Loss,
    State,
    evened,
    free_unknowns,
    normal_equations,
    reduced,
    residuals,
    weights,
)
from station.geometry import Array


def noise(corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float) -> float:
    """Return the standard deviation of a corner's coordinate in px, from the weighted residuals and the unknowns.

    It is that of views whose spread is 1, as below.
    """
    error = evened(corners, residuals(corners, state))
    weight = weights(error, loss, scale) * corners.used
    unknowns = int(free_unknowns(freedom, len(state.camera_shift)).sum())
    unknowns += 6 * (len(state.board_shift) - (freedom.fixed_board is not None))
    surplus = max(2.0 * float(weight.sum()) - unknowns, 1.0)
    return float(np.sqrt(np.sum(weight[..., None] * error**2) / surplus))


def robust_noise(corners: Corners, state: State) -> float:
    """Return the standard deviation of a coordinate in px from the median length of the residuals (Rayleigh)."""
    length = np.linalg.norm(evened(corners, residuals(corners, state)), axis=2)[corners.used]
    return float(np.median(length)) / np.sqrt(2.0 * np.log(2.0))


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """Covariances (C, p, p) of every camera's unknowns, zero for what is fixed, and how well each is itself known.

    ``freedom`` (C,) are degrees of freedom; infinite where the covariance follows from the noise of all corners.
    """

    covariance: Array
    freedom: Array


def camera_certainty(
    corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float, noise_px: float
) -> Certainty:
    """Return how sure every camera's unknowns are.

    The estimate with the larger bound of the centre, camera by camera: from the noise of single corners, or from how
    groups of corners pull against each other, which also sees errors that the corners of a group share. A group is a
    placement of a board; of the board that stands fast it is each camera's view. Nothing of that board is solved for,
    so its views are as independent as placements are, and as one group they would not pull at all on where all cameras
    stand together. Cluster-robust covariance with the residuals' shrinkage taken out (CR2) and its degrees of freedom:
    Bell and McCaffrey, "Bias reduction in standard errors for linear regression with multi-stage samples", 2002.
    """
    normal, _ = normal_equations(corners, state, freedom, loss, scale)
    matrix, _, _ = reduced(normal)
    free = np.flatnonzero(free_unknowns(freedom, len(state.camera_shift)))
    inverse = np.zeros_like(matrix)
    inverse[np.ix_(free, free)] = np.linalg.inv(matrix[np.ix_(free, free)])
    by_corner = noise_px**2 * inverse
    pulls, shares = _group_pulls(matrix, free, _groups(corners, state, freedom, loss, scale))
    width, total = freedom.width, len(state.camera_shift)
    covariances, known = np.empty((total, width, width)), np.full(total, np.inf)
    for camera in range(total):
        own = slice(camera * width, (camera + 1) * width)
        centre = slice(camera * width + 3, camera * width + 6)
        by_group = pulls[:, own].T @ pulls[:, own]
        expected = shares[:, centre, centre]
        squares = float((expected**2).sum())
        degrees = float(np.trace(expected.sum(axis=0)) ** 2 / squares) if squares > 0.0 else np.inf
        covariances[camera] = by_corner[own, own]
        if bound_95(by_group[3:6, 3:6], degrees) > bound_95(by_corner[centre, centre]):
            covariances[camera], known[camera] = by_group, degrees
    return Certainty(covariances, known)


def bound_95(covariance: Array, freedom: float = np.inf) -> float:
    """Return the radius that holds 95 % of a Gaussian's vectors, for a covariance (3, 3).

    Two moments of the quadratic form matched by a scaled χ²: Satterthwaite, "An approximate distribution of estimates
    of variance components", 1946; by an F distribution where the covariance was estimated with that many degrees of
    ``freedom``.
    """
    parts = np.maximum(np.linalg.eigvalsh(covariance), 0.0)
    total, squares = float(parts.sum()), float((parts**2).sum())
    if total <= 0.0:
        return 0.0
    directions = total**2 / squares
    if np.isinf(freedom):
        return float(np.sqrt(total / directions * stats.chi2.ppf(0.95, directions)))
    return float(np.sqrt(total * stats.f.ppf(0.95, directions, freedom)))


def _group_pulls(matrix: Array, free: NDArray[np.intp], groups: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Return how far each group pulls the unknowns, (G, P), and its share of their covariance, (G, P, P).

    ``groups`` are matrices (P, P) and gradients (P,). A group's residuals are smaller than its errors by what the
    solution followed them; the pulls are enlarged by that. Where a group alone decides, nothing can be said.
    """
    size = len(matrix)
    unit = 1.0 / np.sqrt(np.diag(matrix)[free])
    scaled = matrix[np.ix_(free, free)] * unit[:, None] * unit
    values, vectors = np.linalg.eigh(scaled)
    sound = values > 1e-14 * values[-1]
    root = (vectors * np.where(sound, 1.0 / np.sqrt(np.where(sound, values, 1.0)), 0.0)) @ vectors.T
    pulls, shares = np.zeros((len(groups), size)), np.zeros((len(groups), size, size))
    for row, (own, gradient) in enumerate(groups):
        share = root @ (own[np.ix_(free, free)] * unit[:, None] * unit) @ root
        followed, directions = np.linalg.eigh((share + share.T) / 2.0)
        left = 1.0 - followed
        grown = np.where(left > 1e-6, 1.0 / np.sqrt(np.maximum(left, 1e-6)), 0.0)
        pulls[row, free] = unit * (root @ ((directions * grown) @ (directions.T @ (root @ (unit * gradient[free])))))
        shares[row][np.ix_(free, free)] = (root @ share @ root) * unit[:, None] * unit
    return pulls, shares


def _groups(corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float) -> list[tuple[Array, Array]]:
    """Return per group its matrix (C·p, C·p) and gradient (C·p,) of the cameras' unknowns, the boards eliminated."""
    found: list[tuple[Array, Array]] = []
    for board in range(len(state.board_shift)):
        rows = np.flatnonzero(corners.board == board)
        fast = board == freedom.fixed_board
        alone = State(
            state.camera_rotation,
            state.camera_shift,
            state.board_rotation[board : board + 1],
            state.board_shift[board : board + 1],
            state.intrinsics,
        )
        own = Freedom(freedom.fixed_cameras, 0 if fast else None, freedom.intrinsics)
        for chosen in rows[:, None] if fast else [rows]:
            one = Corners(
                corners.camera[chosen],
                np.zeros(len(chosen), dtype=np.intp),
                corners.points[chosen],
                corners.pixels[chosen],
                corners.used[chosen],
                corners.distortion,
                corners.spread[chosen],
            )
            normal, _ = normal_equations(one, alone, own, loss, scale)
            matrix, gradient, _ = reduced(normal)
            found.append((matrix, gradient))
    return found
