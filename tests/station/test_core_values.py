from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.boards import FrameBoard
from station.errors import CalibrationError, CameraError, StationError
from station.frames import ROLES, CameraInfo
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration, WorkVolume

MODEL = CameraModel(1280, 720, 920.0, 915.0, 640.5, 358.25, (0.12, -0.25, 0.001, -0.0007, 0.08))


def rotation(seed: int) -> np.ndarray:
    matrix, _ = cv2.Rodrigues(np.random.default_rng(seed).normal(size=3))
    return np.asarray(matrix)


def calibration() -> RigCalibration:
    cameras = {
        role: CameraCalibration(role, f"83441207{n:04d}", MODEL, Pose(rotation(n), np.array([0.1 * n, 0.2, 0.9])))
        for n, role in enumerate(ROLES)
    }
    return RigCalibration(cameras, "a test", "2026-01-02T03:04:05Z", {"rms_px": 0.21})


class TestCameraModel:
    def test_projection_is_opencvs(self) -> None:
        points = np.random.default_rng(1).uniform((-0.4, -0.3, 0.5), (0.4, 0.3, 1.5), (200, 3))
        expected, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), MODEL.matrix, MODEL.dist_coeffs)
        np.testing.assert_allclose(MODEL.project(points), expected.reshape(-1, 2), atol=1e-9)

    def test_points_behind_the_camera_have_no_pixel(self) -> None:
        assert np.isnan(MODEL.project(np.array([[0.0, 0.0, -1.0], [0.1, 0.1, 0.0]]))).all()

    def test_crop_and_scale_move_a_pixel_as_they_move_the_picture(self) -> None:
        smaller = MODEL.cropped_and_scaled(160, 0, 960, 720, 2 / 3)
        assert (smaller.width, smaller.height) == (640, 480)
        points = np.random.default_rng(2).uniform((-0.2, -0.2, 0.8), (0.2, 0.2, 1.2), (50, 3))
        whole = MODEL.project(points)
        # A pixel's centre is half a pixel from its edge, before and after scaling.
        expected = (whole - (160, 0) + 0.5) * 2 / 3 - 0.5
        np.testing.assert_allclose(smaller.project(points), expected, atol=1e-9)

    def test_scaling_agrees_with_how_opencv_shrinks_a_picture(self) -> None:
        picture = np.zeros((720, 1280), dtype=np.float32)
        v, u = np.mgrid[0:720, 0:1280]
        picture += np.exp(-((u - 700.0) ** 2 + (v - 300.0) ** 2) / 200.0)
        small = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA)
        weights = small / small.sum()
        v, u = np.mgrid[0:360, 0:640]
        ray = np.array([[(700.0 - MODEL.cx) / MODEL.fx, (300.0 - MODEL.cy) / MODEL.fy, 1.0]])
        undistorted = dataclasses.replace(MODEL, distortion=(0.0, 0.0, 0.0, 0.0, 0.0))
        expected = undistorted.cropped_and_scaled(0, 0, 1280, 720, 0.5).project(ray)[0]
        np.testing.assert_allclose([(weights * u).sum(), (weights * v).sum()], expected, atol=1e-3)


class TestPose:
    @given(st.integers(0, 1000), st.integers(0, 1000))
    def test_going_there_and_back_changes_nothing(self, a: int, b: int) -> None:
        first, second = Pose(rotation(a), np.array([1.0, 2.0, 3.0])), Pose(rotation(b), np.array([-1.0, 0.5, 0.0]))
        points = np.random.default_rng(a + b).normal(size=(5, 3))
        np.testing.assert_allclose(first.inverse.apply(first.apply(points)), points, atol=1e-12)
        np.testing.assert_allclose((first @ second).apply(points), first.apply(second.apply(points)), atol=1e-12)

    def test_the_centre_is_where_the_camera_sees_its_own_origin(self) -> None:
        pose = Pose(rotation(3), np.array([0.1, 0.2, 0.3]))
        np.testing.assert_allclose(pose.apply(pose.center[None]), [[0.0, 0.0, 0.0]], atol=1e-12)
        np.testing.assert_allclose(Pose.from_matrix(pose.matrix).matrix, pose.matrix)

    def test_a_pose_is_its_own_read_only_copy(self) -> None:
        given_translation = np.zeros(3)
        pose = Pose(np.eye(3), given_translation)
        given_translation[0] = 5.0
        assert pose.translation[0] == 0.0
        with pytest.raises(ValueError, match="read-only"):
            pose.translation[0] = 1.0


class TestRigCalibration:
    def test_it_survives_its_file(self, tmp_path: Path) -> None:
        first = calibration()
        first.save(tmp_path / "rig.json")
        second = RigCalibration.load(tmp_path / "rig.json")
        assert second.id == first.id
        assert second.to_json() == first.to_json()
        assert [path.name for path in tmp_path.iterdir()] == ["rig.json"]

    def test_the_id_follows_the_geometry_and_nothing_else(self) -> None:
        first = calibration()
        assert dataclasses.replace(first, created_at="later", quality={}).id == first.id
        camera = first.cameras["cam_01"]
        moved = dataclasses.replace(camera, pose=Pose(camera.pose.rotation, camera.pose.translation + 1e-6))
        assert dataclasses.replace(first, cameras={**first.cameras, "cam_01": moved}).id != first.id

    def test_a_file_changed_by_hand_is_refused(self, tmp_path: Path) -> None:
        data = calibration().to_json()
        data["cameras"]["cam_04"]["model"]["fx"] += 1
        (tmp_path / "rig.json").write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(CalibrationError, match=r"rig\.json: .* changed by hand\. Restore"):
            RigCalibration.load(tmp_path / "rig.json")

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"cameras": {"cam_01": 3}}', '{"cameras": []}', "\x00"])
    def test_a_damaged_file_is_one_sentence(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "rig.json").write_text(text, encoding="utf-8")
        with pytest.raises(CalibrationError, match=r"rig\.json: The calibration cannot be read"):
            RigCalibration.load(tmp_path / "rig.json")

    def test_an_absent_file_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CalibrationError, match="Check the path"):
            RigCalibration.load(tmp_path / "none.json")


class TestFrameBoard:
    def test_the_world_starts_at_the_printed_corner_with_z_up(self) -> None:
        board = FrameBoard()
        assert (board.width_m, board.height_m) == pytest.approx((0.480, 0.384))
        corners = np.array([[0.0, 0.384, 0.0], [0.48, 0.0, 0.0], [0.0, 0.384, -0.1]])
        np.testing.assert_allclose(board.to_world(corners), [[0, 0, 0], [0.48, 0.384, 0], [0, 0, 0.1]], atol=1e-12)

    def test_its_picture_is_found_where_the_board_says(self) -> None:
        board = FrameBoard()
        pixels = 32
        detector = cv2.aruco.CharucoDetector(board.charuco())
        corners, ids, _, _ = detector.detectBoard(cv2.cvtColor(board.picture(pixels), cv2.COLOR_GRAY2RGB))
        world = board.to_world(np.asarray(board.charuco().getChessboardCorners())[ids.ravel()])
        # Row 0 is the far edge; pixel centres are at integers.
        expected = np.stack([world[:, 0], board.height_m - world[:, 1]], axis=1) / board.square_m * pixels - 0.5
        assert len(ids) > 60
        np.testing.assert_allclose(corners.reshape(-1, 2), expected, atol=1.0)

    def test_the_middle_is_cut_out(self) -> None:
        picture = FrameBoard().picture(10)
        assert set(np.unique(picture[20:-20, 20:-20])) == {128}


def test_depth_in_the_colour_images_geometry_is_told_from_the_cameras_own() -> None:
    info = CameraInfo("cam_01", "1", "D435", "5.16", "3.2", MODEL, MODEL, Pose.identity(), 15.0)
    assert info.registered
    moved = dataclasses.replace(info, depth_to_color=Pose(np.eye(3), np.array([0.015, 0.0, 0.0])))
    assert not moved.registered


def test_the_work_volume_has_eight_corners() -> None:
    corners = WorkVolume().corners
    assert corners.shape == (8, 3)
    np.testing.assert_allclose(np.ptp(corners, axis=0), [0.480, 0.384, 0.300])


def test_an_error_says_where_what_and_what_to_do_in_one_line() -> None:
    error = CameraError("no frame for 3 s.", where="cam_03 (834412070003)", todo="Check its plug.", retryable=True)
    assert str(error) == "cam_03 (834412070003): no frame for 3 s. Check its plug."
    assert isinstance(error, StationError)
    assert error.retryable
