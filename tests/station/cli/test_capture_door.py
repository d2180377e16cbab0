"""The capture page's door on a real store, catalog and part master."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest

from station.captures.catalog import Catalog
from station.captures.catalog_values import Counts
from station.captures.place import Place
from station.captures.store import CaptureStore
from station.cli.capture_door import StationCaptures
from station.cli.capture_pictures import cut_picture
from station.errors import PartError, StationError
from station.parts import PartMaster, PartRecord
from tests.station.captures.new_captures import THREE, new_capture
from ui.presenters.capture_source import CapturePicture, NewClass

BOLT, NUT = "bolt", "nut"


class Bench:
    """A data set with two classes and one that is retired; ``said`` is what the disk's watch says."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(folder / "catalog.sqlite")
        self.store = CaptureStore(folder / "captures", self.catalog)
        self.parts = PartMaster(folder / "parts.sqlite", folder / "references")
        self.parts.upsert(
            [PartRecord(BOLT, "B-1", "Bolt"), PartRecord(NUT, "N-1", "Nut"), PartRecord("old", "O-1", "Old bolt")]
        )
        self.parts.retire("old")
        self.said = ""
        rig = SimpleNamespace(store=self.store, catalog=self.catalog, session=None)
        self.door = StationCaptures(cast(Any, rig), self.parts, lambda: self.said, who="A7")

    def save(self, name: str, place: Place, seed: int = 0) -> str:
        return self.store.save(new_capture(name, seed), place).result(20).record.capture_id

    def close(self) -> None:
        self.store.stop()
        self.catalog.close()
        self.parts.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def train(rotation: int, class_id: str = BOLT) -> Place:
    return Place(class_id, "train", position=0, rotation=rotation)


def test_classes_that_are_retired_do_not_come_up(bench: Bench) -> None:
    bench.save("a", train(0))
    assert {one.class_id for one in bench.door.classes("")} == {BOLT, NUT}
    assert [one.class_id for one in bench.door.classes("bolt")] == [BOLT]
    assert bench.door.classes("bolt")[0].counts == Counts(1, 0, 0)


def test_a_new_class_has_its_number_alone(bench: Bench) -> None:
    class_id = bench.door.new_class(NewClass("W-1", "Washer", ("rings",), {"Shapes": ("round",)}, 0.012))
    made = bench.parts.get(class_id)
    assert made is not None
    assert (made.number, made.name, made.super_class, made.weight_kg) == ("W-1", "Washer", ("rings",), 0.012)
    with pytest.raises(PartError, match="W-1"):
        bench.door.new_class(NewClass("W-1", "Other"))


def test_every_change_leaves_its_row_with_who(bench: Bench) -> None:
    bench.save("a", train(0))
    bench.store.keep_for_review(new_capture("b", 1), NUT).result(20)
    door = bench.door
    assert door.trash("a").state == "trash"
    assert door.restore("a").folder == "sets/bolt/train_data/0/0"
    assert door.move("a", "test").folder == "sets/bolt/test_data/0"
    assert door.relabel("a", NUT).class_id == NUT
    assert door.accept("b", BOLT, "valid").folder == "sets/bolt/valid_data/0"
    rows = bench.store.audit()
    assert [(row.action, row.capture_id) for row in rows] == [
        ("trash", "a"),
        ("restore", "a"),
        ("move", "a"),
        ("relabel", "a"),
        ("accept", "b"),
    ]
    assert {row.who for row in rows} == {"A7"}
    assert bench.door.counts() == {BOLT: Counts(0, 1, 0), NUT: Counts(0, 0, 1)}


def test_an_answer_that_is_dismissed_lies_in_the_trash(bench: Bench) -> None:
    bench.store.keep_for_review(new_capture("b", 1), NUT).result(20)
    assert [one.capture_id for one in bench.door.captures(None, "review").entries] == ["b"]
    bench.door.dismiss("b")
    assert [one.capture_id for one in bench.door.captures(NUT, "trash").entries] == ["b"]
    with pytest.raises(StationError):
        bench.door.accept("b", NUT, "train")


def test_captures_by_class_and_split(bench: Bench) -> None:
    bench.save("a", train(0), seed=1)
    bench.save("b", Place(BOLT, "test", number=0), seed=2)
    bench.save("c", train(0, NUT), seed=3)
    assert [one.capture_id for one in bench.door.captures(None, "kept").entries] == ["c", "b", "a"]
    assert [one.capture_id for one in bench.door.captures(BOLT, "kept", "test").entries] == ["b"]


def test_pictures_of_a_capture(bench: Bench) -> None:
    bench.save("a", train(0))
    (entry,) = bench.door.captures(BOLT, "kept").entries
    views = bench.door.pictures(entry, 32)
    assert [view.role for view in views] == list(THREE)
    assert {view.color.shape for view in views} == {(24, 32, 3)}
    assert all(view.mask is not None and view.mask.shape == (24, 32) for view in views)
    record = bench.door.record(entry)
    assert record is not None
    assert record.weight_kg == 0.75
    newest = bench.door.newest(BOLT, 40)
    assert newest is not None
    assert newest.color.shape == (30, 40, 3)
    assert bench.door.newest(NUT, 40) is None


def test_a_damaged_view_is_left_out(bench: Bench) -> None:
    bench.save("a", train(0))
    (entry,) = bench.door.captures(BOLT, "kept").entries
    (bench.store.root / entry.folder / "cam_01" / "01_rgb.png").write_bytes(b"no picture")
    assert [view.role for view in bench.door.pictures(entry, 32)] == ["cam_02", "cam_03"]
    thumbnail = bench.door.thumbnail(entry, 32)
    assert thumbnail is not None
    assert thumbnail.role == "cam_02"


def test_a_capture_becomes_the_picture_of_its_class(bench: Bench) -> None:
    bench.save("a", train(0))
    (entry,) = bench.door.captures(BOLT, "kept").entries
    bench.door.set_reference(entry)
    path = bench.parts.reference(BOLT)
    assert path is not None
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (360, 480, 3)


def test_what_the_disk_is_short_of_is_said(bench: Bench) -> None:
    assert bench.door.storage_trouble == ""
    bench.said = "The disk has 1.2 GB left."
    assert bench.door.storage_trouble == "The disk has 1.2 GB left."


@pytest.mark.parametrize("at", [(0, 0), (300, 200), (639, 479)])
def test_a_thumbnail_is_cut_around_the_part(at: tuple[int, int]) -> None:
    color = np.zeros((480, 640, 3), np.uint8)
    mask = np.zeros((480, 640), np.uint8)
    x, y = at
    box = slice(max(0, y - 20), y + 20), slice(max(0, x - 30), x + 30)
    mask[box], color[box] = 255, 200
    cut = cut_picture(CapturePicture("cam_01", color, mask), 120)
    assert cut.color.shape == (90, 120, 3)
    assert cut.mask is not None
    share = float((cut.color[..., 0] > 100).mean())
    assert 0.25 < share < 0.75, "the part fills the picture, and something is seen around it"
    assert np.isclose(share, float((cut.mask > 0).mean()), atol=0.1)


def test_a_thumbnail_without_a_mask_is_the_picture_itself() -> None:
    color = np.arange(480 * 640 * 3, dtype=np.uint32).astype(np.uint8).reshape(480, 640, 3)
    assert cut_picture(CapturePicture("cam_01", color, None), 160).color.shape == (120, 160, 3)
