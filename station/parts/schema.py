"""The part master's SQLite file: its tables, and how an older one becomes one of today."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from station.errors import StorageError
from station.parts.record import OTHER, PartRecord
from station.parts.rows import put
from station.parts.vocabulary import FIRST_VOCABULARY, Vocabulary

SCHEMA = 2

_TABLES = (
    """CREATE TABLE parts (
        place       INTEGER PRIMARY KEY,
        class_id    TEXT NOT NULL UNIQUE,
        number      TEXT NOT NULL,
        name        TEXT NOT NULL,
        super_class TEXT NOT NULL,
        description TEXT NOT NULL,
        reference   TEXT,
        weight_kg   REAL,
        size_m      TEXT,
        retired     INTEGER NOT NULL,
        number_key  TEXT NOT NULL,
        folded      TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX parts_by_number_key ON parts (number_key)",
    "CREATE VIRTUAL TABLE words USING fts5 (number, name, rest, prefix = '1 2 3')",
    "CREATE TABLE vocabulary (heading TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (heading, tag)) STRICT",
    """CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        class_id TEXT NOT NULL,
        at       TEXT NOT NULL,
        who      TEXT NOT NULL,
        through  TEXT NOT NULL,
        field    TEXT NOT NULL,
        before   TEXT NOT NULL,
        after    TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX changes_by_class ON changes (class_id)",
    """CREATE TRIGGER changes_no_update BEFORE UPDATE ON changes
    BEGIN SELECT RAISE(ABORT, 'the history of the parts is append-only'); END""",
    """CREATE TRIGGER changes_no_delete BEFORE DELETE ON changes
    BEGIN SELECT RAISE(ABORT, 'the history of the parts is append-only'); END""",
)


def prepare(connection: sqlite3.Connection, where: str) -> None:
    """Make the tables in a new file, bring those of an older one up to date; all of it or nothing.

    Raises StorageError for a file of a newer schema, sqlite3.Error when the file or the disk refuses.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    if _version(connection) == SCHEMA:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        version = _version(connection)  # another program may have been quicker
        if version > SCHEMA:
            raise StorageError(
                f"The part master has schema {version}, this program knows schemas up to {SCHEMA}.",
                where=where,
                todo="Use the newer program that wrote it.",
            )
        if version == SCHEMA:
            return
        older = _records_of_schema_1(connection) if version == 1 else ()
        if version == 1:
            connection.execute("DROP TABLE parts")
            connection.execute("DROP TABLE words")
        for statement in _TABLES:
            connection.execute(statement)
        connection.executemany("INSERT INTO vocabulary VALUES (?, ?)", list(Vocabulary(FIRST_VOCABULARY)))
        for record in older:
            put(connection, record)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _records_of_schema_1(connection: sqlite3.Connection) -> tuple[PartRecord, ...]:
    """Return what a file of schema 1 holds; its tags had no headings."""
    known = Vocabulary(FIRST_VOCABULARY)
    rows = connection.execute(
        "SELECT class_id, number, name, super_class, tags, reference, weight_kg, size_m FROM parts"
    )
    return tuple(
        PartRecord(
            class_id=class_id,
            number=number,
            name=name,
            super_class=tuple(json.loads(super_class)),
            description=_under_headings(json.loads(tags), known),
            weight_kg=weight_kg,
            size_m=tuple(json.loads(size)) if size else None,
            reference=reference,
        )
        for class_id, number, name, super_class, tags, reference, weight_kg, size in rows
    )


def _under_headings(tags: list[str], known: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    """Put every tag under the one heading that knows it; under "Other" where none or several do."""
    description: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        headings = [heading for heading, one in known if one == tag]
        heading = headings[0] if len(headings) == 1 else OTHER
        description[heading] = (*description.get(heading, ()), tag)
    return description
