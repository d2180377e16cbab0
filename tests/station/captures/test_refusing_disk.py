"""A full or forbidden disk at every single call of every change: a sentence, nothing half, and on it goes with room."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.place import Place
from station.captures.store import CaptureStore
from station.errors import CaptureRefusedError, DatasetError, StorageError
from tests.station.captures.new_captures import THREE, new_capture
from tests.station.captures.refusing_files import RefusingFiles
from tests.station.captures.whole_tree import check_whole, places

T = 30.0
ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
LATER = datetime.now(UTC) + timedelta(days=1)
OTHER = ClassMeta(name="Pumpe", number="0 2", description={"Shapes": ("Round",)})

Change = Callable[[CaptureStore], Future[Any]]
State = tuple[dict[str, str], dict[str, ClassMeta | None]]


def _small(name: str, seed: int) -> Any:
    return new_capture(name, seed, THREE[:1])


CHANGES: dict[str, Change] = {
    "save": lambda store: store.save(_small("new", 9), Place("valve", "train", position=0, rotation=0)),
    "keep_for_review": lambda store: store.keep_for_review(_small("new", 9), "pump"),
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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with a capture in training, one in test, one for review and one in the trash."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    catalog = Catalog(folder / "catalog.sqlite")
    store = CaptureStore(folder / "captures", catalog, workers=1, free_space=lambda: 10**11)
    store.write_class_meta("pump", ClassMeta(name="Pump", number="0 1")).result(T)
    store.save(_small("one", 1), Place("pump", "train", position=0, rotation=0)).result(T)
    store.save(_small("old", 2), Place("pump", "test", number=0)).result(T)
    store.trash("old", "op0").result(T)
    store.keep_for_review(_small("asked", 3), "pump").result(T)
    store._hha._thread.submit(lambda: None).result(T)
    store.stop()
    catalog.close()
    return folder


def _said(change: Change, store: CaptureStore) -> StorageError | CaptureRefusedError | None:
    """Do a change; returns the refusal, whose words must say what, where and what to do."""
    error = change(store).exception(T)
    if error is None:
        return None
    assert isinstance(error, StorageError | CaptureRefusedError)
    assert error.what
    assert error.where
    assert error.todo
    assert "Errno" not in str(error)
    return error


def _case(prepared: Path, folder: Path, change: Change, after: State, at: int, code: int, *, stays: bool) -> None:
    """Refuse one call of a change; look at what a start finds then, and at what the same run does with room again."""
    for again in (False, True):
        bench = Bench(prepared, folder / f"{at}-{again}")
        try:
            before = bench.state()
            bench.files.arm(at, code, stays=stays)
            said = _said(change, bench.store)
            assert bench.files.refused
            bench.files.mend()
            if said is None:
                assert bench.state() == after
            else:
                assert os.strerror(code) in said.what
            if again:
                try:
                    change(bench.store).result(T)
                except (CaptureRefusedError, DatasetError):  # it had been done: it is there already, or gone
                    assert bench.state() == after
                assert bench.state() == after
                bench.store.save(_small("next", 8), Place("next", "test", number=1)).result(T)
                homes, classes = bench.after_a_start()
                assert homes.pop("next") == "sets/next/test_data/1"
                assert (homes, classes) == after
            else:
                found = bench.after_a_start()
                assert found == after if said is None else found in (before, after)
        finally:
            bench.close()
        shutil.rmtree(folder / f"{at}-{again}")


def _done(prepared: Path, folder: Path, change: Change) -> tuple[int, State]:
    """Return how many calls a change takes, and what is there after it."""
    bench = Bench(prepared, folder)
    try:
        bench.files.arm()
        change(bench.store).result(T)
        calls = len(bench.files.calls)
        return calls, bench.after_a_start()
    finally:
        bench.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("stays", [False, True], ids=["once", "stays"])
@pytest.mark.parametrize("name", CHANGES)
def test_every_call_of_every_change_may_be_refused(prepared: Path, tmp_path: Path, name: str, stays: bool) -> None:
    calls, after = _done(prepared, tmp_path / "done", CHANGES[name])
    for code in ERRORS:
        for at in range(1, calls + 1):
            _case(prepared, tmp_path / errno.errorcode[code], CHANGES[name], after, at, code, stays=stays)


@pytest.mark.parametrize("name", CHANGES)
def test_a_refused_call_leaves_nothing_half(prepared: Path, tmp_path: Path, name: str) -> None:
    calls, after = _done(prepared, tmp_path / "done", CHANGES[name])
    for turn, at in enumerate(range(1 + len(name) % 5, calls + 1, 5)):
        _case(prepared, tmp_path, CHANGES[name], after, at, ERRORS[turn % 3], stays=turn % 2 == 0)
