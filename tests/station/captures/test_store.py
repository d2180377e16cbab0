"""The store on a real disk: what it keeps is whole, durable, where its label says, and known to the catalog."""

from __future__ import annotations

import errno
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.mvip import load_frameset, load_masks
from station.captures.place import Place
from station.captures.record import content_hash, read_capture_record
from station.captures.store import MOST_WAITING, CaptureStore
from station.captures.verify import verify
from station.captures.writer import NewCapture
from station.errors import CaptureRefusedError, DatasetError, StorageError
from station.file_calls import OsFiles
from station.hha import PLATE_LEVEL
from tests.station.captures.new_captures import THREE, new_capture

A, B = Place("pump", "train", position=0, rotation=0), Place("pump", "test", number=3)
LATER = datetime.now(UTC) + timedelta(days=1)
T = 20.0
"""Seconds after which a future that does not come is a failure."""


class Bench:
    """A store with its tree and catalog, which can be closed and opened again."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "captures"
        self.database = folder / "catalog.sqlite"
        self.files = OsFiles()
        self.free = 10_000_000_000
        self.open()

    def open(self) -> None:
        self.catalog = Catalog(self.database)
        self.store = CaptureStore(self.root, self.catalog, files=self.files, workers=2, free_space=lambda: self.free)

    def close(self) -> None:
        self.store.stop()
        self.catalog.close()

    def again(self) -> None:
        self.close()
        self.open()

    def save(self, name: str, place: Place, seed: int = 0) -> str:
        return self.store.save(new_capture(name, seed), place).result(T).folder

    def derived(self) -> None:
        """Wait until no HHA picture is wanting, by closing the thread that makes them in order."""
        self.store._hha._thread.submit(lambda: None).result(T)

    def sound(self) -> bool:
        """Say whether every hash holds, nothing strange lies about and the catalog agrees."""
        self.derived()
        report = verify(self.root, self.catalog)
        assert report.findings == ()
        return report.sound


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_what_was_saved_is_read_again(bench: Bench) -> None:
    capture = new_capture("one", seed=5)
    stored = bench.store.save(capture, A).result(T)
    assert stored.folder == "sets/pump/train_data/0/0"
    frameset, calibration = load_frameset(bench.root / stored.folder)
    masks = load_masks(bench.root / stored.folder)
    assert tuple(frameset.frames) == THREE
    for role in THREE:
        assert np.array_equal(frameset.frames[role].color, capture.frameset.frames[role].color)
        assert np.array_equal(frameset.frames[role].depth, capture.frameset.frames[role].depth)
        assert np.array_equal(masks[role], capture.masks[role])
        assert calibration.cameras[role].model == capture.calibration.cameras[role].model
    assert calibration.id == capture.calibration.id
    assert frameset.taken_at == capture.frameset.taken_at


def test_the_record_repeats_the_place_and_holds_every_files_hash(bench: Bench) -> None:
    folder = bench.root / bench.save("one", B)
    record = read_capture_record(folder)
    assert record is not None
    assert Place.of(record) == B
    assert record.content_hash == content_hash(record.files)
    assert set(record.files) == {
        f"{role}/{role[-2:]}_{tail}" for role in THREE for tail in
        ("rgb.png", "depth.png", "rgb_mask_gen.png", "meta.json")
    }  # fmt: skip
    for name, digest in record.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    entry = bench.catalog.get("one")
    assert entry is not None
    assert (entry.folder, entry.content_hash) == (B.folder, record.content_hash)
    assert bench.sound()


def test_hha_comes_after_and_lies_outside_the_hash(bench: Bench) -> None:
    folder = bench.root / bench.save("one", A)
    before = (folder / "capture.json").read_bytes()
    bench.derived()
    hha = cv2.imread(str(folder / "cam_02" / "02_hha.png"), cv2.IMREAD_COLOR_RGB)
    assert hha is not None
    assert (hha[:4] == 0).all()
    assert abs(float(hha[20, 30, 1]) - PLATE_LEVEL) < 12
    assert (folder / "capture.json").read_bytes() == before
    assert bench.catalog.open_operations() == ()
    assert bench.sound()


def test_hha_that_a_stop_left_is_made_up_and_one_that_is_there_stays(bench: Bench) -> None:
    bench.store._hha._stopping.set()
    folder = bench.root / bench.save("one", A)
    (folder / "cam_01" / "01_hha.png").write_bytes(b"imported")
    assert not (folder / "cam_02" / "02_hha.png").exists()
    bench.again()
    bench.derived()
    assert (folder / "cam_01" / "01_hha.png").read_bytes() == b"imported"
    assert (folder / "cam_02" / "02_hha.png").exists()
    assert bench.catalog.open_operations() == ()


def test_the_next_place_fills_rotations_and_shares_numbers(bench: Bench) -> None:
    for rotation in range(12):
        (bench.root / f"sets/pump/train_data/0/{rotation}").mkdir(parents=True)
    (bench.root / "sets/pump/valid_data/0").mkdir(parents=True)
    assert bench.store.next_place("pump", "train") == Place("pump", "train", position=1, rotation=0)
    assert bench.store.next_place("pump", "valid") == Place("pump", "valid", number=1)
    bench.save("one", bench.store.next_place("pump", "test"))
    assert bench.store.next_place("pump", "valid") == Place("pump", "valid", number=2)


def test_a_place_of_a_waiting_capture_is_not_free_and_too_many_are_refused(bench: Bench) -> None:
    gate = threading.Event()
    bench.store._thread.submit(gate.wait, T)
    places, futures = [], []
    for number in range(MOST_WAITING):
        places.append(bench.store.next_place("pump", "train"))
        futures.append(bench.store.save(new_capture(f"c{number}"), places[-1]))
    assert [place.rotation for place in places] == list(range(MOST_WAITING))
    assert bench.store.waiting == MOST_WAITING
    with pytest.raises(CaptureRefusedError, match="captures wait for the disk"):
        bench.store.save(new_capture("more"), B).result(0)
    gate.set()
    assert [future.result(T).folder for future in futures] == [place.folder for place in places]
    assert bench.store.waiting == 0


def test_a_taken_place_and_a_known_id_are_refused(bench: Bench) -> None:
    bench.save("one", A)
    with pytest.raises(CaptureRefusedError, match="There is a capture in sets/pump"):
        bench.save("two", A, seed=1)
    with pytest.raises(CaptureRefusedError, match="one is kept already"):
        bench.save("one", B)
    assert bench.sound()


def test_a_full_disk_is_refused_before_anything_is_written(bench: Bench) -> None:
    bench.free = 1_900_000_000
    with pytest.raises(CaptureRefusedError, match=r"1\.9 GB free, captures need 2\.0 GB to spare") as refused:
        bench.save("one", A)
    assert refused.value.retryable
    assert list(bench.root.iterdir()) == []
    bench.free = 2_100_000_000
    bench.save("one", A)


def test_a_class_that_some_systems_would_mix_up_is_refused(bench: Bench) -> None:
    bench.save("one", A)
    with pytest.raises(DatasetError, match="'pump'"):
        bench.save("two", Place("Pump", "test", number=0))
    with pytest.raises(DatasetError, match="'pump'"):
        bench.store.relabel("one", "PUMP").result(T)
    with pytest.raises(DatasetError, match="cannot be the name"):
        bench.store.relabel("one", "../else").result(T)
    with pytest.raises(DatasetError, match="'pump'"):
        bench.store.write_class_meta("PUMP", ClassMeta(name="Pump")).result(T)
    assert bench.sound()


def test_relabelling_moves_folder_record_catalog_and_leaves_a_row(bench: Bench) -> None:
    bench.save("one", A)
    bench.save("other", Place("valve", "train", position=0, rotation=0), seed=1)
    moved = bench.store.relabel("one", "valve", who="op7").result(T)
    assert moved.folder == "sets/valve/train_data/0/1"
    record = read_capture_record(bench.root / moved.folder)
    assert record is not None
    assert (record.class_id, record.rotation, record.label_source) == ("valve", 1, "relabelled")
    assert not (bench.root / A.folder).exists()
    entry = bench.catalog.get("one")
    assert entry is not None
    assert (entry.class_id, entry.folder) == ("valve", moved.folder)
    (row,) = bench.store.audit("one")
    assert (row.action, row.who, row.source, row.target) == ("relabel", "op7", A.folder, moved.folder)
    bench.derived()
    assert bench.sound()


def test_relabelling_to_its_own_class_changes_nothing(bench: Bench) -> None:
    bench.save("one", A)
    assert bench.store.relabel("one", "pump").result(T).folder == A.folder
    assert bench.store.audit() == ()


def test_moving_between_splits(bench: Bench) -> None:
    bench.save("one", A)
    bench.store.move("one", B).result(T)
    entry = bench.catalog.get("one")
    assert entry is not None
    assert (entry.split, entry.set_number, entry.position) == ("test", 3, None)
    bench.save("two", A, seed=1)
    with pytest.raises(CaptureRefusedError, match="already"):
        bench.store.move("two", B).result(T)
    assert bench.sound()


def test_trash_and_restore_bring_it_back_to_its_place_or_the_next(bench: Bench) -> None:
    bench.save("one", A)
    assert bench.store.trash("one", "op7", "blurred").result(T).folder == ".trash/one"
    entry = bench.catalog.get("one")
    assert entry is not None
    assert entry.state == "trash"
    assert bench.store.restore("one").result(T).folder == A.folder
    bench.store.trash("one").result(T)
    bench.save("two", A, seed=1)
    back = bench.store.restore("one", "op8").result(T)
    assert back.folder == "sets/pump/train_data/0/1"
    assert back.record.trashed_at is None
    assert [row.action for row in bench.store.audit("one")] == ["trash", "restore", "trash", "restore"]
    assert bench.store.audit("one")[0].why == "blurred"
    with pytest.raises(DatasetError, match="in the trash"):
        bench.store.restore("two").result(T)
    assert bench.sound()


def test_what_lies_in_the_trash_or_waits_for_review_is_no_part_of_the_data_set(bench: Bench) -> None:
    bench.save("one", A)
    bench.store.trash("one").result(T)
    bench.store.keep_for_review(new_capture("two", 2), "pump").result(T)
    for name in ("one", "two"):
        with pytest.raises(DatasetError, match="in the data set"):
            bench.store.relabel(name, "valve").result(T)
        with pytest.raises(DatasetError, match="in the data set"):
            bench.store.move(name, B).result(T)
    assert bench.sound()


def test_a_capture_with_a_damaged_record_can_be_thrown_away(bench: Bench) -> None:
    folder = bench.root / bench.save("one", A)
    bench.derived()
    (folder / "capture.json").write_bytes(b"{")
    with pytest.raises(DatasetError, match=r"is in \.trash/one now, but damaged"):
        bench.store.trash("one").result(T)
    entry = bench.catalog.get("one")
    assert entry is not None
    assert (entry.folder, entry.state) == (".trash/one", "trash")
    bench.store.empty_trash(LATER).result(T)
    assert bench.sound()


def test_the_review_queue_is_accepted_dismissed_and_restored(bench: Bench) -> None:
    for number, name in enumerate(("one", "two")):
        folder = bench.store.keep_for_review(new_capture(name, number), "pump").result(T).folder
        assert folder == f".review/{name}"
    assert bench.store.accept_review("one", "valve", "valid", "op7").result(T).folder == "sets/valve/valid_data/0"
    entry = bench.catalog.get("one")
    assert entry is not None
    assert (entry.state, entry.class_id, entry.split) == ("kept", "valve", "valid")
    bench.store.dismiss_review("two").result(T)
    assert bench.store.restore("two").result(T).folder == ".review/two"
    with pytest.raises(DatasetError, match="in the review queue"):
        bench.store.dismiss_review("one").result(T)
    assert bench.sound()


def test_the_trash_is_emptied_of_what_is_old(bench: Bench) -> None:
    bench.save("one", A)
    bench.store.trash("one").result(T)
    assert bench.store.empty_trash(datetime.now(UTC) - timedelta(days=30)).result(T) == 0
    assert bench.store.empty_trash(LATER, "op7").result(T) == 1
    assert list((bench.root / ".trash").iterdir()) == []
    assert bench.catalog.get("one") is None
    assert [row.action for row in bench.store.audit("one")] == ["trash", "erase"]
    assert bench.sound()


def test_a_capture_without_a_record_gets_one_when_it_moves(bench: Bench) -> None:
    folder = bench.root / bench.save("one", A)
    bench.derived()
    (folder / "capture.json").unlink()
    bench.close()
    for file in bench.database.parent.glob("catalog.sqlite*"):
        file.unlink()
    bench.open()
    (entry,) = bench.catalog.search().entries
    moved = bench.store.relabel(entry.capture_id, "valve").result(T)
    assert (moved.record.capture_id, moved.record.class_id) == (entry.capture_id, "valve")


def test_a_classs_description_is_written_when_it_is_another_one(bench: Bench) -> None:
    meta = ClassMeta(name="Pumpe", number="0 123", description={"Shapes": ("Round",)}, weight=1.5)
    bench.store.write_class_meta("Pümpe", meta).result(T)
    file = bench.root / "sets" / "Pümpe" / "meta.json"
    assert json.loads(file.read_text(encoding="utf-8"))["number"] == "0 123"
    assert bench.store.class_meta("Pümpe") == meta
    first = file.stat().st_ino
    bench.store.write_class_meta("Pümpe", meta).result(T)
    assert file.stat().st_ino == first
    bench.store.write_class_meta("Pümpe", meta.model_copy(update={"name": "Andere"})).result(T)
    assert [entry.name for entry in bench.catalog.classes("andere")] == ["Andere"]
    assert bench.catalog.open_operations() == ()


def test_a_lost_catalog_is_made_again(bench: Bench) -> None:
    bench.save("one", A)
    bench.store.keep_for_review(new_capture("two", 2), "pump").result(T)
    bench.close()
    for file in bench.database.parent.glob("catalog.sqlite*"):
        file.unlink()
    bench.open()
    assert {e.capture_id for e in bench.catalog.entries()} == {"one", "two"}
    assert bench.sound()


def test_what_an_interrupted_run_left_is_swept(bench: Bench) -> None:
    bench.save("one", A)
    bench.close()
    for place in ("sets/pump/train_data/0/.writing-5", "sets/pump/test_data/.writing-1", ".review/.writing-x",
                  ".trash/.erased-y"):  # fmt: skip
        (bench.root / place / "cam_01").mkdir(parents=True)
        (bench.root / place / "cam_01" / "01_rgb.png").write_bytes(b"half")
    bench.open()
    assert not list(bench.root.rglob(".*-*"))
    assert bench.sound()


def test_a_class_is_described_before_its_first_capture_is_there(tmp_path: Path) -> None:
    root, catalog = tmp_path / "captures", Catalog(tmp_path / "catalog.sqlite")
    known = {"pump": ClassMeta(name="Water pump", number="0 12")}
    store = CaptureStore(root, catalog, described=known.get, free_space=lambda: 10**11)
    try:
        store.save(new_capture("one"), A).result(T)
        store.relabel("one", "valve").result(T)
        assert store.class_meta("pump") == known["pump"]
        assert store.class_meta("valve") == ClassMeta(name="valve")
        assert [one.class_id for one in catalog.classes("0 12")] == ["pump"]
        # What somebody has written stays.
        store.write_class_meta("valve", ClassMeta(name="Ball valve")).result(T)
        store.save(new_capture("two", 2), Place("valve", "test", number=1)).result(T)
        assert store.class_meta("valve") == ClassMeta(name="Ball valve")
        store.keep_for_review(new_capture("three", 3), "gear").result(T)
        assert not (root / "sets" / "gear").exists()
    finally:
        store.stop()
        catalog.close()


def test_what_gates_warn_of_is_accepted_for_a_reason_alone(bench: Bench) -> None:
    capture = new_capture("one")
    doubted = capture.record.model_copy(update={"doubts": ("sharpness", "weight")})
    waiting = NewCapture(capture.frameset, capture.masks, capture.calibration, doubted)
    bench.store.keep_for_review(waiting, "pump").result(T)
    with pytest.raises(CaptureRefusedError, match=r"Gates warn of this capture: sharpness, weight\. Give a reason"):
        bench.store.accept_review("one", "pump", "train").result(T)
    record = bench.store.accept_review("one", "pump", "train", "op7", "it is oily").result(T).record
    assert record.doubts == ()
    assert {(one.gate, one.reason) for one in record.overrides} == {
        ("sharpness", "it is oily"), ("weight", "it is oily")
    }  # fmt: skip
    assert bench.store.audit("one")[-1].why == "it is oily"
    assert bench.sound()


def test_after_the_stop_nothing_is_taken_in(bench: Bench) -> None:
    bench.store.stop()
    with pytest.raises(CaptureRefusedError, match="closed"):
        bench.save("one", A)


def test_a_capture_that_is_no_whole_one_is_refused(bench: Bench) -> None:
    capture = new_capture("one")
    for spoiled, why in (
        (NewCapture(capture.frameset, {"cam_01": np.zeros((2, 2), np.uint8)}, capture.calibration, capture.record),
         "another size"),
        (NewCapture(capture.frameset, {}, new_capture("x", roles=THREE[:2]).calibration, capture.record),
         "its calibration none"),
    ):  # fmt: skip
        with pytest.raises(DatasetError, match=why):
            bench.store.save(spoiled, A).result(T)
    assert bench.sound()
    assert not (bench.root / A.folder).exists()


class Failing(OsFiles):
    """Refuses one call for want of space."""

    def __init__(self, name: str, at: int) -> None:
        self.left = at

        def call(*arguments: object) -> object:
            self.left -= 1
            if self.left == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return getattr(OsFiles, name)(self, *arguments)

        setattr(self, name, call)


@pytest.mark.parametrize(
    ("name", "at"),
    [("make_folder", 1), ("make_folder", 6), ("create", 5), ("write", 1), ("write", 12), ("sync", 13), ("rename", 1),
     ("sync_folder", 3), ("sync_folder", 8), ("close", 4)],
)  # fmt: skip
def test_a_disk_that_refuses_in_the_middle_leaves_nothing(tmp_path: Path, name: str, at: int) -> None:
    bench = Bench(tmp_path)
    bench.store.write_class_meta("pump", ClassMeta(name="Pump")).result(T)
    bench.close()
    bench.files = Failing(name, at)
    bench.open()
    with pytest.raises(StorageError, match=r"cannot be written: No space left on device\. Free space"):
        bench.save("one", A)
    assert bench.files.left <= 0
    assert not list(bench.root.rglob("*.png"))
    assert bench.sound()
    bench.save("one", A)
    bench.again()
    assert bench.sound()
    bench.close()


@pytest.mark.parametrize("name", ["rename", "sync_folder", "create", "write", "open_end"])
def test_a_relabelling_that_the_disk_refuses_is_undone_or_finished_later(tmp_path: Path, name: str) -> None:
    bench = Bench(tmp_path)
    bench.save("one", A)
    bench.store.write_class_meta("valve", ClassMeta(name="Valve")).result(T)
    bench.derived()
    bench.close()
    bench.files = Failing(name, 1 if name != "sync_folder" else 6)
    bench.open()
    with pytest.raises(StorageError, match="No space left on device"):
        bench.store.relabel("one", "valve").result(T)
    bench.files = OsFiles()
    bench.again()
    entry = bench.catalog.get("one")
    assert entry is not None
    rows = bench.store.audit("one")
    moved = entry.class_id == "valve"
    assert moved == (name not in ("rename", "sync_folder"))
    assert [row.action for row in rows] == (["relabel"] if moved else [])
    assert bench.catalog.open_operations() == ()
    assert bench.sound()
    bench.close()
