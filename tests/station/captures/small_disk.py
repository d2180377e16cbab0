"""A program that works on a file system of its own of a few megabytes, fills it to the brim and frees it again.

Run by ``unshare -Urm``, so that nothing is mounted for anybody else and all is gone when it ends; ``closed`` by
``unshare -U``, which takes the administrator's rights away. Ends with 77 where a mount is not permitted. Raises
AssertionError when something is not as it must be.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from station.backup.store import BackupStore
from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.exporting.chosen import Choice
from station.captures.exporting.table import export_table
from station.captures.session_state import SessionState, read_state, write_state
from station.captures.store import CaptureStore
from station.datadir import DataDir
from station.errors import CaptureRefusedError, DatasetError, StationError, StorageError
from station.journal import Entry, EntryKind, Journal
from station.parts import PartMaster, PartRecord
from tests.station.captures.busy_store import CLASSES, SPLITS
from tests.station.captures.new_captures import THREE, new_capture
from tests.station.captures.refusing_bench import held_to_its_words
from tests.station.captures.whole_tree import check_whole, places

NOT_PERMITTED = 77
SIZE = "24m"
T = 60.0
ROOMS = (0, 4, 8, 12, 16, 20, 28, 36, 44, 60, 80)
"""Kilobytes that are left; a capture of one small view takes about 40."""


@contextmanager
def full(disk: Path, room_kb: int) -> Generator[None]:
    """Fill the disk but for some room."""
    ballast = disk / "ballast"
    state = os.statvfs(disk)
    # The store's own threads may take some of it first.
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        left = max(0, state.f_bavail * state.f_frsize - room_kb * 1024)
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
    try:
        yield
    finally:
        ballast.unlink()


def captures(disk: Path, turns: int) -> None:
    """Save, move, describe and remove on a full disk; then with room again, in the same run and after a start."""
    rng = random.Random(turns)
    root = disk / "captures"
    seen: Counter[str] = Counter()
    opened: list[tuple[CaptureStore, Catalog]] = []

    def start() -> CaptureStore:
        catalog = Catalog(disk / "catalog.sqlite")
        try:
            store = CaptureStore(root, catalog, workers=1, least_free_bytes=0)
        except BaseException:
            catalog.close()
            raise
        opened.append((store, catalog))
        return store

    def stop() -> None:
        store, catalog = opened.pop()
        store.stop()
        catalog.close()

    store = start()
    known: dict[str, str] = {}
    for turn in range(turns):
        catalog = opened[-1][1]
        ask = _change(store, rng, catalog, f"c{turn}")
        with full(disk, rng.choice(ROOMS)):
            error = ask().exception(T)
            seen["refused" if error else "done"] += 1
            if error is None:
                known = places(catalog)
            else:
                seen[held_to_its_words(error).what.split(":")[0]] += 1
            if rng.random() < 0.2:
                stop()
                try:
                    store = start()
                except StorageError as refused:
                    held_to_its_words(refused)
                    seen["start refused"] += 1
        if not opened:
            store = start()
        elif rng.random() < 0.2:
            stop()
            store = start()
        catalog = opened[-1][1]
        if error is not None:  # with room again it goes on, in this run as in a new one
            again = ask().exception(T)
            assert again is None or isinstance(again, CaptureRefusedError | DatasetError), repr(again)
        store.save(new_capture(f"room{turn}", turn, THREE[:1]), store.next_place("room", "test")).result(T)
        store.trash(f"room{turn}").result(T)
        store.empty_trash(datetime.now(UTC) + timedelta(days=1)).result(T)
        if turn % 10 == 9:
            stop()
            store = start()
            store._hha._thread.submit(lambda: None).result(T)
            check_whole(root, opened[-1][1])
    stop()
    assert known
    print(dict(seen))


def _change(store: CaptureStore, rng: random.Random, catalog: Catalog, name: str) -> Callable[[], Future[Any]]:
    entries = [entry for entry in catalog.entries() if entry.state == "kept"]
    class_id, split, seed = rng.choice(CLASSES), rng.choice(SPLITS), rng.randrange(10**6)
    if len(entries) < 4 or (len(entries) < 12 and rng.random() < 0.5):
        return lambda: store.save(new_capture(name, seed, THREE[:1]), store.next_place(class_id, split))
    one = rng.choice(entries).capture_id
    return rng.choice(
        [
            lambda: store.keep_for_review(new_capture(name, seed, THREE[:1]), class_id),
            lambda: store.relabel(one, class_id),
            lambda: store.move(one, store.next_place(class_id, split)),
            lambda: store.trash(one),
            lambda: store.write_class_meta(class_id, ClassMeta(name=name)),
        ]
    )


def neighbours(disk: Path, turns: int) -> None:
    """Write everything else that lies beside the captures on a full disk; what was there before stays whole."""
    del turns
    root = disk / "data"
    now = datetime(2026, 5, 4, tzinfo=UTC)
    with DataDir.open(root) as data:
        catalog = Catalog(data.catalog)
        store = CaptureStore(data.captures, catalog, workers=1, least_free_bytes=0)
        for number in range(3):
            store.save(new_capture(f"c{number}", number, THREE[:1]), store.next_place("pump", "train")).result(T)
        store._hha._thread.submit(lambda: None).result(T)
        store.stop()
        catalog.close()
    parts, journal = PartMaster(data.parts, data.references), Journal(data.journal)
    backups, session = BackupStore(disk / "backups"), data.root / "capture-session.json"
    picture = new_capture("x").frameset.frames["cam_01"].color

    def state(name: str) -> SessionState:
        return SessionState(class_id=name * 3000, started_at=now, positions=1, valid=5, test=5)

    def table(number: int) -> None:
        out = disk / f"table{number}.csv"
        out.unlink(missing_ok=True)
        export_table(Choice(data.captures), out, "csv")

    writers: dict[str, Callable[[int], object]] = {
        "parts": lambda n: parts.upsert([PartRecord(f"p{n}-{i}", f"{n}.{i}", "Part " * 20) for i in range(40)]),
        "picture": lambda n: parts.set_reference("pump", picture),
        "journal": lambda n: journal.append(
            [Entry(EntryKind.CONFIRM, f"{n}-{i}", now, class_id="pump" * 30) for i in range(100)]
        ),
        "session": lambda n: write_state(session, state(str(n % 10))),
        "export": table,
        "backup": lambda n: backups.save(root),
    }
    parts.upsert([PartRecord("pump", "1", "Pump")])
    refused: Counter[str] = Counter()

    def there(number: int) -> tuple[object, ...]:
        table = (disk / f"table{number}.csv").exists()
        return len(parts.all()), len(list(journal.entries())), read_state(session), backups.snapshots, table

    for turn, room in enumerate(ROOMS):
        for name, write in writers.items():
            before = there(turn)
            with full(disk, room):
                try:
                    write(turn)
                except StationError as error:
                    held_to_its_words(error)
                    refused[name] += 1
                    assert there(turn) == before, name
            write(turn)
    backups.save(root)
    assert backups.restore(disk / "restored") == ()
    parts.close()
    journal.close()
    assert refused.keys() == writers.keys(), refused
    print(dict(refused))


def read_only(disk: Path, turns: int) -> None:
    """Start on a disk that may only be read: a sentence, and all is there when it may be written again."""
    del turns
    root, database = disk / "captures", disk / "catalog.sqlite"

    def start() -> tuple[CaptureStore, Catalog]:
        catalog = Catalog(database)
        try:
            return CaptureStore(root, catalog, workers=1, least_free_bytes=0), catalog
        except BaseException:
            catalog.close()
            raise

    for number in range(3):
        store, catalog = start()
        store.save(new_capture(f"c{number}", number, THREE[:1]), store.next_place("pump", "train")).result(T)
        store.stop()
        catalog.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        try:
            start()
        except StorageError as error:
            print(held_to_its_words(error))
        else:
            raise AssertionError("a store was opened on a disk that may only be read")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    store, catalog = start()
    store._hha._thread.submit(lambda: None).result(T)
    check_whole(root, catalog)
    assert len(places(catalog)) == 3
    store.stop()
    catalog.close()


def closed(disk: Path, turns: int) -> None:
    """Ask for changes in folders that are closed to the program, one after the other; then they are opened again."""
    del turns
    root = disk / "captures"
    catalog = Catalog(disk / "catalog.sqlite")
    store = CaptureStore(root, catalog, workers=1)
    store.save(new_capture("one", 1, THREE[:1]), store.next_place("pump", "train")).result(T)
    store.save(new_capture("two", 2, THREE[:1]), store.next_place("valve", "train")).result(T)
    store.trash("two").result(T)
    store._hha._thread.submit(lambda: None).result(T)
    changes: tuple[tuple[str, Callable[[], Future[Any]]], ...] = (
        ("sets", lambda: store.relabel("one", "lid")),
        ("sets/pump/train_data/0", lambda: store.trash("one")),
        ("sets/pump/train_data/0", lambda: store.save(new_capture("new"), store.next_place("pump", "train"))),
        (".trash", lambda: store.restore("two")),
        (".trash", lambda: store.empty_trash(datetime.now(UTC) + timedelta(days=1))),
        ("sets/pump", lambda: store.write_class_meta("pump", ClassMeta(name="Pump"))),
    )
    for folder, change in changes:
        before = places(catalog)
        (root / folder).chmod(0o500)
        error = change().exception(T)
        (root / folder).chmod(0o700)
        assert error is not None, f"{folder} was not closed"
        held_to_its_words(error)
        assert "Permission denied" in str(error)
        assert places(catalog) == before
    store.write_class_meta("pump", ClassMeta(name="Pump")).result(T)
    store.stop()
    catalog.close()
    catalog = Catalog(disk / "catalog.sqlite")
    store = CaptureStore(root, catalog, workers=1)
    store._hha._thread.submit(lambda: None).result(T)
    check_whole(root, catalog)
    assert places(catalog).keys() == {"one", "two"}
    store.stop()
    catalog.close()


if __name__ == "__main__":
    where, what = Path(sys.argv[1]), sys.argv[2]
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(where)]
    if what != "closed" and subprocess.run(command, check=False, capture_output=True).returncode:
        sys.exit(NOT_PERMITTED)
    programs = {"captures": captures, "neighbours": neighbours, "read_only": read_only, "closed": closed}
    programs[what](where, int(sys.argv[3]))
