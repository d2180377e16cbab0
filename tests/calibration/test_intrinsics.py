"""Intrinsics are solved as far as the pictures carry them, and say when they are not good enough to be used."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.intrinsics import solve_intrinsics
from calibration.projection import rotation_matrices
from calibration.views import BoardView
from station.boards import Chessboard
from station.errors import CalibrationError
from station.geometry import CameraModel, Pose

BOARD = Chessboard(10, 7, 0.03)
MODEL = CameraModel(1280, 720, 905.0, 903.0, 652.0, 348.0, (-0.12, 0.08, 0.0, 0.0, 0.0))
NOISE_PX = 0.15


def _views(count: int, seed: int, tilt: float = 0.8, depth: tuple[float, float] = (0.35, 0.9)) -> list[BoardView]:
    rng = np.random.default_rng(seed)
    views: list[BoardView] = []
    while len(views) < count:
        axis = rng.uniform(-np.pi, np.pi)
        angle = rng.uniform(0.6, 1.0) * tilt
        rotation = rotation_matrices(np.array([[np.cos(axis) * angle, np.sin(axis) * angle, 0.0]]))[0]
        far = rng.uniform(*depth)
        middle = np.array([rng.uniform(-0.45, 0.45) * far, rng.uniform(-0.25, 0.25) * far, far])
        pose = Pose(rotation, middle - rotation @ BOARD.corners.mean(axis=0))
        pixels = MODEL.project(pose.apply(BOARD.corners))
        if (pixels > 5).all() and (pixels < [1275, 715]).all():
            pixels += rng.normal(0.0, NOISE_PX, pixels.shape)
            views.append(BoardView("cam_01", f"{len(views):02d}", BOARD.id, BOARD.corners, pixels, BOARD.turns))
    return views


def test_many_varied_pictures_give_the_whole_model() -> None:
    found = solve_intrinsics(_views(20, seed=0), 1280, 720)
    assert found.usable, found.shortfalls
    assert found.model.fx == pytest.approx(MODEL.fx, rel=1.5e-3)
    assert found.model.fy == pytest.approx(MODEL.fy, rel=1.5e-3)
    assert found.model.cx == pytest.approx(MODEL.cx, abs=2.0)
    assert found.model.cy == pytest.approx(MODEL.cy, abs=2.0)
    assert found.model.distortion[0] == pytest.approx(MODEL.distortion[0], abs=0.01)
    assert found.rms_px < 1.1 * NOISE_PX * np.sqrt(2.0)


def test_gross_corners_are_left_out() -> None:
    views = _views(14, seed=1)
    spoilt = views[3].pixels.copy()
    spoilt[[5, 20]] += 15.0
    views[3] = BoardView("cam_01", "03", BOARD.id, BOARD.corners, spoilt, BOARD.turns)
    found = solve_intrinsics(views, 1280, 720)
    assert found.corners_left_out == 2
    assert abs(found.model.fx / MODEL.fx - 1.0) < 4.0 * found.focal_deviation


def test_few_pictures_are_solved_and_say_that_they_are_few() -> None:
    found = solve_intrinsics(_views(4, seed=2), 1280, 720)
    assert not found.usable
    assert found.shortfalls[0] == "4 pictures show the board, 12 are needed"
    assert found.solved in ("one focal length", "one focal length, k1")
    assert abs(found.model.fx / MODEL.fx - 1.0) < 4.0 * found.focal_deviation


def test_pictures_from_one_distance_without_tilt_are_not_used() -> None:
    """Focal length and distance cannot be told apart there."""
    found = solve_intrinsics(_views(14, seed=3, tilt=0.2, depth=(0.6, 0.65)), 1280, 720)
    words = "; ".join(found.shortfalls)
    assert "distances lie within" in words
    assert "0 are tilted by 25° or more, 4 are needed" in words


def test_no_picture_is_an_error() -> None:
    with pytest.raises(CalibrationError, match="No picture shows the board"):
        solve_intrinsics([], 1280, 720)


def test_a_board_flat_to_the_camera_leaves_the_focal_length_open() -> None:
    found = solve_intrinsics(_views(1, seed=4, tilt=0.02), 1280, 720)
    assert found.focal_deviation > 0.05
    assert not found.usable
