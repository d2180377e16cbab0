"""Least squares of the hand-eye problem: corners through the robot's chain, by Levenberg–Marquardt.

The board is seen at ``T = X·G·Y`` (board → camera): Y board → tool, G tool → base as the robot says, X base → camera.
All derivatives are analytic; Huber's weights hold single wrong corners down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.projection import moment, project_points, rotation_matrices
from station.geometry import Array, Pose

_LARGEST_DAMPING = 1e10
_MOST_STEPS = 60
_INTRINSICS = 6
"""fx, fy, cx, cy, k1 and k2."""


@dataclass(frozen=True, slots=True, eq=False)
class ChainCorners:
    """Corners of V pictures, padded to N per picture.

    ``points`` (V, N, 3) on the board in metres, ``pixels`` (V, N, 2), ``used`` (V, N) marks those that count;
    ``robot_rotation`` (V, 3, 3) and ``robot_shift`` (V, 3) are tool → base.
    """

    points: Array
    pixels: Array
    used: NDArray[np.bool_]
    robot_rotation: Array
    robot_shift: Array


@dataclass(frozen=True, slots=True, eq=False)
class ChainState:
    """The unknowns: ``camera`` base → camera, ``board`` board → tool, intrinsics (4,), distortion (5,), board's scale.

    ``slips`` (V, 6) are the robot's own errors: a small turn (rad) and shift (m) of the tool in its frame.
    """

    camera: Pose
    board: Pose
    intrinsics: Array
    distortion: Array
    scale: float
    slips: Array


@dataclass(frozen=True, slots=True)
class ChainFreedom:
    """What is solved beside the two poses.

    ``slip`` gives the standard deviations of the robot's turn (rad) and shift (m) when its errors are unknowns too.
    """

    intrinsics: bool = False
    scale: bool = False
    slip: tuple[float, float] | None = None


def chain_pixels(corners: ChainCorners, state: ChainState) -> tuple[Array, Array]:
    """Return the projected pixels (V, N, 2) and their derivatives by all unknowns (V, N, 2, U).

    The order of the unknowns: X's turn and shift in camera coordinates, Y's in tool coordinates, fx, fy, cx, cy, k1,
    k2, the board's scale, one slip.
    """
    on_board = state.scale * corners.points
    held = on_board @ state.board.rotation.T + state.board.translation
    slip = rotation_matrices(state.slips[:, :3])
    tool = np.einsum("vij,vnj->vni", slip, held) + state.slips[:, None, 3:]
    base = np.einsum("vij,vnj->vni", corners.robot_rotation, tool) + corners.robot_shift[:, None]
    points = base @ state.camera.rotation.T + state.camera.translation
    views, count = corners.used.shape
    pixels, by_point, distorted = project_points(
        points, np.tile(state.intrinsics, (views, 1)), np.tile(state.distortion, (views, 1))
    )
    by_slipped = by_point @ (state.camera.rotation @ corners.robot_rotation)[:, None]
    by_tool = by_slipped @ slip[:, None]
    straight = points[..., :2] / np.maximum(points[..., 2:], 1e-6)
    radius: Array = np.sum(straight**2, axis=-1, keepdims=True)
    bent = straight * state.intrinsics[:2]
    by_intrinsics = np.zeros((views, count, 2, _INTRINSICS))
    by_intrinsics[..., 0, 0], by_intrinsics[..., 1, 1] = distorted[..., 0], distorted[..., 1]
    by_intrinsics[..., 0, 2] = by_intrinsics[..., 1, 3] = 1.0
    by_intrinsics[..., 4], by_intrinsics[..., 5] = bent * radius, bent * radius**2
    by_scale = by_tool @ (corners.points @ state.board.rotation.T)[..., None]
    blocks = [
        moment(points, by_point),
        by_point,
        moment(held, by_tool),
        by_tool,
        by_intrinsics,
        by_scale,
        moment(tool - state.slips[:, None, 3:], by_slipped),
        by_slipped,
    ]
    return pixels, np.concatenate(blocks, axis=-1)


def adjust_chain(
    corners: ChainCorners, state: ChainState, freedom: ChainFreedom, huber_px: float | None, noise_px: float
) -> ChainState:
    """Return the state of least cost near ``state``.

    Corners further off than ``huber_px`` pull with constant force only; ``None`` weighs all alike. ``noise_px`` is a
    corner coordinate's standard deviation; it matters only beside
    the robot's (``freedom.slip``).
    """
    damping = 1e-4
    matrix, gradient, present = _normal(corners, state, freedom, huber_px, noise_px)
    for _ in range(_MOST_STEPS):
        damped = matrix + damping * np.diag(np.diag(matrix)) + 1e-18 * np.eye(len(matrix))
        step: Array = np.asarray(-np.linalg.solve(damped, gradient), dtype=np.float64)
        trial = _moved(state, freedom, step)
        attempt = _cost(corners, trial, freedom, huber_px, noise_px)
        if attempt < present:
            gain = present - attempt
            state, damping = trial, max(damping / 10.0, 1e-12)
            if gain <= 1e-10 * present:
                break
            matrix, gradient, present = _normal(corners, state, freedom, huber_px, noise_px)
        elif damping > _LARGEST_DAMPING:
            break
        else:
            damping *= 10.0
    return state


def chain_errors(corners: ChainCorners, state: ChainState) -> Array:
    """Return projected minus seen pixels (V, N, 2); zero where a corner does not count."""
    return np.where(corners.used[..., None], chain_pixels(corners, state)[0] - corners.pixels, 0.0)


def _free_columns(freedom: ChainFreedom) -> NDArray[np.bool_]:
    poses = np.ones(12, dtype=np.bool_)
    return np.concatenate([poses, np.repeat(freedom.intrinsics, _INTRINSICS), [freedom.scale]]).astype(np.bool_)


def _normal(
    corners: ChainCorners, state: ChainState, freedom: ChainFreedom, huber_px: float | None, noise_px: float
) -> tuple[Array, Array, float]:
    pixels, jacobian = chain_pixels(corners, state)
    error = np.where(corners.used[..., None], pixels - corners.pixels, 0.0) / noise_px
    length = np.linalg.norm(error, axis=-1)
    weight = np.ones_like(length)
    if huber_px is not None:
        weight = np.minimum(1.0, huber_px / noise_px / np.maximum(length, 1e-12))
    root = np.sqrt(weight * corners.used)[..., None]
    views, count = corners.used.shape
    jacobian = (jacobian / noise_px * root[..., None]).reshape(views, 2 * count, -1)
    error = (error * root).reshape(views, 2 * count)
    free = _free_columns(freedom)
    shared = jacobian[..., : len(free)][..., free]
    width = shared.shape[-1]
    total = width + (6 * views if freedom.slip else 0)
    matrix, gradient = np.zeros((total, total)), np.zeros(total)
    matrix[:width, :width] = np.einsum("vri,vrj->ij", shared, shared)
    gradient[:width] = np.einsum("vri,vr->i", shared, error)
    if freedom.slip:
        own = jacobian[..., len(free) :]
        prior = 1.0 / np.repeat(freedom.slip, 3) ** 2
        for view in range(views):
            at = slice(width + 6 * view, width + 6 * view + 6)
            matrix[at, at] = own[view].T @ own[view] + np.diag(prior)
            matrix[:width, at] = shared[view].T @ own[view]
            matrix[at, :width] = matrix[:width, at].T
            gradient[at] = own[view].T @ error[view] + prior * state.slips[view]
    return matrix, gradient, _cost(corners, state, freedom, huber_px, noise_px)


def _cost(
    corners: ChainCorners, state: ChainState, freedom: ChainFreedom, huber_px: float | None, noise_px: float
) -> float:
    length = np.linalg.norm(chain_errors(corners, state), axis=-1)
    squared: Array = np.square(length)
    if huber_px is not None:
        squared = np.asarray(np.where(length > huber_px, 2.0 * huber_px * length - huber_px**2, squared))
    prior = 0.0 if freedom.slip is None else float(np.sum((state.slips / np.repeat(freedom.slip, 3)) ** 2))
    return 0.5 * (float(squared.sum()) / noise_px**2 + prior)


def _moved(state: ChainState, freedom: ChainFreedom, step: Array) -> ChainState:
    free = _free_columns(freedom)
    shared = np.zeros(len(free))
    shared[free] = step[: int(free.sum())]
    turns = rotation_matrices(shared[:12].reshape(4, 3)[::2])
    distortion = state.distortion.copy()
    distortion[:2] += shared[16:18]
    slips = state.slips
    if freedom.slip:
        own = step[int(free.sum()) :].reshape(-1, 6)
        # Turns add as vectors: the slips are below a degree, and their start is zero.
        slips = slips + own
    return replace(
        state,
        camera=Pose(turns[0], shared[3:6]) @ state.camera,
        board=Pose(turns[1], shared[9:12]) @ state.board,
        intrinsics=state.intrinsics + shared[12:16],
        distortion=distortion,
        scale=state.scale + float(shared[18]),
        slips=slips,
    )
