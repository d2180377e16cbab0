"""One capture after the other: who stands, who was knocked, and when it was the plate that moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.watch.camera_motion import moved
from calibration.watch.rig_watch import RigWatch
from calibration.watch.verdicts import DepthState, Standing
from station.boards import FrameBoard
from station.frames import ROLES
from station.geometry import Pose, RigCalibration
from tests.calibration.watch.simulated_rig import StandingRig


@pytest.fixture
def rig() -> StandingRig:
    return StandingRig()


@pytest.fixture
def watch(rig: StandingRig) -> RigWatch:
    watch = RigWatch(rig.calibration, FrameBoard())
    for number in range(2):
        report = watch.check(rig.take(empty=number == 0), str(number))
        assert report.knocked == ()
        assert not report.plate.moved
    return watch


@pytest.mark.parametrize(
    ("role", "shift_mm", "turn_deg"), [("cam_03", (0.0, 2.0, 0.0), (0.0, 0.0, 0.0)), ("cam_09", (0, 0, 0), (0.3, 0, 0))]
)
def test_a_knocked_camera_is_named_within_three_captures_and_no_other(
    rig: StandingRig,
    watch: RigWatch,
    role: str,
    shift_mm: tuple[float, float, float],
    turn_deg: tuple[float, float, float],
) -> None:
    rig.knock(role, shift_mm, turn_deg)
    reports = [watch.check(rig.take(), f"after {n}") for n in range(3)]
    assert reports[-1].knocked == (role,)
    assert not any(set(report.knocked) - {role} or report.plate.moved for report in reports)
    verdict = reports[-1].cameras[role]
    assert verdict.moved_mm == pytest.approx(np.linalg.norm(shift_mm), abs=max(0.6, verdict.sure_mm))
    assert verdict.turned_deg == pytest.approx(np.linalg.norm(turn_deg), abs=0.06)
    assert reports[-1].warnings == (verdict.text,)
    assert verdict.text.startswith(f"Camera {int(role[-2:])} stands ")
    assert verdict.text.endswith("Calibrate it again.")


def test_one_wild_picture_names_nobody_and_a_camera_put_back_stands_again(rig: StandingRig, watch: RigWatch) -> None:
    rig.knock("cam_06", (3.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert watch.check(rig.take(), "wild").knocked == ()
    rig.knock("cam_06", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    reports = [watch.check(rig.take(), f"back {n}") for n in range(2)]
    assert all(report.knocked == () for report in reports)
    assert reports[-1].cameras["cam_06"].standing is Standing.STANDS


def test_a_plate_that_was_pushed_is_said_once_and_not_as_ten_cameras(rig: StandingRig, watch: RigWatch) -> None:
    # To the cameras a pushed plate looks as if all of them had moved the other way round together.
    push = moved(Pose(np.eye(3), np.zeros(3)), np.array([0.0, 0.0, np.radians(0.4), 0.004, -0.001, 0.0]))
    cameras = {role: replace(one, pose=one.pose @ push.inverse) for role, one in rig.calibration.cameras.items()}
    elsewhere = RigCalibration(cameras, "pushed", rig.calibration.created_at)
    pushed = RigWatch(elsewhere, FrameBoard())
    reports = [pushed.check(rig.take(empty=n == 0), str(n)) for n in range(3)]
    assert reports[-1].knocked == ()
    assert reports[-1].plate.moved
    assert reports[-1].plate.turned_deg == pytest.approx(0.4, abs=0.05)
    assert reports[-1].warnings == (reports[-1].plate.text,)


def test_an_exchanged_or_missing_camera_is_not_compared(rig: StandingRig, watch: RigWatch) -> None:
    frameset = rig.take()
    frames = {role: frame for role, frame in frameset.frames.items() if role != "cam_02"}
    serials = {role: camera.serial for role, camera in rig.calibration.cameras.items()} | {"cam_05": "000000000000"}
    report = watch.check(replace(frameset, frames=frames, missing=("cam_02",)), "x", serials=serials)
    assert report.cameras["cam_05"].standing is Standing.EXCHANGED
    assert report.cameras["cam_02"].standing is Standing.UNCHECKED
    assert "gave no picture" in report.cameras["cam_02"].text
    assert report.warnings == ()


def test_a_dead_depth_camera_is_named_and_the_others_are_right(rig: StandingRig, watch: RigWatch) -> None:
    for number in range(2):
        report = watch.check(rig.take(dead=("cam_04",)), f"dead {number}")
    states = {role: verdict.state for role, verdict in report.depth.items()}
    assert states.pop("cam_04") is DepthState.DEAD
    assert set(states.values()) == {DepthState.OK}
    assert report.depth_warnings == (report.depth["cam_04"].text,)
    assert sorted(report.depth) == sorted(ROLES)


def test_a_depth_that_is_off_is_named_in_millimetres(rig: StandingRig, watch: RigWatch) -> None:
    for _number in range(3):
        frameset = rig.take()
        frame = frameset.frames["cam_08"]
        raised = np.where(frame.depth > 0, frame.depth + 15, 0).astype(np.uint16)
        report = watch.check(replace(frameset, frames={**frameset.frames, "cam_08": replace(frame, depth=raised)}), "x")
    assert report.depth["cam_08"].state is DepthState.BIASED
    assert report.depth["cam_08"].bias_mm == pytest.approx(15.0, abs=3.0)
    assert report.depth["cam_08"].limit_mm < 15.0
