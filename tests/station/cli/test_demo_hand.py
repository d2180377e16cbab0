"""What the buttons of the simulated rig do, on a rig that only notes what it is told."""

from __future__ import annotations

import math
import threading
from typing import Any, cast

import pytest

from station.boards import Board
from station.cli.demo_hand import DemoHand
from station.errors import SimulationError
from station.geometry import Pose, RigCalibration
from station.simulation.fault_run import FaultBoard
from station.simulation.faults import FaultName
from station.simulation.live import SimulatedRig
from station.simulation.rig import rig_models
from station.simulation.scale import VirtualScale
from station.simulation.situations import Situation


class NotingRig:
    """Stands in for the simulated rig."""

    calibration: RigCalibration = rig_models("640x480", 1)

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self._heard = threading.Condition()

    def hold_board(self, board: Board, pose: Pose, *, moving: bool = True) -> None:
        self._hear("hold", board.id, pose)

    def take_board_away(self) -> None:
        self._hear("away")

    def knock(self, role: str, shift_m: tuple[float, ...], turn_deg: tuple[float, ...]) -> None:
        self._hear("knock", role, shift_m, turn_deg)

    def place(self, class_id: str, seed: int, **how: Any) -> None:
        self._hear("place", class_id, how)

    def turn(self, degrees: float) -> None:
        self._hear("turn", degrees)

    def put_tray(self) -> None:
        self._hear("tray")

    def take_tray(self) -> None:
        self._hear("no tray")

    def reach_in(self, kind: str, tip: tuple[float, float, float]) -> None:
        self._hear(kind, True)

    def set_fault(self, role: str, fault: FaultName, on: bool) -> None:
        if role == "cam_10":
            raise SimulationError("There is no camera cam_10.")
        self._hear(fault, role, on)

    def set_silent(self, silent: bool) -> None:
        self._hear("silent", silent)

    def wait(self, count: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.told) >= count, 10.0)

    def _hear(self, *what: Any) -> None:
        with self._heard:
            self.told.append(what)
            self._heard.notify_all()


@pytest.fixture
def rig() -> NotingRig:
    return NotingRig()


def hand_at(rig: NotingRig) -> DemoHand:
    board = FaultBoard(rig, cast(VirtualScale, rig))
    return DemoHand(cast(SimulatedRig, rig), board, ["a"], ["b"], seed=1)


def test_the_board_is_held_where_the_cameras_asked_for_see_it_then_taken_away(rig: NotingRig) -> None:
    hand = hand_at(rig)
    hand.hold_board("chess-10x7-25", ("cam_09",))
    hand.take_board_away()
    rig.wait(2)
    hand.close()
    (held, board_id, pose), away = rig.told
    assert (held, board_id, away) == ("hold", "chess-10x7-25", ("away",))
    camera = rig.calibration.cameras["cam_09"]
    u, v = camera.model.project(camera.pose.apply(pose.translation[None]))[0]
    assert 0 < u < 640
    assert 0 < v < 480
    assert hand.take_trouble() is None


def test_with_no_cameras_asked_for_the_board_is_held_somewhere_else_each_time(rig: NotingRig) -> None:
    hand = hand_at(rig)
    hand.hold_board("chess-10x7-25", ())
    hand.hold_board("chess-10x7-25", ())
    rig.wait(2)
    hand.close()
    first, second = (told[2] for told in rig.told)
    assert (first.matrix != second.matrix).any()


def test_a_knock_moves_a_camera_by_three_millimetres_and_half_a_degree(rig: NotingRig) -> None:
    hand = hand_at(rig)
    hand.knock("cam_03")
    hand.close()
    ((_, role, shift, turn),) = rig.told
    assert role == "cam_03"
    assert math.hypot(*shift) == pytest.approx(0.003)
    assert math.hypot(*turn) == pytest.approx(0.5)


@pytest.mark.parametrize("board_id", ["chess-nonsense", "frame-20x16-24-18-ring2-DICT_ARUCO_ORIGINAL"])
def test_a_board_that_cannot_be_held_is_a_trouble_told_once(rig: NotingRig, board_id: str) -> None:
    hand = hand_at(rig)
    hand.hold_board(board_id, ())
    hand.close()
    assert board_id in (hand.take_trouble() or "")
    assert hand.take_trouble() is None
    assert rig.told == []


def test_a_sessions_part_is_laid_turned_and_laid_anew(rig: NotingRig) -> None:
    hand = hand_at(rig)
    for count, (class_id, degrees) in enumerate([("a", 30.0), ("a", 30.0), ("a", 0.0), ("b", 30.0)], start=1):
        hand.lay(class_id, degrees)
        rig.wait(count)
    hand.close()
    assert [told[:2] for told in rig.told] == [("place", "a"), ("turn", 30.0), ("place", "a"), ("place", "b")]


def test_a_class_that_was_made_just_now_is_played_by_a_part_of_the_library(rig: NotingRig) -> None:
    hand = hand_at(rig)
    hand.lay("made_just_now", 0.0)
    rig.wait(1)
    hand.lay("made_just_now", 30.0)
    rig.wait(2)
    hand.close()
    assert [told[:2] for told in rig.told] == [("place", "b"), ("turn", 30.0)]


def test_faults_begin_and_end_at_once_and_a_pulled_plug_is_one_of_them(rig: NotingRig) -> None:
    hand = hand_at(rig)
    hand.plug("cam_02", False)
    hand.set_fault(FaultName.SCALE_SILENT, None, True)
    hand.set_fault(FaultName.STALL, "cam_10", True)
    assert rig.told == [(FaultName.UNPLUG, "cam_02", True), ("silent", True)]
    assert hand.faults() == {(FaultName.UNPLUG, "cam_02"), (FaultName.SCALE_SILENT, "scale")}
    assert not hand.plugged()["cam_02"]
    assert "cam_10" in (hand.take_trouble() or "")
    hand.plug("cam_02", True)
    assert all(hand.plugged().values())
    hand.close()


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        (Situation.TWO_PARTS, [{"at": (0.13, 0.19)}, {"at": (0.34, 0.19), "add": True}]),
        (Situation.BEYOND, [{"at": (-0.01, 0.19)}]),
        (Situation.EXCHANGE, [{"moving": False}]),
        (Situation.LIGHT_PART, [{"weight_kg": 1e-4}]),
        (Situation.TRAY, ["tray"]),
        (Situation.NO_TRAY, ["no tray"]),
    ],
)
def test_each_situation_is_arranged_at_the_plate(rig: NotingRig, situation: Situation, told: list[object]) -> None:
    hand = hand_at(rig)
    hand.arrange(situation)
    rig.wait(len(told))
    hand.close()
    assert [one[-1] for one in rig.told] == told
    assert hand.take_trouble() is None


def test_a_hand_over_the_plate_waits_for_the_hand_and_holds_when_it_is_seen(rig: NotingRig) -> None:
    hand = hand_at(rig)
    hand.set_fault(FaultName.HAND, None, True)
    rig.wait(1)
    hand.close()
    assert rig.told == [("arm", True)]
    assert hand.faults() == {(FaultName.HAND, "plate")}
