"""The bundle adjustment's derivatives, its steps, and its loss."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from calibration.bundle import (
    Corners,
    Freedom,
    Loss,
    State,
    adjust,
    cost,
    evened,
    moved,
    normal_equations,
    residuals,
)
from calibration.projection import project_points, rotation_angle, rotation_matrices, vectors_of_pose
from station.geometry import Pose


def _scene(noise_px: float = 0.0) -> tuple[Corners, State]:
    """Three cameras look down on two boards; every camera sees both."""
    rng = np.random.default_rng(4)
    cameras, boards = 3, 2
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1).reshape(-1, 2) * 0.03
    points = np.concatenate([grid, np.zeros((len(grid), 1))], axis=1)
    state = State(
        camera_rotation=rotation_matrices(rng.normal(0.0, 0.3, (cameras, 3))),
        camera_shift=np.array([[0.0, 0.0, 0.8], [0.1, 0.0, 0.9], [-0.1, 0.1, 0.7]]),
        board_rotation=rotation_matrices(rng.normal(0.0, 0.3, (boards, 3))),
        board_shift=rng.normal(0.0, 0.05, (boards, 3)),
        intrinsics=np.tile([900.0, 905.0, 640.0, 360.0], (cameras, 1)),
    )
    camera, board = np.repeat(np.arange(cameras), boards), np.tile(np.arange(boards), cameras)
    views = len(camera)
    empty = Corners(
        camera=camera,
        board=board,
        points=np.tile(points, (views, 1, 1)),
        pixels=np.zeros((views, len(points), 2)),
        used=np.ones((views, len(points)), dtype=np.bool_),
        distortion=np.tile([0.05, -0.1, 1e-3, -5e-4, 0.02], (cameras, 1)),
        spread=np.array([1.0, 3.0] * cameras),
    )
    seen = residuals(empty, state) + rng.normal(0.0, noise_px, (views, len(points), 2))
    return replace(empty, pixels=seen), state


def test_projection_is_opencvs() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.3, 0.3, (50, 3)) + np.array([0.0, 0.0, 1.0])
    intrinsics, distortion = np.array([900.0, 880.0, 640.0, 350.0]), np.array([0.1, -0.2, 2e-3, -1e-3, 0.05])
    pixels, by_point, _ = project_points(points[None], intrinsics[None], distortion[None])
    matrix = np.array([[900.0, 0.0, 640.0], [0.0, 880.0, 350.0], [0.0, 0.0, 1.0]])
    expected, jacobian = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, distortion)
    np.testing.assert_allclose(pixels[0], expected.reshape(-1, 2), atol=1e-9)
    np.testing.assert_allclose(by_point[0].reshape(-1, 3), jacobian[:, 3:6], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("loss", list(Loss))
def test_gradient_is_that_of_the_cost(loss: Loss) -> None:
    corners, truth = _scene(noise_px=1.0)
    freedom = Freedom(fixed_cameras=(), intrinsics=True)
    normal, _ = normal_equations(corners, truth, freedom, loss, 0.8)
    rng = np.random.default_rng(1)
    for _ in range(5):
        camera_step = rng.normal(size=(3, 10)) * np.array([1e-7] * 6 + [1e-5] * 4)
        board_step = rng.normal(size=(2, 6)) * 1e-7
        ahead = cost(evened(corners, residuals(corners, moved(truth, camera_step, board_step))), loss, 0.8)
        behind = cost(evened(corners, residuals(corners, moved(truth, -camera_step, -board_step))), loss, 0.8)
        slope = (normal.camera_gradient * camera_step).sum() + (normal.board_gradient * board_step).sum()
        assert (ahead - behind) / 2 == pytest.approx(slope, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("freedom", [Freedom(), Freedom((0, 2)), Freedom((), 0), Freedom(intrinsics=True)])
def test_a_disturbed_rig_comes_back_to_the_truth(freedom: Freedom) -> None:
    corners, truth = _scene()
    rng = np.random.default_rng(2)
    camera_step, board_step = rng.normal(0.0, 0.02, (3, freedom.width)), rng.normal(0.0, 0.02, (2, 6))
    camera_step[list(freedom.fixed_cameras), :6] = 0.0
    if freedom.fixed_board is not None:
        board_step[freedom.fixed_board] = 0.0
    found, _ = adjust(corners, moved(truth, camera_step, board_step), freedom, Loss.HUBER, 1.0)
    assert np.abs(residuals(corners, found)).max() < 1e-5
    np.testing.assert_allclose(found.camera_shift, truth.camera_shift, atol=1e-5)
    for camera in freedom.fixed_cameras:
        np.testing.assert_array_equal(found.camera_shift[camera], truth.camera_shift[camera])
        np.testing.assert_array_equal(found.camera_rotation[camera], truth.camera_rotation[camera])


def test_wrong_corners_hardly_move_a_robust_solution() -> None:
    corners, truth = _scene(noise_px=0.1)
    pixels = corners.pixels.copy()
    pixels[::2, 3] += 40.0
    spoilt = replace(corners, pixels=pixels)
    errors = {
        loss: np.abs(adjust(spoilt, truth, Freedom(), loss, 0.3)[0].camera_shift - truth.camera_shift).max()
        for loss in Loss
    }
    assert errors[Loss.CAUCHY] < errors[Loss.SQUARE] / 10
    assert errors[Loss.HUBER] < errors[Loss.SQUARE] / 10


def test_rotations_go_to_opencvs_vectors_and_back() -> None:
    vectors = np.array([[0.0, 0.0, 0.0], [0.3, -0.2, 1.0], [0.0, 3.1, 0.0]])
    for vector, matrix in zip(vectors, rotation_matrices(vectors), strict=True):
        turn, _ = vectors_of_pose(Pose(matrix, np.zeros(3)))
        np.testing.assert_allclose(turn.ravel(), vector, atol=1e-7)
        assert rotation_angle(matrix) == pytest.approx(np.linalg.norm(vector), abs=1e-7)
