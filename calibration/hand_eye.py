"""Where a robot's board and a fixed camera are: the board hangs on the robot's flange, the camera stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from calibration.projection import pose_of_vectors, rotation_matrices, vectors_of_pose
from calibration.view_pose import view_pose
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose


@dataclass(frozen=True, slots=True, eq=False)
class HandEye:
    """``camera`` X: robot base → camera, ``board`` Y: board → flange; ``T = X·G·Y`` with the flange's pose G.

    ``rms_px`` is the root mean square length of the corners' errors through the robot's chain. ``board_mm`` is per view
    how far the chain puts the board's middle from where its picture alone does.
    """

    camera: Pose
    board: Pose
    rms_px: float
    board_mm: tuple[float, ...]


def solve_hand_eye(views: Sequence[BoardView], flanges: Sequence[Pose], camera: CameraModel) -> HandEye:
    """Solve from at least four views and the flange's poses (flange → base) in the same order.

    The rotations are found in closed form: ``T_i = X G_i Y`` is linear in vec(Y) and vec(Xᵀ) (Shah, "Solving the
    robot-world/hand-eye calibration problem using the Kronecker product", 2013); both poses are then polished on all
    corners. Raises CalibrationError with fewer views, or when one has no pose.
    """
    if len(views) < 4 or len(views) != len(flanges):
        raise CalibrationError(f"Hand-eye needs at least 4 views with a flange pose each, found {len(views)}.")
    seen: list[Pose] = []
    for view in views:
        found = view_pose(view, camera)
        if found is None:
            raise CalibrationError("The view's corners fit no flat board.", where=view.placement)
        seen.append(found.poses[0])
    start = _closed_form(seen, flanges)
    first = np.concatenate([part.ravel() for pose in start for part in vectors_of_pose(pose)])
    solved = least_squares(lambda x: _errors(x, views, flanges, camera), first, method="lm", x_scale=1.0)
    x = np.asarray(solved.x, dtype=np.float64)
    to_camera, to_flange = pose_of_vectors(x[:3], x[3:6]), pose_of_vectors(x[6:9], x[9:])
    error = _errors(x, views, flanges, camera).reshape(-1, 2)
    apart: list[float] = []
    for view, pose, flange in zip(views, seen, flanges, strict=True):
        middle = view.points_m.mean(axis=0, keepdims=True)
        chain = to_camera @ flange @ to_flange
        apart.append(1e3 * float(np.linalg.norm(chain.apply(middle) - pose.apply(middle))))
    return HandEye(to_camera, to_flange, float(np.sqrt((error**2).sum() / len(error))), tuple(apart))


def _closed_form(seen: Sequence[Pose], flanges: Sequence[Pose]) -> tuple[Pose, Pose]:
    # Xᵀ T = G Y: rotations by Xᵀ R_T = R_G R_Y, stacked with the Kronecker product of row-major matrices.
    rows = [
        np.hstack([np.kron(np.eye(3), pose.rotation.T), -np.kron(flange.rotation, np.eye(3))])
        for pose, flange in zip(seen, flanges, strict=True)
    ]
    null = np.linalg.svd(np.concatenate(rows))[2][-1]
    null = null * np.sign(np.linalg.det(null[:9].reshape(3, 3)))
    back, board = _nearest_rotation(null[:9].reshape(3, 3)), _nearest_rotation(null[9:].reshape(3, 3))
    # t_T = R_X (R_G t_Y + t_G) + t_X
    turn = back.T
    left = np.concatenate([np.hstack([np.eye(3), turn @ flange.rotation]) for flange in flanges])
    right = np.concatenate([p.translation - turn @ f.translation for p, f in zip(seen, flanges, strict=True)])
    shifts = np.linalg.lstsq(left, right, rcond=None)[0]
    return Pose(turn, shifts[:3]), Pose(board, shifts[3:])


def _nearest_rotation(matrix: Array) -> Array:
    u, _, vt = np.linalg.svd(matrix)
    return np.asarray((u * [1.0, 1.0, np.linalg.det(u @ vt)]) @ vt, dtype=np.float64)


def _errors(x: Array, views: Sequence[BoardView], flanges: Sequence[Pose], camera: CameraModel) -> Array:
    turns = rotation_matrices(np.stack([x[:3], x[6:9]]))
    to_camera, to_flange = Pose(turns[0], x[3:6]), Pose(turns[1], x[9:])
    pieces = [
        (camera.project((to_camera @ flange @ to_flange).apply(view.points_m)) - view.pixels).ravel()
        for view, flange in zip(views, flanges, strict=True)
    ]
    return np.nan_to_num(np.concatenate(pieces), nan=1e3)
