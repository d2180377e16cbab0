"""Two calibrations beside each other: what moved, and what is in one of them alone."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.comparison import compare
from calibration.projection import rotation_matrices
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration

MODEL = CameraModel(1280, 720, 920.0, 920.0, 639.5, 359.5)


def _rig(poses: dict[str, Pose]) -> RigCalibration:
    cameras = {role: CameraCalibration(role, role[-2:], MODEL, pose) for role, pose in poses.items()}
    return RigCalibration(cameras, "a test", "2026-01-01T00:00:00Z")


def test_a_camera_that_moved_is_measured_and_the_others_stand() -> None:
    rng = np.random.default_rng(0)
    poses = {
        f"cam_{i:02d}": Pose(rotation_matrices(rng.normal(size=(1, 3)))[0], rng.normal(size=3)) for i in range(1, 4)
    }
    turn = rotation_matrices(np.radians([[0.0, 0.4, 0.0]]))[0]
    stood = poses["cam_02"]
    rotation = turn @ stood.rotation
    moved = Pose(rotation, -rotation @ (stood.center + np.array([0.0, 0.003, 0.004])))
    comparison = compare(_rig(poses), _rig({**poses, "cam_02": moved}))
    assert comparison.before_id == _rig(poses).id
    assert comparison.cameras["cam_02"].moved_mm == pytest.approx(5.0)
    assert comparison.cameras["cam_02"].turned_deg == pytest.approx(0.4)
    assert comparison.cameras["cam_01"].moved_mm == 0.0
    assert comparison.cameras["cam_01"].turned_deg == pytest.approx(0.0, abs=1e-6)


def test_cameras_of_one_calibration_alone_are_named() -> None:
    comparison = compare(
        _rig({"cam_01": Pose.identity(), "cam_03": Pose.identity()}),
        _rig({"cam_01": Pose.identity(), "cam_02": Pose.identity()}),
    )
    assert set(comparison.cameras) == {"cam_01"}
    assert comparison.only_before == ("cam_03",)
    assert comparison.only_after == ("cam_02",)
