"""Six captures of a rig that nobody touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.plate_pose import detect_plate, plate_pose
from calibration.watch.rig_watch import RigWatch
from calibration.watch.verdicts import DepthState, Standing
from station.boards import FrameBoard
from station.captures.mvip import find_captures, load_frameset
from station.geometry import CameraCalibration, RigCalibration

SAMPLE = Path(__file__).resolve().parents[4] / "shared/data/mvip_sample"


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="../shared/data/mvip_sample is not here")
def test_every_camera_stands_through_all_captures_and_the_dead_depth_is_named() -> None:
    board = FrameBoard()
    captures = [load_frameset(found.path) for found in find_captures(SAMPLE)]
    first, published = captures[0]
    cameras = {
        role: CameraCalibration(
            role, one.serial, one.model, plate_pose(detect_plate(first.frames[role].color, board, role), one.model).pose
        )
        for role, one in published.cameras.items()
    }
    watch = RigWatch(RigCalibration(cameras, "the first capture", "2026-01-01T00:00:00Z"), board)
    reports = [watch.check(frameset, str(n)) for n, (frameset, _) in enumerate(captures)]
    for report in reports[2:]:
        assert {verdict.standing for verdict in report.cameras.values()} == {Standing.STANDS}
        assert max(verdict.moved_mm for verdict in report.cameras.values()) < 0.8
    assert all(report.warnings == () for report in reports)
    states = {role: verdict.state for role, verdict in reports[-1].depth.items()}
    assert states.pop("cam_05") is DepthState.DEAD
    assert set(states.values()) == {DepthState.BIASED}  # the published depth lies 2 to 6 cm behind the plate
