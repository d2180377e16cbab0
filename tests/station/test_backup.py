"""Backups: only what is new, while others write, whole after a kill, and back again with every hash checked."""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.backup.objects import Added, Objects
from station.backup.snapshot import SnapshotWriter, new_name, read_snapshot
from station.backup.store import BackupReport, BackupStore
from station.datadir import DataDir
from station.errors import StorageError
from station.journal import Entry, EntryKind, Journal
from station.parts import PartMaster, PartRecord

LONG_AGO_NS = 1_700_000_000_000_000_000


def put(root: Path, path: str, content: bytes, *, fresh: bool = False) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if not fresh:
        os.utime(file, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return file


def answer(n: int) -> Entry:
    return Entry(EntryKind.CONFIRM, f"c{n}", datetime(2026, 5, 4, tzinfo=UTC), class_id="pump")


def filled(root: Path) -> Path:
    with DataDir.open(root) as data:
        parts = PartMaster(data.parts, data.references)
        parts.upsert([PartRecord("pump", "0120489435", "Pump")])
        parts.close()
        journal = Journal(data.journal)
        journal.append([answer(1)])
        journal.close()
    for n in range(6):
        put(root, f"captures/sets/pump/train_data/0/{n}/cam_01/01_rgb.png", b"picture %d" % n)
    put(root, "captures/sets/pump/valid_data/0/cam_01/01_rgb.png", b"picture 1")
    put(root, "models/mine/model.safetensors", b"weights" * 1000)
    put(root, "logs/station.log", b"line")
    put(root, "catalog.sqlite", b"index")
    put(root, "captures/sets/pump/train_data/0/.writing-7/01_rgb.png", b"half")
    put(root, "calibrations/active.json.tmp", b"half")
    return root


def content(root: Path) -> dict[str, bytes]:
    """Return the files by path, without databases and what no backup holds."""
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file()
        and p.suffix not in (".sqlite", ".tmp")
        and ".writing" not in str(p)
        and p.name not in ("lock", "station.log")
        and "loop" not in p.parts
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return filled(tmp_path / "data")


@pytest.fixture
def store(tmp_path: Path) -> BackupStore:
    return BackupStore(tmp_path / "backups")


def test_what_is_restored_is_what_was_backed_up(root: Path, store: BackupStore, tmp_path: Path) -> None:
    report = store.save(root)
    assert store.snapshots == (report.snapshot,)
    assert report.files == len(content(root)) + 2
    assert store.restore(tmp_path / "new") == ()
    assert content(tmp_path / "new") == content(root)
    assert not (tmp_path / "new" / "catalog.sqlite").exists()
    with DataDir.open(tmp_path / "new") as data:
        journal = Journal(data.journal)
        assert [e.capture_id for e in journal.entries()] == ["c1"]
        journal.close()
        parts = PartMaster(data.parts, data.references)
        assert parts.get("pump") == PartRecord("pump", "0120489435", "Pump")
        parts.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_that_look_odd_are_backed_up_too(root: Path, store: BackupStore, tmp_path: Path) -> None:
    odd = ["pump-journal", "seal.tmp", "x:y", "back\\slash", "Größe", "new\nline", os.fsdecode(b"\xff\xfe")]
    for name in odd:
        put(root, f"captures/sets/{name}/train_data/0/0/cam_01/01_rgb.png", name.encode("utf-8", "surrogateescape"))
    put(root, "note: to all.txt", b"x")
    (root / "elsewhere").mkdir()
    (root / "captures/sets/linked").symlink_to(root / "captures/sets/pump")
    (root / "captures/sets/loop").symlink_to(root / "captures")
    store.save(root)
    assert store.restore(tmp_path / "new") == ()
    back = content(tmp_path / "new")
    assert {name: value for name, value in content(root).items() if back.get(name) != value} == {}
    assert (tmp_path / "new/captures/sets/linked/train_data/0/1/cam_01/01_rgb.png").read_bytes() == b"picture 1"


def test_only_what_is_new_is_copied_and_earlier_backups_stay(root: Path, store: BackupStore, tmp_path: Path) -> None:
    first = store.save(root)
    assert first.new_contents == first.files - 1  # one picture is there twice
    again = store.save(root)
    assert (again.new_contents, again.files) == (0, first.files)
    before = content(root)
    put(root, "captures/sets/pump/train_data/1/0/cam_01/01_rgb.png", b"one more", fresh=True)
    shutil.rmtree(root / "models/mine")
    third = store.save(root)
    assert (third.new_contents, third.files) == (1, first.files)
    store.restore(tmp_path / "then", first.snapshot)
    store.restore(tmp_path / "now")
    assert content(tmp_path / "then") == before
    assert content(tmp_path / "now") == content(root)


def test_unchanged_files_are_not_read_again(root: Path, store: BackupStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(root)
    read: list[str] = []
    add = Objects.add

    def noted(self: Objects, source: Path) -> Added:
        read.append(source.name)
        return add(self, source)

    monkeypatch.setattr(Objects, "add", noted)
    store.save(root)
    assert "01_rgb.png" not in read


def test_old_backups_are_removed_when_asked_to_and_only_what_they_alone_need(
    root: Path, store: BackupStore, tmp_path: Path
) -> None:
    for n in range(3):
        put(root, "models/mine/model.safetensors", b"weights %d" % n * 50, fresh=True)
        store.save(root)
    report = store.save(root, keep=2)
    assert len(store.snapshots) == 2
    assert report.removed == 2
    for number, name in enumerate(store.snapshots):
        store.restore(tmp_path / f"kept {number}", name)


def test_a_damaged_content_is_found_and_mended_while_its_file_is_there(
    root: Path, store: BackupStore, tmp_path: Path
) -> None:
    store.save(root)
    newest = store.snapshot()
    saved = next(file for file in newest.files() if file.path == "models/mine/model.safetensors")
    objects = tmp_path / "backups/objects"
    damaged = objects / saved.sha256[:2] / saved.sha256
    damaged.write_bytes(b"x" * saved.size)
    with pytest.raises(StorageError, match=r"backup of models/mine/model\.safetensors is damaged"):
        store.restore(tmp_path / "one")
    assert not (tmp_path / "one" / "version").exists()
    with pytest.raises(StorageError, match="new or an empty folder"):
        store.restore(tmp_path / "one")
    assert store.restore(tmp_path / "two", partly=True) == ("models/mine/model.safetensors",)
    assert (tmp_path / "two" / "version").exists()
    assert store.save(root, check=True).mended == 1
    assert store.restore(tmp_path / "three") == ()
    damaged.unlink()
    assert store.save(root).new_contents == 1
    assert store.restore(tmp_path / "four") == ()


def test_what_an_interrupted_backup_left_is_not_believed_unread(root: Path, store: BackupStore, tmp_path: Path) -> None:
    store.save(root)
    file = put(root, "models/second/model.safetensors", b"more weights")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    left = tmp_path / "backups/objects" / sha256[:2] / sha256
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"")  # as a power cut leaves a file that was renamed, but not synced
    report = store.save(root)
    assert (report.mended, report.new_contents) == (1, 1)
    assert store.restore(tmp_path / "new") == ()


def test_a_disk_that_gives_back_something_else_makes_no_backup(
    root: Path, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(root)
    put(root, "models/second/model.safetensors", b"more weights")
    sync = Objects.sync

    def spoil(self: Objects) -> None:
        sync(self)
        self.path(hashlib.sha256(b"more weights").hexdigest()).write_bytes(b"more weighty")

    monkeypatch.setattr(Objects, "sync", spoil)
    with pytest.raises(StorageError, match="gives back something else"):
        store.save(root)
    assert len(store.snapshots) == 1


def test_wrong_folders_are_refused_in_a_sentence(root: Path, store: BackupStore, tmp_path: Path) -> None:
    cases: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: BackupStore(root / "backups").save(root), "inside what it backs up"),
        (lambda: BackupStore(tmp_path).save(root), "nor around it"),
        (lambda: store.save(tmp_path / "nothing"), "no data directory"),
        (lambda: store.restore(tmp_path / "new"), "no backup here"),
        (lambda: store.restore(root), "no backup here"),
    )
    for call, sentence in cases:
        with pytest.raises(StorageError, match=sentence):
            call()
    store.save(root)
    with pytest.raises(StorageError, match="new or an empty folder"):
        store.restore(root)
    with pytest.raises(StorageError, match="no backup 1999"):
        store.restore(tmp_path / "new", "1999")
    put(tmp_path / "letters", "dear.txt", b"")
    with pytest.raises(StorageError, match="holds other things"):
        BackupStore(tmp_path / "letters").save(root)
    filled(tmp_path / "other")
    with pytest.raises(StorageError, match="holds the backups of"):
        store.save(tmp_path / "other")
    (root / "migrating.json").write_text("{}")
    with pytest.raises(StorageError, match="being migrated"):
        store.save(root)


def test_a_snapshot_that_was_cut_or_changed_is_not_believed(root: Path, store: BackupStore, tmp_path: Path) -> None:
    first = store.save(root).snapshot
    store.save(root)
    newest = tmp_path / "backups/snapshots" / f"{store.snapshots[-1]}.jsonl"
    whole = newest.read_bytes()
    for broken in (whole[:-30], whole.replace(b"pump", b"dump", 1), b"", b"{}\n", b"\xff\xfe"):
        newest.write_bytes(broken)
        with pytest.raises(StorageError, match="snapshot is damaged"):
            read_snapshot(newest)
    store.save(root)
    store.restore(tmp_path / "new", first)


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b", ""])
def test_no_snapshot_leads_out_of_the_folder(root: Path, store: BackupStore, tmp_path: Path, path: str) -> None:
    import dataclasses

    store.save(root)
    good = store.snapshot()
    name = new_name(good.taken_at, store.snapshots)
    with SnapshotWriter(tmp_path / "backups/snapshots", name, good.taken_at, good.layout) as written:
        written.add(dataclasses.replace(next(good.files()), path=path))
        written.finish()
    with pytest.raises(StorageError, match="leads outside"):
        store.restore(tmp_path / "new")


def test_names_of_snapshots_keep_their_order_when_the_clock_does_not() -> None:
    now = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
    names: tuple[str, ...] = ()
    for taken_at in (now, now, datetime(2020, 1, 1, tzinfo=UTC), now, datetime(2027, 1, 1, tzinfo=UTC)):
        names = (*names, new_name(taken_at, names))
    assert list(names) == sorted(names)
    assert names[-1] == "20270101T000000Z"


def test_the_station_goes_on_writing_meanwhile(root: Path, store: BackupStore, tmp_path: Path) -> None:
    stop = threading.Event()
    first = threading.Event()
    written: list[int] = []

    def write() -> None:
        journal = Journal(root / "journal.sqlite")
        for n in range(2, 100_000):
            if stop.is_set():
                break
            journal.append([answer(n)])
            written.append(n)
            first.set()
        journal.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert first.wait(30)
        reports: list[BackupReport] = [store.save(root) for _ in range(3)]
    finally:
        stop.set()
        writer.join(30)
    last = 0
    for number, report in enumerate(reports):
        store.restore(tmp_path / str(number), report.snapshot)
        connection = sqlite3.connect(tmp_path / str(number) / "journal.sqlite")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = [c for (c,) in connection.execute("SELECT capture_id FROM entries ORDER BY sequence")]
        connection.close()
        assert rows == [f"c{n}" for n in range(1, len(rows) + 1)]
        assert len(rows) >= last
        last = len(rows)
    assert 1 < last <= len(written) + 1


def test_a_second_backup_into_the_folder_is_kept_out(root: Path, store: BackupStore, tmp_path: Path) -> None:
    from station.file_lock import lock_file

    store.save(root)
    held = lock_file(tmp_path / "backups" / "lock")
    assert held is not None
    with pytest.raises(StorageError, match="Another backup"):
        store.save(root)
    held.close()


def test_a_damaged_database_is_saved_as_it_is(root: Path, store: BackupStore, tmp_path: Path) -> None:
    (root / "journal.sqlite").write_bytes(b"no database " * 500)
    store.save(root)
    store.restore(tmp_path / "new")
    assert (tmp_path / "new/journal.sqlite").read_bytes() == b"no database " * 500


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_a_disk_that_refuses_ends_it_in_a_sentence_and_the_former_stays(
    root: Path, store: BackupStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = store.save(root).snapshot
    put(root, "models/second/model.safetensors", b"more weights")
    scratch = Objects.scratch

    def full(self: Objects, name: str) -> Path:
        path = scratch(self, name)
        if name == "content":
            path.unlink(missing_ok=True)
            path.symlink_to("/dev/full")
        return path

    with monkeypatch.context() as patched:
        patched.setattr(Objects, "scratch", full)
        with pytest.raises(StorageError, match=r"No space left.*Earlier backups are whole"):
            store.save(root)
    assert store.snapshots == (former,)
    store.save(root)
    store.restore(tmp_path / "new")
    assert content(tmp_path / "new") == content(root)


BACKUP = """
import os, signal, sys
from pathlib import Path
from station.backup import store
root, folder, left = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
deadly = ("fsync", "sync", "replace", "rename", "unlink", "mkdir")
def die(frame, event, argument):
    global left
    if event == "c_call" and getattr(argument, "__name__", "") in deadly:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(die)
store.BackupStore(folder).save(root, keep=2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_backup_killed_before_any_of_its_calls_leaves_the_former_whole(
    tmp_path: Path, root: Path, every: int
) -> None:
    folder = tmp_path / "backups"
    store = BackupStore(folder)
    calls, number, outcome = 0, 0, -signal.SIGKILL
    store.save(root)
    while outcome != 0:
        number += 1
        put(root, "models/mine/model.safetensors", b"weights %d" % number, fresh=True)
        before = store.snapshots
        outcome = subprocess.run(
            [sys.executable, "-c", BACKUP, str(root), str(folder), str(calls)], check=False, timeout=60
        ).returncode
        assert outcome in (0, -signal.SIGKILL)
        assert before[-1] in store.snapshots
        for name in store.snapshots[-2:]:
            store.restore(tmp_path / "restored", name)
            shutil.rmtree(tmp_path / "restored")
        calls += every
    assert calls > 18
    assert len(store.snapshots) == 2
    assert store.save(root).new_contents == 0
    assert list((folder / "objects").glob(".half-*")) == []


def test_the_commands(root: Path, tmp_path: Path) -> None:
    from typer import Typer
    from typer.testing import CliRunner

    from station.cli.backup import backup, restore

    app = Typer()
    app.command()(backup)
    app.command()(restore)
    (tmp_path / "station.toml").write_text('[station]\ndata_dir = "data"\n')
    config = ["--config", str(tmp_path / "station.toml")]
    done = CliRunner().invoke(app, ["backup", str(tmp_path / "b"), *config])
    assert done.exit_code == 0, done.output
    assert "files" in done.stdout
    done = CliRunner().invoke(app, ["backup", str(tmp_path / "b"), "--check", "--json", *config])
    assert json.loads(done.stdout)["new_contents"] == 0
    listed = CliRunner().invoke(app, ["restore", str(tmp_path / "b"), "--list"])
    assert len(listed.stdout.split()) == 2
    done = CliRunner().invoke(
        app, ["restore", str(tmp_path / "b"), str(tmp_path / "new"), "--at", listed.stdout.split()[0]]
    )
    assert done.exit_code == 0, done.output
    assert content(tmp_path / "new") == content(root)
