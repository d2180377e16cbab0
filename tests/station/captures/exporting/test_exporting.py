from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from station.captures.catalog import Catalog
from station.captures.course import CancelledError, Course
from station.captures.exporting.chosen import Choice
from station.captures.exporting.coco import export_coco, run_lengths
from station.captures.exporting.mvip import export_mvip
from station.captures.exporting.table import COLUMNS, export_table
from station.captures.importing.importer import import_tree
from station.captures.store import CaptureStore
from station.errors import DatasetError, StorageError
from tests.recognition.small_tree import write_tree
from tests.station.captures.tiny_captures import write_tiny_tree

SAMPLE = Path(__file__).parents[4] / ".." / "shared" / "data" / "mvip_sample"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="the MVIP sample is not there")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("drawn"), train=1, valid=1)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_tree(tmp_path / "captures")


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_tree_is_exported_byte_for_byte_and_without_trash_and_review(tiny: Path, tmp_path: Path) -> None:
    (tiny / "sets" / "pump" / "train_data" / "0" / "0" / "cam_01" / "01_hha.png").write_bytes(b"hha")
    (tiny / "sets" / "pump" / "train_data" / "0" / "0" / "cam_01" / "notes.txt").write_bytes(b"x")
    report = export_mvip(Choice(tiny), tmp_path / "out")
    wanted = {
        name: content
        for name, content in contents(tiny).items()
        if name.startswith("sets/") and not name.endswith("notes.txt")
    }
    assert contents(tmp_path / "out") == wanted
    assert (report.captures, report.files) == (5, len(wanted))
    assert report.bytes == sum(map(len, wanted.values()))
    bare = tmp_path / "bare"
    export_mvip(Choice(tiny), bare, records=False)
    assert {name for name in wanted if name not in contents(bare)} == {n for n in wanted if n.endswith("capture.json")}


def test_classes_and_splits_can_be_chosen(tiny: Path, tmp_path: Path) -> None:
    export_mvip(Choice(tiny, ("pump",), ("valid",)), tmp_path / "out")
    assert {path.parent.parent.name for path in (tmp_path / "out").rglob("capture.json")} == {"valid_data"}
    with pytest.raises(DatasetError, match="no captures of wheel"):
        export_mvip(Choice(tiny, ("wheel",)), tmp_path / "other")
    with pytest.raises(DatasetError, match="No capture is left"):
        export_mvip(Choice(tiny, (), ("test",)), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_export_never_overwrites_and_leaves_nothing_half(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "place" / "out"
    for make in (Path.mkdir, Path.touch):
        out.parent.mkdir(exist_ok=True)
        make(out)
        with pytest.raises(DatasetError, match="never overwrites"):
            export_mvip(Choice(tiny), out)
        out.rmdir() if out.is_dir() else out.unlink()
    answers = iter([False, False, True])
    with pytest.raises(CancelledError):
        export_mvip(Choice(tiny), out, Course(cancelled=lambda: next(answers)))
    assert list(out.parent.iterdir()) == []
    (out.parent / ".exporting-out").mkdir()  # what a kill leaves
    export_mvip(Choice(tiny), out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_full_disk_is_one_sentence(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=400_000_000)
    monkeypatch.setattr("station.captures.exporting.chosen.shutil.disk_usage", lambda _path: usage)
    with pytest.raises(DatasetError, match=r"needs 0\.0 GB and 0\.5 GB to spare, the disk has 0\.4 GB free"):
        export_mvip(Choice(tiny), tmp_path / "out")
    monkeypatch.undo()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.captures.exporting.chosen.shutil.copyfile", refuse)
    with pytest.raises(StorageError, match="No space left on device"):
        export_mvip(Choice(tiny), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def unrolled(segmentation: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return the mask of COCO's uncompressed run lengths, written from the format's description alone."""
    height, width = segmentation["size"]
    flat: list[int] = []
    for turn, length in enumerate(segmentation["counts"]):
        flat += [turn % 2] * length
    return np.array(flat, np.uint8).reshape(width, height).T


@given(arrays(np.uint8, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.sampled_from([0, 255])))
def test_run_lengths_are_the_mask(mask: Any) -> None:
    assert np.array_equal(unrolled({"size": list(mask.shape), "counts": run_lengths(mask)}), mask // 255)


def test_coco_has_every_view_with_a_mask_its_box_and_its_class(drawn: Path, tmp_path: Path) -> None:
    tree = Path(shutil.copytree(drawn, tmp_path / "tree"))
    (tree / "sets/red_block/train_data/0/0/cam_03/03_rgb_mask_gen.png").unlink()
    report = export_coco(Choice(tree), tmp_path / "coco")
    assert (report.captures, len(report.left_out)) == (8, 1)
    data = json.loads((tmp_path / "coco/annotations/instances_train.json").read_text())
    valid = json.loads((tmp_path / "coco/annotations/instances_valid.json").read_text())
    assert [c["name"] for c in data["categories"]] == ["blue bar", "dark plate", "green cube", "red block"]
    assert data["categories"] == valid["categories"]
    assert (len(data["images"]), len(valid["images"])) == (39, 40)
    assert [image["id"] for image in data["images"]] == list(range(1, 40))
    by_image = {a["image_id"]: a for a in data["annotations"]}
    image = next(i for i in data["images"] if i["camera"] == "cam_02")
    note = by_image[image["id"]]
    home = tree / "sets/blue_bar/train_data/0/0/cam_02"
    mask = cv2.imread(str(home / "02_rgb_mask_gen.png"), cv2.IMREAD_UNCHANGED)
    rows, columns = np.nonzero(mask)
    assert note["category_id"] == 1
    assert np.array_equal(unrolled(note["segmentation"]), mask // 255)
    assert note["area"] == len(rows)
    x, y, width, height = note["bbox"]
    assert (x, y, x + width - 1, y + height - 1) == (columns.min(), rows.min(), columns.max(), rows.max())
    assert (image["width"], image["height"]) == (320, 240)
    copied = tmp_path / "coco/images/train" / image["file_name"]
    assert copied.read_bytes() == (home / "02_rgb.png").read_bytes()


def test_a_table_has_a_row_for_every_capture(tiny: Path, tmp_path: Path) -> None:
    file = tiny / "sets" / "pump" / "train_data" / "0" / "1" / "capture.json"
    record = json.loads(file.read_text())
    record |= {"quality": {"sharpness": 0.5}, "size_m": [0.3, 0.2, 0.1], "overrides": [{"gate": "skew", "reason": "x"}]}
    file.write_text(json.dumps(record))
    report = export_table(Choice(tiny), tmp_path / "out.csv", "csv")
    assert (report.captures, report.files) == (5, 1)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as opened:
        rows = {row["capture_id"]: row for row in csv.DictReader(opened)}
    one = rows["pump-train-1"]
    assert list(one) == [*(name for name, _ in COLUMNS), "quality_sharpness"]
    assert (one["class"], one["number"], one["name"], one["split"]) == ("pump", "12-3", "Pump", "train")
    assert (one["folder"], one["weight_kg"], one["size_longest_m"]) == ("sets/pump/train_data/0/1", "0.5", "0.3")
    assert (one["overridden_gates"], one["quality_sharpness"]) == ("skew", "0.5")
    assert (rows["gear-train-0"]["quality_sharpness"], rows["gear-train-0"]["name"]) == ("", "")
    assert one["missing"].split() == [f"cam_{n:02d}" for n in range(3, 11)]


def test_parquet_says_what_it_needs_where_it_is_not_there(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(DatasetError, match="pip install pyarrow"):
        export_table(Choice(tiny), tmp_path / "out.parquet", "parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_parquet_has_the_same_rows_with_their_kinds(tiny: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install -e .[parquet]")
    export_table(Choice(tiny), tmp_path / "out.parquet", "parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == [name for name, _ in COLUMNS]
    rows = table.to_pylist()
    assert [row["capture_id"] for row in rows][:2] == ["gear-train-0", "pump-train-0"]
    assert (rows[0]["weight_kg"], rows[0]["weight_stable"], rows[0]["skew_ms"]) == (0.5, False, None)


@needs_sample
def test_the_real_captures_survive_import_and_export_byte_for_byte(tmp_path: Path) -> None:
    root = tmp_path / "captures"
    root.mkdir()
    catalog = Catalog(tmp_path / "catalog.sqlite")
    store = CaptureStore(root, catalog, least_free_bytes=0)
    try:
        import_tree(SAMPLE, root, catalog, store)
    finally:
        store.stop()
        catalog.close()
    export_mvip(Choice(root), tmp_path / "out")
    before, after = contents(SAMPLE), contents(tmp_path / "out")
    views = {name: content for name, content in before.items() if "/cam_" in name}
    assert len(views) == 250
    assert {name: after[name] for name in views} == views
    described = json.loads(after["sets/bosch_0_120_489_435/meta.json"])
    assert described == json.loads(before["sets/bosch_0_120_489_435/meta.json"])
