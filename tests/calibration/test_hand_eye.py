"""Hand-eye calibration finds the true chain, names what does not fit and refuses what the pictures cannot carry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.hand_eye import HandEye, HandEyeOptions, RobotNoise, solve_hand_eye
from calibration.hand_eye_adjust import ChainCorners, ChainState, chain_pixels
from calibration.hand_eye_start import closed_form
from calibration.projection import rotation_angle, rotation_matrices
from calibration.views import BoardView
from station.boards import Board, CharucoBoard, Chessboard
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

MODEL = CameraModel(1280, 720, 920.0, 918.0, 641.0, 357.0, (-0.1, 0.12, 0.0, 0.0, 0.0))
CHARUCO = CharucoBoard(7, 5, 0.03, 0.022, "DICT_5X5_100")
CHESS = Chessboard(9, 7, 0.03)
NOISE_PX = 0.15
CLEAN_PX = 1.25 * NOISE_PX * np.sqrt(2.0)
"""A root mean square length of errors that noise alone explains."""


def _turn(vector: tuple[float, float, float] | Array) -> Array:
    return rotation_matrices(np.array([vector], dtype=np.float64))[0]


CAMERA = Pose(_turn((1.9, 0.3, -0.4)), np.array([0.1, 0.4, 1.2]))
"""Base → camera."""
ON_TOOL = Pose(_turn((0.2, -0.4, 1.1)), np.array([-0.08, 0.05, 0.12]))
"""Board → tool."""


def _trial(
    count: int, seed: int, board: Board = CHARUCO, tilt: float = 0.6, slip: tuple[float, float] = (0.0, 0.0)
) -> tuple[list[BoardView], list[Pose]]:
    """Return views and what the robot says; its true poses differ by ``slip`` (m, rad) per coordinate."""
    rng = np.random.default_rng(seed)
    points = board.corners if isinstance(board, Chessboard | CharucoBoard) else np.empty((0, 3))
    views: list[BoardView] = []
    robot: list[Pose] = []
    for number in range(count):
        rotation = _turn(rng.uniform(-tilt, tilt, 3) + np.array([0.0, 0.0, rng.uniform(-1.0, 1.0)]))
        middle = np.array([rng.uniform(-0.1, 0.1), rng.uniform(-0.05, 0.05), rng.uniform(0.45, 0.9)])
        seen = Pose(rotation, middle - rotation @ points.mean(axis=0))
        pixels = MODEL.project(seen.apply(points)) + rng.normal(0.0, NOISE_PX, (len(points), 2))
        turns = board.turns if isinstance(board, Chessboard) else ()
        views.append(BoardView("cam_01", f"{number:02d}", board.id, points, pixels, turns))
        true = CAMERA.inverse @ seen @ ON_TOOL.inverse
        robot.append(true @ Pose(_turn(rng.normal(0.0, slip[1], 3)), rng.normal(0.0, slip[0], 3)))
    return views, robot


def _camera_mm(found: HandEye) -> float:
    return 1e3 * float(np.linalg.norm(found.camera.center - CAMERA.center))


def test_the_closed_form_is_exact_without_noise() -> None:
    _, robot = _trial(3, seed=0)
    camera, board = closed_form([CAMERA @ arm @ ON_TOOL for arm in robot], robot)
    assert np.allclose(camera.matrix, CAMERA.matrix, atol=1e-9)
    assert np.allclose(board.matrix, ON_TOOL.matrix, atol=1e-9)


def test_derivatives_are_those_of_the_projection() -> None:
    views, robot = _trial(2, seed=1)
    corners = ChainCorners(
        np.stack([view.points_m for view in views]),
        np.stack([view.pixels for view in views]),
        np.ones((2, len(views[0].pixels)), dtype=np.bool_),
        np.stack([arm.rotation for arm in robot]),
        np.stack([arm.translation for arm in robot]),
    )
    state = ChainState(
        CAMERA, ON_TOOL, np.array([920.0, 918.0, 641.0, 357.0]), np.array(MODEL.distortion), 1.01, np.zeros((2, 6))
    )
    _, exact = chain_pixels(corners, state)

    def moved(column: int, by: float) -> ChainState:
        step = np.zeros(25)
        step[column] = by
        distortion = state.distortion.copy()
        distortion[:2] += step[16:18]
        return replace(
            state,
            camera=Pose(_turn(step[:3]), step[3:6]) @ CAMERA,
            board=Pose(_turn(step[6:9]), step[9:12]) @ ON_TOOL,
            intrinsics=state.intrinsics + step[12:16],
            distortion=distortion,
            scale=state.scale + step[18],
            slips=np.tile(step[19:], (2, 1)),
        )

    for column in range(25):
        by = 1e-4 if 12 <= column < 16 else 1e-6
        difference = chain_pixels(corners, moved(column, by))[0] - chain_pixels(corners, moved(column, -by))[0]
        assert np.allclose(difference / (2 * by), exact[..., column], rtol=1e-5, atol=1e-3), column


@pytest.mark.parametrize("on_robot", [False, True])
def test_a_true_chain_is_found(on_robot: bool) -> None:
    views, robot = _trial(10, seed=2)
    said = [arm.inverse for arm in robot] if on_robot else robot
    found = solve_hand_eye(views, said, MODEL, HandEyeOptions(camera_on_robot=on_robot))
    assert _camera_mm(found) < 1.0
    assert np.degrees(rotation_angle(found.camera.rotation @ CAMERA.rotation.T)) < 0.05
    assert 1e3 * np.linalg.norm(found.board.translation - ON_TOOL.translation) < 1.0
    assert found.rms_px < CLEAN_PX
    assert found.foreign == ()
    assert found.camera_mm is not None
    assert found.camera_mm < 1.0


def test_chessboards_read_upside_down_are_turned_back() -> None:
    views, robot = _trial(9, seed=3, board=CHESS)
    for number in (0, 4, 7):
        views[number] = replace(views[number], pixels=views[number].pixels[::-1])
    found = solve_hand_eye(views, robot, MODEL)
    assert found.rms_px < CLEAN_PX
    assert found.foreign == ()
    assert _camera_mm(found) < 1.0


def test_pictures_with_anothers_pose_are_named() -> None:
    views, robot = _trial(10, seed=4)
    robot[2], robot[6] = robot[6], robot[2]
    found = solve_hand_eye(views, robot, MODEL)
    assert found.foreign == ("02", "06")
    assert _camera_mm(found) < 1.0


def test_a_wrong_square_size_is_measured_by_the_robot() -> None:
    views, robot = _trial(10, seed=5)
    wrong = [replace(view, points_m=view.points_m / 1.01) for view in views]
    plain = solve_hand_eye(wrong, robot, MODEL)
    found = solve_hand_eye(wrong, robot, MODEL, HandEyeOptions(square_size=True))
    assert found.scale == pytest.approx(1.01, abs=1e-3)
    assert found.rms_px < CLEAN_PX < plain.rms_px
    assert _camera_mm(found) < 1.0


def test_missing_distortion_is_solved_along_when_asked() -> None:
    views, robot = _trial(12, seed=6)
    straight = replace(MODEL, fx=930.0, fy=930.0, distortion=(0.0, 0.0, 0.0, 0.0, 0.0))
    plain = solve_hand_eye(views, robot, straight)
    found = solve_hand_eye(views, robot, straight, HandEyeOptions(refine_intrinsics=True))
    assert found.rms_px < CLEAN_PX < plain.rms_px
    assert found.model.fx == pytest.approx(MODEL.fx, rel=2e-3)
    assert found.held_out_px is not None
    assert plain.held_out_px is not None
    assert found.held_out_px < plain.held_out_px


def test_a_robot_that_errs_is_believed_less() -> None:
    """Over five trials with errors of 1 mm and 0.1° the camera's place is nearer when the robot may err."""
    plain: list[float] = []
    believed_less: list[float] = []
    for seed in range(5):
        views, robot = _trial(10, seed=100 + seed, slip=(1e-3, float(np.radians(0.1))))
        plain.append(_camera_mm(solve_hand_eye(views, robot, MODEL)))
        options = HandEyeOptions(robot_noise=RobotNoise(1.0, 0.1))
        believed_less.append(_camera_mm(solve_hand_eye(views, robot, MODEL, options)))
    assert np.mean(believed_less) < np.mean(plain)


def test_a_robot_that_turns_about_one_axis_is_refused() -> None:
    views, robot = _trial(6, seed=7)
    robot = [Pose(_turn((0.0, 0.0, 0.1 * i)), arm.translation) for i, arm in enumerate(robot)]
    with pytest.raises(CalibrationError, match="turned about one axis only"):
        solve_hand_eye(views, robot, MODEL)


def test_poses_the_wrong_way_round_are_refused() -> None:
    views, robot = _trial(8, seed=8)
    with pytest.raises(CalibrationError, match="do not fit together"):
        solve_hand_eye(views, [arm.inverse for arm in robot], MODEL)


def test_what_few_pictures_cannot_carry_is_refused() -> None:
    views, robot = _trial(5, seed=9)
    with pytest.raises(CalibrationError, match="5 pictures show the board, 6 are needed"):
        solve_hand_eye(views, robot, MODEL, HandEyeOptions(refine_intrinsics=True))
    with pytest.raises(CalibrationError, match="2 pictures show the board, at least 3"):
        solve_hand_eye(views[:2], robot[:2], MODEL)


@pytest.mark.parametrize("asked", [HandEyeOptions(refine_intrinsics=True), HandEyeOptions(square_size=True)])
def test_what_is_solved_along_is_refused_when_its_sharpness_cannot_be_told(asked: HandEyeOptions) -> None:
    """One picture alone turns about a second axis: without it nothing is determined, so there is no jackknife."""
    rng = np.random.default_rng(1)
    points = CHARUCO.corners
    angles, distances = (-0.6, -0.55, 0.5, 0.6, 0.55, -0.5, 0.5), (0.45, 0.6, 0.8, 0.9, 0.5, 0.85, 0.7)
    views: list[BoardView] = []
    robot: list[Pose] = []
    for number, (angle, away) in enumerate(zip(angles, distances, strict=True)):
        rotation = _turn((angle, 0.5 if number == len(angles) - 1 else 0.0, 0.0))
        middle = np.array([0.02 * number - 0.05, 0.01 * number, away])
        seen = Pose(rotation, middle - rotation @ points.mean(axis=0))
        pixels = MODEL.project(seen.apply(points)) + rng.normal(0.0, NOISE_PX, (len(points), 2))
        views.append(BoardView("cam_01", f"{number:02d}", CHARUCO.id, points, pixels))
        robot.append(CAMERA.inverse @ seen @ ON_TOOL.inverse)
    plain = solve_hand_eye(views, robot, MODEL)
    assert plain.focal_share is None
    with pytest.raises(CalibrationError, match="cannot be told"):
        solve_hand_eye(views, robot, MODEL, asked)
