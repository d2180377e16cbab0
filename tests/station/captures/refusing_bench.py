"""A store on a disk and with a catalog that refuse at will, in a copy of a prepared tree, and all it can be asked."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.place import Place
from station.captures.store import CaptureStore
from station.errors import CaptureRefusedError, StorageError
from tests.station.captures.new_captures import THREE, new_capture
from tests.station.captures.refusing_files import RefusingFiles
from tests.station.captures.whole_tree import check_whole, places

T = 30.0
LATER = datetime.now(UTC) + timedelta(days=1)
OTHER = ClassMeta(name="Pumpe", number="0 2", description={"Shapes": ("Round",)})

Change = Callable[[CaptureStore], Future[Any]]
State = tuple[dict[str, str], dict[str, ClassMeta | None]]


def small(name: str, seed: int) -> Any:
    return new_capture(name, seed, THREE[:1])


CHANGES: dict[str, Change] = {
    "save": lambda store: store.save(small("new", 9), Place("valve", "train", position=0, rotation=0)),
    "keep_for_review": lambda store: store.keep_for_review(small("new", 9), "pump"),
    "accept_review": lambda store: store.accept_review("asked", "valve", "valid", "op1"),
    "dismiss_review": lambda store: store.dismiss_review("asked", "op1"),
    "forget_review": lambda store: store.forget_review(LATER),
    "relabel": lambda store: store.relabel("one", "valve", "op1"),
    "move": lambda store: store.move("one", Place("pump", "test", number=7), "op1"),
    "trash": lambda store: store.trash("one", "op1", "blurred"),
    "restore": lambda store: store.restore("old", "op1"),
    "empty_trash": lambda store: store.empty_trash(LATER, "op1"),
    "describe a class": lambda store: store.write_class_meta("pump", OTHER),
    "describe a new class": lambda store: store.write_class_meta("valve", OTHER),
}


class Bench:
    """A copy of a prepared tree, and the store on it."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        shutil.copytree(prepared, folder)
        self.root, self.database = folder / "captures", folder / "catalog.sqlite"
        self.files = RefusingFiles()
        self.open()

    def open(self) -> None:
        self.catalog = Catalog(self.database)
        self.catalog._file._writer.execute("PRAGMA synchronous = OFF")
        try:
            self.store = CaptureStore(self.root, self.catalog, files=self.files, workers=1, free_space=lambda: 10**11)
        except BaseException:
            self.catalog.close()
            raise

    def close(self) -> None:
        self.store.stop()
        self.catalog.close()

    def derived(self) -> None:
        self.store._hha._thread.submit(lambda: None).result(T)

    def state(self) -> State:
        """Return where every capture lies and what is said of the classes."""
        return places(self.catalog), {name: self.store.class_meta(name) for name in ("pump", "valve")}

    def after_a_start(self) -> State:
        """Stop, start on a sound disk, hold everything against what must be, and say what there is."""
        self.close()
        self.files.mend()
        self.open()
        self.derived()
        check_whole(self.root, self.catalog)
        return self.state()


def prepare(folder: Path) -> Path:
    """Make a data directory with a capture in training, one for review and one in the trash."""
    catalog = Catalog(folder / "catalog.sqlite")
    store = CaptureStore(folder / "captures", catalog, workers=1, free_space=lambda: 10**11)
    store.write_class_meta("pump", ClassMeta(name="Pump", number="0 1")).result(T)
    store.save(small("one", 1), Place("pump", "train", position=0, rotation=0)).result(T)
    store.save(small("old", 2), Place("pump", "test", number=0)).result(T)
    store.trash("old", "op0").result(T)
    store.keep_for_review(small("asked", 3), "pump").result(T)
    store._hha._thread.submit(lambda: None).result(T)
    store.stop()
    catalog.close()
    return folder


def is_between(found: State, before: State, after: State) -> bool:
    """Say whether the captures lie as before or as after a change; a class may be described before they follow."""
    classes = all(meta in (before[1][name], after[1][name]) for name, meta in found[1].items())
    return found[0] in (before[0], after[0]) and classes


def refusal(change: Change, store: CaptureStore) -> StorageError | CaptureRefusedError | None:
    """Do a change; returns how it was refused, in words that say what, where and what to do."""
    error = change(store).exception(T)
    if error is None:
        return None
    return held_to_its_words(error)


def held_to_its_words(error: BaseException) -> StorageError | CaptureRefusedError:
    """Return the error, which must be a sentence that says what, where and what to do."""
    assert isinstance(error, StorageError | CaptureRefusedError)
    assert error.what
    assert error.where
    assert error.todo
    assert "Errno" not in str(error)
    return error


class RefusingCatalog:
    """Lets a catalog's change number ``at`` (from 1), or with ``stays`` all from there on, fail as it is committed."""

    def __init__(self, catalog: Catalog, at: int, *, stays: bool) -> None:
        self._file, self._at, self._stays = catalog._file, at, stays
        self._changing = catalog._file.changing
        self.changes = self.refused = 0
        catalog._file.changing = self._counted

    def mend(self) -> None:
        """Refuse nothing any more."""
        self._file.changing = self._changing

    @contextmanager
    def _counted(self) -> Generator[sqlite3.Connection]:
        refuse = False
        if not threading.current_thread().name.startswith("captures-hha"):
            self.changes += 1
            refuse = self.changes == self._at or (self._stays and self.changes > self._at)
            self.refused += refuse
        with self._changing() as connection:
            yield connection
            if refuse:
                raise self._file._refused("written", sqlite3.OperationalError("database or disk is full"))
