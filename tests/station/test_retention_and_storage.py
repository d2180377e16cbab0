"""What leaves the journal and the review queue after its days, and what a nearly full disk says."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.captures.catalog import Catalog
from station.captures.place import Place
from station.captures.store import CaptureStore
from station.errors import StorageError
from station.journal import Entry, EntryKind, Journal
from station.journal_writer import JournalWriter
from station.retention import Kept, Retention, kept_answers
from station.storage_watch import StorageWatch
from tests.station.captures.new_captures import new_capture

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def answer(capture_id: str, days_ago: float, kind: EntryKind = EntryKind.CONFIRM, **more: str) -> Entry:
    return Entry(kind, capture_id, NOW - timedelta(days=days_ago), class_id="pump", **more)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def ids(journal: Journal) -> list[str]:
    return [entry.capture_id for entry in journal.entries(limit=10**6)]


def test_captures_leave_the_journal_whole_when_their_newest_entry_is_old(journal: Journal) -> None:
    journal.append([answer("old", 100), answer("long", 100), answer("new", 1), answer("long", 5), answer("old", 91)])
    assert journal.forget_before(NOW - timedelta(days=90)) == 1
    assert ids(journal) == ["long", "new", "long"]
    assert [entry.sequence for entry in journal.entries()] == [2, 3, 4]
    assert journal.forget_before(NOW - timedelta(days=90)) == 0
    journal.append([answer("next", 0)])
    assert journal.entries()[-1].sequence == 6


def test_an_answer_that_was_taken_back_does_not_come_back_when_the_clock_was_wrong(journal: Journal) -> None:
    given = answer("c", 80)
    journal.append([given, answer("c", 100, EntryKind.UNDO, refers_to=given.entry_id)])
    journal.forget_before(NOW - timedelta(days=90))
    assert journal.answer_for("c") is None


def test_the_journal_stays_append_only_for_everybody_else(journal: Journal) -> None:
    journal.append([answer("old", 100), answer("new", 1)])
    journal.forget_before(NOW - timedelta(days=90))
    connection = sqlite3.connect(journal.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM entries")
    connection.close()
    assert ids(journal) == ["new"]


def test_what_was_removed_cannot_be_read_in_the_file_any_more(journal: Journal) -> None:
    journal.append([answer(f"secretive-{n:04}", 100) for n in range(1200)] + [answer("new", 1)])
    assert journal.forget_before(NOW - timedelta(days=90)) == 1200
    journal.close()
    for file in journal.path.parent.glob("journal.sqlite*"):
        assert b"secretive" not in file.read_bytes()
    assert ids(journal) == ["new"]


def test_answers_are_written_while_old_ones_are_removed(journal: Journal) -> None:
    journal.append([answer(f"old{n}", 100) for n in range(3000)])
    writer = JournalWriter(journal.path)
    writer.start()
    done = threading.Event()

    def remove() -> None:
        other = Journal(journal.path)
        other.forget_before(NOW - timedelta(days=90))
        other.close()
        done.set()

    thread = threading.Thread(target=remove)
    thread.start()
    written = 0
    while not done.is_set() and written < 5000:
        writer.append(answer(f"new{written}", 0))
        written += 1
    thread.join(60)
    writer.stop(60)
    assert ids(journal) == [f"new{n}" for n in range(written)]


def test_the_retention_works_at_the_start_and_each_time_after_and_one_fault_stops_no_other(tmp_path: Path) -> None:
    seen: list[tuple[str, datetime]] = []
    twice = threading.Event()

    def forget(before: datetime, _: Callable[[], bool]) -> int:
        seen.append(("good", before))
        if len(seen) > 1:
            twice.set()
        return 1

    def refuse(_before: datetime, _cancelled: Callable[[], bool]) -> int:
        raise StorageError("No.")

    def break_down(_before: datetime, _cancelled: Callable[[], bool]) -> int:
        raise RuntimeError("fault")

    kept = [Kept("a", 1, refuse), Kept("b", 1, break_down), Kept("c", 30, forget), Kept("d", 0, break_down)]
    retention = Retention(kept, now=lambda: NOW, period_s=0.01)
    retention.start()
    assert twice.wait(20)
    retention.stop()
    assert seen[0] == ("good", NOW - timedelta(days=30))


def test_a_journal_that_is_kept_for_ever_is_not_touched(tmp_path: Path) -> None:
    retention = Retention([kept_answers(tmp_path / "none.sqlite", 0)])
    retention.start()
    retention.stop()
    assert not (tmp_path / "none.sqlite").exists()
    Journal(tmp_path / "journal.sqlite").append([answer("old", 1000)])
    forget = kept_answers(tmp_path / "journal.sqlite", 365).forget
    assert forget(NOW - timedelta(days=365), lambda: True) == 0
    assert forget(NOW - timedelta(days=365), lambda: False) == 1


def test_operators_are_stored_only_when_that_is_switched_on(tmp_path: Path) -> None:
    for operators, stored in ((False, ""), (True, "A7")):
        path = tmp_path / f"{operators}.sqlite"
        writer = JournalWriter(path, operators=operators)
        writer.start()
        writer.append(answer("c", 0, operator="A7"))
        writer.stop()
        assert [entry.operator for entry in Journal(path).entries()] == [stored]
        assert (b"A7" in path.read_bytes()) is operators


def test_captures_that_wait_too_long_for_review_are_removed_for_good(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    store = CaptureStore(tmp_path / "captures", catalog, workers=1)
    waiting = new_capture("waiting", 1)
    store.keep_for_review(waiting, "pump").result(30)
    store.keep_for_review(new_capture("late", 2), "pump").result(30)
    store.save(new_capture("kept", 3), Place("pump", "train", position=0, rotation=0)).result(30)
    taken = waiting.record.taken_at
    assert taken is not None
    assert store.forget_review(taken + timedelta(milliseconds=500)).result(30) == 1
    assert catalog.get("waiting") is None
    assert catalog.get("late") is not None
    assert not (tmp_path / "captures/.review/waiting").exists()
    assert [row.action for row in store.audit("waiting")] == ["erase"]
    assert store.forget_review(taken + timedelta(days=1)).result(30) == 1
    assert catalog.get("kept") is not None
    store.stop()
    catalog.close()


def test_a_nearly_full_disk_is_told_and_so_is_one_that_does_not_answer(tmp_path: Path) -> None:
    asked = threading.Condition()
    answers: list[int | OSError] = [3_000_000_000]
    looks = 0

    def free_bytes(_: Path) -> int:
        nonlocal looks
        with asked:
            looks += 1
            asked.notify_all()
            now = answers[-1]
        if isinstance(now, OSError):
            raise now
        return now

    watch = StorageWatch(tmp_path, 2.0, free_bytes=free_bytes, period_s=0.01)

    def after(now: int | OSError) -> str:
        with asked:
            answers.append(now)
            begun = looks
            assert asked.wait_for(lambda: looks > begun + 1, 20)
        return watch.trouble

    watch.start()
    try:
        assert after(3_000_000_000) == ""
        assert after(1_940_000_000).startswith("Only 1.9 GB are free for the station's data.")
        assert "does not answer: Input/output error" in after(OSError(5, "Input/output error"))
        assert after(2_000_000_000) == ""
    finally:
        watch.stop()


def test_the_real_disk_is_looked_at(tmp_path: Path) -> None:
    watch = StorageWatch(tmp_path, 1e9)
    watch.start()
    watch.stop()
    assert watch.trouble.startswith("Only ")
