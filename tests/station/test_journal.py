"""The journal: append-only, in its own order, whole after a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.errors import StorageError
from station.journal import Entry, EntryKind, Journal, utc_text

NOW = datetime(2026, 5, 4, 12, 30, 15, 123456, tzinfo=UTC)


def entry(n: int, kind: EntryKind = EntryKind.CONFIRM, **more: object) -> Entry:
    return Entry(kind, f"c{n}", NOW + timedelta(seconds=n), class_id="screw", rank=1, body={"n": n}, **more)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def test_entries_come_back_in_the_order_they_were_written(journal: Journal) -> None:
    written = [entry(n) for n in range(5)]
    journal.append(written[:2])
    journal.append(written[2:])
    back = journal.entries()
    assert [e.sequence for e in back] == [1, 2, 3, 4, 5]
    assert [e.to_json() for e in back] == [e.to_json() for e in written]
    assert journal.entries(after=3, limit=1)[0].sequence == 4


def test_a_clock_that_jumps_back_does_not_reorder(journal: Journal) -> None:
    journal.append([entry(9), entry(1)])
    assert [e.capture_id for e in journal.entries()] == ["c9", "c1"]


def test_times_are_utc_with_z() -> None:
    berlin = NOW.astimezone(tz=__import__("zoneinfo").ZoneInfo("Etc/GMT-2"))
    assert utc_text(berlin) == "2026-05-04T12:30:15.123Z"


def test_writing_twice_is_writing_once(journal: Journal) -> None:
    one, two = entry(1), entry(2)
    journal.append([one])
    journal.append([one, two])
    assert [e.capture_id for e in journal.entries()] == ["c1", "c2"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET class_id = 'bolt'",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries",
        "REPLACE INTO entries SELECT sequence + 5, entry_id, 'undo', '', '', '', 1, '', '', '{}' FROM entries",
    ],
)
def test_no_row_is_changed_or_removed(journal: Journal, statement: str) -> None:
    journal.append([entry(1)])
    connection = sqlite3.connect(journal.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert [e.to_json() for e in journal.entries()] == [journal.entries()[0].to_json()]
    assert journal.entries()[0].class_id == "screw"


def test_the_answer_that_holds_is_the_last_one_not_undone(journal: Journal) -> None:
    first, second = entry(1), entry(1, EntryKind.CORRECT)
    assert journal.answer_for("c1") is None
    journal.append([entry(1, EntryKind.RECOGNITION), first, second])
    held = journal.answer_for("c1")
    assert held is not None
    assert held.kind is EntryKind.CORRECT
    journal.append([entry(1, EntryKind.UNDO, refers_to=second.entry_id)])
    held = journal.answer_for("c1")
    assert held is not None
    assert held.entry_id == first.entry_id


def test_all_or_none_are_written(journal: Journal) -> None:
    journal.append([entry(1)])
    bad = Entry(EntryKind.CONFIRM, "c2", NOW, body={"x": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        journal.append([entry(3), bad])
    assert len(journal.entries()) == 1


def test_damaged_newer_and_forbidden_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"not a journal " * 500)
    with pytest.raises(StorageError, match="cannot be opened"):
        Journal(damaged).append([entry(1)])
    assert damaged.read_bytes().startswith(b"not a journal")
    newer = tmp_path / "newer.sqlite"
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(StorageError, match="schema 7"):
        Journal(newer).entries()
    with pytest.raises(StorageError, match="cannot be opened"):
        Journal(tmp_path / "no" / "folder.sqlite").append([entry(1)])


def test_the_disk_holds_each_entry_when_append_returns(journal: Journal) -> None:
    journal.append([entry(1)])
    connection = journal._open()
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


WRITER = """
import sys, pathlib
from datetime import UTC, datetime
from station.journal import Entry, EntryKind, Journal
journal = Journal(pathlib.Path(sys.argv[1]))
n = int(sys.argv[2])
while True:
    journal.append([Entry(EntryKind.CONFIRM, f"c{n + k}", datetime.now(UTC), body={"pad": "x" * 300}) for k in (0, 1)])
    n += 2
    print(n, flush=True)
"""


def kill_while_writing(path: Path, start: int, told: int) -> int:
    """Run a process that appends pairs, kill it after it has told so many times, return the last number it told."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(start)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(told):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        lines = writer.stdout.read().split()
        writer.wait(timeout=20)
    return int(lines[-1]) if lines else 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("rounds", [4, pytest.param(25, marks=pytest.mark.slow)])
def test_a_kill_at_any_instant_leaves_whole_transactions_and_every_one_that_was_acknowledged(
    tmp_path: Path, rounds: int
) -> None:
    path = tmp_path / "journal.sqlite"
    for n in range(rounds):
        before = len(Journal(path).entries(limit=10**6))
        told = kill_while_writing(path, before, 3 + 7 * n % 11)
        journal = Journal(path)
        entries = journal.entries(limit=10**6)
        assert len(entries) % 2 == 0
        assert len(entries) >= told
        assert [e.capture_id for e in entries] == [f"c{k}" for k in range(len(entries))]
        assert [e.sequence for e in entries] == list(range(1, len(entries) + 1))
        journal.append([])
        journal.close()
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        connection.close()
