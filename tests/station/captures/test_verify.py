from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.captures.catalog import Catalog
from station.captures.course import CancelledError, Course
from station.captures.place import Place
from station.captures.reindex import reindex
from station.captures.verify import HARMS, Fault, verify
from tests.recognition.small_tree import write_tree
from tests.station.captures.tiny_captures import write_tiny, write_tiny_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tiny_tree(tmp_path / "captures")


@pytest.fixture
def catalog(tmp_path: Path, tree: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    reindex(tree, opened)
    yield opened
    opened.close()


def test_a_sound_tree_has_no_findings(tree: Path, catalog: Catalog) -> None:
    report = verify(tree, catalog)
    assert report.findings == ()
    assert report.sound
    assert (report.captures, report.files) == (7, 7 * 8)
    assert report.bytes > 0


def test_every_fault_of_a_capture_is_named_where_it_is(tree: Path, catalog: Catalog) -> None:
    train = tree / "sets" / "pump" / "train_data" / "0"
    changed = train / "0" / "cam_01" / "01_rgb.png"
    changed.write_bytes(changed.read_bytes().replace(b"rgb", b"bgr"))
    (train / "0" / "cam_02" / "02_depth.png").unlink()
    (train / "0" / "cam_02" / "02_hha.png").write_bytes(b"derived, written later")
    (train / "0" / "cam_02" / "thumbs.db").write_bytes(b"x")
    (train / "1" / "capture.json").write_text("{")
    record = train / "2" / "capture.json"
    record.write_text(record.read_text().replace('"content_hash": "', '"content_hash": "0000')[:-4] + "\n}")
    (train / ".writing-4").mkdir()
    report = verify(tree, catalog)
    assert not report.sound
    found = {(f.fault, f.where) for f in report.of(HARMS) + report.of([Fault.EXTRA, Fault.UNFINISHED])}
    assert found == {
        (Fault.CHANGED, "sets/pump/train_data/0/0/cam_01/01_rgb.png"),
        (Fault.MISSING, "sets/pump/train_data/0/0/cam_02/02_depth.png"),
        (Fault.EXTRA, "sets/pump/train_data/0/0/cam_02/thumbs.db"),
        (Fault.RECORD, "sets/pump/train_data/0/1"),
        (Fault.RECORD, "sets/pump/train_data/0/2"),
        (Fault.UNFINISHED, "sets/pump/train_data/0/.writing-4"),
    }


def test_a_sum_that_is_not_that_of_the_files_is_told(tree: Path) -> None:
    record = tree / "sets" / "pump" / "valid_data" / "0" / "capture.json"
    text = record.read_text()
    place = text.index('"content_hash": "') + len('"content_hash": "')
    record.write_text(text[:place] + "0" * 64 + text[place + 64 :])
    report = verify(tree)
    assert [(f.fault, f.where) for f in report.findings] == [
        (Fault.RECORD, "sets/pump/valid_data/0/capture.json"),
    ]


def test_a_repair_mends_the_index_and_touches_no_capture(tree: Path, catalog: Catalog) -> None:
    write_tiny(tree, Place("gear", "test", number=9), "unknown")
    shutil.rmtree(tree / "sets" / "pump" / "train_data" / "0" / "2")
    known = catalog.get("gear-train-0")
    assert known is not None
    catalog.add_entry(replace(known, weight_kg=9.0, split="valid"))
    before = {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()}
    report = verify(tree, catalog)
    assert {(f.fault, f.where) for f in report.findings} == {
        (Fault.NOT_INDEXED, "sets/gear/test_data/9"),
        (Fault.NOT_THERE, "sets/pump/train_data/0/2"),
        (Fault.INDEX_DIFFERS, "sets/gear/train_data/0/0"),
    }
    assert "split, weight_kg" in "".join(f.what for f in report.findings)
    assert not report.sound
    mended = verify(tree, catalog, repair=True)
    assert (mended.repaired, mended.sound) == (3, True)
    assert verify(tree, catalog).findings == ()
    assert {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()} == before


def test_a_copy_and_a_moved_folder_are_told_apart(tree: Path, catalog: Catalog) -> None:
    train = tree / "sets" / "pump" / "train_data" / "0"
    shutil.copytree(train / "0", train / "7")
    (train / "1").rename(train / "11")
    report = verify(tree, catalog)
    assert (Fault.PLACE, "sets/pump/train_data/0/7") in {(f.fault, f.where) for f in report.findings}
    assert (Fault.LABEL, "sets/pump/train_data/0/11/capture.json") in {(f.fault, f.where) for f in report.findings}


def test_captures_without_hashes_are_said_to_be_unchecked(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "foreign", train=1, valid=0)
    (tree / "sets" / "red_block" / "train_data" / "0" / "0" / "capture.json").unlink()
    (tree / "sets" / "red_block" / "train_data" / "0" / "0" / "cam_04" / "04_depth.png").unlink()
    report = verify(tree)
    assert len(report.of([Fault.UNRECORDED])) == 4
    half = report.of([Fault.HALF])
    assert [f.where for f in half] == ["sets/red_block/train_data/0/0/cam_04/04_depth.png"]
    assert not report.sound


def test_it_can_be_cancelled(tree: Path) -> None:
    with pytest.raises(CancelledError):
        verify(tree, course=Course(cancelled=lambda: True))


def test_what_moves_meanwhile_is_looked_at_where_it_lies_now(tree: Path, catalog: Catalog) -> None:
    """A check beside a station at work: a capture is moved after it was found, and another one saved."""

    def work(done: int, _total: int) -> None:
        if done != 1:
            return
        source, target = Place("gear", "train", 0, 0), Place("gear", "train", 0, 7)
        entry = catalog.in_folder(source.folder)
        assert entry is not None
        (tree / target.folder).parent.mkdir(parents=True, exist_ok=True)
        (tree / source.folder).rename(tree / target.folder)
        record = tree / target.folder / "capture.json"
        record.write_text(record.read_text().replace('"rotation": 0', '"rotation": 7'))
        catalog.add_entry(replace(entry, folder=target.folder, rotation=7))

    report = verify(tree, catalog, course=Course(progress=work))
    assert report.findings == ()
    assert report.sound


def test_what_stays_wrong_is_told_after_the_second_look(tree: Path, catalog: Catalog) -> None:
    (tree / "sets/gear/train_data/0/0/cam_01/01_rgb.png").write_bytes(b"changed")
    catalog.remove("pump-valid-0")
    found = {finding.fault for finding in verify(tree, catalog).findings}
    assert found == {Fault.CHANGED, Fault.NOT_INDEXED}
