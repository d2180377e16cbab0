"""A full or forbidden disk at every single call of every change: a sentence, nothing half, and on it goes with room."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from station.captures.place import Place
from station.errors import CaptureRefusedError, DatasetError, StorageError
from tests.station.captures.refusing_bench import (
    CHANGES,
    Bench,
    Change,
    RefusingCatalog,
    State,
    T,
    held_to_its_words,
    is_between,
    prepare,
    refusal,
    small,
)
from tests.station.captures.whole_tree import check_whole

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("prepared") / "data")


def _case(prepared: Path, folder: Path, change: Change, after: State, at: int, code: int, *, stays: bool) -> None:
    """Refuse one call of a change; look at what a start finds then, and at what the same run does with room again."""
    for again in (False, True):
        bench = Bench(prepared, folder / f"{at}-{again}")
        try:
            before = bench.state()
            bench.files.arm(at, code, stays=stays)
            said = refusal(change, bench.store)
            assert bench.files.refused
            bench.files.mend()
            if said is None:
                assert bench.state() == after
            else:
                assert os.strerror(code) in said.what
            if again:
                _goes_on(bench, change, after)
            else:
                found = bench.after_a_start()
                assert found == after if said is None else is_between(found, before, after)
        finally:
            bench.close()
        shutil.rmtree(folder / f"{at}-{again}")


def _goes_on(bench: Bench, change: Change, after: State) -> None:
    """Ask for the same once more, and for something else, in the same run; then start again."""
    error = change(bench.store).exception(T)  # it may have been done meanwhile: it is there already, or gone
    assert error is None or isinstance(error, CaptureRefusedError | DatasetError)
    assert bench.state() == after
    bench.store.save(small("next", 8), Place("next", "test", number=1)).result(T)
    homes, classes = bench.after_a_start()
    assert homes.pop("next") == "sets/next/test_data/1"
    assert (homes, classes) == after


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
    for turn, at in enumerate(range(1 + len(name) % 6, calls + 1, 6)):
        _case(prepared, tmp_path, CHANGES[name], after, at, ERRORS[turn % 3], stays=turn % 2 == 0)


def _catalog_case(prepared: Path, folder: Path, change: Change, after: State, at: int, *, stays: bool) -> int:
    """Refuse one change of the catalog; returns how many there were."""
    bench = Bench(prepared, folder)
    try:
        before = bench.state()
        refusing = RefusingCatalog(bench.catalog, at, stays=stays)
        said = refusal(change, bench.store)
        refusing.mend()
        assert said is None or "database or disk is full" in said.what
        if said is not None and at % 2:
            assert is_between(bench.after_a_start(), before, after)
        _goes_on(bench, change, after)
        return refusing.changes
    finally:
        bench.close()


@pytest.mark.parametrize("name", CHANGES)
def test_a_full_catalog_leaves_nothing_half(prepared: Path, tmp_path: Path, name: str) -> None:
    _, after = _done(prepared, tmp_path / "done", CHANGES[name])
    at, changes = 1, 1
    while at <= changes:
        changes = _catalog_case(prepared, tmp_path / f"once-{at}", CHANGES[name], after, at, stays=False)
        _catalog_case(prepared, tmp_path / f"stays-{at}", CHANGES[name], after, at, stays=True)
        at += 1


def _start_case(prepared: Path, folder: Path, change: Change, states: tuple[State, State], left: int, at: int) -> int:
    """Let a run end in the middle of a change, refuse call ``at`` of the next start; returns how many calls it took."""
    bench = Bench(prepared, folder)
    code = ERRORS[at % 3]
    try:
        bench.files.arm(left, code, stays=True)
        refusal(change, bench.store)
        bench.close()
        bench.files.arm(at, code, stays=at % 2 == 0)
        said = _refused_start(bench)
        bench.files.mend()
        if said is not None:
            assert os.strerror(code) in said.what
            bench.open()
        else:
            assert not bench.files.refused or at <= 2  # above the data directory a refusal does not matter
        bench.derived()
        check_whole(bench.root, bench.catalog)
        assert is_between(bench.state(), *states)
        return len(bench.files.calls)
    finally:
        bench.close()


def _refused_start(bench: Bench) -> StorageError | CaptureRefusedError | None:
    try:
        bench.open()
    except StorageError as error:
        return held_to_its_words(error)
    return None


@pytest.mark.parametrize("full", [pytest.param(True, marks=pytest.mark.slow), False], ids=["every call", "some calls"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_start_that_the_disk_refuses_loses_nothing(prepared: Path, tmp_path: Path, name: str, full: bool) -> None:
    calls, after = _done(prepared, tmp_path / "done", CHANGES[name])
    bench = Bench(prepared, tmp_path / "before")
    before = bench.state()
    bench.close()
    for left in range(1, calls + 1) if full else range(calls - 1, 0, -max(3, calls // 3)):
        at, needed = 1, 1
        while at <= needed:
            folder = tmp_path / f"{left}-{at}"
            needed = _start_case(prepared, folder, CHANGES[name], (before, after), left, at)
            shutil.rmtree(folder)
            at += 1 if full else 6


def test_hha_pictures_that_the_disk_refuses_are_made_up_at_the_next_start(prepared: Path, tmp_path: Path) -> None:
    at, refused = 1, True
    while refused:
        bench = Bench(prepared, tmp_path / str(at))
        bench.files.arm(at, ERRORS[at % 3], stays=at % 2 == 0, of_hha=True)
        folder = CHANGES["save"](bench.store).result(T).folder
        bench.derived()
        refused = bench.files.refused > 0
        bench.after_a_start()
        assert (bench.root / folder / "cam_01" / "01_hha.png").exists()
        bench.close()
        at += 1
    assert at > 6
