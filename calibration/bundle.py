"""Robust bundle adjustment of a rig: camera poses, board poses and, if asked, intrinsics.

Levenberg–Marquardt on all corners at once with analytic derivatives; the boards are eliminated first (Schur
complement), so that a step costs little more than the cameras. Method: Triggs, McLauchlan, Hartley, Fitzgibbon, "Bundle
adjustment: a modern synthesis", 2000. Outliers are held down by iteratively reweighted least squares with Huber's or
Cauchy's weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from calibration.projection import moment, project_points, rotation_matrices
from station.geometry import Array

POSE_PARAMETERS = 6
"""A small rotation (rad) and shift (m) of the frame in which it is applied."""

_LARGEST_DAMPING = 1e10


class Loss(StrEnum):
    """Weight of a corner whose error has length e, with scale s."""

    SQUARE = "square"
    """Always 1."""
    HUBER = "huber"
    """s / e beyond s."""
    CAUCHY = "cauchy"
    """1 / (1 + (e / s)²)."""


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """All corners of V views, padded to N per view.

    ``camera`` and ``board`` (V,) index the poses, ``points`` (V, N, 3) lie on the board in metres, ``pixels`` (V, N, 2)
    in the picture, ``used`` (V, N) marks those that count. ``distortion`` is (C, 5). ``spread`` (V,) is each view's
    standard deviation as a multiple of the noise that all losses and bounds are said in.
    """

    camera: NDArray[np.intp]
    board: NDArray[np.intp]
    points: Array
    pixels: Array
    used: NDArray[np.bool_]
    distortion: Array
    spread: Array


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The unknowns: camera poses (rig → camera), board poses (board → rig) and fx, fy, cx, cy (C, 4)."""

    camera_rotation: Array
    camera_shift: Array
    board_rotation: Array
    board_shift: Array
    intrinsics: Array


@dataclass(frozen=True, slots=True)
class Freedom:
    """What stands still: the poses of some cameras or one board, and whether intrinsics are unknown too.

    Something must stand still, or the rig as a whole may drift.
    """

    fixed_cameras: tuple[int, ...] = (0,)
    fixed_board: int | None = None
    intrinsics: bool = False

    @property
    def width(self) -> int:
        """Unknowns per camera."""
        return POSE_PARAMETERS + (4 if self.intrinsics else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Normal equations in blocks for p unknowns per camera.

    ``cameras`` (C, p, p), ``boards`` (K, 6, 6), ``mixed`` (C, K, p, 6), and the gradients (C, p) and (K, 6).
    """

    cameras: Array
    boards: Array
    mixed: Array
    camera_gradient: Array
    board_gradient: Array


def residuals(corners: Corners, state: State) -> Array:
    """Return projected minus seen pixels (V, N, 2); zero where a corner is not used."""
    rig = np.einsum("vij,vnj->vni", state.board_rotation[corners.board], corners.points)
    rig += state.board_shift[corners.board][:, None]
    points = np.einsum("vij,vnj->vni", state.camera_rotation[corners.camera], rig)
    points += state.camera_shift[corners.camera][:, None]
    pixels, _, _ = project_points(points, state.intrinsics[corners.camera], corners.distortion[corners.camera])
    return np.where(corners.used[..., None], pixels - corners.pixels, 0.0)


def evened(corners: Corners, error: Array) -> Array:
    """Return residuals (V, N, 2) as they would be if all views were equally precise."""
    return error / corners.spread[:, None, None]


def weights(error: Array, loss: Loss, scale: float) -> Array:
    """Return the weights (V, N) of residuals (V, N, 2)."""
    length = np.linalg.norm(error, axis=2)
    if loss is Loss.HUBER:
        return np.where(length > scale, scale / np.maximum(length, 1e-12), 1.0)
    if loss is Loss.CAUCHY:
        return 1.0 / (1.0 + (length / scale) ** 2)
    return np.ones_like(length)


def cost(error: Array, loss: Loss, scale: float) -> float:
    """Return half the sum of the loss over residuals (V, N, 2), px²."""
    squared: Array = np.sum(error**2, axis=2)
    if loss is Loss.HUBER:
        length = np.sqrt(squared)
        squared = np.where(length > scale, 2.0 * scale * length - scale**2, squared)
    elif loss is Loss.CAUCHY:
        squared = scale**2 * np.log1p(squared / scale**2)
    return 0.5 * float(squared.sum())


def linearised(
    corners: Corners, state: State, intrinsics_too: bool, loss: Loss, scale: float
) -> tuple[Array, Array, Array]:
    """Return derivatives (V, 2N, p + 6), residuals (V, 2N), both weighted and evened, and evened residuals (V, N, 2).

    The columns are each view's camera's p unknowns and its board's 6. Cameras turn about their own centre of
    coordinates, boards about the rig's; see :func:`moved`.
    """
    rotation = state.camera_rotation[corners.camera]
    rig = np.einsum("vij,vnj->vni", state.board_rotation[corners.board], corners.points)
    rig += state.board_shift[corners.board][:, None]
    points = np.einsum("vij,vnj->vni", rotation, rig) + state.camera_shift[corners.camera][:, None]
    intrinsics = state.intrinsics[corners.camera]
    pixels, by_point, normalised = project_points(points, intrinsics, corners.distortion[corners.camera])
    error = evened(corners, np.where(corners.used[..., None], pixels - corners.pixels, 0.0))
    root = np.sqrt(weights(error, loss, scale) * corners.used)[..., None]

    views, count = corners.used.shape
    by_rig = by_point @ rotation[:, None]
    pieces = [moment(points, by_point), by_point, moment(rig, by_rig), by_rig]
    if intrinsics_too:
        by_intrinsics = np.zeros((views, count, 2, 4))
        by_intrinsics[..., 0, 0], by_intrinsics[..., 1, 1] = normalised[..., 0], normalised[..., 1]
        by_intrinsics[..., 0, 2] = by_intrinsics[..., 1, 3] = 1.0
        pieces.insert(2, by_intrinsics)
    jacobian = np.concatenate(pieces, axis=-1) * (root / corners.spread[:, None, None])[..., None]
    return jacobian.reshape(views, 2 * count, -1), (error * root).reshape(views, 2 * count), error


def normal_equations(
    corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float
) -> tuple[Normal, Array]:
    """Return the weighted normal equations at ``state`` and the evened residuals (V, N, 2)."""
    jacobian, weighted, error = linearised(corners, state, freedom.intrinsics, loss, scale)
    squares = jacobian.transpose(0, 2, 1) @ jacobian
    slopes = np.einsum("vij,vi->vj", jacobian, weighted)

    width, total = freedom.width, len(state.camera_shift)
    normal = Normal(
        cameras=np.zeros((total, width, width)),
        boards=np.zeros((len(state.board_shift), 6, 6)),
        mixed=np.zeros((total, len(state.board_shift), width, 6)),
        camera_gradient=np.zeros((total, width)),
        board_gradient=np.zeros((len(state.board_shift), 6)),
    )
    np.add.at(normal.cameras, corners.camera, squares[:, :width, :width])
    np.add.at(normal.boards, corners.board, squares[:, width:, width:])
    np.add.at(normal.mixed, (corners.camera, corners.board), squares[:, :width, width:])
    np.add.at(normal.camera_gradient, corners.camera, slopes[:, :width])
    np.add.at(normal.board_gradient, corners.board, slopes[:, width:])
    if freedom.fixed_board is not None:
        normal.boards[freedom.fixed_board] = np.eye(6)
        normal.mixed[:, freedom.fixed_board] = 0.0
        normal.board_gradient[freedom.fixed_board] = 0.0
    return normal, error


def free_unknowns(freedom: Freedom, cameras: int) -> NDArray[np.bool_]:
    """Return which of the cameras' unknowns (C·p,) are free."""
    free = np.ones((cameras, freedom.width), dtype=np.bool_)
    free[list(freedom.fixed_cameras), :POSE_PARAMETERS] = False
    return free.ravel()


def reduced(normal: Normal, damping: float = 0.0) -> tuple[Array, Array, Array]:
    """Eliminate the boards: return the cameras' matrix (C·p, C·p), their gradient (C·p,) and the boards' inverses.

    ``damping`` enlarges every diagonal by that share (Marquardt).
    """
    cameras, width = normal.camera_gradient.shape
    boards = normal.boards + damping * _diagonals(normal.boards)
    inverse: Array = np.asarray(np.linalg.inv(boards + 1e-12 * _diagonals(boards)), dtype=np.float64)
    carried: Array = np.einsum("ckpi,kij->ckpj", normal.mixed, inverse)
    flat = carried.transpose(0, 2, 1, 3).reshape(cameras * width, -1)
    matrix: Array = -flat @ normal.mixed.transpose(0, 2, 1, 3).reshape(cameras * width, -1).T
    blocks = matrix.reshape(cameras, width, cameras, width)
    diagonal: NDArray[np.intp] = np.arange(cameras, dtype=np.intp)
    blocks[diagonal, :, diagonal] += normal.cameras + damping * _diagonals(normal.cameras)
    gradient = normal.camera_gradient.ravel() - flat @ normal.board_gradient.ravel()
    return matrix, gradient, inverse


def moved(state: State, camera_step: Array, board_step: Array) -> State:
    """Apply small motions (C, p) and (K, 6): a rotation vector about the frame's origin, a shift, then intrinsics."""
    turn = rotation_matrices(camera_step[:, :3])
    board_turn = rotation_matrices(board_step[:, :3])
    intrinsics = state.intrinsics
    if camera_step.shape[1] > POSE_PARAMETERS:
        intrinsics = intrinsics + camera_step[:, POSE_PARAMETERS:]
    return State(
        camera_rotation=turn @ state.camera_rotation,
        camera_shift=np.einsum("cij,cj->ci", turn, state.camera_shift) + camera_step[:, 3:6],
        board_rotation=board_turn @ state.board_rotation,
        board_shift=np.einsum("kij,kj->ki", board_turn, state.board_shift) + board_step[:, 3:6],
        intrinsics=intrinsics,
    )


def adjust(
    corners: Corners, state: State, freedom: Freedom, loss: Loss, scale: float, most_steps: int = 50
) -> tuple[State, int]:
    """Return the state of least cost near ``state`` and the number of steps taken.

    Ends when a step lowers the cost by less than a 10⁻⁹ part, or after ``most_steps``.
    """
    free = free_unknowns(freedom, len(state.camera_shift))
    damping, steps = 1e-4, 0
    normal, error = normal_equations(corners, state, freedom, loss, scale)
    present = cost(error, loss, scale)
    while steps < most_steps and damping < _LARGEST_DAMPING:
        steps += 1
        trial = moved(state, *_step(normal, freedom, free, damping))
        attempt = cost(evened(corners, residuals(corners, trial)), loss, scale)
        if not attempt < present:
            damping *= 10.0
            continue
        gain = present - attempt
        state, damping = trial, max(damping / 10.0, 1e-12)
        if gain <= 1e-9 * present:
            break
        normal, error = normal_equations(corners, state, freedom, loss, scale)
        present = cost(error, loss, scale)
    return state, steps


def _step(normal: Normal, freedom: Freedom, free: NDArray[np.bool_], damping: float) -> tuple[Array, Array]:
    matrix, gradient, inverse = reduced(normal, damping)
    step = np.zeros(len(gradient))
    if free.any():
        step[free] = -np.linalg.solve(matrix[np.ix_(free, free)], gradient[free])
    camera_step = step.reshape(-1, freedom.width)
    pull = normal.board_gradient + np.einsum("ckpi,cp->ki", normal.mixed, camera_step)
    board_step = -np.einsum("kij,kj->ki", inverse, pull)
    if freedom.fixed_board is not None:
        board_step[freedom.fixed_board] = 0.0
    return camera_step, board_step


def _diagonals(blocks: Array) -> Array:
    return blocks * np.eye(blocks.shape[-1])
