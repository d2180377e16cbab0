"""The catalog's SQLite file: its tables, one connection to write and one to read, and what its troubles mean."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from station.errors import StorageError

SCHEMA = 1
_BUSY_S = 10.0

_log = logging.getLogger(__name__)

CAPTURE_COLUMNS = """
    capture_id     TEXT PRIMARY KEY,
    class_id       TEXT NOT NULL,
    split          TEXT NOT NULL,
    state          TEXT NOT NULL,
    folder         TEXT NOT NULL,
    position       INTEGER,
    rotation       INTEGER,
    set_number     INTEGER,
    origin         TEXT NOT NULL,
    kept_from      TEXT,
    taken_at       TEXT NOT NULL,
    weight_kg      REAL,
    calibration_id TEXT,
    content_hash   TEXT NOT NULL,
    missing        INTEGER NOT NULL,
    overridden     INTEGER NOT NULL
"""
_TABLES = f"""
CREATE TABLE captures ({CAPTURE_COLUMNS}, UNIQUE (folder)) STRICT, WITHOUT ROWID;
CREATE INDEX captures_by_time ON captures (state, taken_at, capture_id, class_id, split);
CREATE INDEX captures_by_class ON captures (state, class_id, split, taken_at, capture_id);
CREATE INDEX captures_by_content ON captures (content_hash);
CREATE TABLE classes (
    place INTEGER PRIMARY KEY,
    class_id    TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    number      TEXT NOT NULL,
    tags        TEXT NOT NULL,
    super_class TEXT NOT NULL,
    folded      TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE class_words USING fts5 (number, name, rest, prefix = '1 2 3');
CREATE TABLE class_counts (
    state    TEXT NOT NULL,
    class_id TEXT NOT NULL,
    split    TEXT NOT NULL,
    captures INTEGER NOT NULL,
    PRIMARY KEY (state, class_id, split)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER capture_added AFTER INSERT ON captures BEGIN
    INSERT INTO class_counts VALUES (NEW.state, NEW.class_id, NEW.split, 1)
    ON CONFLICT DO UPDATE SET captures = captures + 1;
END;
CREATE TRIGGER capture_removed AFTER DELETE ON captures BEGIN
    UPDATE class_counts SET captures = captures - 1
    WHERE state = OLD.state AND class_id = OLD.class_id AND split = OLD.split;
    DELETE FROM class_counts
    WHERE state = OLD.state AND class_id = OLD.class_id AND split = OLD.split AND captures = 0;
END;
CREATE TABLE operations (
    operation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    capture_id   TEXT NOT NULL,
    begun_at     TEXT NOT NULL,
    body         TEXT NOT NULL
) STRICT;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


class CatalogFile:
    """One SQLite file for several threads: one writes at a time, and reading waits for no writer (WAL).

    A change is on the disk when its block ends (``synchronous=FULL``). A file that is no database any more is set aside
    and begun anew. Methods raise StorageError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_lock, self._read_lock = threading.Lock(), threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._writer = self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._set_aside(error)
                self._writer = self._connect()
            self._reader = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise self._refused("opened", error) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_S, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > SCHEMA:
                raise StorageError(
                    f"The catalog has schema {version}, this program knows schemas up to {SCHEMA}.",
                    where=str(self._path),
                    todo="Use the newer program that wrote it, or remove the file and run: station captures reindex",
                )
            if version < SCHEMA:
                connection.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {SCHEMA};COMMIT;")
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: Exception | str) -> None:
        """Move a damaged file out of the way: nothing in it is not in the folders too."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        _log.warning("The catalog is damaged (%s); it is set aside as %s and made again", error, aside.name)
        self._path.replace(aside)
        for tail in ("-wal", "-shm"):
            self._path.with_name(self._path.name + tail).unlink(missing_ok=True)

    @contextmanager
    def changing(self) -> Generator[sqlite3.Connection]:
        """Hold the file for one transaction, all of which is done or nothing."""
        try:
            with self._write_lock:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            raise self._refused("written", error) from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            with self._read_lock:
                return self._reader.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._refused("read", error) from error

    def sound(self) -> bool:
        """Look through the whole file for damage; reads all of it."""
        try:
            return self.rows("PRAGMA quick_check(1)") == [("ok",)]
        except StorageError:
            return False

    def set_aside(self) -> None:
        """Close the file and move it out of the way; raises StorageError."""
        self.close()
        try:
            self._set_aside("it was looked through")
        except OSError as error:
            raise self._refused("set aside", error) from error

    def close(self) -> None:
        """Close the file."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    def _refused(self, done: str, error: Exception) -> StorageError:
        damaged = isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error)
        said = (isinstance(error, OSError) and error.strerror) or error
        return StorageError(
            f"The catalog cannot be {done}: {said}.",
            where=str(self._path),
            todo="Run: station captures reindex" if damaged else "Check the space on the disk and its permissions.",
            retryable=not damaged,
        )
