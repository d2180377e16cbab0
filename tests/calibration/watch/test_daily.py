"""One placement of a hand-held board."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.synthetic import RingTruth, ring
from calibration.views import BoardView
from calibration.watch.camera_motion import moved
from calibration.watch.daily import check_board, still
from calibration.watch.verdicts import Standing
from station.errors import CalibrationError
from station.geometry import CameraCalibration, RigCalibration


@pytest.fixture(scope="module")
def truth() -> RingTruth:
    return ring(2, noise_px=0.1)


def one_placement(truth: RingTruth) -> list[BoardView]:
    placements = {view.placement for view in truth.views}
    most = max(sorted(placements), key=lambda p: sum(view.placement == p for view in truth.views))
    return [view for view in truth.views if view.placement == most]


def calibrated(truth: RingTruth, role: str = "", turn_deg: float = 0.0) -> RigCalibration:
    twist = np.array([np.radians(turn_deg), 0.0, 0.0, 0.0, 0.0, 0.0])
    cameras = {
        name: CameraCalibration(name, name, model, moved(truth.cameras[name], twist * (name == role)))
        for name, model in truth.models.items()
    }
    return RigCalibration(cameras, "ring", "2026-01-01T00:00:00Z")


def test_a_rig_that_stands_is_within_fractions_of_a_millimetre(truth: RingTruth) -> None:
    views = one_placement(truth)
    result = check_board(views, calibrated(truth))
    assert result.knocked == ()
    assert result.worst_mm < 0.4
    assert set(result.gap_mm) == {view.role for view in views}
    assert f"{len(views)} of 10 cameras see the board" in result.text


def test_a_turned_camera_is_named_and_its_gap_is_the_largest(truth: RingTruth) -> None:
    views = one_placement(truth)
    role = views[1].role
    result = check_board(views, calibrated(truth, role, 0.4))
    assert result.knocked == (role,)
    assert max(result.gap_mm, key=lambda r: result.gap_mm[r]) == role
    assert result.cameras[role].turned_deg == pytest.approx(0.4, abs=0.15)


def test_a_board_read_upside_down_by_one_camera_is_turned_back(truth: RingTruth) -> None:
    first, *others = one_placement(truth)
    turned = replace(first, pixels=first.pixels[::-1])
    assert check_board([turned, *others], calibrated(truth)).knocked == ()


def test_two_cameras_cannot_tell_who_is_wrong(truth: RingTruth) -> None:
    with pytest.raises(CalibrationError, match="Only 2 of the calibrated cameras"):
        check_board(one_placement(truth)[:2], calibrated(truth))


def test_unseen_cameras_are_unchecked(truth: RingTruth) -> None:
    views = one_placement(truth)[:3]
    result = check_board(views, calibrated(truth))
    unseen = set(truth.models) - {view.role for view in views}
    assert {r for r, v in result.cameras.items() if v.standing is Standing.UNCHECKED} == unseen


def test_a_board_is_still_when_no_camera_sees_it_move(truth: RingTruth) -> None:
    views = one_placement(truth)
    assert still(views, views)
    moving = [replace(views[0], pixels=views[0].pixels + 2.0), *views[1:]]
    assert not still(views, moving)
    assert not still(views[:2], views[:2])
