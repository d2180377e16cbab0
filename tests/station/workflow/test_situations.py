"""Not every plate holds one whole part: each situation as the state machine and the workflow meet it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import ScaleError
from station.frames import WeightReading
from station.results import PlateState
from station.scale.drift import DriftWatch
from station.scale.stability import StabilityWindow
from station.simulation.load_cell import LoadCell, readable_kg, step_kg
from station.workflow import AnswerRefusedError, Outcome, PartState
from station.workflow.answers import may_be_answered
from station.workflow.cycle import Step
from tests.station.workflow.bench import Bench
from tests.station.workflow.bench_rig import Thing
from tests.station.workflow.plate import TICK_NS, Plate, recognised, started


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.start()
    made.scale.say(0.0)
    made.wait(lambda s: s.state is PartState.EMPTY)
    yield made
    made.stop()


@pytest.mark.parametrize("with_scale", [True, False])
def test_a_hand_that_stays_is_waited_for_and_the_part_under_it_recognised_when_it_goes(with_scale: bool) -> None:
    plate = started(with_scale)
    plate.put("part and hand", 0.5)
    assert plate.run(5.0, outcome=Outcome.REACHED_INTO) is PartState.SETTLING
    assert plate.machine.reached_into
    assert not plate.machine.answerable
    assert not plate.machine.holds
    looks = len(plate.looks)
    assert 4 <= looks - 1 <= 6  # one a second
    plate.put("screw@1", 0.5)
    plate.tick(still=False)
    assert plate.run(0.2) is PartState.RECOGNISED
    assert not plate.machine.reached_into
    assert len(plate.looks) == looks + 1


def test_a_cable_is_waited_for_until_it_is_pulled_away() -> None:
    plate = started()
    plate.put("cable", 0.0)
    assert plate.run(3.0, outcome=Outcome.REACHED_INTO) is PartState.SETTLING
    learned = plate.learned
    plate.lift()
    plate.tick(still=False)
    assert plate.run(0.5) is PartState.EMPTY
    assert not plate.machine.reached_into
    assert plate.learned > learned


def test_a_cable_that_lies_there_at_the_start_is_never_learned_as_the_empty_plate() -> None:
    plate = Plate(part="cable")
    assert plate.run(4.0, outcome=Outcome.REACHED_INTO) is PartState.SETTLING
    assert plate.learned == 0
    plate.lift()
    plate.tick(still=False)
    assert plate.run(1.5) is PartState.EMPTY


def test_a_hand_over_the_plate_is_said_and_not_written_down(bench: Bench) -> None:
    bench.locator.state = PlateState.REACHED_INTO
    bench.put(Thing("screw"), 0.5)
    status = bench.wait(lambda s: s.outcome is Outcome.REACHED_INTO)
    assert "hand" in status.message
    assert status.part is None
    bench.locator.state = None
    part = bench.recognised("screw").part
    assert part is not None
    assert [kind for kind, _, _ in bench.kinds()] == ["recognition"]
    assert [p.capture_id for p in bench.parts] == [part.capture_id]


def test_two_parts_are_said_and_not_answered(bench: Bench) -> None:
    bench.locator.state = PlateState.SEVERAL_PARTS
    bench.put(Thing("two"), 0.5)
    status = bench.wait(lambda s: s.outcome is Outcome.SEVERAL_PARTS)
    assert status.part is not None
    assert "only one" in status.message
    assert bench.recognizer.weights == []
    with pytest.raises(AnswerRefusedError):
        bench.workflow.answer(status.part.capture_id, "screw")
    bench.locator.state = None
    bench.put(Thing("screw", x=0.2), 0.4)
    bench.recognised("screw")


def test_a_part_beyond_the_plate_is_answered_and_marked_and_no_capture(bench: Bench) -> None:
    bench.locator.state = PlateState.OUTSIDE
    bench.put(Thing("bar"), 0.5)
    status = bench.recognised("bar")
    part = status.part
    assert part is not None
    assert (status.outcome, part.outcome) == (Outcome.OUTSIDE, Outcome.OUTSIDE)
    assert "beyond" in status.message
    assert may_be_answered(part)
    assert not part.whole
    bench.workflow.answer(part.capture_id, "bar")
    assert bench.workflow.status.state is PartState.ANSWERED
    bench.workflow.undo()
    assert bench.workflow.status.state is PartState.RECOGNISED
    bench.locator.state = None
    bench.put(Thing("bar", x=0.2), 0.5)
    whole = bench.wait(lambda s: s.part is not None and s.part.capture_id != part.capture_id).part
    assert whole is not None
    assert whole.whole


def test_a_part_beyond_the_plate_that_is_exchanged_is_a_new_question() -> None:
    plate = started()
    plate.put("bar@edge", 0.5)
    plate.tick(still=False, stable=False)
    assert plate.run(1.0, outcome=Outcome.OUTSIDE) is PartState.RECOGNISED
    assert plate.machine.answerable
    plate.machine.answered(done=True)
    plate.put("nut@1", 0.3)
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.RECOGNISED


def test_a_tared_tray_is_the_empty_plate_and_parts_in_it_weigh_without_it() -> None:
    plate = started()
    plate.put("tray", 0.8)
    plate.tick(still=False, stable=False)
    plate.run(1.0)
    plate.machine.tared(0.8)
    plate.offset_kg = -0.8
    assert plate.run(1.0) is PartState.EMPTY
    assert plate.machine.load_kg == 0.0
    plate.put("tray and screw", 1.3)
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.machine.usable_kg == pytest.approx(0.5)
    plate.put("tray", 0.8)
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.EMPTY


def test_a_tray_that_is_taken_away_is_noticed_by_its_weight() -> None:
    plate = started()
    plate.put("tray", 0.8)
    plate.run(1.0)
    plate.machine.tared(0.8)
    plate.offset_kg = -0.8
    plate.run(1.0)
    plate.lift()
    plate.tick(still=False, stable=False)
    assert plate.run(1.5) is PartState.EMPTY
    assert plate.empty_part is None
    assert plate.machine.load_kg == pytest.approx(0.0)
    plate.put("screw@1", 0.5)
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.machine.usable_kg == pytest.approx(0.5)


def test_zeroing_forgets_the_tray() -> None:
    plate = started()
    plate.put("tray", 0.8)
    plate.run(1.0)
    plate.machine.tared(0.8)
    plate.offset_kg = -0.8
    plate.run(1.0)
    plate.machine.zeroed()
    assert plate.tick() is Step.FORGET
    assert plate.run(1.0) is PartState.RECOGNISED


def test_the_workflow_tares_scale_and_pictures_together(bench: Bench) -> None:
    tray = Thing("tray", edge=0.2, grey=90)
    bench.put(tray, 0.8)
    bench.recognised("tray")
    bench.workflow.tare()
    assert bench.scale.tared == 1
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    assert bench.locator.tray == tray
    bench.put(Thing("screw"), 0.5)
    assert bench.recognised("screw").load_kg == pytest.approx(0.5)
    bench.put(None, -0.8)
    bench.wait(lambda s: s.state is PartState.EMPTY and s.load_kg == pytest.approx(0.0))
    assert bench.locator.tray is None


def test_a_scale_that_refuses_to_tare_changes_nothing(bench: Bench) -> None:
    bench.put(Thing("tray"), 0.8)
    before = bench.recognised("tray")
    bench.scale.refuses = ScaleError("The scale refuses to be tared.")
    with pytest.raises(ScaleError):
        bench.workflow.tare()
    assert bench.workflow.status.capture_id == before.capture_id
    assert bench.locator.tray is None


def test_a_part_too_light_for_the_scale_is_triggered_by_its_picture(bench: Bench) -> None:
    bench.put(Thing("washer", edge=0.015), 0.0)
    bench.recognised("washer")
    assert bench.recognizer.weights == [None]
    bench.put(None, 0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)


class CreepingScale:
    """The virtual scale's cell on a plate's own clock, read as the driver reads it."""

    def __init__(self, seed: int) -> None:
        self.plate = started()
        self._cell = LoadCell(seed)
        self._window = StabilityWindow()
        self.watch = DriftWatch(0.0001)

    def drift(self, kg_per_s: float) -> None:
        self._cell.set_drift(kg_per_s, self.plate.now_ns / 1e9)

    def weigh(self, seconds: float, part: str | None, kg: float) -> None:
        """Put ``part`` down, or ``None`` on it, and let ``seconds`` pass."""
        plate = self.plate
        plate.part = part
        self._cell.set_load(kg, 0.24, 0.192, plate.now_ns / 1e9)
        for tick in range(round(seconds * 20)):
            now_ns = plate.now_ns + TICK_NS
            shown = readable_kg(self._cell.signal_kg(now_ns / 1e9))
            plate.offset_kg = shown
            stable = self._window.add(shown, step_kg(shown), now_ns)
            self.watch.add(WeightReading(shown, stable, now_ns, ""))
            plate.tick(still=tick > 4, stable=stable)


@pytest.mark.parametrize("seed", range(3))
def test_minutes_of_creep_ghost_no_part_and_cost_no_weight(seed: int) -> None:
    """A heavy part for a quarter of an hour, then eight minutes of creep back, on a clock of their own."""
    scale = CreepingScale(seed)
    plate = scale.plate
    scale.weigh(900.0, "casting@1", 12.0)
    assert plate.machine.state is PartState.RECOGNISED
    assert plate.looks == [None, "casting@1"]
    scale.weigh(1.5, None, 0.0)
    assert plate.machine.weight is not None
    assert plate.machine.weight.kg > 0.001  # the residue is many steps
    scale.weigh(480.0, None, 0.0)
    assert plate.machine.state is PartState.EMPTY
    assert plate.machine.load_kg == pytest.approx(0.0, abs=0.0003)
    assert plate.looks.count("casting@1") == 1
    assert len(plate.looks) <= 3
    scale.weigh(5.0, "screw@1", 0.05)
    assert plate.machine.state is PartState.RECOGNISED
    assert plate.machine.usable_kg == pytest.approx(0.05, abs=0.0003)
    assert scale.watch.trouble == ""


@pytest.mark.parametrize("drift_kg_per_s", [2e-5, -2e-5])
def test_a_scale_that_drifts_asks_for_no_part_twice_and_is_said(drift_kg_per_s: float) -> None:
    """Five minutes of 1.2 g a minute: on the empty plate, under a part, and after it was taken off."""
    scale = CreepingScale(1)
    plate = scale.plate
    scale.drift(drift_kg_per_s)
    scale.weigh(60.0, None, 0.0)
    assert plate.machine.state is PartState.EMPTY
    assert plate.looks == [None]
    assert "drifts" in scale.watch.trouble
    scale.weigh(180.0, "screw@1", 0.5)
    assert plate.machine.state is PartState.RECOGNISED
    assert plate.looks == [None, "screw@1"]
    assert plate.machine.usable_kg == pytest.approx(0.5, abs=0.0003)
    scale.weigh(60.0, None, 0.0)
    assert plate.machine.state is PartState.EMPTY
    assert plate.looks == [None, "screw@1"]
    scale.drift(0.0)
    scale.weigh(40.0, None, 0.0)
    assert scale.watch.trouble == ""


def test_a_part_exchanged_without_an_empty_plate_is_the_new_one() -> None:
    plate = recognised()
    plate.machine.answered(done=True)
    plate.put("nut@1", 0.3)
    plate.machine.weigh(WeightReading(0.3, False, plate.now_ns, ""))
    assert not plate.machine.answerable
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.looks == [None, "screw@1", "nut@1"]
