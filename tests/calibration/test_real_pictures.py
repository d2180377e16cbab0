"""Real pictures of boards; skipped by name where they are absent."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.detection import detect
from calibration.hand_eye import HandEyeOptions, solve_hand_eye
from calibration.intrinsics import solve_intrinsics
from calibration.other_boards import other_board
from calibration.plate_pose import detect_plate, plate_pose
from calibration.projection import rotation_angle
from calibration.robot_poses import robot_poses
from calibration.views import BoardView
from station.boards import CharucoBoard, Chessboard, FrameBoard
from station.captures.mvip import find_captures, load_frameset
from station.geometry import CameraModel, Pose

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MVIP = DATA / "mvip_sample"
CHESSBOARDS = DATA / "boards" / "four_cameras_chessboard"
ROBOT = DATA / "boards" / "robot_charuco"

needs_mvip = pytest.mark.skipif(not MVIP.is_dir(), reason="the captures of mvip_sample are not here")
needs_chessboards = pytest.mark.skipif(
    not CHESSBOARDS.is_dir(), reason="the pictures of four_cameras_chessboard are not here"
)
needs_robot = pytest.mark.skipif(not ROBOT.is_dir(), reason="the pictures of robot_charuco are not here")


def _grey(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


@cache
def _plates() -> list[tuple[BoardView, CameraModel, Pose]]:
    found: list[tuple[BoardView, CameraModel, Pose]] = []
    for capture in find_captures(MVIP):
        frameset, published = load_frameset(capture.path)
        for role, frame in frameset.frames.items():
            camera = published.cameras[role]
            found.append((detect_plate(frame.color, FrameBoard(), role), camera.model, camera.pose))
    return found


@needs_mvip
def test_all_sixty_views_of_the_plate_are_solved_near_the_published_places() -> None:
    plates = _plates()
    solved = [plate_pose(view, model) for view, model, _ in plates]
    assert len(solved) == 60
    assert max(one.rms_px for one in solved) <= 1.7
    pairs = list(zip(solved, (pose for _, _, pose in plates), strict=True))
    apart_mm = [1e3 * float(np.linalg.norm(one.pose.center - pose.center)) for one, pose in pairs]
    turned_deg = [np.degrees(rotation_angle(one.pose.rotation @ pose.rotation.T)) for one, pose in pairs]
    assert np.median(apart_mm) <= 1.5
    assert max(apart_mm) <= 6.0
    assert np.median(turned_deg) <= 0.15
    assert max(turned_deg) <= 0.8


@needs_mvip
def test_left_out_markers_fit_better_than_by_the_published_places() -> None:
    """Every second marker gives the pose, the others judge it; markers far off under both poses are false ones."""
    better = 0
    for view, model, published in _plates():
        markers = np.arange(len(view.pixels)) // 4
        ours, theirs = np.empty(0), np.empty(0)
        for half in range(2):
            learn = markers % 2 == half
            pose = plate_pose(replace(view, points_m=view.points_m[learn], pixels=view.pixels[learn]), model).pose
            for place, into in ((pose, "ours"), (published, "theirs")):
                error = np.linalg.norm(model.project(place.apply(view.points_m[~learn])) - view.pixels[~learn], axis=1)
                if into == "ours":
                    ours = np.append(ours, error)
                else:
                    theirs = np.append(theirs, error)
        counted = np.minimum(ours, theirs) < 10.0
        better += np.mean(ours[counted] ** 2) < np.mean(theirs[counted] ** 2)
    assert better >= 50


@needs_chessboards
def test_the_chessboards_of_four_cameras_are_found() -> None:
    found = {
        path.name: detect(_grey(path), Chessboard(10, 7, 0.025), path.name[:5], path.stem)
        for path in sorted(CHESSBOARDS.glob("*.jpg"))
    }
    views = [one.view for one in found.values() if one.view is not None]
    assert {view.role for view in views} == {"cam_0", "cam_1", "cam_2", "cam_3"}
    assert len(views) >= 7
    assert all(one.refusal for one in found.values() if one.view is None)


@needs_chessboards
def test_a_picture_turned_by_180_degrees_gives_the_same_corners_in_the_same_order() -> None:
    """The squares' colours tell which end is which."""
    for path in sorted(CHESSBOARDS.glob("*1070.jpg")):
        grey = _grey(path)
        size = np.array([grey.shape[1] - 1, grey.shape[0] - 1])
        upright = detect(grey, Chessboard(10, 7, 0.025), "cam", path.stem).view
        turned = detect(np.ascontiguousarray(grey[::-1, ::-1]), Chessboard(10, 7, 0.025), "cam", path.stem).view
        assert upright is not None
        assert turned is not None
        assert np.abs(size - turned.pixels - upright.pixels).max() < 0.2


@needs_chessboards
def test_a_wrong_number_of_squares_is_answered_with_the_right_one() -> None:
    for path in sorted(CHESSBOARDS.glob("*1070.jpg")):
        assert detect(_grey(path), Chessboard(9, 7, 0.025), "cam", path.stem).view is None
        said = other_board(_grey(path), Chessboard(9, 7, 0.025))
        assert said == "a chessboard with 9 × 6 inner corners (10 × 7 squares)"


@needs_chessboards
def test_what_few_chessboard_pictures_carry_is_solved_and_not_passed_off_as_good() -> None:
    views: dict[str, list[BoardView]] = {}
    for path in sorted(CHESSBOARDS.glob("*.jpg")):
        found = detect(_grey(path), Chessboard(10, 7, 0.025), path.name[:5], path.stem).view
        if found is not None:
            views.setdefault(found.role, []).append(found)
    solved = {role: solve_intrinsics(seen, 1280, 720) for role, seen in views.items()}
    assert sorted(solved) == ["cam_0", "cam_1", "cam_2", "cam_3"]
    assert not any(one.usable for one in solved.values())
    assert all(one.shortfalls[0].endswith("the board, 12 are needed") for one in solved.values())


@needs_robot
def test_a_mirrored_picture_of_the_robots_board_is_refused() -> None:
    board = CharucoBoard(5, 7, 0.036195, 0.018256, "DICT_6X6_250")
    mirrored = np.ascontiguousarray(_grey(ROBOT / "images" / "0.png")[:, ::-1])
    assert detect(mirrored, board, "cam_01", "0").view is None
    assert other_board(mirrored, board) == "the board as in a mirror: the pictures are mirrored"


@needs_robot
def test_the_robots_board_is_found_in_all_eight_pictures() -> None:
    """In picture 2 the light hides all markers but a few; they are looked for again where they must be."""
    board = CharucoBoard(5, 7, 0.036195, 0.018256, "DICT_6X6_250")
    found = [detect(_grey(path), board, "cam_01", path.stem) for path in sorted((ROBOT / "images").glob("*.png"))]
    assert len(found) == 8
    assert all(one.view is not None and len(one.view.pixels) >= 22 for one in found)


def _robot() -> tuple[list[BoardView], list[Pose], CameraModel]:
    board = CharucoBoard(5, 7, 0.036195, 0.018256, "DICT_6X6_250")
    poses = robot_poses(ROBOT / "poses")
    found = [detect(_grey(path), board, "cam_01", path.stem).view for path in sorted((ROBOT / "images").glob("*.png"))]
    views = [view for view in found if view is not None]
    model = CameraModel(1600, 1200, 1352.02747, 1356.14287, 789.67065, 627.2995)
    return views, [poses[view.placement] for view in views], model


@needs_robot
def test_the_robots_chain_fits_once_distortion_and_print_size_are_solved_along() -> None:
    """The published intrinsics lack the lens's distortion, and the board was printed about half a percent too large."""
    views, poses, model = _robot()
    plain = solve_hand_eye(views, poses, model)
    found = solve_hand_eye(views, poses, model, HandEyeOptions(refine_intrinsics=True, square_size=True))
    assert found.rms_px <= 1.0
    apart_mm = [one.board_mm for one in found.pictures]
    assert np.median(apart_mm) <= 2.5
    assert max(apart_mm) <= 6.0
    assert found.held_out_px is not None
    assert plain.held_out_px is not None
    assert found.held_out_px < 0.6 * plain.held_out_px
    assert plain.rms_px < 2.5


@needs_robot
def test_a_robots_pose_of_another_picture_is_named() -> None:
    views, poses, model = _robot()
    names = [view.placement for view in views]
    first, second = names.index("8"), names.index("10")
    poses[first], poses[second] = poses[second], poses[first]
    assert set(solve_hand_eye(views, poses, model).foreign) == {"8", "10"}
