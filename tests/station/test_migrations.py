"""An older data directory is brought up to date, whatever instant it is cut off at."""

import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.datadir import LAYOUT_VERSION, DataDir
from station.errors import StorageError
from station.journal import Entry, EntryKind, Journal
from station.migrations import NOTE_FILE, STEPS, migrate
from station.parts import PartMaster

PARTS_1 = """
CREATE TABLE parts (
    class_id    TEXT PRIMARY KEY,
    number      TEXT NOT NULL,
    name        TEXT NOT NULL,
    super_class TEXT NOT NULL,
    tags        TEXT NOT NULL,
    reference   TEXT,
    weight_kg   REAL,
    size_m      TEXT,
    folded      TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (class_id UNINDEXED, number, name, rest, prefix = '1 2 3');
INSERT INTO parts VALUES ('seal', '900', 'Dichtung', '[]', '["rubber"]', NULL, 0.25, NULL, '900 dichtung');
PRAGMA user_version = 1;
"""


def layout_1(root: Path) -> Path:
    """Write a data directory as the program before layout 2 left it."""
    for folder in ("references", "models/mine", "calibrations", "captures/pump_1/train_data/0/0", "logs"):
        (root / folder).mkdir(parents=True)
    (root / "version").write_text("1\n")
    (root / "models/mine/model.json").write_text("{}")
    (root / "captures/pump_1/meta.json").write_text("{}")
    (root / "captures/pump_1/train_data/0/0/capture.json").write_text("{}")
    (root / "captures/bolt_2/train_data").mkdir(parents=True)
    connection = sqlite3.connect(root / "parts.sqlite")
    connection.executescript(PARTS_1)
    connection.close()
    journal = Journal(root / "journal.sqlite")
    journal.append([Entry(EntryKind.CONFIRM, "c1", datetime(2026, 5, 4, tzinfo=UTC), class_id="seal")])
    journal.close()
    return root


def assert_up_to_date(root: Path) -> None:
    with DataDir.open(root) as data:
        assert (root / "version").read_text() == f"{LAYOUT_VERSION}\n"
        assert not (root / NOTE_FILE).exists()
        assert (data.captures / "sets/pump_1/train_data/0/0/capture.json").read_text() == "{}"
        assert (data.captures / "sets/bolt_2/train_data").is_dir()
        assert {p.name for p in data.captures.iterdir()} == {"sets"}
        assert (data.models / "mine/model.json").read_text() == "{}"
        parts = PartMaster(data.parts, data.references)
        record = parts.get("seal")
        parts.close()
        assert record is not None
        assert record.description == {"Materials": ("rubber",)}
        journal = Journal(data.journal)
        assert [entry.capture_id for entry in journal.entries()] == ["c1"]
        journal.close()


def index_copies(root: Path) -> list[Path]:
    return sorted(root.glob("before-layout-*"))


def test_a_directory_of_layout_1_becomes_one_of_today_after_a_copy_of_its_indexes(tmp_path: Path) -> None:
    root = layout_1(tmp_path / "data")
    before = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    with DataDir.open(root):
        pass
    (copy,) = index_copies(root)
    assert {p.name for p in copy.iterdir()} == {"version", "parts.sqlite", "journal.sqlite"}
    assert (copy / "version").read_text() == "1\n"
    connection = sqlite3.connect(copy / "parts.sqlite")
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT tags FROM parts").fetchone() == ('["rubber"]',)
    connection.close()
    assert_up_to_date(root)
    assert index_copies(root) == [copy]
    now = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    assert {name.replace("captures/", "captures/sets/") for name in before} <= now


def test_a_command_beside_no_station_migrates_too_and_gives_the_lock_back(tmp_path: Path) -> None:
    root = layout_1(tmp_path / "data")
    assert DataDir.lay_out(root) == root
    assert_up_to_date(root)


def test_an_older_directory_in_use_is_left_alone(tmp_path: Path) -> None:
    root = layout_1(tmp_path / "data")
    from station.file_lock import lock_file

    held = lock_file(root / "lock")
    assert held is not None
    with pytest.raises(StorageError, match="in use"):
        DataDir.lay_out(root)
    assert (root / "version").read_text() == "1\n"
    held.close()


def test_two_folders_of_one_class_are_not_mixed(tmp_path: Path) -> None:
    root = layout_1(tmp_path / "data")
    (root / "captures/sets/pump_1").mkdir(parents=True)
    with pytest.raises(StorageError, match="Two folders hold captures of the class 'pump_1'"):
        DataDir.open(root)
    (root / "captures/sets/pump_1").rmdir()
    assert_up_to_date(root)


def test_steps_follow_each_other(tmp_path: Path) -> None:
    assert [step.to for step in STEPS] == list(range(2, LAYOUT_VERSION + 1))
    root = layout_1(tmp_path / "data")
    (root / "journal.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(StorageError, match="cannot be brought to layout") as raised:
        migrate(root, 1)
    assert "journal.sqlite" in str(raised.value) or "database" in str(raised.value)
    assert (root / "version").read_text() == "1\n"
    assert index_copies(root) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from station.file_calls import OsFiles
from station.migrations import migrate

class Deadly:
    def __init__(self, left):
        self.left, self.real = left, OsFiles()
    def __getattr__(self, name):
        def call(*arguments):
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.left -= 1
            return getattr(self.real, name)(*arguments)
        return call

migrate(Path(sys.argv[1]), 1, files=Deadly(int(sys.argv[2])))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_a_migration_killed_before_any_of_its_calls_is_finished_by_the_next_start(tmp_path: Path, every: int) -> None:
    calls = every - 1
    while True:
        root = layout_1(tmp_path / str(calls))
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(root), str(calls)], check=False, timeout=60, cwd=Path.cwd()
        )
        assert done.returncode in (0, -signal.SIGKILL)
        assert_up_to_date(root)
        copies = index_copies(root)
        assert copies
        for copy in copies:
            assert (copy / "version").read_text() == "1\n"
            connection = sqlite3.connect(copy / "parts.sqlite")
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
            connection.close()
        if done.returncode == 0:
            break
        calls += every
    assert calls > 20
