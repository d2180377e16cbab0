"""Power loss is more than a kill: after every call, what was not synced is dropped; what was acknowledged stays."""

from __future__ import annotations

import errno
import hashlib
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.place import Place
from station.captures.record import read_capture_record
from station.captures.store import CaptureStore
from station.captures.verify import Fault, verify
from station.errors import StorageError
from tests.station.captures.new_captures import THREE, new_capture
from tests.station.captures.power_cut import Call, Cut, RecordingFiles, after_a_cut

T = 30.0
NAMES = ("one", "two", "three", "asked")


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds from call ``since`` on: where a capture lies, ``None`` once it is erased for good."""

    since: int
    capture_id: str
    folder: str | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A working life of a store, call by call, with its promises and the content of its captures."""

    calls: list[Call]
    promises: list[Promise]
    contents: dict[str, str]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Save, describe, relabel, move, trash, restore, accept, erase: everything that a store can do, once."""
    folder = tmp_path_factory.mktemp("recorded")
    root, database = folder / "captures", folder / "catalog.sqlite"
    root.mkdir()
    catalog = Catalog(database)
    files = RecordingFiles(root, database)
    store = CaptureStore(root, catalog, files=files, workers=2, free_space=lambda: 10**11)
    promises: list[Promise] = []
    contents: dict[str, str] = {}

    def promise(capture_id: str, where: str | None) -> None:
        promises.append(Promise(len(files.calls), capture_id, where))

    def save(capture_id: str, seed: int, place: Place | None) -> None:
        capture = new_capture(capture_id, seed, THREE[:2])
        future = store.save(capture, place) if place else store.keep_for_review(capture, "pump")
        stored = future.result(T)
        promise(capture_id, stored.folder)
        contents[capture_id] = stored.record.content_hash

    try:
        store.write_class_meta("pump", ClassMeta(name="Pump", number="0 1")).result(T)
        save("one", 1, Place("pump", "train", position=0, rotation=0))
        promise("one", store.relabel("one", "valve", "op").result(T).folder)
        save("two", 2, Place("pump", "test", number=5))
        promise("two", store.move("two", Place("pump", "valid", number=0), "op").result(T).folder)
        promise("two", store.trash("two", "op", "blurred").result(T).folder)
        save("asked", 3, None)
        promise("asked", store.accept_review("asked", "valve", "train", "op").result(T).folder)
        promise("two", store.restore("two", "op").result(T).folder)
        save("three", 4, store.next_place("pump", "valid"))
        promise("three", store.trash("three", "op").result(T).folder)
        store.empty_trash(datetime.now(UTC) + timedelta(days=1), "op").result(T)
        promise("three", None)
        store._hha._thread.submit(lambda: None).result(T)
    finally:
        store.stop()
        catalog.close()
    return Recording(files.calls, promises, contents)


def _wake(recording: Recording, count: int, cut: Cut, folder: Path, *, forgotten: bool) -> None:
    """Cut the power after ``count`` calls, start again, and hold what is there against what was promised."""
    rng = random.Random(count)
    root, database = folder / "captures", folder / "catalog.sqlite"
    after_a_cut(recording.calls, count, cut, rng, root)
    if not forgotten:
        # Commits made since the last call before the cut are in the picture of the next call.
        database.write_bytes(recording.calls[min(count, len(recording.calls) - 1)].catalog)
    catalog = Catalog(database)
    store = CaptureStore(root, catalog, workers=1, free_space=lambda: 10**11)
    try:
        store._hha._thread.submit(lambda: None).result(T)
        held = {promise.capture_id: promise for promise in recording.promises if promise.since <= count}
        begun = {promise.capture_id: promise for promise in recording.promises if promise.since > count}
        for capture_id, promise in held.items():
            entry = catalog.get(capture_id)
            if promise.folder is None:
                assert entry is None
                continue
            # What was asked for next may have been done yet.
            following = [one.folder for one in recording.promises if one.capture_id == capture_id]
            allowed = {promise.folder, *following[following.index(promise.folder) :]}
            assert entry is not None or None in allowed, f"{capture_id} was acknowledged and is lost"
            assert entry is None or entry.folder in allowed
            if entry is not None:
                _check_whole(root / entry.folder, recording.contents[capture_id])
        for capture_id in begun.keys() - held.keys():
            entry = catalog.get(capture_id)
            if entry is not None:
                _check_whole(root / entry.folder, recording.contents[capture_id])
        findings = verify(root, catalog).findings
        assert [one for one in findings if one.fault is not Fault.UNRECORDED] == []
        assert catalog.open_operations() == ()
    finally:
        store.stop()
        catalog.close()


def _check_whole(folder: Path, content: str) -> None:
    record = read_capture_record(folder)
    assert record is not None
    assert record.content_hash == content
    for name, digest in record.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_every_kind_of_change_is_in_the_recording(recording: Recording) -> None:
    assert {call.name for call in recording.calls} >= {
        "make_folder", "create", "write", "sync", "rename", "sync_folder", "open_end", "remove"
    }  # fmt: skip
    assert {promise.capture_id for promise in recording.promises} == set(NAMES)


@pytest.mark.parametrize("cut", Cut)
def test_some_power_cuts_lose_nothing_acknowledged(recording: Recording, tmp_path: Path, cut: Cut) -> None:
    for number, count in enumerate(range(3, len(recording.calls) + 1, 23)):
        folder = tmp_path / str(number)
        folder.mkdir()
        _wake(recording, count, cut, folder, forgotten=number % 5 == 4)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("forgotten", [False, True], ids=["catalog kept", "catalog lost"])
@pytest.mark.parametrize("cut", Cut)
def test_no_power_cut_loses_anything_acknowledged(
    recording: Recording, tmp_path: Path, cut: Cut, forgotten: bool
) -> None:
    for count in range(len(recording.calls) + 1):
        folder = tmp_path / str(count)
        folder.mkdir()
        _wake(recording, count, cut, folder, forgotten=forgotten)


class RefusingAfterRename(RecordingFiles):
    """Cannot sync a folder once after something was renamed into it."""

    into = ""

    def sync_folder(self, path: Path) -> None:
        if self.into and path.as_posix().endswith(self.into) and self.calls[-1].name == "rename":
            self.into = ""
            raise OSError(errno.EIO, "Input/output error")
        super().sync_folder(path)


@pytest.mark.parametrize("cut", Cut)
@pytest.mark.parametrize("what", ["relabel", "save"])
def test_a_refused_change_and_a_power_cut_after_it_leave_nothing_half(tmp_path: Path, cut: Cut, what: str) -> None:
    folder = tmp_path / "recorded"
    folder.mkdir()
    root, database = folder / "captures", folder / "catalog.sqlite"
    root.mkdir()
    catalog = Catalog(database)
    files = RefusingAfterRename(root, database)
    store = CaptureStore(root, catalog, files=files, workers=2, free_space=lambda: 10**11)
    try:
        place = Place("pump", "train", position=0, rotation=0)
        stored = store.save(new_capture("one", 1, THREE[:2]), place).result(T)
        store.write_class_meta("valve", ClassMeta(name="valve")).result(T)
        store._hha._thread.submit(lambda: None).result(T)
        since, files.into = len(files.calls), "valve/train_data/0"
        asked = (
            store.relabel("one", "valve")
            if what == "relabel"
            else store.save(new_capture("two", 2, THREE[:2]), Place("valve", "train", position=0, rotation=0))
        )
        with pytest.raises(StorageError, match="Input/output error"):
            asked.result(T)
    finally:
        store.stop()
        catalog.close()
    here, there = Promise(since, "one", stored.folder), Promise(sys.maxsize, "one", "sets/valve/train_data/0/0")
    # Until the refusal is told the change may have been done; from then on it is not.
    for count in range(since, len(files.calls) + 1):
        told = count == len(files.calls)
        contents = {"one": stored.record.content_hash}
        recording = Recording(files.calls, [here] if told else [here, there], contents)
        again = tmp_path / str(count)
        again.mkdir()
        _wake(recording, count, cut, again, forgotten=False)
