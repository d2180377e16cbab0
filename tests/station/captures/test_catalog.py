from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.captures.catalog import Catalog, CatalogEntry, ClassEntry, Counts, Operation
from station.errors import StorageError


@pytest.fixture
def catalog(tmp_path: Path):
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def entry(number: int, class_id: str = "pump", split: str = "train", **more: object) -> CatalogEntry:
    folder = f"sets/{class_id}/{split}_data/{number}"
    made = CatalogEntry(
        capture_id=f"id{number:06d}",
        class_id=class_id,
        split=split,
        state="kept",
        folder=folder,
        taken_at=f"2026-03-{1 + number // 100:02d}T08:{number % 60:02d}:00.000Z",
        content_hash=f"{number:064x}",
    )
    return replace(made, **more)


def ids(catalog: Catalog, *text: str, **wanted: object) -> list[str]:
    return [e.capture_id for e in catalog.search(*text, **wanted).entries]


def test_what_is_added_is_found_by_id_folder_and_content(catalog: Catalog) -> None:
    one = entry(1, weight_kg=0.5, position=0, rotation=3, missing=1, overridden=2)
    catalog.add_entry(one)
    assert catalog.get("id000001") == one
    assert catalog.in_folder(one.folder) == one
    assert catalog.with_content(one.content_hash) == (one,)
    assert catalog.get("id000002") is None
    catalog.remove("id000001")
    catalog.remove("id000001")
    assert catalog.get("id000001") is None


def test_a_folder_holds_one_capture(catalog: Catalog) -> None:
    catalog.add_entry(entry(1))
    catalog.add_entry(entry(2, folder=entry(1).folder))
    assert catalog.get("id000001") is None
    assert catalog.in_folder(entry(1).folder) == entry(2, folder=entry(1).folder)


def test_pages_go_through_all_captures_newest_first(catalog: Catalog) -> None:
    for number in range(250):
        catalog.add_entry(entry(number, class_id=("pump", "gear")[number % 2], split="train"))
    seen: list[CatalogEntry] = []
    page = catalog.search(limit=40)
    assert page.total == 250
    while True:
        seen += page.entries
        if page.after is None:
            break
        page = catalog.search(limit=40, after=page.after)
        assert page.total is None
    assert len({e.capture_id for e in seen}) == 250
    assert seen == sorted(seen, key=lambda e: (e.taken_at, e.capture_id), reverse=True)


def test_filters_by_class_split_and_state(catalog: Catalog) -> None:
    catalog.add_entry(entry(1))
    catalog.add_entry(entry(2, split="test"))
    catalog.add_entry(entry(3, class_id="gear"))
    catalog.add_entry(entry(4, state="trash", folder=".trash/id000004"))
    assert ids(catalog, class_id="pump") == ["id000002", "id000001"]
    assert ids(catalog, class_id="pump", split="train") == ["id000001"]
    assert ids(catalog, state="trash") == ["id000004"]
    assert catalog.counts() == {"pump": Counts(1, 0, 1), "gear": Counts(1, 0, 0)}
    assert catalog.counts()["pump"].total == 2
    assert catalog.counts("trash") == {"pump": Counts(1, 0, 0)}


def test_text_finds_numbers_names_tags_and_compounds(catalog: Catalog) -> None:
    catalog.set_class(ClassEntry("pump", "Kühlmittelpumpe", "0 120.489-435", ("Grey", "Iron"), ("CarComponent",)))
    catalog.set_class(ClassEntry("gear", "Zahnrad", "77-1", ("Steel",), ()))
    catalog.add_entry(entry(1))
    catalog.add_entry(entry(2, class_id="gear"))
    for text in ("kuehl", "KÜHL", "kuhl", "pumpe", "0120489", "0 120.489", "grey", "iron", "carcomp", "grey 435"):
        assert ids(catalog, text) == ["id000001"], text
    assert ids(catalog, "77") == ["id000002"]
    assert ids(catalog, "grey steel") == []
    assert ids(catalog, "id0000") == ["id000002", "id000001"]
    assert ids(catalog, "id000002", class_id="pump") == []
    assert ids(catalog, "pumpe", class_id="gear") == []
    assert ids(catalog, "...") == []
    assert len(ids(catalog, "  ")) == 2


def test_a_class_without_a_name_is_found_by_its_folder_and_renaming_forgets_the_old_name(catalog: Catalog) -> None:
    catalog.add_entry(entry(1, class_id="left_bracket"))
    assert ids(catalog, "bracket") == ["id000001"]
    catalog.set_class(ClassEntry("left_bracket", "Halter", "9"))
    assert [c.name for c in catalog.classes("halter")] == ["Halter"]
    catalog.set_class(ClassEntry("left_bracket", "Winkel", "9"))
    assert catalog.classes("halter") == ()
    assert catalog.classes() == (ClassEntry("left_bracket", "Winkel", "9"),)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=20))
def test_no_text_is_too_strange_to_search_for(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    catalog = Catalog(tmp_path_factory.mktemp("strange") / "catalog.sqlite")
    try:
        catalog.add_entry(entry(1))
        catalog.set_class(ClassEntry("pump", text, text, (text,), (text,)))
        catalog.search(text)
        if any(word in text for word in ("pump",)):
            assert ids(catalog, "pump") == ["id000001"]
    finally:
        catalog.close()


def test_operations_stay_until_they_are_ended(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    number = catalog.begin(Operation("relabel", "id1", {"to": "sets/büchse/train_data/0/1"}))
    other = catalog.begin(Operation("trash", "id2"))
    catalog.close()
    again = Catalog(tmp_path / "catalog.sqlite")
    assert again.open_operations() == (
        Operation("relabel", "id1", {"to": "sets/büchse/train_data/0/1"}, number),
        Operation("trash", "id2", {}, other),
    )
    again.end(number)
    again.end(number)
    assert [o.kind for o in again.open_operations()] == ["trash"]
    again.close()


def test_an_index_made_anew_replaces_the_old_one_and_keeps_what_changed_meanwhile(catalog: Catalog) -> None:
    for number in range(4):
        catalog.add_entry(entry(number))
    catalog.set_class(ClassEntry("gone", "Gone"))
    assert not catalog.complete
    number = catalog.begin(Operation("move", "id"))
    with catalog.rebuilding() as rebuild:
        rebuild.add(entry(0))
        rebuild.add(entry(1))
        rebuild.add(entry(7))
        rebuild.classes.append(ClassEntry("pump", "Pump"))
        rebuild.classes.append(ClassEntry("gear", "old name"))
        catalog.remove("id000001")
        catalog.add_entry(entry(8, folder=entry(7).folder))
        catalog.set_class(ClassEntry("gear", "Gear"))
        assert sorted(ids(catalog)) == ["id000000", "id000002", "id000003", "id000008"]
    assert sorted(ids(catalog)) == ["id000000", "id000008"]
    assert catalog.complete
    assert [c.name for c in catalog.classes()] == ["Gear", "Pump"]
    assert [o.operation_id for o in catalog.open_operations()] == [number]


def test_an_index_that_was_not_finished_changes_nothing(catalog: Catalog) -> None:
    catalog.add_entry(entry(1))

    def fail() -> None:
        with catalog.rebuilding() as rebuild:
            rebuild.add(entry(2))
            rebuild.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert ids(catalog) == ["id000001"]
    assert not catalog.complete
    with catalog.rebuilding() as rebuild:
        rebuild.add(entry(3))
    assert ids(catalog) == ["id000003"]


def test_a_damaged_file_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 50)
    catalog = Catalog(path)
    assert not catalog.complete
    assert path.with_name("catalog.sqlite.damaged").is_file()
    assert "damaged" in caplog.text
    catalog.close()


def test_a_file_that_is_damaged_inside_is_told_and_mended_by_a_reindex(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    catalog = Catalog(path)
    for number in range(300):
        catalog.add_entry(entry(number))
    catalog.close()
    content = bytearray(path.read_bytes())
    for place in range(4096 * 4, len(content), 4096):
        content[place : place + 2000] = b"\xff" * 2000
    path.write_bytes(bytes(content))
    catalog = Catalog(path)
    with pytest.raises(StorageError, match="station captures reindex"):
        catalog.entries()
    catalog.close()
    mended = Catalog.mended(path)
    assert mended.entries() == ()
    assert not mended.complete
    mended.add_entry(entry(1))
    mended.close()
    again = Catalog.mended(path)
    assert len(again.entries()) == 1
    again.close()


def test_a_newer_catalog_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="schema 99"):
        Catalog(path)


def test_many_threads_may_use_it(catalog: Catalog) -> None:
    faults: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 25):
                catalog.add_entry(entry(number))
                assert catalog.get(f"id{number:06d}") is not None
                catalog.search(limit=5)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(n * 100,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    assert catalog.search().total == 100
