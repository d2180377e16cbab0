"""How sure a solved rig is: covariances, their 95 % bounds, and the pictures' opinion of the given intrinsics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from calibration.bundle import (
    POSE_PARAMETERS,
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
from calibration.solution import IntrinsicsEvidence
from station.geometry import Array

_DOUBT_PROBABILITY = 1e-6
_DOUBT_PROBABILITY_ALONE = 1e-4
_DOUBT_FOCAL_CHANGE = 5e-4
"""Intrinsics are doubted when chance explains the misfit this rarely and some focal length would change this much.

One camera's few boards say less than a whole rig's, and so less is asked of them.
"""


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


def intrinsics_evidence(
    corners: Corners,
    state: State,
    freedom: Freedom,
    loss: Loss,
    scale: float,
    noise_px: float,
    roles: Sequence[str],
    judged: str | None = None,
) -> IntrinsicsEvidence:
    """Ask the residuals of a solve with given intrinsics whether others would fit significantly better.

    ``judged`` is one role whose intrinsics are asked about alone, instead of all ``roles``. Rao's score test, "Large
    sample tests of statistical hypotheses concerning several parameters", 1948: one linear step of the joint problem,
    no second solve.
    """
    joint = Freedom(freedom.fixed_cameras, freedom.fixed_board, intrinsics=True)
    normal, _ = normal_equations(corners, state, joint, loss, scale)
    matrix, gradient, _ = reduced(normal)
    free = free_unknowns(joint, len(roles))
    column = np.arange(len(free)) % joint.width >= POSE_PARAMETERS
    named = [role for role in roles if judged in (None, role)]
    asked = column & np.repeat([role in named for role in roles], joint.width)
    free &= ~column | asked
    poses, lenses = np.flatnonzero(free & ~column), np.flatnonzero(asked)
    cross = matrix[np.ix_(lenses, poses)]
    block = matrix[np.ix_(lenses, lenses)] - cross @ np.linalg.solve(matrix[np.ix_(poses, poses)], cross.T)
    pull = gradient[lenses] - cross @ np.linalg.solve(matrix[np.ix_(poses, poses)], gradient[poses])
    # A direction in which the data say nothing about the intrinsics gets no say.
    change = -np.linalg.pinv(block, rcond=1e-10, hermitian=True) @ pull
    moves = np.zeros(len(free))
    moves[poses] = -np.linalg.solve(matrix[np.ix_(poses, poses)], cross.T @ change)
    distance = 1e3 * np.linalg.norm(moves.reshape(-1, joint.width)[:, 3:POSE_PARAMETERS], axis=1)
    inverse = np.zeros_like(matrix)
    inverse[np.ix_(free, free)] = noise_px**2 * np.linalg.pinv(matrix[np.ix_(free, free)], rcond=1e-14, hermitian=True)
    for camera in range(len(roles)):
        shift = slice(camera * joint.width + 3, camera * joint.width + POSE_PARAMETERS)
        distance[camera] += 1e3 * bound_95(inverse[shift, shift])
    statistic = float(-pull @ change) / noise_px**2
    given = state.intrinsics[[role in named for role in roles], :2]
    focal = change.reshape(-1, 4)[:, :2].mean(axis=1) / given.mean(axis=1)
    probability = float(stats.chi2.sf(statistic, len(lenses)))
    return IntrinsicsEvidence(
        statistic=statistic,
        freedom=len(lenses),
        probability=probability,
        focal_change={role: float(value) for role, value in zip(named, focal, strict=True)},
        position_change_mm={role: float(value) for role, value in zip(roles, distance, strict=True)},
        doubted=probability < (_DOUBT_PROBABILITY if judged is None else _DOUBT_PROBABILITY_ALONE)
        and float(np.abs(focal).max()) > _DOUBT_FOCAL_CHANGE,
    )


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
