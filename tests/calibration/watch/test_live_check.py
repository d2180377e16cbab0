"""The daily check on running cameras: it waits until the board is held still, and can be ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from calibration.watch.live_check import check_when_still
from station.errors import CalibrationError
from station.frames import FrameSet
from station.geometry import Pose, RigCalibration
from tests.calibration.collecting.scripted import BOARD, ScriptedRig, held, true_rig

ROLES = ("cam_04", "cam_05", "cam_07", "cam_08", "cam_09")


class MovingHand(ScriptedRig):
    """Holds the board still only after some pictures of it on its way."""

    def __init__(self, truth: RigCalibration, place: Pose, moving: int) -> None:
        super().__init__(truth)
        self.place = place
        self.moving = moving
        self.given = 0

    def next_frameset(self, newer_than_ns: int = 0, timeout_s: float = 5.0) -> FrameSet | None:
        self.given += 1
        away = max(0, self.moving - self.given)
        self.show(Pose(np.eye(3), np.array([0.004 * away, 0.0, 0.0])) @ self.place)
        return super().next_frameset(newer_than_ns, timeout_s)


@pytest.fixture(scope="module")
def truth() -> RigCalibration:
    return true_rig(ROLES)


@pytest.fixture(scope="module")
def place(truth: RigCalibration) -> Pose:
    return held(truth, ROLES, np.random.default_rng(2))


def test_the_board_is_checked_when_it_has_come_to_rest(truth: RigCalibration, place: Pose) -> None:
    rig = MovingHand(truth, place, moving=4)
    check = check_when_still(rig, truth, BOARD)
    assert rig.given >= 5
    assert check.calibration_id == truth.id
    assert check.knocked == ()
    assert len(check.gap_mm) >= 3


def test_a_camera_that_was_knocked_is_named(truth: RigCalibration, place: Pose) -> None:
    camera = truth.cameras["cam_07"]
    moved = Pose(np.eye(3), np.array([0.006, 0.0, 0.0])) @ camera.pose
    stored = RigCalibration({**truth.cameras, "cam_07": replace(camera, pose=moved)}, "test", truth.created_at)
    assert check_when_still(MovingHand(truth, place, 0), stored, BOARD).knocked == ("cam_07",)


@pytest.mark.parametrize(
    ("cancelled", "words"), [(lambda: True, "ended"), (lambda: False, "No 3 cameras saw the board")]
)
def test_without_a_board_it_ends_with_a_sentence(
    truth: RigCalibration, cancelled: Callable[[], bool], words: str
) -> None:
    rig = ScriptedRig(truth)
    rig.show(None)
    with pytest.raises(CalibrationError, match=words):
        check_when_still(rig, truth, BOARD, timeout_s=0.5, cancelled=cancelled)
