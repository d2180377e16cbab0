"""What the part master says of a class reaches its folder, and a class folder reaches the part master."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta, read_class_meta
from station.captures.store import CaptureStore
from station.cli.class_descriptions import bring_in_line
from station.errors import StorageError
from station.parts import PartMaster, PartRecord
from station.parts.descriptions import meta_of, record_of

MVIP = (
    '{"size": [155.0, 188.0, 140.0], "weight": 4.712, "description": {"Shapes": ["Round", "cilinder"],'
    ' "size": ["Medium"]}, "name": "bosch_0_120_489_435", "background_id": "000006",'
    ' "super_class": ["CarComponent", "Generator"]}'
)


class Place:
    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(folder / "catalog.sqlite")
        self.store = CaptureStore(folder / "captures", self.catalog, workers=1)
        self.parts = PartMaster(folder / "parts.sqlite", folder / "references")
        self.sets = folder / "captures/sets"
        self.sets.mkdir(parents=True)

    def in_line(self) -> None:
        bring_in_line(self.parts, self.store)
        self.store.empty_trash(datetime(2000, 1, 1, tzinfo=UTC)).result(30)

    def close(self) -> None:
        self.parts.close()
        self.store.stop()
        self.catalog.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def test_a_published_class_gets_a_record_and_keeps_its_file_until_somebody_changes_it(place: Place) -> None:
    folder = place.sets / "bosch_0_120_489_435"
    folder.mkdir()
    (folder / "meta.json").write_text(MVIP)
    place.in_line()
    place.in_line()
    record = place.parts.get(folder.name)
    assert record is not None
    assert record.size_m == (0.188, 0.155, 0.14)
    assert (folder / "meta.json").read_text() == MVIP
    place.parts.change(record, replace(record, number="0120489435", name="Generator"))
    place.in_line()
    meta = read_class_meta(folder)
    assert meta is not None
    assert (meta.name, meta.number, meta.background_id, meta.weight) == ("Generator", "0120489435", "000006", 4.712)
    assert meta.description == {"Shapes": ("Round", "cilinder"), "size": ("Medium",)}
    assert [entry.class_id for entry in place.catalog.classes("0120489435")] == [folder.name]
    before = (folder / "meta.json").stat().st_mtime_ns
    place.parts.retire(folder.name)
    place.in_line()
    assert (folder / "meta.json").stat().st_mtime_ns == before


def test_folders_without_or_with_a_damaged_description_hinder_nobody(place: Place) -> None:
    for name, content in (("bare", None), ("damaged", "{"), ("good", '{"name": "Good"}')):
        (place.sets / name).mkdir()
        if content is not None:
            (place.sets / name / "meta.json").write_text(content)
    place.in_line()
    assert {record.class_id: record.name for record in place.parts.all()} == {"bare": "bare", "good": "Good"}
    assert (place.sets / "damaged/meta.json").read_text() == "{"


def test_a_part_master_that_is_busy_ends_no_start_and_is_logged(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(_: object) -> None:
        raise StorageError("The part master cannot be read: database is locked.")

    (place.sets / "bare").mkdir()
    monkeypatch.setattr(place.parts, "get", busy)
    place.in_line()
    assert "database is locked" in caplog.text


def test_a_description_that_the_disk_refuses_is_logged(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused: Future[None] = Future()
    refused.set_exception(StorageError("No space left on device."))
    (place.sets / "pump").mkdir()
    place.parts.upsert([PartRecord("pump", "7", "Pump")])
    monkeypatch.setattr(place.store, "write_class_meta", lambda *_: refused)
    place.in_line()
    assert "The description of pump could not be written: No space left" in caplog.text


def test_a_record_and_its_description_say_the_same() -> None:
    record = PartRecord("x", "7", "Nut", ("A", "B"), {"Materials": ("steel",)}, 0.25, (0.3, 0.2, 0.1234))
    assert record_of("x", meta_of(record)) == record
    assert record_of("x", meta_of(PartRecord("x", "7", "Nut"))) == PartRecord("x", "7", "Nut")
    former = ClassMeta.model_validate({"name": "old", "background_id": "6", "own": [1]})
    assert meta_of(record, former).model_dump()["own"] == [1]
