from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.crops.cache import CropSpec, build_cache
from station.captures.catalog import Catalog, Counts
from station.captures.course import CancelledError, Course
from station.captures.importing.examine import FaultKind
from station.captures.importing.importer import ImportOptions, import_tree
from station.captures.importing.report import ImportReport
from station.captures.mvip import find_captures, load_frameset
from station.captures.record import read_capture_record
from station.captures.store import CaptureStore
from station.captures.verify import verify
from station.errors import DatasetError
from station.frames import ROLES
from tests.recognition.small_tree import write_tree

SAMPLE = Path(__file__).parents[4] / ".." / "shared" / "data" / "mvip_sample"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="the MVIP sample is not there")
KINDS = ("rgb.png", "depth.png", "rgb_mask_gen.png", "hha.png", "meta.json")


class Station:
    """A data set with its catalog."""

    def __init__(self, root: Path) -> None:
        self.root = root / "captures"
        self.root.mkdir(parents=True)
        self.catalog = Catalog(root / "catalog.sqlite")

    @contextmanager
    def store(self) -> Iterator[CaptureStore]:
        store = CaptureStore(self.root, self.catalog, least_free_bytes=0)
        try:
            yield store
        finally:
            store.stop()

    def take(self, tree: Path, options: ImportOptions | None = None, course: Course | None = None) -> ImportReport:
        with self.store() as store:
            return import_tree(tree, self.root, self.catalog, store, options or ImportOptions(), course or Course())


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "data")
    yield made
    made.catalog.close()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of four captures with a record and two without, drawn once."""
    made = write_tree(tmp_path_factory.mktemp("drawn"), train=1, valid=1)
    shutil.rmtree(made / "sets" / "dark_plate" / "valid_data")
    shutil.rmtree(made / "sets" / "green_cube" / "valid_data")
    for record in (made / "sets" / "red_block").rglob("capture.json"):
        record.unlink()
    return made


@pytest.fixture
def tree(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "tree"))


def view_files(root: Path) -> dict[str, bytes]:
    """Return the five MVIP files of every view below a tree."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for kind in KINDS
        for file in (root / "sets").rglob(f"cam_*/*_{kind}")
    }


def everything(root: Path) -> dict[Path, bytes]:
    """Return every file but the HHA pictures, which are made when there is time."""
    return {file: file.read_bytes() for file in root.rglob("*") if file.is_file() and "_hha" not in file.name}


def test_a_tree_is_taken_in_byte_for_byte_with_records_hashes_and_classes(station: Station, tree: Path) -> None:
    before = view_files(tree)
    report = station.take(tree)
    assert len(report.imported) == report.found == 6
    assert report.imported["sets/red_block/train_data/0/0"] == "sets/red_block/train_data/0/0"
    assert (report.refused, report.moved, report.already, report.dry) == ((), {}, {}, False)
    after = view_files(station.root)
    assert {name: after[name] for name in before} == before
    assert station.catalog.counts()["red_block"] == Counts(1, 1, 0)
    assert verify(station.root, station.catalog).findings == ()
    bare = read_capture_record(station.root / "sets/red_block/train_data/0/0")
    assert bare is not None
    assert (bare.origin, bare.label_source, bare.weight_kg, bare.taken_at) == ("import", "imported", None, None)
    known = read_capture_record(station.root / "sets/blue_bar/train_data/0/0")
    assert known is not None
    assert known.weight_kg == pytest.approx(0.3, rel=0.02)
    assert known.serials["cam_03"] == "serial03"
    assert [c.number for c in station.catalog.classes("N-blu")] == ["N-blu"]


def test_twice_is_once(station: Station, tree: Path) -> None:
    first = station.take(tree)
    before = everything(station.root)
    again = station.take(tree)
    assert (again.imported, again.already) == ({}, dict(first.imported))
    assert everything(station.root) == before


def test_an_interrupted_import_is_taken_up_again(station: Station, tree: Path) -> None:
    answers = iter([False, False, False, True])
    with pytest.raises(CancelledError, match="after 4 of 6"):
        station.take(tree, course=Course(cancelled=lambda: next(answers)))
    report = station.take(tree)
    assert (len(report.already), len(report.imported)) == (4, 2)
    assert verify(station.root, station.catalog).findings == ()


def test_a_dry_run_says_the_same_and_writes_nothing(station: Station, tree: Path) -> None:
    shutil.copytree(tree / "sets" / "red_block" / "train_data" / "0" / "0", tree / "sets/red_block/train_data/0/5")
    dry = import_tree(tree, station.root, station.catalog, None)
    assert list(station.root.iterdir()) == []
    assert station.catalog.counts() == {}
    done = station.take(tree)
    assert dry.dry
    assert (dry.imported, dry.already, dry.classes) == (done.imported, done.already, done.classes)
    assert list(done.already) == ["sets/red_block/train_data/0/5"]


def test_a_taken_place_is_another_one_and_another_label_is_told(station: Station, tree: Path, tmp_path: Path) -> None:
    station.take(tree)
    other = tmp_path / "other" / "sets" / "red_block"
    for split in ("train_data/0/0", "valid_data/0"):
        shutil.copytree(tree / "sets" / "green_cube" / "train_data" / "0" / "0", other / split)
        (other / split / "cam_01" / "01_hha.png").write_bytes(b"x")
    (other / "valid_data" / "0" / "cam_01" / "01_rgb_mask_gen.png").unlink()
    (other / "train_data" / "0" / "0" / "cam_02" / "02_rgb_mask_gen.png").unlink()
    report = station.take(other)
    assert report.moved["train_data/0/0"] == "sets/red_block/train_data/0/1"
    assert report.moved["valid_data/0"] == "sets/red_block/valid_data/1"
    other.rename(other.parent / "crimson")
    report = station.take(other.parent)
    assert report.elsewhere["crimson/train_data/0/0"] == "sets/red_block/train_data/0/1"
    assert report.imported == {}
    assert not any(entry.class_id == "crimson" for entry in station.catalog.entries())


def spoil(tree: Path) -> None:
    """Put one fault of each kind into the first capture of the green cube."""
    capture = tree / "sets" / "green_cube" / "train_data" / "0" / "0"
    metas = {role: capture / role / f"{role[-2:]}_meta.json" for role in ROLES}
    for role, file in metas.items():  # every camera its own intrinsics, but for two
        meta = json.loads(file.read_text())
        meta["Intrinsics"]["fx"] += 0 if role in ("cam_01", "cam_02") else int(role[-2:])
        file.write_text(json.dumps(meta))
    shutil.rmtree(capture / "cam_03")
    (capture / "cam_04" / "04_depth.png").unlink()
    rgb = capture / "cam_05" / "05_rgb.png"
    rgb.write_bytes(rgb.read_bytes()[:-30])
    metas["cam_06"].write_text("{}")
    depth = np.zeros((240, 320), np.uint16)
    depth[:20] = 500
    cv2.imwrite(str(capture / "cam_07" / "07_depth.png"), depth)
    cv2.imwrite(str(capture / "cam_08" / "08_rgb_mask_gen.png"), np.zeros((240, 320), np.uint8))
    mask = cv2.imread(str(capture / "cam_09" / "09_rgb_mask_gen.png"), cv2.IMREAD_UNCHANGED)
    mask[0:2, 0:2] = 255
    cv2.imwrite(str(capture / "cam_09" / "09_rgb_mask_gen.png"), mask)
    (capture / "cam_10" / "10_rgb_mask_gen.png").unlink()
    (capture / "cam_10" / "Thumbs.db").write_bytes(b"x")
    (capture / "cam_01" / "01_hha.png").write_bytes(b"theirs, whatever it is")


def test_every_fault_of_a_tree_is_named_and_the_rest_is_taken(station: Station, tree: Path) -> None:
    spoil(tree)
    report = station.take(tree / "sets" / "green_cube" / "train_data" / "0" / "0")
    assert {(f.kind, f.what) for f in report.faults} == {
        (FaultKind.COPIED_INTRINSICS, "cam_01, cam_02"),
        (FaultKind.MISSING_VIEW, "cam_03"),
        (FaultKind.MISSING_FILE, "cam_04"),
        (FaultKind.DAMAGED_FILE, "cam_05"),
        (FaultKind.BAD_CALIBRATION, "cam_06"),
        (FaultKind.DEAD_DEPTH, "cam_07"),
        (FaultKind.EMPTY_MASK, "cam_08"),
        (FaultKind.SPECKS, "cam_09"),
        (FaultKind.NO_MASK, "cam_10"),
        (FaultKind.FOREIGN_FILE, "cam_10/Thumbs.db"),
    }
    home = station.root / "sets" / "green_cube" / "train_data" / "0" / "0"
    record = read_capture_record(home)
    assert record is not None
    assert record.missing == ("cam_03", "cam_04", "cam_05", "cam_06")
    assert record.depth_dead == ("cam_07",)
    assert not (home / "cam_10" / "Thumbs.db").exists()
    assert (home / "cam_01" / "01_hha.png").read_bytes() == b"theirs, whatever it is"
    assert "cam_01/01_hha.png" not in record.files
    assert load_frameset(home)[0].missing == record.missing


def test_what_cannot_be_imported_is_refused_and_the_rest_is_taken(station: Station, tree: Path) -> None:
    for role in ROLES:
        (tree / "sets" / "red_block" / "valid_data" / "0" / role / f"{role[-2:]}_rgb.png").write_bytes(b"")
    (tree / "sets" / "blue_bar" / "valid_data" / "0" / "capture.json").write_text("{")
    (tree / "sets" / "dark_plate").rename(tree / "sets" / "RED_BLOCK")
    (tree / "sets" / "green_cube" / "meta.json").write_text("[]")
    report = station.take(tree)
    reasons = dict(report.refused)
    assert reasons["sets/red_block/valid_data/0"] == "None of its views can be read."
    assert "cannot be read" in reasons["sets/blue_bar/valid_data/0"]
    collided = {where.split("/")[1] for where, why in report.refused if "share its folder" in why}
    assert collided in ({"RED_BLOCK"}, {"red_block"})
    assert "damaged" in report.classes["green_cube"]
    assert len(report.imported) + len(report.refused) == 6


def test_nothing_to_import_is_one_sentence(station: Station, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(DatasetError):
            station.take(place)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    root, rng = tmp_path / "pictures", np.random.default_rng(3)
    for name in ("bolt", "nut"):
        (root / name).mkdir(parents=True)
        for number in range(3):
            picture = rng.integers(0, 255, (60, 80, 3)).astype(np.uint8)
            cv2.imwrite(str(root / name / f"{number}.{('png', 'jpg', 'bmp')[number]}"), picture)
    (root / "nut" / "turned").mkdir()
    for number in range(4):
        picture = rng.integers(0, 255, (60, 80, 3)).astype(np.uint8)
        cv2.imwrite(str(root / "nut" / "turned" / f"{number}.png"), picture)
    (root / "bolt" / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    (root / "stray.png").write_bytes(b"x")
    (root / "bolt" / "notes.txt").write_text("x")
    return root


def test_plain_pictures_become_captures_of_few_views_and_what_lacks_is_said(station: Station, pictures: Path) -> None:
    report = station.take(pictures)
    assert len(report.imported) == 7
    assert {where for where, _ in report.refused} == {"bolt/broken.jpg", "stray.png"}
    assert {(f.kind, f.captures) for f in report.faults} >= {
        (FaultKind.NO_DEPTH, 7),
        (FaultKind.NO_CALIBRATION, 7),
        (FaultKind.NO_MASK, 7),
    }
    home = station.root / report.imported["bolt/0.png"]
    assert (home / "cam_01" / "01_rgb.png").read_bytes() == (pictures / "bolt" / "0.png").read_bytes()
    from_jpeg, _ = load_frameset(station.root / report.imported["bolt/1.jpg"])
    expected = cv2.imread(str(pictures / "bolt" / "1.jpg"))[:, :, ::-1]
    assert np.array_equal(from_jpeg.frames["cam_01"].color, expected)
    turned, _ = load_frameset(station.root / report.imported["nut/turned"])
    assert tuple(turned.frames) == ROLES[:4]
    assert not turned.frames["cam_02"].depth.any()
    record = read_capture_record(home)
    assert record is not None
    assert (record.missing, record.depth_dead, record.calibration_id) == (ROLES[1:], ("cam_01",), None)
    assert verify(station.root, station.catalog).findings == ()
    again = station.take(pictures)
    assert (len(again.already), again.imported) == (7, {})


def test_plain_pictures_can_be_trained_on_when_all_of_them_is_the_part(station: Station, pictures: Path) -> None:
    report = station.take(pictures, ImportOptions(split="valid", whole_mask=True))
    assert {folder.split("/")[2] for folder in report.imported.values()} == {"valid_data"}
    cache = build_cache(find_captures(station.root), station.root.parent / "crops", CropSpec(24, 1.0), 1)
    assert [int(views.sum()) for views in cache.view_mask] == [1, 1, 1, 1, 1, 1, 4]
    assert cache.color[0, 0, 12, 12, 3] == 255


@needs_sample
def test_the_real_captures_are_taken_in_byte_for_byte_with_their_faults(station: Station) -> None:
    before = view_files(SAMPLE)
    report = station.take(SAMPLE)
    assert len(report.imported) == 6
    after = view_files(station.root)
    assert len(before) == 250
    assert {name: after[name] for name in before} == before
    counts = {(f.kind, f.what): (f.captures, f.examples) for f in report.faults}
    name = "sets/bosch_0_120_489_435"
    assert counts[(FaultKind.DEAD_DEPTH, "cam_05")][0] == 6
    assert counts[(FaultKind.COPIED_INTRINSICS, "cam_08, cam_09, cam_10")][0] == 6
    assert counts[(FaultKind.SPECKS, "cam_04")] == (1, (f"{name}/train_data/0/6",))
    assert counts[(FaultKind.SPECKS, "cam_07")] == (1, (f"{name}/train_data/0/3",))
    assert {kind for kind, _ in counts} == {FaultKind.DEAD_DEPTH, FaultKind.COPIED_INTRINSICS, FaultKind.SPECKS}
    assert verify(station.root, station.catalog).sound


def test_a_capture_that_is_not_what_was_saved_is_refused_with_its_name(
    station: Station, tree: Path, tmp_path: Path
) -> None:
    station.take(tree)
    changed = station.root / "sets/blue_bar/train_data/0/0/cam_01/01_meta.json"
    changed.write_bytes(changed.read_bytes() + b" ")
    other = Station(tmp_path / "other")
    report = other.take(station.root)
    other.catalog.close()
    assert len(report.imported) == report.found - 1 == 5
    ((where, reason),) = report.refused
    assert where == "sets/blue_bar/train_data/0/0"
    assert "It is not what was saved: cam_01/01_meta.json changed or is gone." in reason
