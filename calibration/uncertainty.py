"""How sure a solved rig is: covariances and their 95 % bounds."""

from __future__ import annotations

import numpy as np
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


def camera_covariances(
    corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float, noise_px: float
) -> Array:
    """Return the covariance (C, p, p) of every camera's unknowns; zero for what is fixed.

    The larger, camera by camera, of two estimates: from the noise of single corners, and from how the placements pull
    against each other (White's sandwich, "Heteroskedasticity-consistent covariance matrix", 1980), which also sees
    errors that all corners of a board share, as those of a bent board.
    """
    normal, _ = normal_equations(corners, state, freedom, loss, scale)
    matrix, _, _ = reduced(normal)
    free = free_unknowns(freedom, len(state.camera_shift))
    inverse = np.zeros_like(matrix)
    inverse[np.ix_(free, free)] = np.linalg.inv(matrix[np.ix_(free, free)])
    by_corner = noise_px**2 * inverse
    pulls = _placement_gradients(corners, state, freedom, loss, scale) @ inverse
    count = len(pulls)
    by_placement = pulls.T @ pulls * (count / max(count - 1, 1))
    width, total = freedom.width, len(state.camera_shift)
    covariances = np.empty((total, width, width))
    for camera in range(total):
        part = slice(camera * width, (camera + 1) * width)
        one, other = by_corner[part, part], by_placement[part, part]
        shift = slice(3, 6)
        covariances[camera] = other if np.trace(other[shift, shift]) > np.trace(one[shift, shift]) else one
    return covariances


def bound_95(covariance: Array) -> float:
    """Return the radius that holds 95 % of a Gaussian's vectors, for a covariance (3, 3).

    Two moments of the quadratic form matched by a scaled χ²: Satterthwaite, "An approximate distribution of estimates
    of variance components", 1946.
    """
    parts = np.maximum(np.linalg.eigvalsh(covariance), 0.0)
    total, squares = float(parts.sum()), float((parts**2).sum())
    if total <= 0.0:
        return 0.0
    return float(np.sqrt(squares / total * stats.chi2.ppf(0.95, total**2 / squares)))


def _placement_gradients(corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float) -> Array:
    """Return per placement its pull on the cameras' unknowns, (K, C·p), the boards eliminated."""
    rows: list[Array] = []
    for board in range(len(state.board_shift)):
        chosen = np.flatnonzero(corners.board == board)
        one = Corners(
            corners.camera[chosen],
            np.zeros(len(chosen), dtype=np.intp),
            corners.points[chosen],
            corners.pixels[chosen],
            corners.used[chosen],
            corners.distortion,
            corners.spread[chosen],
        )
        alone = State(
            state.camera_rotation,
            state.camera_shift,
            state.board_rotation[board : board + 1],
            state.board_shift[board : board + 1],
            state.intrinsics,
        )
        fixed = 0 if board == freedom.fixed_board else None
        normal, _ = normal_equations(one, alone, Freedom(freedom.fixed_cameras, fixed, freedom.intrinsics), loss, scale)
        rows.append(reduced(normal)[1])
    return np.stack(rows)
