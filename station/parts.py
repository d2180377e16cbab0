"""Part master: what each part class is called, how it looks, and how to find it."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from station.errors import StorageError
from station.frames import ColorImage
from station.search_words import fold, fold_both, fold_number

SCHEMA = 1

_TABLES = """
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
"""
_UPSERT = """
INSERT INTO parts (class_id, number, name, super_class, tags, weight_kg, size_m, folded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (class_id) DO UPDATE SET number = excluded.number, name = excluded.name,
    super_class = excluded.super_class, tags = excluded.tags, weight_kg = excluded.weight_kg,
    size_m = excluded.size_m, folded = excluded.folded
"""
_COLUMNS = "class_id, number, name, super_class, tags, reference, weight_kg, size_m"


@dataclass(frozen=True, slots=True)
class PartRecord:
    """One part class as people know it.

    ``class_id`` is the folder name that a model predicts; ``tags`` are all tag words of all headings. ``weight_kg`` and
    ``size_m`` (longest edge first) are nominal, ``None`` when not known. ``reference`` is the picture's path relative
    to the data directory; it is set by :meth:`PartMaster.set_reference` alone.
    """

    class_id: str
    number: str
    name: str
    super_class: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    weight_kg: float | None = None
    size_m: tuple[float, float, float] | None = None
    reference: str | None = None


class PartMaster:
    """The part master in its SQLite file; may be used from several threads.

    ``references`` is the folder of the reference pictures; it lies beside the file, in the data directory. Methods
    raise StorageError when the file or the disk refuses.
    """

    def __init__(self, path: Path, references: Path) -> None:
        self._path = path
        self._references = references
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            references.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise self._refused("opened", error) from error
        try:
            self._prepare()
        except (sqlite3.Error, StorageError) as error:
            self._connection.close()
            if isinstance(error, StorageError):
                raise
            raise self._refused("opened", error) from error

    def upsert(self, records: Iterable[PartRecord]) -> int:
        """Add the records, or bring those that are there up to date; returns how many. Pictures stay."""
        values = [(_row(record), _words(record)) for record in records]
        try:
            with self._lock, self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for row, words in values:
                    self._connection.execute(_UPSERT, row)
                    self._connection.execute("DELETE FROM words WHERE class_id = ?", (row[0],))
                    self._connection.execute("INSERT INTO words VALUES (?, ?, ?, ?)", (row[0], *words))
        except sqlite3.Error as error:
            raise self._refused("written", error) from error
        return len(values)

    def get(self, class_id: str) -> PartRecord | None:
        """Return the record of a class, or ``None``."""
        found = self._read(f"SELECT {_COLUMNS} FROM parts WHERE class_id = ?", (class_id,))
        return found[0] if found else None

    def all(self) -> tuple[PartRecord, ...]:
        """Return every record, by number."""
        return self._read(f"SELECT {_COLUMNS} FROM parts ORDER BY number, class_id", ())

    def __len__(self) -> int:
        """Return how many classes there are."""
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM parts").fetchone()[0])

    def search(self, text: str, limit: int = 20) -> tuple[PartRecord, ...]:
        """Return the classes whose number, name, super-classes or tags hold every word of ``text``.

        Words match from their beginning first (numbers before names before tags), then anywhere inside, as German
        compounds want. Case and accents do not count, ``ü`` is found as ``u`` and as ``ue``, and a number also without
        its dots and dashes. An empty text finds nothing.
        """
        words = fold(text).split()
        if not words:
            return ()
        query = " AND ".join(f'"{word}"*' for word in words)
        if len(words) > 1:
            query = f'({query}) OR "{"".join(words)}"*'
        by_prefix = self._read(
            f"SELECT {', '.join('p.' + c for c in _COLUMNS.split(', '))} FROM words"
            " JOIN parts AS p ON p.class_id = words.class_id WHERE words MATCH ?"
            " ORDER BY bm25(words, 0.0, 10.0, 5.0, 1.0), p.number LIMIT ?",
            (query, limit),
        )
        inside = self._read(
            f"SELECT {_COLUMNS} FROM parts WHERE {' AND '.join(['instr(folded, ?) > 0'] * len(words))}"
            " ORDER BY number LIMIT ?",
            (*words, limit),
        )
        return tuple({record.class_id: record for record in (*by_prefix, *inside)}.values())[:limit]

    def set_reference(self, class_id: str, picture: ColorImage) -> Path:
        """Store the reference picture (H, W, 3) RGB of a class, in place of the former; returns its path."""
        if self.get(class_id) is None:
            raise StorageError(f"There is no part class {class_id!r}.", where=str(self._path))
        path = self._references / f"{class_id}.jpg"
        if path.parent != self._references or not class_id:
            raise StorageError(f"The class id {class_id!r} cannot be a file's name.", where=str(self._path))
        fine, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 92])
        if not fine:
            raise StorageError("The reference picture cannot be coded.", where=str(path))
        temporary = path.with_name(path.name + ".tmp")
        try:
            with temporary.open("wb") as out:
                out.write(data.tobytes())
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(path)
            with self._lock:
                self._connection.execute(
                    "UPDATE parts SET reference = ? WHERE class_id = ?",
                    (f"{self._references.name}/{path.name}", class_id),
                )
        except (OSError, sqlite3.Error) as error:
            raise self._refused("written", error) from error
        return path

    def reference(self, class_id: str) -> Path | None:
        """Return the file of a class's reference picture, or ``None`` when there is none."""
        record = self.get(class_id)
        if record is None or record.reference is None:
            return None
        path = self._references / Path(record.reference).name
        return path if path.is_file() else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA:
            raise StorageError(
                f"The part master has schema {version}, this program knows schemas up to {SCHEMA}.",
                where=str(self._path),
                todo="Use the newer program that wrote it.",
            )
        if version < SCHEMA:
            self._connection.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {SCHEMA};COMMIT;")

    def _read(self, query: str, values: Sequence[object]) -> tuple[PartRecord, ...]:
        try:
            with self._lock:
                rows = self._connection.execute(query, values).fetchall()
            return tuple(_record(row) for row in rows)
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise self._refused("read", error) from error

    def _refused(self, done: str, error: Exception) -> StorageError:
        return StorageError(
            f"The part master cannot be {done}: {error}.",
            where=str(self._path),
            todo="Check the space on the disk and the file's permissions.",
            retryable=True,
        )


def all_tags(headings: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the tag words of all headings, each once, in order."""
    return tuple(dict.fromkeys(tag for tags in headings.values() for tag in tags))


def _words(record: PartRecord) -> tuple[str, str, str]:
    rest = " ".join(fold_both(word) for word in (*record.super_class, *record.tags, record.class_id))
    return fold_number(record.number), fold_both(record.name), rest


def _row(record: PartRecord) -> tuple[object, ...]:
    return (
        record.class_id,
        record.number,
        record.name,
        json.dumps(record.super_class, ensure_ascii=False),
        json.dumps(record.tags, ensure_ascii=False),
        record.weight_kg,
        json.dumps(record.size_m) if record.size_m else None,
        " ".join(_words(record)),
    )


def _record(row: Sequence[Any]) -> PartRecord:
    class_id, number, name, super_class, tags, reference, weight_kg, size = row
    edges = json.loads(size) if size else None
    return PartRecord(
        class_id=class_id,
        number=number,
        name=name,
        super_class=tuple(json.loads(super_class)),
        tags=tuple(json.loads(tags)),
        weight_kg=weight_kg,
        size_m=(edges[0], edges[1], edges[2]) if edges else None,
        reference=reference,
    )
