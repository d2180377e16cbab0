"""Backups while everything changes: what was there before is in them, whole and once, or they are refused."""

import json
import multiprocessing
import os
import shutil
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from station.backup import objects, saving
from station.backup.contents import Structure, unit_of
from station.backup.needed import Needed
from station.backup.objects import Objects
from station.backup.saving import Saving
from station.backup.snapshot import Former, SavedFile, SnapshotWriter
from station.backup.store import BackupStore
from station.datadir import DataDir
from station.errors import StorageError

LONG_AGO_NS = 1_700_000_000_000_000_000
CAPTURES = 12
FILES = ("cam_01/01_rgb.png", "cam_01/01_depth.png", "cam_02/02_rgb.png", "capture.json")
PLACES = [f"sets/{c}/{p}" for c in ("nut", "pump") for p in (*(f"train_data/0/{n}" for n in range(8)), "test_data/0")]


def put_capture(root: Path, number: int, place: str, *, fresh: bool = False) -> Path:
    folder = root / "captures" / place
    for name in FILES:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{number} {name}")
        if not fresh:
            os.utime(file, ns=(LONG_AGO_NS, LONG_AGO_NS + number))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    DataDir.open(data).close()
    for number, place in zip(range(CAPTURES), PLACES, strict=False):
        put_capture(data, number, place)
    put_lines(data, 3)
    return data


@pytest.fixture
def store(tmp_path: Path) -> BackupStore:
    return BackupStore(tmp_path / "backups")


def put_lines(root: Path, rows: int) -> None:
    with (root / "captures/audit.jsonl").open("a") as file:
        file.writelines(json.dumps({"n": n, "why": "x" * 5000}) + "\n" for n in range(rows))


def restored(store: BackupStore, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    assert store.restore(folder) == ()
    return folder


def captures_in(root: Path) -> Counter[str]:
    """Return how often each capture is there; every one must be whole."""
    found: Counter[str] = Counter()
    for record in (root / "captures").rglob("capture.json"):
        files = [path for path in record.parent.rglob("*") if path.is_file()]
        inside = {path.relative_to(record.parent).as_posix(): path.read_text() for path in files}
        number = record.read_text().split()[0]
        assert inside == {name: f"{number} {name}" for name in FILES}, record
        found[number] += 1
    pictures = sum(path.is_file() for path in (root / "captures").rglob("cam_*/*"))
    assert pictures == (len(FILES) - 1) * found.total()  # and nothing is half there
    return found


ALL = Counter(map(str, range(CAPTURES)))


def move(root: Path, source: str, target: str) -> None:
    (root / "captures" / target).parent.mkdir(parents=True, exist_ok=True)
    (root / "captures" / source).rename(root / "captures" / target)


@contextmanager
def meanwhile(work: Callable[[int], None], pause_s: float) -> Generator[None]:
    """Do something over and over in another thread."""
    stop, failed = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            for turn in count():
                work(turn)
                if stop.wait(pause_s):
                    break
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert failed == []


def before_each_file(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Have something done before each file is saved, with its number."""
    save, number = Saving._save, count()

    def saved(self: Saving, file: Path, *rest: object) -> SavedFile | None:
        act(next(number))
        return save(self, file, *rest)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Saving, "_save", saved)


def test_rows_that_are_added_before_each_look_leave_nothing_out(
    root: Path, store: BackupStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each_file(monkeypatch, lambda _: put_lines(root, 1))
    store.save(root)
    back = restored(store, tmp_path / "new")
    assert captures_in(back) == ALL
    assert len((back / "captures/audit.jsonl").read_text().splitlines()) >= 3


def test_a_file_that_keeps_growing_is_there_with_all_lines_that_were_whole(
    root: Path, store: BackupStore, tmp_path: Path
) -> None:
    with meanwhile(lambda _: put_lines(root, 20), 0.002):
        for _ in range(3):
            store.save(root)
            content = (restored(store, tmp_path / "new") / "captures/audit.jsonl").read_text()
            assert content.endswith("\n")
            assert {len(json.loads(line)["why"]) for line in content.splitlines()} == {5000}
            whole = (root / "captures/audit.jsonl").read_text()
            assert whole.startswith(content)


def test_a_line_that_is_half_written_while_it_is_copied_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"a": 1}\n{"b": ')
    copy = objects._copy

    def copy_and_grow(*arguments: object) -> tuple[str, int]:
        with file.open("ab") as end:
            end.write(b"2}\n")
        return copy(*arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(objects, "_copy", copy_and_grow)
    (tmp_path / "objects").mkdir()
    kept = Objects(tmp_path / "objects")
    added = kept.add(file)
    assert kept.path(added.sha256).read_bytes() == b'{"a": 1}\n'
    assert (added.size, kept.sound(added.sha256)) == (9, True)


def test_a_file_that_is_replaced_all_the_time_is_there_in_one_of_its_versions(
    root: Path, store: BackupStore, tmp_path: Path
) -> None:
    def replace(turn: int) -> None:
        half = root / "capture-session.json.tmp"
        half.write_text(f"{turn} " * (20_000 + turn % 3000))
        half.replace(root / "capture-session.json")

    replace(0)
    with meanwhile(replace, 0.0):
        for _ in range(3):
            store.save(root)
            words = (restored(store, tmp_path / "new") / "capture-session.json").read_text().split()
            assert len(set(words)) == 1
            assert len(words) == 20_000 + int(words[0]) % 3000
    assert captures_in(tmp_path / "new") == ALL


def test_captures_that_move_all_the_time_are_each_there_once_and_whole(
    root: Path, store: BackupStore, tmp_path: Path
) -> None:
    ring = [*PLACES, *(f".trash/{n}" for n in range(5)), *(f".review/{n}" for n in range(5))]

    def step(turn: int) -> None:
        """Move each capture one place on, the last first, one at a turn."""
        free = [n for n, place in enumerate(ring) if not (root / "captures" / place).exists()]
        at = free[turn % len(free)]
        source = ring[at - 1]
        if (root / "captures" / source).is_dir():
            move(root, source, ring[at])

    with meanwhile(step, 0.03):
        for _ in range(6):
            store.save(root)
            assert captures_in(restored(store, tmp_path / "new")) == ALL


@pytest.mark.parametrize("at", range(0, 56, 5))
def test_a_capture_that_moves_at_any_file_is_at_one_place(
    root: Path, store: BackupStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    def act(number: int) -> None:
        if number == at:  # one goes ahead of the backup, one behind it, and one comes to the place of another
            move(root, "sets/nut/train_data/0/1", "sets/zzz/train_data/0/0")
            move(root, "sets/pump/train_data/0/1", "sets/aaa/train_data/0/0")
            move(root, "sets/nut/train_data/0/2", "sets/nut/train_data/0/1")
            put_capture(root, 99, "sets/nut/train_data/0/2")

    before_each_file(monkeypatch, act)
    store.save(root)
    found = captures_in(restored(store, tmp_path / "new"))
    assert found - Counter(["99"]) == ALL


def test_a_capture_that_is_removed_for_good_meanwhile_is_not_half_there(
    root: Path, store: BackupStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    add = Objects.add

    def add_and_erase(self: Objects, source: Path) -> objects.Added:
        if "train_data/0/2" in str(source):
            seen.append(source.name)
            if len(seen) == 2:
                shutil.rmtree(root / "captures/sets/nut/train_data/0/2")
                for n in range(9):  # one of these may get the number on the disk that it had
                    put_capture(root, 99, f"sets/zzz/train_data/0/{n}", fresh=True)
        return add(self, source)

    monkeypatch.setattr(Objects, "add", add_and_erase)
    store.save(root)
    assert captures_in(restored(store, tmp_path / "new")) == ALL - Counter(["2"])


def test_captures_that_never_lie_still_make_no_backup_and_it_is_said(
    root: Path, store: BackupStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer import Typer
    from typer.testing import CliRunner

    from station.cli.backup import backup

    former = store.save(root).snapshot
    look, turn = Structure.look, count()

    def look_and_move(self: Structure) -> bool:
        same = look(self)
        ends = ("sets/nut/train_data/0/0", "sets/zzz/train_data/0/0")
        move(root, *(ends if next(turn) % 2 == 0 else ends[::-1]))
        return same

    monkeypatch.setattr(Structure, "look", look_and_move)
    monkeypatch.setattr(saving, "PATIENCE_S", 0.2)
    with pytest.raises(StorageError, match=r"moved all the time.*no backup was made.*Back up again"):
        store.save(root)
    assert store.snapshots == (former,)
    (tmp_path / "station.toml").write_text('[station]\ndata_dir = "data"\n')
    app = Typer()
    app.command()(backup)
    done = CliRunner().invoke(app, [str(tmp_path / "backups"), "--config", str(tmp_path / "station.toml")])
    assert done.exit_code != 0
    assert "Backup 2" not in done.output
    assert list((tmp_path / "backups/snapshots").iterdir()) == [tmp_path / "backups/snapshots" / f"{former}.jsonl"]


def test_a_file_that_is_written_to_without_a_pause_makes_no_backup(
    root: Path, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = objects._copy

    def copy_and_write(*arguments: object) -> tuple[str, int]:
        with (root / "models/log.csv").open("a") as file:
            file.write("more")
        return copy(*arguments)  # pyright: ignore[reportArgumentType]

    (root / "models/log.csv").write_text("x")
    monkeypatch.setattr(objects, "_copy", copy_and_write)
    monkeypatch.setattr(objects, "_WAITS_S", (0.0, 0.0))
    with pytest.raises(StorageError, match=r"log\.csv: The file is written to all the time"):
        store.save(root)
    assert store.snapshots == ()


def test_a_pointer_never_names_a_file_that_the_backup_lacks(
    root: Path, store: BackupStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = root / "calibrations"
    (place / "old.json").write_text("old")
    (place / "active.json").write_text("old")
    add, done = Objects.add, list[str]()

    def add_and_change(self: Objects, source: Path) -> objects.Added:
        added = add(self, source)
        if source.name == "active.json" and not done:
            done.append("")
            (place / "new.json").write_text("new")
            (place / "active.json").write_text("new")
            (place / "old.json").unlink()
        return added

    monkeypatch.setattr(Objects, "add", add_and_change)
    store.save(root)
    back = restored(store, tmp_path / "new") / "calibrations"
    assert (back / f"{(back / 'active.json').read_text()}.json").is_file()


def test_files_are_grouped_by_what_moves_as_one() -> None:
    for path, unit in (
        ("captures/sets/a/train_data/0/1/cam_01/01_rgb.png", "captures/sets/a/train_data/0/1"),
        ("captures/sets/a/valid_data/7/capture.json", "captures/sets/a/valid_data/7"),
        ("captures/.trash/id/capture.json", "captures/.trash/id"),
        ("captures/.review/id/cam_01/x", "captures/.review/id"),
        ("models/mine/model.json", "models/mine"),
        ("captures/sets/a/meta.json", "captures/sets/a/meta.json"),
        ("captures/sets/a/train_data/0/stray", "captures/sets/a/train_data/0/stray"),
        ("models/notes.txt", "models/notes.txt"),
        ("version", "version"),
    ):
        assert unit_of(path) == unit


def many(files: int) -> Iterator[SavedFile]:
    for n in range(files):
        capture, inside = divmod(n, 51)
        place = f"captures/sets/bosch_0_120_489_{capture % 40}/train_data/{capture // 480}/{capture // 40 % 12}"
        yield SavedFile(f"{place}/cam_{inside // 5:02d}/{inside}_rgb.png", 10, LONG_AGO_NS, f"{n * 7919:064x}"[::-1])


def measured(folder: str, files: int) -> dict[str, int]:
    """Write a list of so many files, read it and go through it; returns the most memory that each took, bytes."""
    peaks: dict[str, int] = {}
    tracemalloc.start()
    with SnapshotWriter(Path(folder), "20260504T120000Z", datetime(2026, 5, 4, tzinfo=UTC), 2) as written:
        for saved in many(files):
            written.add(saved)
        written.finish()
    peaks["write"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    former = Former(written.path)
    peaks["kept"], peaks["read"] = tracemalloc.get_traced_memory()
    needed = Needed()
    tracemalloc.reset_peak()
    for saved in former.snapshot.files():
        needed.add(saved.sha256)
    peaks["prune"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    some = next(many(1))
    assert former.files_of(unit_of(some.path))[some.path] == some
    assert len(former.files_of(unit_of(some.path))) == 51
    assert all(saved.sha256 in needed for saved in many(1000))
    assert "f" * 64 not in needed
    assert "stranger" not in needed
    return peaks


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("files", "most"), [(10_000, 5e6), pytest.param(200_000, 15e6, marks=pytest.mark.slow)])
def test_a_long_list_takes_a_few_bytes_of_memory_for_each_file(tmp_path: Path, files: int, most: float) -> None:
    # In a process of its own: what other tests have left running takes memory, too.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        peaks = alone.submit(measured, str(tmp_path), files).result()
    print({name: f"{peak / files:.1f} bytes per file" for name, peak in peaks.items()})
    assert max(peaks.values()) < most


def test_a_damaged_earlier_list_fails_no_backup_that_was_made(root: Path, store: BackupStore, tmp_path: Path) -> None:
    first = store.save(root)
    (root / "captures/sets/nut/train_data/0/0/capture.json").write_text("0 capture.json")
    store.save(root)
    (tmp_path / "backups/snapshots" / f"{first.snapshot}.jsonl").write_bytes(b"{}\n")
    report = store.save(root, keep=3)
    assert "no" not in report.not_removed[:2]
    assert "The snapshot is damaged" in report.not_removed
    assert (len(store.snapshots), report.removed) == (3, 0)
    assert captures_in(restored(store, tmp_path / "new")) == ALL
    assert store.save(root, keep=1).not_removed == ""
    assert len(store.snapshots) == 1


def test_a_damaged_version_and_a_damaged_mark_are_told_with_what_to_do(
    root: Path, store: BackupStore, tmp_path: Path
) -> None:
    store.save(root)
    (root / "version").write_bytes(b"tw\xff")
    with pytest.raises(StorageError, match=r"version: The version file says .*where a number was expected\. Restore"):
        store.save(root)
    (root / "version").write_bytes(b"2\n")
    (tmp_path / "backups/station-backup.json").write_text("{}")
    with pytest.raises(StorageError, match=r"whose backups these are is damaged\. Back up into another"):
        store.save(root)
