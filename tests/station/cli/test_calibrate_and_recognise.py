"""A station that starts without a calibration gets one from a board in a hand, and recognises with it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from calibration.collecting.session import CalibrationSession
from calibration.collecting.snapshot import CollectSnapshot, Stage
from calibration.store import CalibrationStore
from calibration.watch.trend import TrendStore
from station.boards import board_from_id
from station.cli.assembly import RunningStation, open_engine, start_simulated
from station.cli.calibration_door import StationCalibrations
from station.cli.health_door import StationHealth, begin_figures
from station.config import LoadedSettings
from station.errors import SimulationError
from station.frames import ROLES
from station.geometry import RigCalibration
from station.settings import Settings
from station.simulation.board_hand import BoardHand
from station.simulation.live import SimulatedRig
from station.workflow.status import CapturedPart, Outcome, PartState, PartStatus, Rest

BOARD = "charuco-10x7-25-18-DICT_5X5_250"
PATIENCE_S = 60.0
_HELD_S = 8.0
"""A place at which no picture was taken for so long is given up."""
_MOST_PICTURES = 40
pytestmark = pytest.mark.timeout(600)


@dataclass
class Bench:
    """A station that started without a calibration, and its doors."""

    station: RunningStation
    rig: SimulatedRig
    door: StationCalibrations
    health: StationHealth
    store: CalibrationStore
    parts: queue.Queue[CapturedPart]
    classes: tuple[str, ...]

    def until(self, wanted: Callable[[PartStatus], bool]) -> PartStatus:
        status = self.station.workflow.status
        while not wanted(status):
            newer = self.station.workflow.wait_newer(status.sequence, PATIENCE_S)
            assert newer is not None, f"still {status.state}: {status.message}"
            status = newer
        return status

    def recognise(self, class_id: str, seed: int) -> CapturedPart:
        """Put a part on the empty plate and return what the station makes of it."""
        self.until(lambda s: s.state is PartState.EMPTY)
        while not self.parts.empty():
            self.parts.get_nowait()
        self.rig.place(class_id, seed, moving=False)
        part = self.parts.get(timeout=PATIENCE_S)
        while part.outcome is Outcome.EMPTY:
            # On a busy machine the scale may feel the part before the cameras are shown it.
            part = self.parts.get(timeout=PATIENCE_S)
        self.rig.clear()
        return part


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    loaded = LoadedSettings(Settings(), None, tmp_path / "data")
    engine = open_engine(loaded)
    store, checks = CalibrationStore(tmp_path / "calibrations"), TrendStore(tmp_path / "checks.sqlite")
    parts: queue.Queue[CapturedPart] = queue.Queue()
    with ExitStack() as stack:
        station = start_simulated(
            stack, loaded, engine, seed=11, on_part=parts.put, calibrations=store, checks=checks, uncalibrated=True
        )
        assert station.simulation is not None
        door = StationCalibrations(station, store, tmp_path / "pictures", station.plate)
        stack.callback(door.end)
        health = StationHealth(station, checks, store, 0.5, begin_figures(stack, station, tmp_path), 2.0)
        yield Bench(station, station.simulation, door, health, store, parts, engine.class_ids)


def test_without_a_calibration_the_station_rests_until_it_has_one(bench: Bench) -> None:
    status = bench.station.workflow.status
    assert status.rest is Rest.UNCALIBRATED
    assert "calibrate" in status.message
    assert bench.door.active() is None
    assert bench.health.history(30) is None
    bench.rig.place(bench.classes[2], 7, moving=False)
    bench.until(lambda s: s.load_kg is not None and s.load_kg > 0.001)
    assert bench.parts.empty()
    stored = bench.rig.calibration
    bench.store.add(stored)
    bench.door.use(stored.id)
    part = bench.parts.get(timeout=PATIENCE_S)
    assert part.calibration_id == stored.id
    assert part.recognition is not None
    assert part.recognition.ranked[0].class_id == bench.classes[2]


@pytest.mark.slow
def test_a_board_in_a_hand_calibrates_the_station_and_it_recognises_with_that(bench: Bench) -> None:
    hand = BoardHand(bench.rig, board_from_id(BOARD), seed=3)
    work = bench.door.begin(BOARD)
    assert bench.station.workflow.status.rest is Rest.CALIBRATING
    solved = follow(work, hand)
    assert solved.result is not None
    hand.take_away()
    accepted = bench.door.accept()
    bench.door.end()

    assert set(accepted.cameras) == set(ROLES)
    truth = RigCalibration.from_json(bench.rig.truth()["calibration"])
    errors_mm = {
        role: 1e3 * float(np.linalg.norm(camera.pose.center - truth.cameras[role].pose.center))
        for role, camera in accepted.cameras.items()
    }
    assert max(errors_mm.values()) <= 0.5, errors_mm
    active = bench.door.active()
    assert active is not None
    assert (active.id, active.active) == (accepted.id, True)

    for place, class_id in enumerate(bench.classes[:6:2]):
        part = bench.recognise(class_id, 40 + place)
        assert part.calibration_id == accepted.id
        assert part.recognition is not None, (part.outcome, part.message)
        assert part.recognition.ranked[0].class_id == class_id
        assert part.calibration_warnings == ()
    assert bench.station.watch.wait_idle(PATIENCE_S)
    history = bench.health.history(30)
    assert history is not None
    assert {camera.role for camera in history.trend.cameras} == set(ROLES)
    assert history.knocked_since == {}
    assert history.board_id == BOARD

    bench.until(lambda s: s.state is PartState.EMPTY)
    hand.show_somewhere()
    check = bench.health.daily_check(lambda: False)
    assert check.calibration_id == accepted.id
    assert check.knocked == ()
    hand.take_away()
    bench.until(lambda s: s.rest is None and s.state is PartState.EMPTY)


def follow(work: CalibrationSession, hand: BoardHand) -> CollectSnapshot:
    """Hold the board wherever the advice wants it until nothing is missing, then solve."""
    snapshot = work.snapshot
    shown_at, taken, asked = float("-inf"), -1, False
    while snapshot.stage is not Stage.SOLVED:
        newer = work.wait_newer(snapshot.sequence, PATIENCE_S)
        assert newer is not None, snapshot.advice
        snapshot = newer
        if snapshot.stage is not Stage.BOARD:
            continue
        if asked:
            assert not snapshot.trouble
        elif snapshot.complete:
            asked = True
            work.solve()
        elif len(snapshot.pictures) > taken or time.monotonic() - shown_at > _HELD_S:
            taken, shown_at = len(snapshot.pictures), time.monotonic()
            assert taken < _MOST_PICTURES, snapshot.advice
            show(hand, snapshot.advice_roles)
    return snapshot


def show(hand: BoardHand, roles: Sequence[str]) -> None:
    """Hold the board before these cameras; anywhere else when none are named or none of them can see it whole."""
    if roles:
        try:
            hand.show_to(roles)
            return
        except SimulationError:
            pass
    hand.show_somewhere()
