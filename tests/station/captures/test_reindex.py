from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.captures.catalog import Catalog, ClassEntry, Counts
from station.captures.course import CancelledError, Course
from station.captures.place import Place
from station.captures.reindex import reindex
from station.errors import DatasetError
from tests.recognition.small_tree import write_tree
from tests.station.captures.tiny_captures import write_class, write_tiny, write_tiny_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tiny_tree(tmp_path / "captures")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def test_the_index_is_made_from_the_folders_alone(tree: Path, catalog: Catalog) -> None:
    told: list[tuple[int, int]] = []
    report = reindex(tree, catalog, Course(progress=lambda done, total: told.append((done, total))))
    assert (report.kept, report.review, report.trash, report.classes) == (5, 1, 1, 2)
    assert (report.troubles, report.strangers, report.unrecorded, report.relabelled) == ((), (), 0, 0)
    assert told[-1] == (7, 7)
    assert catalog.counts() == {"gear": Counts(1, 0, 0), "pump": Counts(3, 1, 0)}
    assert catalog.complete
    assert catalog.classes("grey") == (ClassEntry("pump", "Pump", "12-3", ("Grey",), ("Car",)),)
    assert [e.folder for e in catalog.search(state="review").entries] == [".review/waiting"]
    found = catalog.get("pump-train-1")
    assert found is not None
    assert (found.folder, found.position, found.rotation) == ("sets/pump/train_data/0/1", 0, 1)
    assert (found.missing, found.weight_kg, found.origin) == (8, 0.5, "rig")


def test_twice_is_the_same_as_once_and_what_is_gone_is_forgotten(tree: Path, catalog: Catalog) -> None:
    reindex(tree, catalog)
    before = catalog.entries()
    reindex(tree, catalog)
    assert catalog.entries() == before
    shutil.rmtree(tree / "sets" / "gear")
    reindex(tree, catalog)
    assert {e.class_id for e in catalog.search().entries} == {"pump"}
    assert catalog.classes("gear")  # the queue still holds one


def test_the_folder_is_the_label(tree: Path, catalog: Catalog) -> None:
    (tree / "sets" / "wheel" / "test_data").mkdir(parents=True)
    (tree / "sets" / "pump" / "valid_data" / "0").rename(tree / "sets" / "wheel" / "test_data" / "7")
    report = reindex(tree, catalog)
    assert report.relabelled == 1
    found = catalog.get("pump-valid-0")
    assert found is not None
    assert (found.class_id, found.split, found.set_number) == ("wheel", "test", 7)


def test_stray_files_half_folders_and_copies_do_not_stop_it(tree: Path, catalog: Catalog) -> None:
    pump = tree / "sets" / "pump"
    (tree / "notes.txt").write_text("x")
    (tree / "sets" / "readme").write_text("x")
    (tree / "sets" / "loop").symlink_to(tree, target_is_directory=True)
    (pump / "photo.jpg").write_bytes(b"x")
    (pump / "train_data" / "0" / "notes").mkdir()
    (pump / "train_data" / "0" / ".writing-5-abc" / "cam_01").mkdir(parents=True)
    (pump / "train_data" / "0" / "5").mkdir()
    shutil.copytree(pump / "train_data" / "0" / "0", pump / "train_data" / "0" / "8")
    shutil.copytree(pump / "train_data" / "0" / "0", pump / "train_data" / "0" / "0 copy")
    (pump / "train_data" / "0" / "1" / "capture.json").write_text('{"schema": 2')
    (tree / "sets" / "gear" / "meta.json").write_text("[1]")
    (tree / ".trash" / "empty").mkdir()
    report = reindex(tree, catalog)
    assert catalog.counts() == {"gear": Counts(1, 0, 0), "pump": Counts(2, 1, 0)}
    troubled = {folder for folder, _ in report.troubles}
    assert troubled == {
        "sets/pump/train_data/0/1",
        "sets/pump/train_data/0/8",
        "sets/pump/train_data/0/0 copy",
        "sets/gear/meta.json",
    }
    assert "sets/pump/train_data/0/.writing-5-abc" in report.strangers
    assert {"notes.txt", "sets/readme", "sets/pump/photo.jpg"} <= set(report.strangers)
    assert catalog.get("pump-train-0") is not None


def test_trees_without_records_are_taken_in_by_their_places(tmp_path: Path, catalog: Catalog) -> None:
    tree = write_tree(tmp_path / "foreign", train=2, valid=1)
    for record in (tree / "sets" / "red_block").rglob("capture.json"):
        record.unlink()
    report = reindex(tree, catalog)
    assert (report.kept, report.unrecorded) == (12, 3)
    first = catalog.entries()
    reindex(tree, catalog)
    assert catalog.entries() == first
    plain = catalog.search(class_id="red_block", split="train").entries
    assert {(e.origin, e.content_hash, e.taken_at, e.missing) for e in plain} == {("", "", "", 0)}
    light = catalog.search(class_id="blue_bar", split="valid").entries[0]
    assert light.capture_id.startswith("v1-")
    assert light.weight_kg == pytest.approx(0.3, rel=0.02)


def test_a_cancelled_one_leaves_the_old_index(tree: Path, catalog: Catalog) -> None:
    reindex(tree, catalog)
    before = catalog.entries()
    write_tiny(tree, Place("gear", "train", 0, 5), "new")
    answers = iter([False, False, True])
    with pytest.raises(CancelledError, match="after 3 of 8"):
        reindex(tree, catalog, Course(cancelled=lambda: next(answers)))
    assert catalog.entries() == before


def test_what_is_saved_meanwhile_stays(tree: Path, catalog: Catalog) -> None:
    reindex(tree, catalog)

    def meddle(done: int, total: int) -> None:
        if done == 7:
            catalog.remove("gear-train-0")

    reindex(tree, catalog, Course(progress=meddle))
    assert catalog.get("gear-train-0") is None


def test_an_empty_tree_is_an_empty_index_and_none_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "empty").mkdir()
    assert reindex(tmp_path / "empty", catalog).kept == 0
    assert catalog.complete
    with pytest.raises(DatasetError, match="no such folder"):
        reindex(tmp_path / "nowhere", catalog)


def test_class_names_in_any_script(tmp_path: Path, catalog: Catalog) -> None:
    tree = tmp_path / "captures"
    write_class(tree, "Kühlerdüse 3", name="Kühlerdüse")
    write_tiny(tree, Place("Kühlerdüse 3", "test", number=0), "one")
    write_tiny(tree, Place("歯車", "test", number=0), "two")
    reindex(tree, catalog)
    assert [e.capture_id for e in catalog.search("kuehlerduese").entries] == ["one"]
    assert [e.capture_id for e in catalog.search("歯車").entries] == ["two"]
