"""The simulated rig as a whole: render process, shared pictures, ten software devices, hands."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from station.acquisition import Rig
from station.boards import Chessboard, FrameBoard
from station.cameras.supervisor import CameraState
from station.errors import CalibrationError, SimulationError
from station.frames import ROLES, FrameSet
from station.geometry import Pose, RigCalibration
from station.settings import SimulationSection
from station.simulation.board_hand import BoardHand
from station.simulation.faults import FaultName
from station.simulation.library import PartLibrary
from station.simulation.live import SimulatedRig

pytest.importorskip("pyrealsense2")

FPS = 15
BOARD = Chessboard(10, 7, 0.025)
Loads = list[tuple[float, float, float]]


class Station:
    """A simulated rig, the rig that reads it and the loads its scale was told."""

    def __init__(self) -> None:
        self.loads: Loads = []
        self.sim = SimulatedRig(
            SimulationSection(size="640x480", fps=FPS, seed=3),
            stale_after_s=2.0,
            on_load=lambda kg, x, y: self.loads.append((kg, x, y)),
        )
        self.sim.start()
        self.rig = Rig(self.sim.sources, fps=FPS)
        self.rig.start()

    def close(self) -> None:
        self.rig.stop()
        self.sim.stop()

    def look(self) -> FrameSet:
        frameset = self.rig.next_frameset(time.monotonic_ns())
        assert frameset is not None
        return frameset


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    threads = set(threading.enumerate())
    station = Station()
    yield station
    station.close()
    assert set(threading.enumerate()) == threads
    assert multiprocessing.active_children() == []


@pytest.fixture(scope="module")
def classes() -> list[str]:
    large = [part for part in PartLibrary.load().classes if 0.05 < part.size_m[0] < 0.2]
    return [part.class_id for part in large]


def difference(a: FrameSet, b: FrameSet) -> dict[str, float]:
    """Share of the pixels of each view whose grey changed by more than noise does."""
    changes: dict[str, float] = {}
    for role in ROLES:
        before, after = (np.asarray(f.frames[role].color).mean(axis=2) for f in (a, b))
        changes[role] = float((np.abs(before - after) > 25).mean())
    return changes


def test_a_part_is_seen_by_the_cameras_and_felt_by_the_scale(station: Station, classes: list[str]) -> None:
    station.sim.clear()
    empty = station.look()
    station.sim.place(classes[0], seed=11)
    lying = station.look()
    assert lying.missing == ()
    assert sum(share > 0.0005 for share in difference(empty, lying).values()) >= 8
    (part,) = station.sim.truth()["parts"]
    assert part["class"] == classes[0]
    assert station.loads[-1][0] == pytest.approx(part["weight_kg"])
    assert station.loads[-1][1:] == (pytest.approx(part["x"]), pytest.approx(part["y"]))
    station.sim.clear()
    assert station.loads[-1][0] == 0.0
    assert max(difference(empty, station.look()).values()) < 0.0005


def test_the_same_seed_puts_the_same_part_in_the_same_place(station: Station, classes: list[str]) -> None:
    station.sim.place(classes[1], seed=5, moving=False)
    first = station.sim.truth()["parts"]
    station.sim.place(classes[1], seed=6, moving=False)
    assert station.sim.truth()["parts"] != first
    station.sim.place(classes[1], seed=5, moving=False)
    assert station.sim.truth()["parts"] == first


def test_a_second_part_can_lie_beside_the_first_and_where_it_is_told(station: Station, classes: list[str]) -> None:
    station.sim.place(classes[0], seed=1, at=(0.12, 0.19))
    station.sim.place(classes[1], seed=2, at=(0.36, 0.19), add=True)
    parts = station.sim.truth()["parts"]
    assert [(p["class"], p["x"], p["y"]) for p in parts] == [(classes[0], 0.12, 0.19), (classes[1], 0.36, 0.19)]
    assert station.loads[-1][0] == pytest.approx(sum(p["weight_kg"] for p in parts))


def test_while_parts_move_pictures_may_repeat_but_never_a_frame_number(station: Station, classes: list[str]) -> None:
    numbers: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            frameset = station.rig.next_frameset(time.monotonic_ns())
            if frameset is not None and "cam_09" in frameset.frames:
                numbers.append(frameset.frames["cam_09"].number)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for seed, class_id in enumerate(classes[:3]):
        station.sim.place(class_id, seed)
    done.set()
    watcher.join(10.0)
    assert len(numbers) >= 3
    assert numbers == sorted(set(numbers))


def test_the_handed_over_geometry_is_near_the_truth_but_not_it(station: Station) -> None:
    truth = RigCalibration.from_json(station.sim.truth()["calibration"])
    handed = station.sim.calibration
    for role in ROLES:
        away = np.linalg.norm(truth.cameras[role].pose.center - handed.cameras[role].pose.center)
        assert 0.0 < away < 0.002
        assert station.rig.infos[role].serial == handed.cameras[role].serial
        assert station.rig.infos[role].color.fx == pytest.approx(handed.cameras[role].model.fx, rel=1e-6)
        assert station.rig.infos[role].registered


def held_where(middle: tuple[float, float, float]) -> Pose:
    """Return a pose of ``BOARD``, print up, its middle there."""
    level = np.diag([1.0, -1.0, -1.0])
    return Pose(level, np.array(middle) - level @ BOARD.corners.mean(axis=0))


def test_a_board_is_held_moved_and_taken_away(station: Station) -> None:
    station.sim.clear()
    empty = station.look()
    pose = held_where((0.24, 0.19, 0.15))
    station.sim.hold_board(BOARD, pose)
    shown = station.look()
    assert sum(share > 0.005 for share in difference(empty, shown).values()) >= 8
    told = station.sim.truth()["board"]
    assert told["id"] == BOARD.id
    np.testing.assert_array_equal(told["pose"], pose.matrix[:3].ravel())
    camera = RigCalibration.from_json(station.sim.truth()["calibration"]).cameras["cam_09"]
    grey = np.asarray(cv2.cvtColor(np.asarray(shown.frames["cam_09"].color), cv2.COLOR_RGB2GRAY), np.uint8)
    ok, corners = cv2.findChessboardCorners(grey, BOARD.inner)
    true = camera.model.project(camera.pose.apply(pose.apply(BOARD.corners)))
    assert ok
    assert np.abs(np.sort(corners.reshape(-1, 2), axis=0) - np.sort(true, axis=0)).mean() < 1.0
    station.sim.hold_board(BOARD, held_where((0.30, 0.22, 0.20)))
    assert difference(shown, station.look())["cam_09"] > 0.005
    station.sim.take_board_away()
    assert station.sim.truth()["board"] is None
    assert max(difference(empty, station.look()).values()) < 0.0005


def test_a_hand_shows_the_board_to_the_cameras_asked_for(station: Station) -> None:
    hand = BoardHand(station.sim, BOARD, seed=2)
    held = hand.show_to(["cam_06", "cam_09"])
    frames = station.look().frames
    assert {"cam_06", "cam_09"} <= set(held.roles)
    for role in held.roles:
        grey = np.asarray(cv2.cvtColor(np.asarray(frames[role].color), cv2.COLOR_RGB2GRAY), np.uint8)
        assert cv2.findChessboardCorners(grey, BOARD.inner)[0], role
    hand.take_away()
    assert station.sim.truth()["board"] is None


def test_a_knocked_camera_sees_another_picture_while_the_geometry_handed_over_stays(station: Station) -> None:
    station.sim.clear()
    before, handed = station.look(), station.sim.calibration.id
    stood = RigCalibration.from_json(station.sim.truth()["calibration"])
    station.sim.knock("cam_04", shift_m=(0.0, 0.002, 0.0), turn_deg=(0.0, 0.0, 1.0))
    changed = difference(before, station.look())
    assert changed.pop("cam_04") > 0.005
    assert max(changed.values()) < 0.0005
    stands = RigCalibration.from_json(station.sim.truth()["calibration"])
    moved = [r for r in ROLES if (stands.cameras[r].pose.matrix != stood.cameras[r].pose.matrix).any()]
    assert moved == ["cam_04"]
    assert station.sim.calibration.id == handed
    station.sim.knock("cam_04", shift_m=(0.0, -0.002, 0.0), turn_deg=(0.0, 0.0, -1.0))
    assert max(difference(before, station.look()).values()) < 0.0005
    with pytest.raises(SimulationError, match="There is no camera cam_11"):
        station.sim.knock("cam_11")


def test_a_dead_depth_stream_is_dead_for_that_camera_alone(station: Station) -> None:
    station.sim.set_fault("cam_05", FaultName.DEAD_DEPTH, True)
    try:
        # The picture that is on its way may be one of before.
        station.look()
        frames = station.look().frames
        empty = {role: float((np.asarray(frames[role].depth) == 0).mean()) for role in ROLES}
        assert empty.pop("cam_05") == 1.0
        assert max(empty.values()) < 0.5
    finally:
        station.sim.set_fault("cam_05", FaultName.DEAD_DEPTH, False)


@pytest.mark.parametrize("away_s", [0.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_an_unplugged_camera_is_missing_until_it_is_plugged_in_and_then_soon_in_use_though_nobody_asks(
    station: Station, away_s: float
) -> None:
    station.sim.unplug("cam_02")
    assert station.rig.wait_state("cam_02", CameraState.RECONNECTING, 10.0)
    assert any(station.look().missing == ("cam_02",) for _ in range(20))
    # However long it is away, it has not failed.
    assert not station.rig.wait_state("cam_02", CameraState.FAILED, away_s)
    station.sim.replug("cam_02")
    begun = time.monotonic()
    while "cam_02" not in station.look().frames:
        assert time.monotonic() - begun < 15.0
    print(f"in use again after {time.monotonic() - begun:.1f} s")


def test_what_cannot_be_done_is_refused_in_a_sentence(station: Station) -> None:
    with pytest.raises(SimulationError, match="no_such_class"):
        station.sim.place("no_such_class", seed=1)
    with pytest.raises(SimulationError, match="There is no camera cam_11"):
        station.sim.unplug("cam_11")
    with pytest.raises(SimulationError, match="lies on the plate"):
        station.sim.hold_board(FrameBoard(), Pose.identity())
    with pytest.raises(SimulationError, match="runs already"):
        station.sim.start()


def test_before_the_start_there_is_nothing_to_see() -> None:
    sim = SimulatedRig(SimulationSection())
    assert sim.sources == ()
    with pytest.raises(CalibrationError, match="not started"):
        _ = sim.calibration
    with pytest.raises(SimulationError, match="not started"):
        sim.clear()
    sim.stop()


def test_when_the_render_process_dies_the_cameras_stall_and_everything_says_why(classes: list[str]) -> None:
    processes = multiprocessing.active_children()
    station = Station()
    try:
        station.sim._process.kill()
        assert station.rig.wait_state("cam_01", CameraState.STALLED, 10.0)
        with pytest.raises(SimulationError, match="render process"):
            station.sim.place(classes[0], seed=1)
    finally:
        station.close()
    assert multiprocessing.active_children() == processes
