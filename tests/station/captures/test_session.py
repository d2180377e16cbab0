"""A capture session: hands-free, held against gates, undone and redone, and never ahead of the disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from station.captures.blanking import blank_outside, visible_pixels
from station.captures.mvip import load_frameset
from station.captures.place import Place
from station.captures.quality_report import Gate
from station.captures.record import read_capture_record
from station.captures.session_doors import StoreDoor
from station.captures.session_state import FILE_NAME
from station.captures.session_values import Ask, PlaceState, Step
from station.captures.store import StoredCapture
from station.captures.writer import NewCapture
from station.frames import FrameSet
from station.geometry import RigCalibration, WorkVolume
from station.results import PartLocation
from station.settings import CaptureSection
from station.workflow import Outcome, PartState, Purpose
from tests.station.captures.session_bench import SessionBench
from tests.station.workflow.bench import PATIENCE_S


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SessionBench]:
    made = SessionBench(tmp_path)
    made.start()
    yield made
    made.stop()


def begun(bench: SessionBench) -> None:
    bench.session.start("screw")
    bench.until(lambda s: s.step is Step.WAITING)


def test_each_turn_of_the_part_is_one_more_capture(bench: SessionBench) -> None:
    begun(bench)
    first = bench.until(lambda s: s.prompt.ask is Ask.PUT)
    assert first.prompt.place == Place("screw", "train", position=0, rotation=0)
    assert [(p.split, p.wanted, p.kept) for p in first.progress] == [("train", 12, 0), ("valid", 5, 0), ("test", 5, 0)]
    for turn in range(3):
        bench.lay(turn)
        snapshot = bench.until(lambda s, turn=turn: s.kept == turn + 1)
        assert snapshot.last is not None
        assert snapshot.last.place.rotation == turn
    assert (snapshot.prompt.ask, snapshot.prompt.turn_deg) == (Ask.TURN, 30.0)
    assert bench.captures() == [f"screw/train_data/0/{n}" for n in range(3)]
    record = read_capture_record(bench.store.root / "sets/screw/train_data/0/2")
    assert record is not None
    assert (record.class_id, record.split, record.rotation, record.origin) == ("screw", "train", 2, "simulation")
    assert (record.weight_kg, record.weight_stable) == (pytest.approx(0.5, abs=1e-6), True)
    assert (record.kept_from, record.label_source, record.overrides) == ("capture_page", "chosen", ())
    assert record.calibration_id == bench.rig.calibration.id
    assert {"sharpness", "skew", "depth", "weight", "duplicate"} <= set(record.quality)
    assert set(record.serials) == set(bench.rig.roles)
    assert bench.kinds() == [], "looks of a session are not in the journal"


def test_a_part_that_was_not_turned_is_not_taken_twice_unless_for_a_reason(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.session.take_now()
    doubted = bench.until(lambda s: s.step is Step.DOUBTFUL)
    assert doubted.quality is not None
    warned = doubted.quality.of(Gate.DUPLICATE)
    assert warned is not None
    assert doubted.last is not None
    assert (warned.passed, warned.hard, warned.subject) == (False, False, doubted.last.capture_id)
    assert doubted.prompt.ask is Ask.TURN, "the hand has not turned it yet"
    assert doubted.can_override
    bench.session.override(" ")
    assert "reason" in bench.until(lambda s: bool(s.trouble)).trouble
    bench.session.override("round about its axis")
    bench.until(lambda s: s.kept == 2)
    record = read_capture_record(bench.store.root / "sets/screw/train_data/0/1")
    assert record is not None
    assert [(o.gate, o.reason) for o in record.overrides] == [("duplicate", "round about its axis")]
    bench.session.take_now()
    third = bench.until(lambda s: s.step is Step.DOUBTFUL)
    assert third.quality is not None
    warned = third.quality.of(Gate.DUPLICATE)
    assert warned is not None
    assert warned.symmetric, "two captures that were kept as turned look alike"
    assert third.prompt.ask is Ask.DECIDE
    bench.session.override("round about its axis", for_all=True)
    bench.until(lambda s: s.kept == 3)
    bench.session.take_now()
    assert bench.until(lambda s: s.kept == 4).overrides == {Gate.DUPLICATE: "round about its axis"}


def test_a_doubtful_look_is_forgotten_when_the_part_is_turned(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.session.take_now()
    bench.until(lambda s: s.step is Step.DOUBTFUL)
    bench.lay(1)
    assert bench.until(lambda s: s.kept == 2).step is Step.WAITING


def test_a_hard_gate_refuses_and_no_reason_helps(bench: SessionBench) -> None:
    begun(bench)
    bench.rig.broken = {"cam_09"}
    bench.lay(0)
    refused = bench.until(lambda s: s.step is Step.REFUSED)
    assert refused.quality is not None
    assert [(one.gate, one.roles) for one in refused.quality.refusing] == [(Gate.VIEWS, ("cam_09",))]
    assert (refused.prompt.ask, refused.can_override) == (Ask.MEND, False)
    bench.session.override("never mind")
    bench.until(lambda s: "no doubtful look" in s.trouble)
    assert bench.captures() == []
    bench.rig.broken = set()
    bench.session.take_now()
    bench.until(lambda s: s.kept == 1)


def test_a_part_of_another_weight_is_doubted(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.lay(1, kg=0.6)
    doubted = bench.until(lambda s: s.step is Step.DOUBTFUL)
    assert doubted.quality is not None
    (warned,) = doubted.quality.warning
    assert warned.gate is Gate.WEIGHT
    assert warned.value == pytest.approx(0.2, abs=1e-3)
    assert doubted.prompt.ask is Ask.DECIDE


def test_captures_and_skips_are_taken_back_and_done_again(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.session.skip()
    skipped = bench.until(lambda s: s.plan[1].state is PlaceState.SKIPPED)
    assert skipped.prompt.turn_deg == 60.0
    bench.session.undo()
    bench.until(lambda s: s.plan[1].state is PlaceState.NEXT and s.can_redo)
    bench.session.undo()
    undone = bench.until(lambda s: s.kept == 0)
    assert not undone.can_undo
    assert bench.captures() == []
    bench.session.redo()
    back = bench.until(lambda s: s.kept == 1)
    assert bench.captures() == ["screw/train_data/0/0"]
    assert back.last is not None
    bench.session.redo()
    bench.until(lambda s: s.plan[1].state is PlaceState.SKIPPED and not s.can_redo)
    bench.lay(2)
    bench.until(lambda s: s.kept == 2)
    assert bench.captures() == ["screw/train_data/0/0", "screw/train_data/0/2"]


def test_what_was_taken_back_may_be_taken_again_as_it_lies(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.session.undo()
    bench.until(lambda s: s.kept == 0)
    bench.session.take_now()
    assert not bench.until(lambda s: s.kept == 1).can_redo


def test_a_full_disk_is_one_sentence_and_nothing_is_shown_as_kept(bench: SessionBench) -> None:
    begun(bench)
    bench.free = 0
    bench.lay(0)
    failed = bench.until(lambda s: s.step is Step.FAILED and bool(s.trouble))
    assert "was not kept" in failed.trouble
    assert "free" in failed.trouble
    assert (failed.kept, failed.saving, failed.last) == (0, 0, None)
    assert failed.prompt.ask is Ask.TAKE
    assert bench.captures() == []
    bench.free = 10**12
    bench.session.take_now()
    kept = bench.until(lambda s: s.kept == 1)
    assert kept.trouble == ""
    assert kept.last is not None
    assert kept.last.place.rotation == 0


def test_pausing_gives_the_plate_back_to_recognition(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.session.pause()
    bench.until(lambda s: s.step is Step.PAUSED)
    part = bench.recognised("screw").part
    assert part is not None
    bench.workflow.answer(part.capture_id, "screw")
    bench.session.resume()
    resumed = bench.until(lambda s: s.step is Step.DOUBTFUL)
    assert resumed.quality is not None
    assert [one.gate for one in resumed.quality.warning] == [Gate.DUPLICATE], "it lies as it was captured"
    bench.session.end()
    ended = bench.until(lambda s: s.step is Step.IDLE)
    assert not ended.running
    assert bench.workflow.status.purpose is Purpose.RECOGNITION
    bench.wait(lambda s: s.answerable)


def test_a_crashed_session_is_there_again_paused_and_goes_on_where_it_was(bench: SessionBench) -> None:
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.kept == 1)
    bench.session.skip()
    bench.until(lambda s: s.plan[1].state is PlaceState.SKIPPED)
    bench.lay(2)
    bench.until(lambda s: s.kept == 2)
    note = bench.folder / "capture-session.json"
    before = note.read_bytes()
    bench.lay(3)
    bench.until(lambda s: s.kept == 3)
    bench.session.close()
    note.write_bytes(before)  # the power went between the capture's acknowledgement and the session's note of it
    bench.session = bench.new_session(bench.store)
    bench.session.open()
    there = bench.until(lambda s: s.step is Step.PAUSED)
    assert there.resumed
    assert (there.class_id, there.kept) == ("screw", 3)
    assert there.prompt.place == Place("screw", "train", position=0, rotation=4)
    bench.session.resume()
    doubted = bench.until(lambda s: s.step is Step.DOUBTFUL)
    assert doubted.prompt.ask is Ask.TURN
    assert doubted.prompt.turn_deg == 30.0, "the part lies as in rotation 3, which the note had missed"
    bench.lay(4)
    bench.until(lambda s: s.kept == 4)
    for kept in (3, 2):
        bench.session.undo()
        bench.until(lambda s, kept=kept: s.kept == kept)
    assert bench.captures() == ["screw/train_data/0/0", "screw/train_data/0/2"]


def test_a_damaged_note_is_said_and_a_new_session_can_begin(tmp_path: Path) -> None:
    (tmp_path / "capture-session.json").write_text("{", encoding="utf-8")
    bench = SessionBench(tmp_path)
    bench.start()
    try:
        assert "cannot be read" in bench.until(lambda s: bool(s.trouble)).trouble
        begun(bench)
    finally:
        bench.stop()


class StuckStore:
    """A store whose disk takes for ever."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.taken: list[Place] = []

    def save(self, capture: NewCapture, place: Place) -> Future[StoredCapture]:
        self.taken.append(place)
        return Future()

    def trash(self, capture_id: str, who: str | None = None, why: str = "") -> Future[StoredCapture]:
        return Future()

    def restore(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        return Future()


def test_a_slow_disk_holds_up_neither_the_looks_nor_memory(bench: SessionBench) -> None:
    stuck = StuckStore(bench.store.root)
    bench.session.close()
    bench.session = bench.new_session(stuck)
    bench.session.open()
    begun(bench)
    for turn in range(5):
        bench.lay(turn)
        bench.wait(lambda s, turn=turn: len(bench.parts) == turn + 1 and s.part is not None)
    snapshot = bench.until(lambda s: s.passed_over >= 2)
    assert [place.rotation for place in stuck.taken] == [0, 1], "the third waits, and newer looks replace it"
    assert (snapshot.kept, snapshot.saving) == (0, 2)
    bench.session.undo()
    assert bench.workflow.status.state is not PartState.SETTLING


class LateStore(StuckStore):
    """A store whose disk takes until it is let go; then everything is saved."""

    def __init__(self, real: StoreDoor) -> None:
        super().__init__(real.root)
        self.real = real
        self.waiting: list[tuple[NewCapture, Place, Future[StoredCapture]]] = []

    def save(self, capture: NewCapture, place: Place) -> Future[StoredCapture]:
        self.waiting.append((capture, place, Future()))
        return self.waiting[-1][2]

    def let_go(self) -> None:
        for capture, place, future in self.waiting:
            future.set_result(self.real.save(capture, place).result(PATIENCE_S))


def test_a_session_that_was_ended_while_the_disk_was_busy_is_ended_after_the_start(bench: SessionBench) -> None:
    late = LateStore(bench.store)
    bench.session.close()
    bench.session = bench.new_session(late)
    bench.session.open()
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.saving == 1)
    bench.session.end()
    letting = threading.Timer(0.3, late.let_go)
    letting.start()
    bench.session.close()
    letting.join(PATIENCE_S)
    assert not (bench.folder / FILE_NAME).exists()
    assert len(bench.catalog.entries()) == 1


class Knocked:
    """A calibration check that knows of a knocked camera."""

    def offer(self, frameset: FrameSet, calibration: RigCalibration, capture_id: str) -> None:
        return

    def warnings(self, calibration_id: str) -> tuple[str, ...]:
        return ("Camera 7 stands 4.0 mm from its calibrated place. Calibrate it again.",)


def test_a_knocked_camera_refuses_captures(tmp_path: Path) -> None:
    bench = SessionBench(tmp_path, check=Knocked())
    bench.start()
    try:
        begun(bench)
        bench.lay(0)
        refused = bench.until(lambda s: s.step is Step.REFUSED)
        assert refused.quality is not None
        (hard,) = refused.quality.refusing
        assert (hard.gate, "Camera 7" in hard.sentence) == (Gate.CALIBRATION, True)
    finally:
        bench.stop()


def test_wishes_without_a_session_change_nothing(bench: SessionBench) -> None:
    for wish in (bench.session.pause, bench.session.resume, bench.session.skip, bench.session.undo, bench.session.redo):
        wish()
    bench.session.take_now()
    bench.session.override("why not")
    bench.session.end()
    bench.session.start("../up")
    refused = bench.until(lambda s: bool(s.trouble))
    assert "cannot be the name of a class's folder" in refused.trouble
    assert refused.step is Step.IDLE
    assert bench.workflow.status.purpose is Purpose.RECOGNITION


def test_the_plan_ends(tmp_path: Path) -> None:
    bench = SessionBench(tmp_path, limits=CaptureSection(valid=1, test=0))
    bench.start()
    try:
        begun(bench)
        for _ in range(12):
            bench.session.skip()
        last = bench.until(lambda s: s.prompt.place == Place("screw", "valid", number=0))
        assert last.wanted == 1
        bench.lay(0)
        done = bench.until(lambda s: s.step is Step.DONE)
        assert (done.prompt.ask, done.kept) == (Ask.END, 1)
        looks = len(bench.parts)
        bench.lay(1)
        bench.wait(lambda s: len(bench.parts) > looks)
        assert bench.session.wait_newer(done.sequence, 0.5) is None, "a full plan takes nothing more"
    finally:
        bench.stop()


def test_what_was_asked_for_is_done_before_the_program_ends(bench: SessionBench) -> None:
    begun(bench)
    assert (bench.folder / "capture-session.json").exists()
    bench.session.end()
    bench.session.close()
    assert not (bench.folder / "capture-session.json").exists()


def test_a_part_that_comes_while_the_empty_plate_is_looked_at_refuses_nothing(
    bench: SessionBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    locate = bench.locator.locate

    def part_comes(frameset: FrameSet, calibration: RigCalibration) -> PartLocation:
        found = locate(frameset, calibration)
        bench.scale.say(0.5, stable=False)
        return found

    monkeypatch.setattr(bench.locator, "locate", part_comes)
    begun(bench)
    bench.wait(lambda s: len(bench.parts) > 0)
    assert (bench.parts[-1].outcome, bench.parts[-1].weight_kg) == (Outcome.EMPTY, None)
    monkeypatch.undo()
    bench.lay(0)
    assert bench.until(lambda s: s.kept == 1 or s.step is Step.REFUSED).kept == 1


def test_what_others_do_to_the_class_meanwhile_is_followed(bench: SessionBench) -> None:
    begun(bench)
    ids: list[str] = []
    for turn in range(3):
        bench.lay(turn)
        last = bench.until(lambda s, turn=turn: s.kept == turn + 1).last
        assert last is not None
        ids.append(last.capture_id)
    bench.store.trash(ids[0]).result(PATIENCE_S)
    bench.store.move(ids[1], Place("screw", "valid", number=3)).result(PATIENCE_S)
    moved = bench.until(lambda s: s.plan[0].state is PlaceState.NEXT)
    assert [p.kept for p in moved.progress] == [1, 1, 0]
    assert next(p.capture_id for p in moved.plan if p.place == Place("screw", "valid", number=3)) == ids[1]
    bench.lay(0)
    assert bench.until(lambda s: s.kept == 3).prompt.place == Place("screw", "train", position=0, rotation=1)
    bench.session.undo()
    bench.session.undo()
    bench.until(lambda s: s.kept == 1)
    assert bench.captures() == ["screw/valid_data/3"]


def test_captures_are_blanked_before_they_are_written_and_compared_as_such(tmp_path: Path) -> None:
    volume = WorkVolume(x=(0.1, 0.4), y=(0.1, 0.3), z=(0.0, 0.02))
    bench = SessionBench(tmp_path)
    blank = partial(blank_outside, volume=volume)
    bench.means = replace(bench.means, origins=replace(bench.means.origins, blank=blank))
    bench.session = bench.new_session(bench.store)
    bench.start()
    try:
        begun(bench)
        bench.lay(2)
        bench.until(lambda s: s.kept == 1)
        folder = bench.store.root / "sets/screw/train_data/0/0"
        record = read_capture_record(folder)
        assert record is not None
        assert record.blanked
        frameset, _ = load_frameset(folder)
        frame = frameset.frames["cam_07"]
        seen = visible_pixels(bench.rig.calibration.cameras["cam_07"], volume)
        assert 0.1 < seen.mean() < 0.9
        assert not frame.color[~seen].any()
        assert not frame.depth[~seen].any()
        assert frame.color[seen].all()
        bench.session.close()
        bench.session = bench.new_session(bench.store)
        bench.session.open()
        bench.until(lambda s: s.step is Step.PAUSED)
        bench.session.resume()
        again = bench.until(lambda s: s.step is Step.DOUBTFUL)
        assert again.quality is not None
        assert [one.gate for one in again.quality.warning] == [Gate.DUPLICATE]
    finally:
        bench.stop()


def test_more_wishes_than_wait_are_refused_aloud(bench: SessionBench) -> None:
    stuck = StuckStore(bench.store.root)
    bench.session.close()
    bench.session = bench.new_session(stuck)
    bench.session.open()
    begun(bench)
    bench.lay(0)
    bench.until(lambda s: s.saving == 1)
    for _ in range(20):
        bench.session.undo()  # waits for the capture that is on its way
    assert "busy" in bench.until(lambda s: bool(s.trouble)).trouble
