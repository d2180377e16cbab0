"""Answered looks as captures for review: which are kept, how many, and what an undo takes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from station.captures.answers import AnswerKeeper
from station.captures.record import CaptureRecord, read_capture_record
from station.captures.store import StoredCapture
from station.captures.writer import NewCapture
from station.results import PlateState
from station.settings import CaptureSection
from station.workflow import CapturedPart, PartState, Verdict
from tests.station.captures.session_bench import SessionBench
from tests.station.workflow.bench import PATIENCE_S
from tests.station.workflow.bench_rig import Thing

Keep = Callable[..., AnswerKeeper]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SessionBench]:
    made = SessionBench(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def keep(bench: SessionBench) -> Iterator[Keep]:
    keepers: list[AnswerKeeper] = []

    def keep(section: CaptureSection, *, store: object = None, operators: bool = False) -> AnswerKeeper:
        keeper = AnswerKeeper(
            bench.workflow,
            store or bench.store,  # type: ignore[arg-type]
            bench.catalog,
            replace(bench.means, limits=section),
            operators=operators,
        )
        keeper.open()
        keepers.append(keeper)
        return keeper

    yield keep
    for keeper in keepers:
        keeper.close()


def recognised(bench: SessionBench, name: str = "screw", x: float = 0.24) -> CapturedPart:
    bench.put(Thing(name, x=x), 0.5)
    part = bench.recognised(name).part
    assert part is not None
    return part


def queue(bench: SessionBench) -> dict[str, CaptureRecord]:
    """What lies in the review queue, by capture id, as the folders say."""
    found: dict[str, CaptureRecord] = {}
    for folder in sorted((bench.store.root / ".review").glob("*")):
        record = read_capture_record(folder)
        assert record is not None
        found[folder.name] = record
    return found


def test_a_confirmed_part_waits_for_review_and_is_not_in_the_data_set(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="all"))
    part = recognised(bench)
    bench.workflow.answer(part.capture_id, "screw", "AB")
    assert keeper.wait_idle(PATIENCE_S)
    record = queue(bench)[part.capture_id]
    assert (record.class_id, record.kept_from, record.label_source) == ("screw", "answer", "confirmed")
    assert record.operator is None, "operators are stored only when that is switched on"
    assert record.weight_kg == pytest.approx(0.5, abs=1e-6)
    assert "sharpness" in record.quality
    assert bench.captures() == []
    assert (keeper.keeping.kept, keeper.keeping.trouble) == (1, "")


def test_corrections_only_are_kept_where_that_is_set(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="corrections"), operators=True)
    first = recognised(bench)
    bench.workflow.answer(first.capture_id, "screw", "AB")
    second = recognised(bench, "nut", x=0.15)
    bench.workflow.answer(second.capture_id, "other_2", "AB")
    assert keeper.wait_idle(PATIENCE_S)
    (kept,) = queue(bench).values()
    assert (kept.capture_id, kept.class_id, kept.label_source) == (second.capture_id, "other_2", "corrected")
    assert kept.operator == "AB"


def test_by_default_nothing_is_kept(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection())
    part = recognised(bench)
    bench.workflow.answer(part.capture_id, "bolt")
    assert keeper.wait_idle(PATIENCE_S)
    assert queue(bench) == {}
    assert "AnswerKeeper" not in {thread.name for thread in threading.enumerate()}


def test_answers_without_a_class_and_looks_at_no_whole_part_are_not_kept(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="all"))
    part = recognised(bench)
    bench.workflow.answer(part.capture_id, Verdict.NEW_PART)
    bench.locator.state = PlateState.OUTSIDE
    outside = recognised(bench, "nut", x=0.15)
    bench.workflow.answer(outside.capture_id, "nut")
    assert keeper.wait_idle(PATIENCE_S)
    assert queue(bench) == {}


def test_the_queue_follows_answers_that_are_replaced_and_taken_back(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="all"))
    part = recognised(bench)
    bench.workflow.answer(part.capture_id, "screw")
    bench.workflow.answer(part.capture_id, "bolt")
    assert keeper.wait_idle(PATIENCE_S)
    assert [record.class_id for record in queue(bench).values()] == ["bolt"]
    bench.put(None, 0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.workflow.undo()
    assert keeper.wait_idle(PATIENCE_S)
    assert [record.class_id for record in queue(bench).values()] == ["screw"], "the former answer holds again"
    bench.workflow.undo()
    assert keeper.wait_idle(PATIENCE_S)
    assert queue(bench) == {}
    assert keeper.keeping.trouble == ""


def test_an_undo_leaves_alone_what_was_reviewed_meanwhile(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="all"))
    part = recognised(bench)
    bench.workflow.answer(part.capture_id, "screw")
    assert keeper.wait_idle(PATIENCE_S)
    bench.store.accept_review(part.capture_id, "screw", "train").result(PATIENCE_S)
    bench.workflow.undo()
    assert keeper.wait_idle(PATIENCE_S)
    assert bench.captures() == ["screw/train_data/0/0"]
    assert keeper.keeping.trouble == ""


def test_a_class_has_a_quota_of_what_waits_and_what_was_accepted(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="all", keep_per_class=2))
    for n in range(3):
        part = recognised(bench, x=0.12 + 0.06 * n)
        bench.workflow.answer(part.capture_id, "screw")
        assert keeper.wait_idle(PATIENCE_S)
        if n == 0:
            bench.store.accept_review(part.capture_id, "screw", "train").result(PATIENCE_S)
        bench.put(None, 0.0)
        bench.wait(lambda s: s.state is PartState.EMPTY)
    assert len(queue(bench)) == 1
    assert keeper.keeping.full_classes == {"screw"}
    nut = recognised(bench, "nut")
    bench.workflow.answer(nut.capture_id, "nut")
    assert keeper.wait_idle(PATIENCE_S)
    assert len(queue(bench)) == 2


def test_a_full_disk_is_said_and_costs_the_operator_nothing(bench: SessionBench, keep: Keep) -> None:
    keeper = keep(CaptureSection(keep_answers="all"))
    bench.free = 0
    part = recognised(bench)
    bench.workflow.answer(part.capture_id, "screw")
    assert keeper.wait_idle(PATIENCE_S)
    assert "free" in keeper.keeping.trouble
    assert queue(bench) == {}
    assert bench.workflow.status.state is PartState.ANSWERED


class HeldStore:
    """A store that lets nothing through before it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.entered = threading.Event()
        self.saved: list[str] = []

    def keep_for_review(self, capture: NewCapture, class_id: str) -> Future[StoredCapture]:
        self.entered.set()
        assert self.go.wait(PATIENCE_S)
        self.saved.append(capture.record.capture_id)
        done: Future[StoredCapture] = Future()
        done.set_result(StoredCapture(capture.record, ""))
        return done

    def dismiss_review(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        raise AssertionError("nothing is taken back here")

    restore = dismiss_review


def test_a_slow_disk_lets_the_oldest_pictures_that_wait_go(bench: SessionBench, keep: Keep) -> None:
    store = HeldStore()
    keeper = keep(CaptureSection(keep_answers="all"), store=store)
    ids: list[str] = []
    for n in range(4):
        part = recognised(bench, f"part_{n}", x=0.12 + 0.05 * n)
        bench.workflow.answer(part.capture_id, f"part_{n}")
        ids.append(part.capture_id)
        assert store.entered.wait(PATIENCE_S)
    assert keeper.keeping.passed_over == 1
    store.go.set()
    assert keeper.wait_idle(PATIENCE_S)
    assert store.saved == [ids[0], ids[2], ids[3]], "the first was being kept, the second waited longest"
