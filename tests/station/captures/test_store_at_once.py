"""Several threads ask the store for changes while the index is made anew: at the end, catalog and folders agree."""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from station.captures import reindex as reindexing
from station.captures.catalog import Catalog, Operation
from station.captures.class_meta import ClassMeta
from station.captures.place import Place
from station.captures.record import Split, read_capture_record
from station.captures.reindex import reindex
from station.captures.relocation import ERASE, MOVE
from station.captures.store import CaptureStore
from station.captures.tree import Seen
from station.errors import CaptureRefusedError, DatasetError
from tests.station.captures.new_captures import THREE, new_capture
from tests.station.captures.whole_tree import check_whole, places

T = 60.0
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
A, B = Place("pump", "train", position=0, rotation=0), Place("pump", "test", number=3)


class Bench:
    """A store on a disk that need not survive a power cut."""

    def __init__(self, folder: Path) -> None:
        self.root, self.database = folder / "captures", folder / "catalog.sqlite"
        self.open()

    def open(self) -> None:
        self.catalog = Catalog(self.database)
        self.catalog._file._writer.execute("PRAGMA synchronous = OFF")
        self.store = CaptureStore(self.root, self.catalog, workers=2, free_space=lambda: 10**11)

    def close(self) -> None:
        self.store.stop()
        self.catalog.close()

    def derived(self) -> None:
        self.store._hha._thread.submit(lambda: None).result(T)

    def save(self, name: str, place: Place) -> None:
        self.store.save(new_capture(name, len(name), THREE[:1]), place).result(T)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def _stress(bench: Bench, seed: int, changes: int) -> None:
    """Three threads change whatever they find, and two make the index anew all the while."""
    done = threading.Event()

    def change(number: int) -> None:
        rng = random.Random(f"{seed}-{number}")
        for step in range(changes):
            ids = sorted(places(bench.catalog))
            asked = _any_change(bench.store, rng, f"c{number}-{step}", ids)
            error = asked.exception(T)
            assert error is None or isinstance(error, CaptureRefusedError | DatasetError)

    def index() -> None:
        while not done.is_set():
            reindex(bench.root, bench.catalog)

    with ThreadPoolExecutor(5) as pool:
        indexers = [pool.submit(index) for _ in range(2)]
        changers = [pool.submit(change, number) for number in range(3)]
        try:
            for changer in changers:
                changer.result(T)
        finally:
            done.set()
        for indexer in indexers:
            indexer.result(T)
    bench.derived()
    check_whole(bench.root, bench.catalog)
    before = places(bench.catalog)
    reindex(bench.root, bench.catalog)
    assert places(bench.catalog) == before


def _any_change(store: CaptureStore, rng: random.Random, name: str, ids: list[str]) -> Future[Any]:
    class_id, split = rng.choice(["pump", "valve"]), rng.choice(SPLITS)
    if not ids or rng.random() < 0.3:
        capture = new_capture(name, rng.randrange(1000), THREE[:1])
        if rng.random() < 0.3:
            return store.keep_for_review(capture, class_id)
        return store.save(capture, store.next_place(class_id, split))
    one = rng.choice(ids)
    changes: list[Callable[[], Future[Any]]] = [
        lambda: store.relabel(one, class_id, "op1"),
        lambda: store.move(one, store.next_place(class_id, split)),
        lambda: store.trash(one),
        lambda: store.trash(one),
        lambda: store.restore(one),
        lambda: store.accept_review(one, class_id, split),
        lambda: store.dismiss_review(one),
        lambda: store.write_class_meta(class_id, ClassMeta(name=name)),
        lambda: store.empty_trash(datetime.now(UTC) + timedelta(days=1)),
    ]
    return rng.choice(changes)()


def test_changes_from_several_threads_while_the_index_is_made(bench: Bench) -> None:
    _stress(bench, seed=1, changes=12)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(8))
def test_many_changes_from_several_threads_while_the_index_is_made(bench: Bench, seed: int) -> None:
    _stress(bench, seed, changes=60)


def test_what_is_saved_or_moved_right_after_the_walk_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.save("one", A)
    bench.derived()
    walk = reindexing.walk

    def walk_and_change(root: Path) -> Iterator[Seen]:
        yield from walk(root)
        bench.save("two", B)
        bench.store.relabel("one", "valve").result(T)

    monkeypatch.setattr(reindexing, "walk", walk_and_change)
    report = reindex(bench.root, bench.catalog)
    assert report.unrecorded == 0
    bench.derived()
    check_whole(bench.root, bench.catalog)
    assert places(bench.catalog) == {"one": "sets/valve/train_data/0/0", "two": B.folder}


def test_a_second_reindex_waits_for_the_first(bench: Bench) -> None:
    for number in range(3):
        bench.save(f"c{number}", Place("pump", "test", number=number))
    bench.derived()
    begun, go_on = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:

        def first() -> None:
            with bench.catalog.rebuilding() as rebuild:
                rebuild.classes += bench.catalog.classes()
                for entry in bench.catalog.entries():
                    rebuild.add(entry)
                rebuild.flush()
                begun.set()
                assert go_on.wait(T)

        one = pool.submit(first)
        assert begun.wait(T)
        two = pool.submit(reindex, bench.root, bench.catalog)
        assert not two.done()
        go_on.set()
        one.result(T)
        assert two.result(T).kept == 3
    check_whole(bench.root, bench.catalog)


def test_an_index_made_by_a_command_does_not_hide_what_a_kill_left(bench: Bench) -> None:
    bench.store._hha._stopping.set()
    bench.save("one", A)
    bench.close()
    for file in bench.database.parent.glob("catalog.sqlite*"):
        file.unlink()
    (bench.root / A.folder).rename(bench.root / A.folder.replace("0/0", "0/5"))
    (bench.root / "sets/pump/train_data/0/5/capture.json.tmp").write_bytes(b"half")
    catalog = Catalog(bench.database)
    reindex(bench.root, catalog)
    catalog.close()
    bench.open()
    bench.derived()
    check_whole(bench.root, bench.catalog)
    assert (bench.root / "sets/pump/train_data/0/5/cam_01/01_hha.png").exists()
    record = read_capture_record(bench.root / "sets/pump/train_data/0/5")
    assert record is not None
    assert record.rotation == 5


def test_a_capture_of_the_first_schema_keeps_its_id_when_it_moves(bench: Bench) -> None:
    bench.save("one", A)
    bench.derived()
    bench.close()
    old = {"schema": 1, "class": "pump", "split": "train", "weight_kg": 0.5}
    (bench.root / A.folder / "capture.json").write_text(json.dumps(old))
    for file in bench.database.parent.glob("catalog.sqlite*"):
        file.unlink()
    bench.open()
    (known,) = bench.catalog.entries()
    assert known.capture_id.startswith("v1-")
    moved = bench.store.relabel(known.capture_id, "valve").result(T)
    assert moved.record.capture_id == known.capture_id
    assert places(bench.catalog) == {known.capture_id: "sets/valve/train_data/0/0"}


def test_a_capture_in_the_place_of_one_whose_move_was_not_noted_takes_nothing_from_it(bench: Bench) -> None:
    bench.save("one", A)
    bench.derived()
    bench.store.relabel("one", "valve").result(T)
    operation = bench.store.audit("one")[0]
    bench.close()
    # The folder is there, but the row and the catalog's entry never came, and another capture took the place.
    (bench.root / "audit.jsonl").unlink()
    bench.open()
    bench.save("two", A)
    bench.derived()
    bench.catalog.begin(Operation(MOVE, "one", operation.model_dump(mode="json")))
    bench.catalog.remove("one")
    bench.close()
    bench.open()
    check_whole(bench.root, bench.catalog)
    assert places(bench.catalog) == {"one": "sets/valve/train_data/0/0", "two": A.folder}
    assert [row.operation for row in bench.store.audit()] == [operation.operation]


@pytest.mark.parametrize("left", [".trash/.erased-one", None], ids=["some of it left", "all of it gone"])
def test_an_erasure_that_a_kill_cut_short_is_finished(bench: Bench, left: str | None) -> None:
    bench.save("one", A)
    bench.store.trash("one", "op1").result(T)
    bench.derived()
    row = bench.store.audit("one")[0].model_copy(
        update={"operation": "e1", "action": "erase", "source": ".trash/one", "target": None}
    )
    bench.catalog.begin(Operation(ERASE, "one", row.model_dump(mode="json")))
    bench.close()
    if left:
        (bench.root / ".trash/one").rename(bench.root / left)
    else:
        shutil.rmtree(bench.root / ".trash/one")
    bench.open()
    check_whole(bench.root, bench.catalog)
    assert bench.catalog.entries() == ()
    assert [row.action for row in bench.store.audit("one")] == ["trash", "erase"]
