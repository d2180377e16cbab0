"""A data directory that is copied to another place, or another PC, works there as it did: inside are relative paths."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from calibration.store import CalibrationStore
from station.captures.catalog import Catalog
from station.captures.mvip import load_frameset
from station.captures.place import Place
from station.captures.store import CaptureStore
from station.captures.verify import verify
from station.datadir import DataDir
from station.journal import Entry, EntryKind, Journal
from station.parts import PartMaster, PartRecord
from tests.station.captures.new_captures import new_capture

TELLING = "a-telling-name"


def test_a_copied_directory_works_elsewhere_and_names_no_place(tmp_path: Path) -> None:
    here = tmp_path / TELLING / "data"
    capture = new_capture("kept", 1)
    with DataDir.open(here) as data:
        parts = PartMaster(data.parts, data.references)
        parts.upsert([PartRecord("pump", "7", "Pump")])
        parts.set_reference("pump", np.zeros((8, 8, 3), np.uint8))
        parts.close()
        journal = Journal(data.journal)
        journal.append([Entry(EntryKind.CONFIRM, "c1", datetime(2026, 5, 4, tzinfo=UTC), class_id="pump")])
        journal.close()
        calibrations = CalibrationStore(data.calibrations)
        calibrations.use(calibrations.add(capture.calibration))
        catalog = Catalog(data.catalog)
        store = CaptureStore(data.captures, catalog, workers=1)
        folder = store.save(capture, Place("pump", "train", position=0, rotation=0)).result(30).folder
        store.stop()
        catalog.close()
    elsewhere = tmp_path / "other" / "place"
    shutil.copytree(here, elsewhere)
    shutil.rmtree(tmp_path / TELLING)

    with DataDir.open(elsewhere) as data:
        parts = PartMaster(data.parts, data.references)
        picture = parts.reference("pump")
        parts.close()
        assert picture is not None
        assert picture.is_relative_to(elsewhere)
        journal = Journal(data.journal)
        assert [entry.capture_id for entry in journal.entries()] == ["c1"]
        journal.close()
        assert CalibrationStore(data.calibrations).active().id == capture.calibration.id
        catalog = Catalog(data.catalog)
        store = CaptureStore(data.captures, catalog, workers=1)
        assert [entry.folder for entry in catalog.entries()] == [folder]
        frameset, _ = load_frameset(data.captures / folder)
        assert set(frameset.frames) == set(capture.frameset.frames)
        store.stop()
        assert verify(data.captures, catalog).sound
        catalog.close()
    for file in elsewhere.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert TELLING.encode() not in content, file
            assert TELLING.encode("utf-16-le") not in content, file
