"""The workflow's thread on a synthetic bench: parts come and go, things break, answers stay with their part."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import ScaleError, StationError
from station.frames import FrameSet
from station.geometry import RigCalibration
from station.journal import EntryKind, Journal
from station.scale import SerialScale
from station.simulation.scale import VirtualScale
from station.workflow import AnswerRefusedError, Outcome, PartState, PartStatus, Verdict, Workflow
from tests.station.workflow.bench import PATIENCE_S, Bench
from tests.station.workflow.bench_rig import Thing, damaged_model, moved


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.start()
    made.scale.say(0.0)
    made.wait(lambda s: s.state is PartState.EMPTY)
    yield made
    made.stop()


def test_a_part_is_recognised_confirmed_and_written_down(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    status = bench.recognised("screw")
    part = status.part
    assert part is not None
    assert part.outcome is Outcome.OK
    assert part.weight_kg == pytest.approx(0.5, abs=1e-6)
    assert bench.recognizer.weights == [pytest.approx(0.5, abs=1e-6)]
    assert {"match", "roi", "preprocess", "forward", "total"} <= set(part.timings_ms)
    assert status.answerable
    bench.workflow.answer(part.capture_id, "screw", "AB")
    answered = bench.workflow.status
    assert answered.state is PartState.ANSWERED
    assert answered.answer is not None
    assert (answered.answer.kind, answered.answer.rank, answered.answer.operator) == ("confirm", 1, "AB")
    bench.put(None, 0.0)
    empty = bench.wait(lambda s: s.state is PartState.EMPTY)
    assert empty.part is None
    assert empty.answer is None
    assert bench.kinds() == [("recognition", part.capture_id, None), ("confirm", part.capture_id, "screw")]
    assert [p.capture_id for p in bench.parts] == [part.capture_id]


@pytest.mark.parametrize(
    ("verdict", "kind", "rank"),
    [
        ("other_2", "confirm", 4),
        ("other_5", "correct", 7),
        ("bolt", "correct", None),
        (Verdict.UNKNOWN, "unknown", None),
        (Verdict.NEW_PART, "new_part", None),
    ],
)
def test_every_kind_of_answer(bench: Bench, verdict: str | Verdict, kind: str, rank: int | None) -> None:
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    bench.workflow.answer(part.capture_id, verdict)
    answer = bench.workflow.status.answer
    assert answer is not None
    assert (answer.kind, answer.rank) == (kind, rank)


def test_an_answer_is_replaced_and_taken_back_step_by_step(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    bench.workflow.answer(part.capture_id, "screw")
    bench.workflow.answer(part.capture_id, "bolt")
    assert bench.workflow.undo() == part.capture_id
    status = bench.workflow.status
    assert status.answer is not None
    assert status.answer.class_id == "screw"
    assert status.state is PartState.ANSWERED
    bench.workflow.undo()
    assert bench.workflow.status.state is PartState.RECOGNISED
    assert not bench.workflow.status.can_undo
    with pytest.raises(AnswerRefusedError, match="no answer"):
        bench.workflow.undo()
    assert [k for k, _, _ in bench.kinds()] == ["recognition", "confirm", "correct", "undo", "undo"]
    journal = Journal(bench.path)
    assert journal.answer_for(part.capture_id) is None
    journal.close()


def test_an_earlier_parts_answer_is_taken_back_without_touching_the_present_one(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    first = bench.recognised("screw").part
    assert first is not None
    bench.workflow.answer(first.capture_id, "screw")
    bench.put(Thing("nut", x=0.2), 0.3)
    second = bench.recognised("nut")
    assert bench.workflow.undo() == first.capture_id
    assert bench.workflow.status.state is PartState.RECOGNISED
    assert bench.workflow.status.capture_id == second.capture_id


def test_the_old_answer_is_refused_for_an_exchanged_part(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    old = bench.recognised("screw").part
    assert old is not None
    bench.scale.say(0.3, stable=False)
    with pytest.raises(AnswerRefusedError):
        bench.workflow.answer(old.capture_id, "screw")
    bench.put(Thing("nut"), 0.3)
    new = bench.recognised("nut").part
    assert new is not None
    assert new.capture_id != old.capture_id
    with pytest.raises(AnswerRefusedError, match="not on the plate any more"):
        bench.workflow.answer(old.capture_id, "screw")
    bench.workflow.answer(new.capture_id, "nut")
    assert [k for k, _, _ in bench.kinds()] == ["recognition", "recognition", "confirm"]


def test_a_part_pushed_by_hand_is_a_new_question(bench: Bench) -> None:
    thing = Thing("screw", x=0.15)
    bench.put(thing, 0.5)
    first = bench.recognised("screw")
    bench.rig.thing = moved(thing, 0.1)
    second = bench.wait(lambda s: s.state is PartState.RECOGNISED and s.capture_id not in (None, first.capture_id))
    assert second.answerable


def test_a_part_lifted_while_it_is_recognised_cannot_be_answered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[PartStatus] = []
    publish = bench.workflow._publish

    def noting() -> None:
        publish()
        seen.append(bench.workflow.status)

    bench.recognizer.hold.clear()
    bench.put(Thing("screw"), 0.5)
    assert bench.recognizer.entered.wait(PATIENCE_S)
    assert bench.workflow.status.state is PartState.CAPTURED
    monkeypatch.setattr(bench.workflow, "_publish", noting)
    bench.scale.say(0.0, stable=False)
    bench.recognizer.hold.set()
    bench.rig.thing = None
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    assert seen[-1].state is PartState.EMPTY
    assert not any(status.answerable for status in seen)
    assert [k for k, _, _ in bench.kinds()] == ["recognition"]


def test_a_light_part_is_recognised_without_its_weight(bench: Bench) -> None:
    bench.put(Thing("pin", edge=0.015), 0.0001)
    bench.recognised("pin")
    assert bench.recognizer.weights == [None]


def test_a_station_without_a_scale_goes_by_the_picture_and_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, with_scale=False)
    bench.start()
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.rig.thing = Thing("screw")
    status = bench.recognised("screw")
    assert bench.recognizer.weights == [None]
    assert "no scale" in status.troubles[0]
    with pytest.raises(ScaleError):
        bench.workflow.zero_scale()
    bench.rig.thing = None
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.stop()


def test_a_scale_that_breaks_is_said_and_recognition_goes_on(bench: Bench) -> None:
    bench.scale.report(ScaleError("The scale's line broke.", where="Scale /dev/x", kind="line"))
    bench.rig.thing = Thing("screw")
    status = bench.recognised("screw")
    assert bench.recognizer.weights == [None]
    assert status.weight is None
    assert status.troubles == ("Scale /dev/x: The scale's line broke.",)
    assert bench.workflow.scale_trouble_kind == "line"
    bench.scale.report(None)
    assert bench.workflow.status.troubles == ()
    assert bench.workflow.scale_trouble_kind == ""


@pytest.mark.parametrize("failure", [damaged_model(), RuntimeError("mat1 and mat2 shapes cannot be multiplied")])
def test_a_damaged_model_becomes_a_sentence_and_the_operator_may_still_answer(
    bench: Bench, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bench.recognizer.fails = failure
    bench.put(Thing("screw"), 0.5)
    status = bench.wait(lambda s: s.outcome is Outcome.ERROR)
    assert status.part is not None
    assert str(failure) in status.message
    assert status.answerable
    bench.workflow.answer(status.part.capture_id, "screw")
    assert bench.workflow.status.state is PartState.ANSWERED
    bench.recognizer.fails = None
    bench.put(Thing("nut", x=0.2), 0.4)
    bench.recognised("nut")
    assert [k for k, _, _ in bench.kinds()] == ["recognition", "correct", "recognition"]


def test_a_locator_that_fails_becomes_a_sentence_and_nothing_is_answered(bench: Bench) -> None:
    bench.locator.fails = StationError("No view has depth.")
    bench.put(Thing("screw"), 0.5)
    status = bench.wait(lambda s: s.outcome is Outcome.ERROR)
    assert not status.answerable
    bench.locator.fails = None
    bench.workflow.look_again()
    bench.recognised("screw")


def test_cameras_that_break_are_named_and_the_others_go_on(bench: Bench) -> None:
    bench.rig.broken = {"cam_08"}
    status = bench.wait(lambda s: bool(s.troubles))
    assert status.troubles == ("cam_08: the device was unplugged.",)
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    assert part.views_missing == ("cam_08",)
    bench.rig.broken = set()
    bench.wait(lambda s: not s.troubles)


def test_all_cameras_gone_is_waited_out(bench: Bench) -> None:
    bench.rig.broken = set(bench.rig.roles)
    bench.wait(lambda s: s.state is PartState.SETTLING and len(s.troubles) == 3)
    bench.rig.broken = set()
    bench.wait(lambda s: s.state is PartState.EMPTY and not s.troubles)


def test_a_load_that_no_camera_sees_is_said(bench: Bench) -> None:
    bench.scale.say(0.8)
    status = bench.wait(lambda s: s.state is PartState.CAPTURED and s.part is not None)
    assert "800.0 g" in status.message
    assert not status.answerable
    bench.rig.thing = Thing("late")
    bench.recognised("late")


def test_a_journal_that_refuses_is_said_and_the_answers_wait(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.path.mkdir()
    bench.start()
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    bench.workflow.answer(part.capture_id, "screw")
    status = bench.wait(lambda s: s.answers_waiting == 2)
    assert "journal" in status.troubles[0]
    bench.path.rmdir()
    bench.wait(lambda s: s.answers_waiting == 0 and not s.troubles)
    assert [k for k, _, _ in bench.kinds()] == ["recognition", "confirm"]
    bench.stop()


def test_the_empty_plate_is_learned_and_a_failure_of_it_is_no_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(tmp_path)
    bench.locator.learning_fails = StationError("No view shows the plate.")
    bench.start()
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.put(Thing("screw"), 0.5)
    bench.recognised("screw")
    bench.stop()
    assert bench.locator.learned >= 1
    assert "No view shows the plate." in caplog.text


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_an_answer_that_is_no_number_is_a_sentence_and_not_a_loop(bench: Bench, score: float) -> None:
    bench.recognizer.score = score
    bench.put(Thing("screw"), 0.5)
    status = bench.wait(lambda s: s.outcome is Outcome.ERROR)
    assert "numbers that are none" in status.message
    assert not status.troubles
    assert [k for k, _, _ in bench.kinds()] == ["recognition"]


def test_zeroing_looks_anew(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    bench.recognised("screw")
    bench.workflow.zero_scale()
    assert bench.scale.zeroed == 1
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.RECOGNISED and s.load_kg == 0.0)


class FaultyCheck:
    """A check of the calibration that fails at the first part."""

    def __init__(self) -> None:
        self.faults = [ZeroDivisionError("a fault")]

    def offer(self, frameset: FrameSet, calibration: RigCalibration, capture_id: str) -> None:
        if capture_id and self.faults:
            raise self.faults.pop()

    def warnings(self, calibration_id: str) -> tuple[str, ...]:
        return ()


def test_a_fault_in_the_workflow_itself_is_said_and_the_next_part_is_recognised(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(tmp_path, check=FaultyCheck())
    bench.start()
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.put(Thing("screw"), 0.5)
    bench.wait(lambda s: any("a fault" in t for t in s.troubles))
    bench.wait(lambda s: s.state is PartState.RECOGNISED and not s.troubles)
    bench.stop()
    assert len(bench.parts) == 1
    assert "met a fault" in caplog.text


def test_no_thread_is_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    bench.wait(lambda s: s.state is not PartState.RECOGNISED)
    with pytest.raises(StationError, match="already"):
        bench.workflow.start()
    bench.stop()
    bench.workflow.stop()
    assert not {"Workflow", "Journal", "Scale"} & {t.name for t in threading.enumerate()}


def test_ten_parts_over_a_real_line_from_the_virtual_scale(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with VirtualScale(seed=3) as virtual:
        driver = SerialScale(virtual.url, silent_after_s=1.0)
        bench.workflow = Workflow(
            bench.rig,
            driver,
            bench.locator,
            bench.recognizer,
            bench.rig.calibration,
            bench.journal,
            on_part=bench.parts.append,
        )
        bench.start()
        bench.wait(lambda s: s.state is PartState.EMPTY and s.load_kg is not None)
        for n in range(10):
            kg = 0.05 * 1.7**n
            virtual.set_load(kg)
            bench.rig.thing = Thing(f"part_{n}", x=0.1 + 0.03 * n)
            status = bench.recognised(f"part_{n}")
            assert status.part is not None
            assert status.part.weight_kg == pytest.approx(kg, rel=4e-4, abs=3e-4)
            bench.workflow.answer(status.part.capture_id, f"part_{n}")
            if n % 2:
                virtual.set_load(0.0)
                bench.rig.thing = None
                bench.wait(lambda s: s.state is PartState.EMPTY)
        virtual.close_line()
        bench.wait(lambda s: bool(s.troubles))
        virtual.open_line()
        bench.wait(lambda s: not s.troubles and s.weight is not None)
        bench.stop()
    assert [k for k, _, _ in bench.kinds()] == [EntryKind.RECOGNITION, EntryKind.CONFIRM] * 10
