"""The catalog: an SQLite index over the tree of captures, with full-text search over the classes.

It is only an index. The folders are the truth; ``station captures reindex`` makes it again from them.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from station.captures.catalog_file import CAPTURE_COLUMNS, CatalogFile
from station.captures.catalog_values import (
    CatalogEntry,
    ClassEntry,
    Counts,
    Operation,
    Page,
    PageKey,
    State,
    entry_of,
)
from station.captures.mvip import SPLITS
from station.captures.record import CaptureRecord
from station.journal import utc_text
from station.search_words import fold, fold_both, fold_number

__all__ = ["Catalog", "CatalogEntry", "ClassEntry", "Counts", "Operation", "Page", "PageKey", "State"]

_FEW = 0.02
"""Up to this share of all captures, those of the classes found are sorted; above it, all are walked by time."""

_COLUMNS = ", ".join(field.name for field in fields(CatalogEntry))
_VALUES = attrgetter(*(field.name for field in fields(CatalogEntry)))
_MARKS = ", ".join("?" * len(fields(CatalogEntry)))


class Catalog:
    """The catalog; may be used from several threads. Methods raise StorageError when the file or the disk refuses.

    Changes are on the disk when a method returns, and reading waits for no writer. A damaged file is set aside and
    begun anew: see :attr:`complete`.
    """

    def __init__(self, path: Path) -> None:
        self._file = CatalogFile(path)
        self._rebuilding = threading.Lock()
        self._touched: set[tuple[str, str]] | None = None

    @property
    def complete(self) -> bool:
        """Whether the index was made from the whole tree once; a fresh file wants a reindex first."""
        return self._is("complete")

    @property
    def looked_through(self) -> bool:
        """Whether a start looked through the whole tree for what no operation of this file tells of."""
        return self._is("looked_through")

    def note_looked_through(self) -> None:
        """Note that the tree was looked through."""
        with self._file.changing() as connection:
            _note(connection, "looked_through")

    @staticmethod
    def mended(path: Path) -> Catalog:
        """Open the catalog to make it again: a file that is damaged anywhere is set aside and begun anew."""
        catalog = Catalog(path)
        if not catalog._file.sound():
            catalog._file.set_aside()
            catalog = Catalog(path)
        return catalog

    # -- captures -----------------------------------------------------------------------------------------------------

    def add(self, record: CaptureRecord, folder: str) -> None:
        """Add a capture, or bring it up to date; ``folder`` is relative to the tree and says the state."""
        self.add_entry(entry_of(record, folder))

    def add_entry(self, entry: CatalogEntry) -> None:
        """Add a capture, or bring it up to date; another one that stood under its folder goes."""
        with self._file.changing() as connection:
            self._touch("capture", entry.capture_id)
            # Not INSERT OR REPLACE: what it replaces would not be taken off the counts.
            here = "DELETE FROM captures WHERE capture_id = ? OR folder = ?"
            connection.execute(here, (entry.capture_id, entry.folder))
            connection.execute(f"INSERT INTO captures ({_COLUMNS}) VALUES ({_MARKS})", _row(entry))
            if not connection.execute("SELECT 1 FROM classes WHERE class_id = ?", (entry.class_id,)).fetchone():
                _put_class(connection, ClassEntry(entry.class_id))

    def remove(self, capture_id: str) -> None:
        """Take a capture out; harmless when it is not there."""
        with self._file.changing() as connection:
            self._touch("capture", capture_id)
            connection.execute("DELETE FROM captures WHERE capture_id = ?", (capture_id,))

    def get(self, capture_id: str) -> CatalogEntry | None:
        """Return a capture, or ``None``."""
        rows = self._file.rows(f"SELECT {_COLUMNS} FROM captures WHERE capture_id = ?", (capture_id,))
        return CatalogEntry(*rows[0]) if rows else None

    def in_folder(self, folder: str) -> CatalogEntry | None:
        """Return the capture under a folder (relative to the tree), or ``None``."""
        rows = self._file.rows(f"SELECT {_COLUMNS} FROM captures WHERE folder = ?", (folder,))
        return CatalogEntry(*rows[0]) if rows else None

    def with_content(self, content_hash: str) -> tuple[CatalogEntry, ...]:
        """Return the captures of this content, in whatever state."""
        rows = self._file.rows(f"SELECT {_COLUMNS} FROM captures WHERE content_hash = ?", (content_hash,))
        return tuple(CatalogEntry(*row) for row in rows)

    def entries(self) -> tuple[CatalogEntry, ...]:
        """Return every capture in whatever state, by folder."""
        rows = self._file.rows(f"SELECT {_COLUMNS} FROM captures ORDER BY folder")
        return tuple(CatalogEntry(*row) for row in rows)

    def search(
        self,
        text: str = "",
        *,
        class_id: str | None = None,
        split: str | None = None,
        state: State = "kept",
        limit: int = 50,
        after: PageKey | None = None,
    ) -> Page:
        """Return a page of captures, newest first; ``after`` is the key that the page before gave.

        Each word of ``text`` must be found in the class's number, name, super-classes, tags or id: from a word's
        beginning, or anywhere inside, without case and accents. Where no class has them, ``text`` is taken for the
        beginning of a capture's id. An empty text finds all.
        """
        wanted, values = ["state = ?"], [state]
        classes = self._class_ids(text) if text.strip() else None
        by_id = classes == []
        if by_id:
            wanted, classes = ["+state = ?", "capture_id BETWEEN ? AND ?"], None
            values += [text.strip(), text.strip() + "\U0010ffff"]
        if class_id is not None:
            classes = [class_id] if classes is None or class_id in classes else []
        if classes is not None:
            wanted.append("class_id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(classes))
        if split is not None:
            wanted.append("split = ?")
            values.append(split)
        condition = " AND ".join(wanted)
        if by_id:
            index, counted = "", "count(*) FROM captures"
        else:
            index, counted = "INDEXED BY captures_by_time", "total(captures) FROM class_counts"
        total = int(self._file.rows(f"SELECT {counted} WHERE {condition}", values)[0][0])
        if not by_id and classes is not None and total <= _FEW * self._number(state):
            index = "INDEXED BY captures_by_class"
        found = f"FROM captures {index} WHERE {condition}"
        if after is not None:
            found += " AND (taken_at, capture_id) < (?, ?)"
            values += after
        # The ids alone come from the index; the whole rows are fetched for one page only.
        rows = self._file.rows(
            f"SELECT {_COLUMNS} FROM captures WHERE capture_id IN"
            f" (SELECT capture_id {found} ORDER BY taken_at DESC, capture_id DESC LIMIT ?)"
            " ORDER BY taken_at DESC, capture_id DESC",
            (*values, limit + 1),
        )
        entries = tuple(CatalogEntry(*row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(entries, (entries[-1].taken_at, entries[-1].capture_id) if more else None, None if after else total)

    def counts(self, state: State = "kept") -> dict[str, Counts]:
        """Return how many captures each class has in each split."""
        numbers = ", ".join(f"CAST(total(iif(split = '{split}', captures, 0)) AS INTEGER)" for split in SPLITS)
        query = f"SELECT class_id, {numbers} FROM class_counts WHERE state = ? GROUP BY class_id"
        return {class_id: Counts(*found) for class_id, *found in self._file.rows(query, (state,))}

    def tally(self, what: Literal["origin", "month"], state: State = "kept") -> dict[str, int]:
        """Return how many captures there are of each origin, or of each month (``YYYY-MM``, "" where not known)."""
        column = {"origin": "origin", "month": "substr(taken_at, 1, 7)"}[what]
        query = f"SELECT {column} AS what, count(*) FROM captures WHERE state = ? GROUP BY what ORDER BY what"
        return {str(name): int(number) for name, number in self._file.rows(query, (state,))}

    # -- classes ------------------------------------------------------------------------------------------------------

    def set_class(self, entry: ClassEntry) -> None:
        """Add a class, or bring it up to date."""
        with self._file.changing() as connection:
            self._touch("class", entry.class_id)
            _put_class(connection, entry)

    def classes(self, text: str = "", limit: int | None = None) -> tuple[ClassEntry, ...]:
        """Return the classes that have every word of ``text``, the best match first; all of them, by id, without."""
        columns = "c.class_id, c.name, c.number, c.tags, c.super_class"
        words, most = fold(text).split(), -1 if limit is None else limit
        if not words:
            rows = self._file.rows(f"SELECT {columns} FROM classes AS c ORDER BY class_id LIMIT ?", (most,))
            return tuple(_class(row) for row in rows)
        rows = self._file.rows(
            f"SELECT {columns} FROM class_words JOIN classes AS c ON c.place = class_words.rowid"
            " WHERE class_words MATCH ? ORDER BY bm25(class_words, 10.0, 5.0, 1.0), c.class_id LIMIT ?",
            (_prefixes(words), most),
        )
        rows += self._file.rows(
            f"SELECT {columns} FROM classes AS c WHERE {_inside(words)} ORDER BY class_id LIMIT ?", (*words, most)
        )
        return tuple({row[0]: _class(row) for row in rows}.values())[:limit]

    def _class_ids(self, text: str) -> list[str]:
        """Return the ids of the classes that have every word of ``text``, in no order."""
        words = fold(text).split()
        if not words:
            return []
        rows = self._file.rows(
            f"SELECT class_id FROM classes WHERE place IN (SELECT rowid FROM class_words WHERE class_words MATCH ?)"
            f" OR {_inside(words)}",
            (_prefixes(words), *words),
        )
        return [row[0] for row in rows]

    # -- operations ---------------------------------------------------------------------------------------------------

    def begin(self, operation: Operation) -> int:
        """Note durably what is about to be done; returns the operation's id."""
        body = json.dumps(dict(operation.body), ensure_ascii=False, allow_nan=False)
        values = (operation.kind, operation.capture_id, utc_text(datetime.now(UTC)), body)
        query = "INSERT INTO operations (kind, capture_id, begun_at, body) VALUES (?, ?, ?, ?)"
        with self._file.changing() as connection:
            return int(connection.execute(query, values).lastrowid or 0)

    def end(self, operation_id: int) -> None:
        """Take an operation off the list; it is done, or undone."""
        with self._file.changing() as connection:
            connection.execute("DELETE FROM operations WHERE operation_id = ?", (operation_id,))

    def open_operations(self) -> tuple[Operation, ...]:
        """Return the operations that were begun and not ended, in their order."""
        rows = self._file.rows("SELECT kind, capture_id, body, operation_id FROM operations ORDER BY operation_id")
        return tuple(Operation(kind, capture_id, json.loads(body), number) for kind, capture_id, body, number in rows)

    # -- the whole ----------------------------------------------------------------------------------------------------

    @contextmanager
    def rebuilding(self) -> Generator[Rebuild]:
        """Collect a whole new index and put it in place of the old one when the block ends well.

        Meanwhile the old one is searched and may be changed: a capture that is added or removed during the block
        stays as that change left it; so the folders are to be looked at inside the block. A block that raises leaves
        everything as it was. A second one waits for the first.
        """
        with self._rebuilding:
            with self._file.changing() as connection:
                connection.execute("DROP TABLE IF EXISTS temp.seen")
                connection.execute(f"CREATE TEMP TABLE seen ({CAPTURE_COLUMNS}) STRICT")
                self._touched = set()
            rebuild = Rebuild(self)
            try:
                yield rebuild
                rebuild.flush()
                self._replace(rebuild.classes)
            finally:
                self._touched = None

    def stage(self, entries: Iterable[CatalogEntry]) -> None:
        """Put captures into the index that is being made; for :class:`Rebuild`."""
        with self._file.changing() as connection:
            connection.executemany(f"INSERT INTO temp.seen VALUES ({_MARKS})", [_row(entry) for entry in entries])

    def _replace(self, classes: Iterable[ClassEntry]) -> None:
        with self._file.changing() as connection:
            touched = self._touched or set()
            changed = (json.dumps([name for kind, name in touched if kind == "capture"]),)
            others = "capture_id NOT IN (SELECT value FROM json_each(?))"
            connection.execute(f"DELETE FROM captures WHERE {others}", changed)
            connection.execute(
                f"INSERT OR IGNORE INTO captures ({_COLUMNS}) SELECT {_COLUMNS} FROM temp.seen WHERE {others}", changed
            )
            connection.execute("DELETE FROM temp.seen")
            changed = (json.dumps([name for kind, name in touched if kind == "class"]),)
            gone = "SELECT place FROM classes WHERE class_id NOT IN (SELECT value FROM json_each(?))"
            connection.execute(f"DELETE FROM class_words WHERE rowid IN ({gone})", changed)
            connection.execute(f"DELETE FROM classes WHERE place IN ({gone})", changed)
            for entry in classes:
                if ("class", entry.class_id) not in touched:
                    _put_class(connection, entry)
            unknown = "SELECT DISTINCT class_id FROM captures WHERE class_id NOT IN (SELECT class_id FROM classes)"
            for (class_id,) in connection.execute(unknown).fetchall():
                _put_class(connection, ClassEntry(class_id))
            _note(connection, "complete")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _is(self, fact: str) -> bool:
        return bool(self._file.rows("SELECT 1 FROM facts WHERE name = ?", (fact,)))

    def _touch(self, kind: str, name: str) -> None:
        """Note what is changed while the index is made anew; with the write lock held."""
        if self._touched is not None:
            self._touched.add((kind, name))

    def _number(self, state: State) -> int:
        """Return how many captures there are in a state."""
        return int(self._file.rows("SELECT total(captures) FROM class_counts WHERE state = ?", (state,))[0][0])


class Rebuild:
    """A new index while it is collected."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._waiting: list[CatalogEntry] = []
        self.classes: list[ClassEntry] = []

    def add(self, entry: CatalogEntry) -> None:
        """Take a capture in."""
        self._waiting.append(entry)
        if len(self._waiting) >= 500:
            self.flush()

    def flush(self) -> None:
        """Hand what waits to the catalog."""
        self._catalog.stage(self._waiting)
        self._waiting.clear()


def _prefixes(words: Sequence[str]) -> str:
    """Return the full-text query for words by their beginnings, and for a number whose dots were left out."""
    query = " AND ".join(f'"{word}"*' for word in words)
    return f'({query}) OR "{"".join(words)}"*' if len(words) > 1 else query


def _inside(words: Sequence[str]) -> str:
    return " AND ".join(["instr(folded, ?) > 0"] * len(words))


def _row(entry: CatalogEntry) -> tuple[object, ...]:
    values: tuple[object, ...] = _VALUES(entry)
    return values


def _note(connection: sqlite3.Connection, fact: str) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (fact, utc_text(datetime.now(UTC))))


def _put_class(connection: sqlite3.Connection, entry: ClassEntry) -> None:
    rest = " ".join(fold_both(word) for word in (*entry.super_class, *entry.tags, entry.class_id))
    words = (fold_number(entry.number), fold_both(entry.name), rest)
    (place,) = connection.execute(
        "INSERT INTO classes (class_id, name, number, tags, super_class, folded) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (class_id) DO UPDATE SET name = excluded.name, number = excluded.number, tags = excluded.tags,"
        " super_class = excluded.super_class, folded = excluded.folded RETURNING place",
        (entry.class_id, entry.name, entry.number, _list(entry.tags), _list(entry.super_class), " ".join(words)),
    ).fetchone()
    query = "INSERT OR REPLACE INTO class_words (rowid, number, name, rest) VALUES (?, ?, ?, ?)"
    connection.execute(query, (place, *words))


def _list(words: Iterable[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)


def _class(row: Sequence[Any]) -> ClassEntry:
    class_id, name, number, tags, super_class = row
    return ClassEntry(class_id, name, number, tuple(json.loads(tags)), tuple(json.loads(super_class)))
