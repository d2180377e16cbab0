"""Boards are found where they are, in the right order, and refused with the reason where they are unfit."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from calibration.detection import detect, frame_markers
from calibration.other_boards import other_board
from calibration.plate_pose import detect_plate, plate_pose
from calibration.projection import rotation_angle, rotation_matrices
from calibration.views import BoardView
from station.boards import Board, CharucoBoard, Chessboard, FrameBoard
from station.errors import CalibrationError
from station.geometry import CameraModel, Pose
from tests.calibration.rendered import looking_at, picture_of

CAMERA = CameraModel(1280, 720, 920.0, 918.0, 641.0, 357.0)
CHESS = Chessboard(10, 7, 0.03)
CHARUCO = CharucoBoard(7, 5, 0.04, 0.03, "DICT_5X5_100")


def _before_camera(board: Board, turn: tuple[float, float, float], distance_m: float) -> Pose:
    rotation = rotation_matrices(np.array([turn]))[0]
    middle = np.array([board.columns, board.rows, 0.0]) * board.square_m / 2
    return Pose(rotation, np.array([0.0, 0.0, distance_m]) - rotation @ middle)


@pytest.mark.parametrize("board", [CHESS, CHARUCO], ids=lambda board: board.id)
@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.4, -0.5, 0.2), (0.3, 0.2, 3.0)])
def test_corners_are_found_to_a_tenth_of_a_pixel(board: Board, turn: tuple[float, float, float]) -> None:
    pose = _before_camera(board, turn, 0.6)
    found = detect(picture_of(board, CAMERA, pose), board, "cam_01", "one").view
    assert found is not None
    error = CAMERA.project(pose.apply(found.points_m)) - found.pixels
    assert np.sqrt((error**2).mean()) < 0.15


@pytest.mark.parametrize("board", [CHESS, CHARUCO], ids=lambda board: board.id)
def test_a_quick_search_finds_the_same_corners(board: Board) -> None:
    """Under uneven light, too; the corners are those of the thorough search to a hundredth of a pixel."""
    picture = picture_of(board, CAMERA, _before_camera(board, (0.4, -0.5, 0.2), 0.6))
    picture = np.asarray(picture * np.linspace(0.3, 1.0, CAMERA.width), dtype=np.uint8)
    thorough, quick = (detect(picture, board, "cam_01", "one", quick=way).view for way in (False, True))
    assert thorough is not None
    assert quick is not None
    assert np.abs(thorough.pixels - quick.pixels).max() < 0.01
    assert detect(picture[:, :600], Chessboard(9, 8, 0.03), "cam_01", "one", quick=True).view is None


def test_a_chessboard_that_looks_the_same_turned_keeps_both_readings() -> None:
    board = Chessboard(9, 7, 0.03)
    assert not board.unmistakable
    pose = _before_camera(board, (0.3, 0.2, 3.1), 0.6)
    found = detect(picture_of(board, CAMERA, pose), board, "cam_01", "one").view
    assert found is not None
    errors = [
        np.linalg.norm(CAMERA.project(pose.apply(found.read_as(reading))) - found.pixels, axis=1).max()
        for reading in range(2)
    ]
    assert min(errors) < 0.5


@pytest.mark.parametrize(
    ("turn", "distance", "blur", "reason"),
    [
        ((0.0, 0.0, 0.0), 4.5, 0.0, "tiny"),
        ((0.0, 0.0, 0.0), 0.6, 4.0, "blurred"),
        ((1.27, 0.0, 0.0), 0.6, 0.0, "grazing"),
        ((0.0, 0.0, 0.0), 0.28, 0.0, "not found"),
    ],
)
def test_an_unfit_chessboard_is_refused_with_the_reason(
    turn: tuple[float, float, float], distance: float, blur: float, reason: str
) -> None:
    picture = picture_of(CHESS, CAMERA, _before_camera(CHESS, turn, distance))
    if blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), dtype=np.uint8)
    found = detect(picture, CHESS, "cam_01", "one")
    assert found.view is None
    assert found.refusal is not None
    assert found.refusal.startswith(reason)


def test_a_charuco_board_of_which_little_is_visible_is_cut_off() -> None:
    picture = picture_of(CHARUCO, CAMERA, _before_camera(CHARUCO, (0.0, 0.0, 0.0), 0.4))
    picture[:, 500:] = 200
    found = detect(picture, CHARUCO, "cam_01", "one")
    assert found.view is None
    assert found.refusal is not None
    assert found.refusal.startswith(("cut off", "not found"))


def test_the_frame_gives_the_cameras_place_in_the_world() -> None:
    board = FrameBoard()
    truth = looking_at((0.6, -0.2, 0.6), (0.24, 0.19, 0.0))
    view = detect_plate(picture_of(board, CAMERA, truth), board, "cam_04")
    found = plate_pose(view, CAMERA)
    assert found.markers > 40
    assert 1e3 * np.linalg.norm(found.pose.center - truth.center) < 1.0
    assert np.degrees(rotation_angle(found.pose.rotation @ truth.rotation.T)) < 0.1


def test_markers_with_wrong_numbers_are_left_out_of_the_frame() -> None:
    markers = frame_markers(FrameBoard())
    numbers = sorted(markers)[:30]
    truth = looking_at((0.6, -0.2, 0.6), (0.24, 0.19, 0.0))
    points = np.concatenate([markers[number] for number in numbers])
    rng = np.random.default_rng(0)
    pixels = CAMERA.project(truth.apply(points)) + rng.normal(0.0, 0.2, (len(points), 2))
    swapped = [markers[number] for number in numbers]
    swapped[3], swapped[11] = markers[sorted(markers)[40]], markers[sorted(markers)[50]]
    view = BoardView("cam_04", "plate", FrameBoard().id, np.concatenate(swapped), pixels)
    found = plate_pose(view, CAMERA)
    assert found.left_out == 2
    assert found.rms_px < 0.5
    # The wrong markers leave no trace: the pose is that of the others alone, off by their noise.
    right = np.repeat([number not in (3, 11) for number in range(30)], 4)
    alone = plate_pose(replace(view, points_m=view.points_m[right], pixels=view.pixels[right]), CAMERA)
    assert 1e3 * np.linalg.norm(found.pose.center - alone.pose.center) < 0.01
    assert 1e3 * np.linalg.norm(found.pose.center - truth.center) < 2.0


def test_a_plate_that_is_not_there_is_an_error_with_the_camera_in_it() -> None:
    with pytest.raises(CalibrationError, match=r"cam_02: The plate's frame cannot be used: not found"):
        detect_plate(np.full((720, 1280), 128, np.uint8), FrameBoard(), "cam_02")


@pytest.mark.parametrize("smaller", [Chessboard(9, 7, 0.03), Chessboard(10, 6, 0.03), Chessboard(8, 6, 0.03)])
def test_a_part_of_a_larger_chessboard_is_not_taken_for_the_board(smaller: Chessboard) -> None:
    picture = picture_of(CHESS, CAMERA, _before_camera(CHESS, (0.4, -0.5, 0.2), 0.6))
    assert detect(picture, smaller, "cam_01", "one").view is None
    assert detect(picture, smaller, "cam_01", "one", quick=True).view is None


def test_what_is_there_instead_is_said() -> None:
    pose = _before_camera(CHESS, (0.3, 0.2, 0.1), 0.6)
    picture = picture_of(CHESS, CAMERA, pose)
    assert other_board(picture, Chessboard(9, 7, 0.03)) == "a chessboard with 9 × 6 inner corners (10 × 7 squares)"
    assert other_board(picture, CHESS) is None
    marked = picture_of(CHARUCO, CAMERA, _before_camera(CHARUCO, (0.3, 0.2, 0.1), 0.6))
    mirrored = np.ascontiguousarray(marked[:, ::-1])
    assert other_board(mirrored, CHARUCO) == "the board as in a mirror: the pictures are mirrored"
    assert other_board(marked, CharucoBoard(7, 5, 0.04, 0.03, "DICT_6X6_100")) == "markers of DICT_5X5"
    turned = CharucoBoard(5, 7, 0.04, 0.03, "DICT_5X5_100")
    assert other_board(marked, turned) == f"markers of its dictionary that do not lie as on {turned.id}"
    assert other_board(np.full((720, 1280), 128, np.uint8), CHARUCO) is None


def test_a_mirrored_charuco_board_is_not_taken_for_one() -> None:
    marked = picture_of(CHARUCO, CAMERA, _before_camera(CHARUCO, (0.3, 0.2, 0.1), 0.6))
    assert detect(np.ascontiguousarray(marked[:, ::-1]), CHARUCO, "cam_01", "one").view is None
