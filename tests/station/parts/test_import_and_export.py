"""Tables of parts: read as they come from offices, held against the part master, taken over whole or not at all."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import ConfigError, PartError
from station.parts import Author, PartMaster, PartRecord
from station.parts.export import to_csv
from station.parts.importing import ImportPlan, RowState, plan_import, take_over
from station.parts.sources import records_from_library
from station.parts.table import parse_decimal, read_table
from station.settings import PartsSection
from station.simulation.library import PartLibrary

GERMAN = PartsSection(
    number="Teilenummer",
    name="Bezeichnung",
    tags="Merkmale",
    super_class="Gruppe",
    weight="Gewicht",
    size=("Länge", "Breite", "Höhe"),
)
TABLE = """\
Teilenummer;Bezeichnung;Merkmale;Gruppe;Gewicht;Länge;Breite;Höhe;Lagerort
0120489435;Generator Größe 2;steel, grey, Texture:painted;CarComponent > Generator;4,712;140;188;155,5;A1
77;"Hebel; kurz";;;250 g;;;;B2
"""


@pytest.fixture
def master(tmp_path: Path) -> Iterator[PartMaster]:
    parts = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    yield parts
    parts.close()


def plan_of(
    master: PartMaster, folder: Path, text: str | bytes, columns: PartsSection = GERMAN, **more: Any
) -> ImportPlan:
    file = folder / "parts.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return plan_import(read_table(file, columns), master, columns, **more)


def states(plan: ImportPlan) -> list[tuple[int, RowState]]:
    return [(row.line, row.state) for row in plan.rows]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-8"),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("cp1252"),
        TABLE.encode("utf-16"),
        TABLE.replace("\n", "\r\n").encode("cp1252"),
        ("sep=;\r\n" + TABLE.replace("\n", "\r\n")).encode(),
        TABLE.replace(";", "\t").replace("Hebel\t", "Hebel;").encode(),
        TABLE.replace(";", "|").replace("Hebel|", "Hebel;").replace("Teilenummer", " TEILENUMMER ").encode(),
    ],
)
def test_a_table_is_read_as_an_office_saves_it(master: PartMaster, tmp_path: Path, content: bytes) -> None:
    plan = plan_of(master, tmp_path, content)
    assert [row.state for row in plan.rows] == [RowState.NEW, RowState.NEW]
    generator, lever = (row.record for row in plan.rows)
    assert generator is not None
    assert lever is not None
    assert replace(generator, class_id="") == PartRecord(
        "",
        "0120489435",
        "Generator Größe 2",
        ("CarComponent", "Generator"),
        {"Materials": ("steel",), "Colours": ("grey",), "Texture": ("painted",)},
        4.712,
        (0.188, 0.1555, 0.14),
    )
    assert (lever.name, lever.weight_kg, lever.size_m) == ("Hebel; kurz", 0.25, None)
    assert master.all() == ()
    assert take_over(plan, master, Author("A7", "import parts.csv")) == 2
    assert {r.number for r in master.all()} == {"0120489435", "77"}
    assert {c.author for c in master.history()} == {Author("A7", "import parts.csv")}
    assert {row.state for row in plan_of(master, tmp_path, content).rows} == {RowState.SAME}


def test_only_what_the_table_says_is_changed_and_nothing_is_deleted(master: PartMaster, tmp_path: Path) -> None:
    take_over(plan_of(master, tmp_path, TABLE), master, Author())
    kept = master.new_class(PartRecord("", "900", "Seal"))
    changed = (
        "Teilenummer;Bezeichnung;Merkmale;Gruppe;Gewicht;Länge;Breite;Höhe\n"
        "0120489435;Lichtmaschine;dirty;;4,8;0;0;0\n77;;;;0;;;\n"
    )
    plan = plan_of(master, tmp_path, changed)
    assert states(plan) == [(2, RowState.CHANGED), (3, RowState.SAME)]
    assert [name for name, *_ in plan.rows[0].changes] == ["name", "description", "weight_kg"]
    take_over(plan, master, Author())
    generator = next(r for r in master.all() if r.number == "0120489435")
    assert generator.class_id == "0120489435_Generator_Größe_2"
    assert (generator.name, generator.weight_kg, generator.size_m) == ("Lichtmaschine", 4.8, (0.188, 0.1555, 0.14))
    assert generator.tags == ("steel", "grey", "painted", "dirty")
    assert master.get(kept) is not None


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (";Nut;;;;;;", "no part number"),
        ("1,2E+08;Nut;;;;;;", "power of ten"),
        ("120489435;Generator;;;;;;", "mistaken for '0120489435'"),
        ("a-1;Lever;;;;;;", "mistaken for 'A1'"),
        ("800;Clip;;;;;;", "'800_Clip' of this number is retired"),
        ("5;Nut;stell;;;;;", "'stell' is not in the vocabulary, but 'steel' (Materials) is"),
        ("5;Nut;medium;;;;;", "size:medium or weight:medium"),
        ("5;Nut;;;heavy;;;", "'heavy' is no number"),
        ("5;Nut;;;5 oz;;;", "none of kg, g, lb"),
        ("5;Nut;;;-3;;;", "negative"),
        ("5;Nut;;;5000;;;", "over 1000 kg"),
        ("5;Nut;;;1.234;;;", "set decimal"),
        ("5;Nut;;;1,2,3;;;", "no number"),
        ("5;Nut;;;;10;20;", "size"),
        ("5;Nut;;;;10;20;0", "three edges"),
        ("5;Nut;;;;10;20;9000", "three edges"),
        ("9;Nut;;;;;;\n9;Bolt;;;;;;", "line 3 says something else of the same number '9'"),
        ("007;Nut;;;;;;\n7;Nut;;;;;;", "'007' could be mistaken for '7' in line 3"),
    ],
)
def test_a_row_that_contradicts_is_left_alone_and_named(
    master: PartMaster, tmp_path: Path, row: str, sentence: str
) -> None:
    master.new_class(PartRecord("", "0120489435", "Generator"))
    master.new_class(PartRecord("", "A1", "Lever"))
    master.retire(master.new_class(PartRecord("", "800", "Clip")))
    before = master.all()
    heading = "Teilenummer;Bezeichnung;Merkmale;Gruppe;Gewicht;Länge;Breite;Höhe\n"
    plan = plan_of(master, tmp_path, heading + row + "\n4711;Good one;;;2;;;\n")
    conflicts = plan.of(RowState.CONFLICT)
    assert len(conflicts) == row.count("\n") + 1
    assert conflicts[0].line == 2
    assert sentence in conflicts[0].sentence
    assert [r.number for r in plan.of(RowState.NEW)] == ["4711"]
    assert take_over(plan, master, Author()) == 1
    assert [r for r in master.all() if r.number != "4711"] == list(before)


def test_new_tags_are_learnt_when_asked_to(master: PartMaster, tmp_path: Path) -> None:
    text = (
        "Teilenummer;Bezeichnung;Merkmale;Gruppe;Gewicht;Länge;Breite;Höhe\n"
        "1;A;materials:titanium, exotic;;;;;\n2;B;exotic;;;;;\n3;C;stell;;;;;\n"
    )
    plan = plan_of(master, tmp_path, text, learn_tags=True)
    assert states(plan) == [(2, RowState.NEW), (3, RowState.NEW), (4, RowState.CONFLICT)]
    assert plan.new_tags == (("Materials", "titanium"), ("Other", "exotic"))
    take_over(plan, master, Author())
    assert "titanium" in master.vocabulary.headings["Materials"]
    assert {r.number for r in master.search("exotic")} == {"1", "2"}


def test_a_repeated_row_is_taken_once(master: PartMaster, tmp_path: Path) -> None:
    head, first, second = TABLE.splitlines()
    plan = plan_of(master, tmp_path, "\n".join([head, first, first, second, "", second]))
    assert [s for _, s in states(plan)] == [RowState.NEW, RowState.SAME, RowState.NEW, RowState.SAME]
    assert [row.line for row in plan.rows] == [2, 3, 4, 6]


def test_all_rows_are_taken_over_or_none(master: PartMaster, tmp_path: Path) -> None:
    take_over(plan_of(master, tmp_path, TABLE), master, Author())
    plan = plan_of(master, tmp_path, TABLE.replace("Größe 2", "Größe 3") + "5;Nut;;;;;;\n")
    assert [s for _, s in states(plan)] == [RowState.CHANGED, RowState.SAME, RowState.NEW]
    other = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    other.new_class(PartRecord("", "5", "Somebody else's nut"))
    other.close()
    with pytest.raises(PartError, match="'5' belongs to the class"):
        take_over(plan, master, Author())
    assert "Generator Größe 2" in [r.name for r in master.all()]


KILLED = """
import os, signal, sys
from pathlib import Path
from station.parts import Author, PartMaster, master
from station.parts.importing import plan_import, take_over
from station.parts.table import read_table
from station.settings import PartsSection
folder, left, put = Path(sys.argv[1]), int(sys.argv[2]), master.put
def deadly(connection, record):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    put(connection, record)
master.put = deadly
parts = PartMaster(folder / "parts.sqlite", folder / "references")
plan = plan_import(read_table(folder / "parts.csv", PartsSection()), parts, PartsSection(), learn_tags=True)
take_over(plan, parts, Author())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("left", [0, 30, 59, 60])
def test_an_import_that_is_killed_has_taken_over_nothing(tmp_path: Path, left: int) -> None:
    (tmp_path / "parts.csv").write_text(
        "number;name;tags\n" + "".join(f"{n}0{n};Part;Other:odd\n" for n in range(100, 160))
    )
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(left)], check=False, timeout=60)
    assert done.returncode == (0 if left == 60 else -signal.SIGKILL)
    parts = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    assert len(parts.all()) == len(parts.history()) == len(parts.search("part", 100)) == (60 if left == 60 else 0)
    assert bool(parts.vocabulary.find("odd")) is (left == 60)
    parts.close()


@pytest.mark.parametrize(
    ("text", "error", "sentence"),
    [
        ("", ConfigError, "no column 'Teilenummer'"),
        ("Nummer;Name\n1;2\n", ConfigError, "no column 'Teilenummer'"),
        ("Teilenummer;Name\n1;2\n", ConfigError, "no column 'Bezeichnung'"),
        (TABLE.replace("Lagerort", "Gewicht"), ConfigError, "2 columns 'Gewicht'"),
        (TABLE + '5;"open\n', PartError, "Line 4"),
        (b"Teilenummer;\x81\x00", PartError, "no text"),
    ],
)
def test_what_is_no_such_table_is_refused_in_a_sentence(
    master: PartMaster, tmp_path: Path, text: str | bytes, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        plan_of(master, tmp_path, text)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("4,712", ",", 4.712),
        ("0,250", None, 0.25),
        ("1.234,5", None, 1234.5),
        ("1,234.5", None, 1234.5),
        ("1.234", ",", 1234.0),
        ("1,234", ".", 1234.0),
        ("1 234,5", None, 1234.5),
        ("1'234.5", None, 1234.5),
        ("1.234.567", None, 1234567.0),
        ("12", None, 12.0),
        ("-3,5", None, -3.5),
        ("1234,5678", None, 1234.5678),
    ],
)
def test_numbers_are_read_with_their_decimal_sign(text: str, decimal: Any, value: float) -> None:
    assert parse_decimal(text, decimal) == value


@pytest.mark.parametrize(("text", "decimal"), [("1,234", None), ("2.5", ","), ("1.5,", "."), ("", ","), ("a", ".")])
def test_numbers_that_may_be_two_are_not_guessed(text: str, decimal: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_decimal(text, decimal)


@pytest.mark.parametrize(
    "columns",
    [
        PartsSection(),
        GERMAN,
        PartsSection(weight_unit="g", size_unit="cm", delimiter="tab", encoding="utf-16", decimal="."),
        PartsSection(weight_unit="lb", size_unit="in", delimiter=",", encoding="utf-8"),
    ],
)
def test_what_is_exported_is_imported_as_it_was(master: PartMaster, tmp_path: Path, columns: PartsSection) -> None:
    records = records_from_library(PartLibrary.load())
    master.upsert(records)
    master.upsert([PartRecord("x", '0 1;2\t"3"', 'Größe "2"; x|y', (), {"size": ("medium",)}, 1.234, (1.0, 0.5, 0.25))])
    plan = plan_of(master, tmp_path, to_csv(master.all(), columns), columns)
    assert len(plan.rows) == len(records) + 1
    assert {row.state for row in plan.rows} == {RowState.SAME}
    (tmp_path / "second").mkdir()
    second = PartMaster(tmp_path / "second" / "parts.sqlite", tmp_path / "second" / "references")
    take_over(plan_of(second, tmp_path, to_csv(master.all(), columns), columns), second, Author())
    assert [(r.number, r.name, r.description, r.super_class) for r in second.all()] == [
        (r.number, r.name, r.description, r.super_class) for r in master.all()
    ]
    second.close()


@given(st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_no_text_breaks_the_import(master: PartMaster, tmp_path: Path, text: str) -> None:
    content = ("number;name;weight;size\n" + text).encode("utf-8", errors="replace")
    try:
        plan = plan_of(master, tmp_path, content, PartsSection())
    except (PartError, ConfigError):
        return
    assert all(row.sentence or row.state is not RowState.CONFLICT for row in plan.rows)
