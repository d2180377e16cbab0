"""What the part master keeps of changes, and what it refuses."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from station.errors import PartError, StorageError
from station.parts import Author, PartMaster, PartRecord
from station.parts.findings import Doubt, find_doubts
from station.parts.sources import records_from_library
from station.parts.vocabulary import FIRST_VOCABULARY, Vocabulary
from station.simulation.library import PartLibrary

ANNA = Author("A7", "command line")


def described(number: str, name: str, **more: object) -> PartRecord:
    return PartRecord("", number, name, **more)  # type: ignore[arg-type]


@pytest.fixture
def master(tmp_path: Path) -> Iterator[PartMaster]:
    parts = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    yield parts
    parts.close()


def test_a_new_class_gets_a_permanent_id_that_no_system_confuses_with_another(master: PartMaster) -> None:
    first = master.new_class(described("0120489435", "Generator Größe 2/a"))
    assert first == "0120489435_Generator_Größe_2_a"
    same = master.new_class(described("", "CON"))
    assert same.casefold() != "con"
    assert master.new_class(described("", "pump"), taken=["Pump", "PUMP_2"]) == "pump_3"
    record = master.get(first)
    assert record is not None
    master.change(record, replace(record, number="99", name="Lichtmaschine"))
    assert [r.class_id for r in master.search("Lichtmaschine")] == [first]
    with pytest.raises(PartError, match="number or a name"):
        master.new_class(described(" ", " "))


def test_every_change_is_kept_with_who_when_from_and_to(master: PartMaster) -> None:
    begun = datetime.now(UTC).replace(microsecond=0)
    class_id = master.new_class(described("1", "Pump"), ANNA)
    record = master.get(class_id)
    assert record is not None
    changed = master.change(
        record, replace(record, name="Oil pump", weight_kg=1.5, description={"Materials": ("steel",)}), ANNA
    )
    master.change(changed, changed, ANNA)
    master.retire(class_id)
    master.retire(class_id)
    history = master.history(class_id)
    assert [(c.field, c.before, c.after) for c in history] == [
        ("class", None, class_id),
        ("name", "Pump", "Oil pump"),
        ("description", {}, {"Materials": ["steel"]}),
        ("weight_kg", None, 1.5),
        ("retired", False, True),
    ]
    assert {c.author for c in history[:4]} == {ANNA}
    assert history[4].author == Author()
    assert all(begun <= c.at <= datetime.now(UTC) for c in history)
    assert master.history() == history


def test_the_history_itself_is_not_changed(master: PartMaster, tmp_path: Path) -> None:
    master.new_class(described("1", "Pump"))
    connection = sqlite3.connect(tmp_path / "parts.sqlite")
    for statement in ("DELETE FROM changes", "UPDATE changes SET who = 'B'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_a_retired_class_is_found_only_when_asked_for_and_comes_back(master: PartMaster) -> None:
    class_id = master.new_class(described("1", "Pump"))
    master.retire(class_id)
    assert master.search("pump") == ()
    assert [r.class_id for r in master.search("pump", retired=True)] == [class_id]
    assert [r.retired for r in master.all()] == [True]
    master.upsert([PartRecord(class_id, "1", "Pump of steel")])
    record = master.get(class_id)
    assert record is not None
    assert record.retired
    with pytest.raises(PartError, match="retired"):
        master.new_class(described("1", "Pump"))
    master.take_back(class_id)
    assert [r.class_id for r in master.search("pump")] == [class_id]
    with pytest.raises(PartError, match="no part class"):
        master.retire("nobody")


def test_a_number_belongs_to_one_class(master: PartMaster) -> None:
    pump = master.new_class(described("0120489435", "Pump"))
    with pytest.raises(PartError, match=r"0120489435.*belongs to the class"):
        master.new_class(described(" 0120489435 ", "Generator"))
    other = master.new_class(described("77", "Generator"))
    with pytest.raises(PartError, match="belongs"):
        master.upsert([PartRecord("x", "5", "x"), PartRecord(other, "0120489435", "Generator")])
    assert master.get("x") is None
    assert master.add_missing([PartRecord("y", "77", "y"), PartRecord(pump, "9", "z")]) == 1
    added, kept = master.get("y"), master.get(pump)
    assert added is not None
    assert kept is not None
    assert (added.number, kept.name) == ("y", "Pump")
    master.new_class(described("", "without one"))
    master.new_class(described("", "without another"))


@pytest.mark.parametrize("number", ["120489435", "A-1", "a1", "A.1 "])
def test_a_number_that_could_be_mistaken_for_another_is_pointed_at(master: PartMaster, number: str) -> None:
    master.new_class(described("0120489435", "Pump"))
    master.new_class(described("a-1", "Lever"))
    with pytest.raises(PartError, match="could be mistaken for"):
        master.new_class(described(number, "Other"))
    master.new_class(described(number, "Other"), alike=True)
    record = next(r for r in master.all() if r.name == "Other")
    master.change(record, replace(record, name="Another"))


def test_tags_come_from_the_vocabulary_which_grows_by_an_explicit_act(master: PartMaster) -> None:
    with pytest.raises(PartError, match=r"'stel' under 'Materials' is not in the vocabulary.*mean 'steel'"):
        master.new_class(described("1", "Pump", description={"Materials": ("stel",)}))
    with pytest.raises(PartError, match=r"Add it first"):
        master.new_class(described("1", "Pump", description={"Materials": ("titanium",)}))
    for near in ("Steel", "steels", "stele", "STEEL "):
        with pytest.raises(PartError, match="nearly 'steel'"):
            master.add_tag("Materials", near)
    master.add_tag("Materials", "titanium")
    master.add_tag("Materials", "titanium")
    master.add_tag("Materials", "Steel", alike=True)
    master.new_class(described("1", "Pump", description={"Materials": ("titanium",)}))
    assert master.vocabulary.headings["Materials"][-2:] == ("titanium", "Steel")
    with pytest.raises(PartError, match="no tag"):
        master.add_tag("Materials", " ")


def test_a_change_of_what_somebody_else_changed_is_refused(master: PartMaster, tmp_path: Path) -> None:
    class_id = master.new_class(described("1", "Pump"))
    seen = master.get(class_id)
    assert seen is not None
    other = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    other.change(seen, replace(seen, name="Oil pump"))
    other.close()
    with pytest.raises(PartError, match="somebody else"):
        master.change(seen, replace(seen, name="Water pump"))
    now = master.get(class_id)
    assert now is not None
    assert now.name == "Oil pump"


def test_many_threads_that_make_classes_of_one_name_get_an_id_each(tmp_path: Path) -> None:
    parts = [PartMaster(tmp_path / "parts.sqlite", tmp_path / "references") for _ in range(2)]
    made: list[str] = []
    threads = [
        Thread(target=lambda p=p: made.extend(p.new_class(described("", "Pump")) for _ in range(5))) for p in parts * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for one in parts:
        one.close()
    assert len({name.casefold() for name in made}) == 20


def test_doubtful_numbers_and_tags_are_found() -> None:
    records = (
        PartRecord("a", "0120489435", "Generator"),
        PartRecord("b", "120489435", "Generator", retired=True),
        PartRecord("c", "a-1", "Lever"),
        PartRecord("d", "A1", "Lever"),
        PartRecord("e", "7", "Nut", description={"Materials": ("Iron", "stainles")}),
        PartRecord("f", "7", "Nut"),
        PartRecord("g", "1,2E+08", "Bolt"),
        PartRecord("h", "", "Clip"),
        PartRecord("i", "10", "Screw"),
        PartRecord("k", "100", "Screw", description={"Materials": ("steel",)}),
    )
    found = find_doubts(records, Vocabulary({"Materials": ("steel", "stainless", "steels")}))
    assert {(f.doubt, f.class_ids) for f in found} == {
        (Doubt.ZEROS, ("a", "b")),
        (Doubt.WRITING, ("c", "d")),
        (Doubt.SAME_NUMBER, ("e", "f")),
        (Doubt.SPOILT_NUMBER, ("g",)),
        (Doubt.NO_NUMBER, ("h",)),
        (Doubt.UNKNOWN_TAG, ("e",)),
        (Doubt.TAGS_ALIKE, ()),
    }
    assert len(found) == 8
    assert any("Is it 'stainless'" in f.sentence for f in found)


def test_the_simulated_parts_and_the_first_vocabulary_raise_no_doubt() -> None:
    assert find_doubts(records_from_library(PartLibrary.load()), Vocabulary(FIRST_VOCABULARY)) == ()


SCHEMA_1 = """
CREATE TABLE parts (
    class_id    TEXT PRIMARY KEY,
    number      TEXT NOT NULL,
    name        TEXT NOT NULL,
    super_class TEXT NOT NULL,
    tags        TEXT NOT NULL,
    reference   TEXT,
    weight_kg   REAL,
    size_m      TEXT,
    folded      TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (class_id UNINDEXED, number, name, rest, prefix = '1 2 3');
INSERT INTO parts VALUES ('seal', '900', 'Straßendichtung', '["Seal"]', '["rubber", "medium", "odd"]',
    'references/seal.jpg', 0.25, '[0.3, 0.2, 0.1]', 'x');
INSERT INTO parts VALUES ('twin', '900', 'Dichtung', '[]', '[]', NULL, NULL, NULL, 'x');
PRAGMA user_version = 1;
"""


def test_a_file_of_schema_1_becomes_one_of_today_with_nothing_lost(tmp_path: Path) -> None:
    path = tmp_path / "parts.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA_1)
    connection.close()
    for _ in range(2):
        parts = PartMaster(path, tmp_path / "references")
        assert parts.get("seal") == PartRecord(
            "seal",
            "900",
            "Straßendichtung",
            ("Seal",),
            {"Materials": ("rubber",), "Other": ("medium", "odd")},
            0.25,
            (0.3, 0.2, 0.1),
            "references/seal.jpg",
        )
        assert {r.class_id for r in parts.search("strassen 900")} == {"seal"}
        assert parts.vocabulary.headings == FIRST_VOCABULARY
        assert parts.history() == ()
        same = [f for f in find_doubts(parts.all(), parts.vocabulary) if f.doubt is Doubt.SAME_NUMBER]
        assert [f.class_ids for f in same] == [("seal", "twin")]
        parts.close()


def test_a_damaged_file_of_schema_1_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "parts.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA_1)
    connection.execute("UPDATE parts SET tags = '[' WHERE class_id = 'seal'")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="cannot be opened"):
        PartMaster(path, tmp_path / "references")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(tags) FROM parts").fetchone() == (2,)
    connection.close()
