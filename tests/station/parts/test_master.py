"""The part master: keeping, finding, picturing."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import DatasetError, PartError, StorageError
from station.parts import PartMaster, PartRecord
from station.parts.sources import records_from_library, records_from_tree
from station.simulation.library import PartLibrary

RECORDS = (
    PartRecord(
        "screw_m8x40",
        "4032.1-0840",
        "Sechskantschraube M8×40",
        ("Fastener", "Screw"),
        {"Materials": ("Steel",), "Texture": ("Shiny",)},
    ),
    PartRecord(
        "screw_m8x50",
        "4032.1-0850",
        "Sechskantschraube M8×50",
        ("Fastener", "Screw"),
        {"Materials": ("Steel",), "Texture": ("Shiny",)},
    ),
    PartRecord("key_hook", "77-1", "Hakenschlüssel", ("Tool",), {"Materials": ("Brass",)}, 0.3, (0.2, 0.05, 0.004)),
    PartRecord("seal", "900", "Straßendichtung", ("Seal",), {"Materials": ("Rubber",), "Colours": ("Black",)}),
)


@pytest.fixture
def master(tmp_path: Path) -> PartMaster:
    parts = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    assert parts.upsert(RECORDS) == 4
    return parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4032", {"screw_m8x40", "screw_m8x50"}),
        ("4032.1-0840", {"screw_m8x40"}),
        ("403210840", {"screw_m8x40"}),
        ("4032.1 0850", {"screw_m8x50"}),
        ("sechs", {"screw_m8x40", "screw_m8x50"}),
        ("schraube 50", {"screw_m8x50"}),
        ("SCHRAUBE", {"screw_m8x40", "screw_m8x50"}),
        ("hakenschlüssel", {"key_hook"}),
        ("Hakenschlussel", {"key_hook"}),
        ("hakenschluessel", {"key_hook"}),
        ("schluessel", {"key_hook"}),
        ("strassen", {"seal"}),
        ("Straße", {"seal"}),
        ("rubber black", {"seal"}),
        ("screw shiny 0840", {"screw_m8x40"}),
        ("brass steel", set()),
        ("", set()),
        ('" OR * ( -', set()),
        ("nothing like it", set()),
    ],
)
def test_parts_are_found(master: PartMaster, text: str, found: set[str]) -> None:
    assert {r.class_id for r in master.search(text)} == found


def test_a_number_comes_before_a_tag(master: PartMaster) -> None:
    master.upsert([PartRecord("x", "1", "x", description={"Other": ("900",)})])
    assert [r.class_id for r in master.search("900")] == ["seal", "x"]


@given(st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_no_text_breaks_the_search(master: PartMaster, text: str) -> None:
    assert len(master.search(text)) <= 4


def test_what_was_kept_comes_back_and_is_brought_up_to_date(master: PartMaster) -> None:
    assert master.get("key_hook") == RECORDS[2]
    master.upsert([PartRecord("key_hook", "78", "Zapfen")])
    assert master.get("key_hook") == PartRecord("key_hook", "78", "Zapfen")
    assert master.search("haken") == ()
    assert master.get("nobody") is None
    assert [r.number for r in master.all()] == ["4032.1-0840", "4032.1-0850", "78", "900"]


def test_a_reference_picture_is_a_file_under_a_relative_path(master: PartMaster, tmp_path: Path) -> None:
    assert master.reference("seal") is None
    red = np.zeros((40, 50, 3), np.uint8)
    red[..., 0] = 200
    path = master.set_reference("seal", red)
    assert master.reference("seal") == path
    record = master.get("seal")
    assert record is not None
    assert record.reference == "references/seal.jpg"
    import cv2

    back = cv2.imread(str(path))
    assert back is not None
    assert back[20, 20].tolist() == pytest.approx([0, 0, 200], abs=6)
    master.upsert([RECORDS[3]])
    assert master.reference("seal") == path
    with pytest.raises(PartError, match="no part class"):
        master.set_reference("nobody", red)


def test_a_class_id_never_leads_out_of_the_folder(master: PartMaster) -> None:
    master.upsert([PartRecord("../evil", "1", "evil")])
    with pytest.raises(StorageError, match="file's name"):
        master.set_reference("../evil", np.zeros((4, 4, 3), np.uint8))


def test_a_newer_or_damaged_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(StorageError, match="schema 9"):
        PartMaster(newer, tmp_path / "r")
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="cannot be opened"):
        PartMaster(damaged, tmp_path / "r")


def test_the_whole_library_can_be_found_by_number(tmp_path: Path) -> None:
    library = PartLibrary.load()
    parts = PartMaster(tmp_path / "p.sqlite", tmp_path / "r")
    parts.upsert(records_from_library(library))
    for part in library.classes:
        assert part.class_id in [r.class_id for r in parts.search(part.number)[:5]]
    parts.close()


def test_records_of_a_tree(tmp_path: Path) -> None:
    folder = tmp_path / "sets" / "pump_1"
    folder.mkdir(parents=True)
    meta = {"size": [100, 300, 20], "weight": 1.5, "name": "Pump", "super_class": ["Car"]}
    meta["description"] = {"Colours": ["Red"]}
    (folder / "meta.json").write_text(json.dumps(meta))
    assert records_from_tree(tmp_path) == (
        PartRecord("pump_1", "pump_1", "Pump", ("Car",), {"Colours": ("Red",)}, 1.5, (0.3, 0.1, 0.02)),
    )
    (folder / "meta.json").write_text("{")
    with pytest.raises(DatasetError, match="cannot be read"):
        records_from_tree(tmp_path)
    with pytest.raises(DatasetError, match="No part class"):
        records_from_tree(tmp_path / "empty")
