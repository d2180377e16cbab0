"""The journal's thread: nothing is lost when the disk refuses, and the station is told."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.errors import StorageError
from station.journal import Entry, EntryKind, Journal
from station.journal_writer import JournalWriter

PATIENCE_S = 20.0


def entry(n: int, pad: int = 0) -> Entry:
    return Entry(EntryKind.CONFIRM, f"c{n}", datetime.now(UTC), class_id="screw", rank=1, body={"pad": "x" * pad})


def ids(path: Path) -> list[str]:
    journal = Journal(path)
    found = [e.capture_id for e in journal.entries(limit=10**6)]
    journal.close()
    return found


def wait_trouble(writer: JournalWriter) -> str:
    with writer._changed:
        assert writer._changed.wait_for(lambda: bool(writer._trouble), PATIENCE_S)
    return writer.state.trouble


def test_entries_are_written_in_order_by_a_thread_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    writer = JournalWriter(path)
    writer.start()
    assert "Journal" in [t.name for t in threading.enumerate()]
    for n in range(600):
        writer.append(entry(n))
    assert writer.flush(PATIENCE_S)
    assert writer.state.waiting == 0
    writer.stop()
    writer.stop()
    assert ids(path) == [f"c{n}" for n in range(600)]


def test_a_folder_that_is_away_for_a_while_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "away" / "j.sqlite"
    writer = JournalWriter(path, tmp_path / "rescue.jsonl", retry_s=0.05)
    writer.start()
    writer.append(entry(0))
    assert "cannot be opened" in wait_trouble(writer)
    writer.append(entry(1))
    assert writer.state.waiting == 2
    path.parent.mkdir()
    assert writer.flush(PATIENCE_S)
    assert writer.state.trouble == ""
    writer.stop()
    assert ids(path) == ["c0", "c1"]
    assert not (tmp_path / "rescue.jsonl").exists()


def test_what_is_unwritten_at_the_end_is_taken_in_at_the_next_start(tmp_path: Path) -> None:
    path, rescue = tmp_path / "away" / "j.sqlite", tmp_path / "rescue.jsonl"
    writer = JournalWriter(path, rescue, retry_s=0.05)
    writer.start()
    for n in range(3):
        writer.append(entry(n))
    with pytest.raises(StorageError, match=r"3 entries .* kept in .*rescue\.jsonl"):
        writer.stop()
    path.parent.mkdir()
    again = JournalWriter(path, rescue)
    again.start()
    again.append(entry(3))
    assert again.flush(PATIENCE_S)
    again.stop()
    assert ids(path) == ["c0", "c1", "c2", "c3"]
    assert not rescue.exists()


def test_when_no_disk_takes_them_they_stay_in_memory_and_stop_may_be_called_again(tmp_path: Path) -> None:
    path = tmp_path / "away" / "j.sqlite"
    blocker = tmp_path / "blocker"
    blocker.write_text("")
    writer = JournalWriter(path, blocker / "rescue.jsonl", retry_s=0.05)
    writer.start()
    writer.append(entry(0))
    with pytest.raises(StorageError, match="neither"):
        writer.stop()
    assert writer.state.waiting == 1
    blocker.unlink()
    with pytest.raises(StorageError, match="kept in"):
        writer.stop()
    path.parent.mkdir()
    again = JournalWriter(path, blocker / "rescue.jsonl")
    again.start()
    again.stop()
    assert ids(path) == ["c0"]


def test_a_damaged_rescue_file_is_not_thrown_away(tmp_path: Path) -> None:
    rescue = tmp_path / "rescue.jsonl"
    rescue.write_text('{"half')
    with pytest.raises(StorageError, match="earlier run"):
        JournalWriter(tmp_path / "j.sqlite", rescue).start()
    assert rescue.exists()


def test_what_is_no_json_fails_at_its_maker(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j.sqlite")
    with pytest.raises(TypeError):
        writer.append(Entry(EntryKind.CONFIRM, "c", datetime.now(UTC), body={"x": object()}))
    assert writer.state.waiting == 0


def test_too_many_waiting_entries_are_refused_aloud_and_answers_last(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j.sqlite")
    for n in range(10_000):
        writer.append(Entry(EntryKind.RECOGNITION, f"c{n}", datetime.now(UTC)))
    with pytest.raises(StorageError, match="wait for the disk"):
        writer.append(Entry(EntryKind.RECOGNITION, "more", datetime.now(UTC)))
    writer.append(entry(1))
    assert writer.state.waiting == 10_001


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or os.geteuid() != 0 or not mount or not umount:
        pytest.skip("mounting a small file system needs root on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("this machine does not let root mount a file system")
    yield folder
    subprocess.run([umount, str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Write until the disk refuses."""
    with ballast.open("wb", buffering=0) as out:
        while True:
            out.write(b"x" * 4096)


def test_a_full_disk_loses_no_answer(small_disk: Path, tmp_path: Path) -> None:
    path = small_disk / "j.sqlite"
    rescue = tmp_path / "rescue.jsonl"
    writer = JournalWriter(path, rescue, retry_s=0.05)
    writer.start()
    writer.append(entry(0))
    assert writer.flush(PATIENCE_S)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        fill(ballast)
    for n in range(1, 60):
        writer.append(entry(n, pad=4000))
    trouble = wait_trouble(writer)
    assert "full" in trouble or "disk" in trouble
    assert 0 < writer.state.waiting <= 59
    assert ids(path)[0] == "c0"
    ballast.unlink()
    assert writer.flush(PATIENCE_S)
    assert writer.state.trouble == ""
    writer.stop()
    assert ids(path) == [f"c{n}" for n in range(60)]


def test_a_file_that_may_not_grow_loses_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    program = """
import resource, signal, sys, pathlib
from datetime import UTC, datetime
from station.errors import StorageError
from station.journal import Entry, EntryKind
from station.journal_writer import JournalWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
writer = JournalWriter(pathlib.Path(sys.argv[1]), retry_s=0.05)
writer.start()
for n in range(100):
    writer.append(Entry(EntryKind.CONFIRM, f"c{n}", datetime.now(UTC), body={"pad": "x" * 5000}))
    if n < 20:
        writer.flush(10)
for _ in range(2):
    try:
        writer.stop()
    except StorageError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
    if sys.platform == "win32":
        pytest.skip("Windows has no limit of file sizes")
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    first, second = done.stdout.splitlines()
    assert "neither" in first
    assert "kept in" in second
    writer = JournalWriter(path)
    writer.start()
    assert writer.flush(PATIENCE_S)
    writer.stop()
    assert ids(path) == [f"c{n}" for n in range(100)]


def test_a_rescue_file_that_cannot_be_removed_does_not_end_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rescue = tmp_path / "rescue.jsonl"
    rescue.touch()
    refusals = [PermissionError("read-only"), PermissionError("read-only")]
    unlink = Path.unlink

    def refusing(path: Path, missing_ok: bool = False) -> None:
        if path == rescue and refusals:
            raise refusals.pop()
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refusing)
    writer = JournalWriter(tmp_path / "j.sqlite", rescue)
    writer.start()
    for n in range(3):
        writer.append(entry(n))
        assert writer.flush(PATIENCE_S)
    writer.stop()
    assert ids(tmp_path / "j.sqlite") == ["c0", "c1", "c2"]
    assert not rescue.exists()


def test_a_fault_that_nobody_foresaw_does_not_end_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append, faults = Journal.append, [ZeroDivisionError("seven by nought")]

    def faulty(journal: Journal, entries: list[Entry]) -> None:
        if faults:
            raise faults.pop()
        append(journal, entries)

    monkeypatch.setattr(Journal, "append", faulty)
    writer = JournalWriter(tmp_path / "j.sqlite", retry_s=0.05)
    writer.start()
    writer.append(entry(0))
    assert writer.flush(PATIENCE_S)
    assert writer.state.trouble == ""
    writer.stop()
    assert ids(tmp_path / "j.sqlite") == ["c0"]
