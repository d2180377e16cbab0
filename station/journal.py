"""Append-only record of every recognition and every answer, in an SQLite file of its own."""

from __future__ import annotations

import enum
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from station.errors import StorageError

SCHEMA = 1
_BUSY_S = 2.0
_AT_ONCE = 500
"""Captures that one transaction forgets: a writer beside it waits no longer than that takes."""

_NO_DELETE = """CREATE TRIGGER IF NOT EXISTS entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no entry is removed'); END"""

_TABLES = f"""
CREATE TABLE IF NOT EXISTS entries (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id   TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    capture_id TEXT NOT NULL,
    at         TEXT NOT NULL,
    class_id   TEXT,
    rank       INTEGER,
    operator   TEXT NOT NULL,
    refers_to  TEXT,
    body       TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_capture ON entries (capture_id);
CREATE TRIGGER IF NOT EXISTS entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no entry is changed'); END;
{_NO_DELETE};
CREATE TRIGGER IF NOT EXISTS entries_no_replace BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE entry_id = NEW.entry_id OR sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no entry is replaced'); END;
"""

_INSERT = """
INSERT INTO entries (entry_id, kind, capture_id, at, class_id, rank, operator, refers_to, body)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM entries WHERE entry_id = ?1)
"""
_OLD = """
SELECT DISTINCT capture_id FROM entries AS e WHERE at < ?1
AND NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.capture_id = e.capture_id AND n.at >= ?1) LIMIT ?2
"""
_COLUMNS = "sequence, entry_id, kind, capture_id, at, class_id, rank, operator, refers_to, body"


class EntryKind(enum.StrEnum):
    """What an entry records."""

    RECOGNITION = "recognition"
    CONFIRM = "confirm"
    """The operator took one of the first five classes."""
    CORRECT = "correct"
    """The operator named another class."""
    UNKNOWN = "unknown"
    NEW_PART = "new_part"
    UNDO = "undo"
    """The answer ``refers_to`` does not hold any more."""


ANSWER_KINDS = (EntryKind.CONFIRM, EntryKind.CORRECT, EntryKind.UNKNOWN, EntryKind.NEW_PART)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal.

    ``at`` is when it happened (aware, UTC); ``sequence`` is the journal's own order, given when it is written: a jump
    of the clock never reorders entries. ``entry_id`` makes writing twice the same as writing once. ``body`` holds
    JSON values.
    """

    kind: EntryKind
    capture_id: str
    at: datetime
    class_id: str | None = None
    rank: int | None = None
    operator: str = ""
    refers_to: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    entry_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    sequence: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, without the sequence number."""
        return {
            "entry_id": self.entry_id,
            "kind": self.kind.value,
            "capture_id": self.capture_id,
            "at": utc_text(self.at),
            "class_id": self.class_id,
            "rank": self.rank,
            "operator": self.operator,
            "refers_to": self.refers_to,
            "body": dict(self.body),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], sequence: int | None = None) -> Entry:
        """Rebuild an entry; raises KeyError, TypeError or ValueError on a wrong form."""
        return Entry(
            kind=EntryKind(data["kind"]),
            capture_id=str(data["capture_id"]),
            at=datetime.fromisoformat(data["at"]),
            class_id=None if data["class_id"] is None else str(data["class_id"]),
            rank=None if data["rank"] is None else int(data["rank"]),
            operator=str(data["operator"]),
            refers_to=None if data["refers_to"] is None else str(data["refers_to"]),
            body=dict(data["body"]),
            entry_id=str(data["entry_id"]),
            sequence=sequence,
        )


def utc_text(time: datetime) -> str:
    """Return an aware time as UTC, ISO 8601 with milliseconds and ``Z``."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Journal:
    """The journal file, for one thread; every method raises StorageError when the file or the disk refuses.

    A write is on the disk when :meth:`append` returns (``synchronous=FULL``); after a kill or a power cut at any
    instant the file holds whole transactions.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def append(self, entries: Sequence[Entry]) -> None:
        """Write the entries in their order, all or none; those that are in the journal already stay as they are."""
        rows: list[tuple[object, ...]] = []
        for entry in entries:
            row = entry.to_json()
            row["body"] = json.dumps(row["body"], ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            rows.append(tuple(row.values()))
        connection = self._open()
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_INSERT, rows)
        except sqlite3.Error as error:
            self.close()
            raise self._refused("written", error) from error

    def entries(self, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        """Return up to ``limit`` entries with a sequence number above ``after``, in order."""
        return self._read(
            f"SELECT {_COLUMNS} FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?", (after, limit)
        )

    def answer_for(self, capture_id: str) -> Entry | None:
        """Return the answer that holds for a capture: its last one that was not undone."""
        kinds = ", ".join(f"'{kind}'" for kind in ANSWER_KINDS)
        found = self._read(
            f"SELECT {_COLUMNS} FROM entries AS e WHERE capture_id = ? AND kind IN ({kinds}) AND NOT EXISTS"
            " (SELECT 1 FROM entries AS u WHERE u.kind = 'undo' AND u.refers_to = e.entry_id)"
            " ORDER BY sequence DESC LIMIT 1",
            (capture_id,),
        )
        return found[0] if found else None

    def forget_before(self, time: datetime, cancelled: Callable[[], bool] = lambda: False) -> int:
        """Remove the captures whose newest entry is older than ``time``, with all their entries; returns how many.

        The one way in which anything leaves the journal. A capture goes as a whole, so that no answer outlives the
        entry that took it back. What was removed is overwritten in the file. Other programs may write meanwhile.
        """
        forgotten = 0
        try:
            connection = self._open()
            connection.execute("PRAGMA secure_delete = ON")
            while not cancelled() and (some := self._forget_some(connection, utc_text(time))):
                forgotten += some
            if forgotten:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            self.close()
            raise self._refused("written", error) from error
        return forgotten

    def _forget_some(self, connection: sqlite3.Connection, before: str) -> int:
        old = connection.execute(_OLD, (before, _AT_ONCE)).fetchall()
        if not old:
            return 0
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # Within the transaction nobody else sees the journal without its guard.
            connection.execute("DROP TRIGGER entries_no_delete")
            connection.executemany("DELETE FROM entries WHERE capture_id = ?", old)
            connection.execute(_NO_DELETE)
        return len(old)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, query: str, values: Iterable[object]) -> tuple[Entry, ...]:
        try:
            rows = self._open().execute(query, tuple(values)).fetchall()
            return tuple(_entry(row) for row in rows)
        except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
            self.close()
            raise self._refused("read", error) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > SCHEMA:
                raise StorageError(
                    f"The journal has schema {version}, this program knows schemas up to {SCHEMA}.",
                    where=str(self.path),
                    todo="Use the newer program that wrote it.",
                )
            if version < SCHEMA:
                connection.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {SCHEMA};COMMIT;")
        except (sqlite3.Error, StorageError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, StorageError):
                raise
            raise self._refused("opened", error) from error
        self._connection = connection
        return connection

    def _refused(self, done: str, error: Exception) -> StorageError:
        said = (isinstance(error, OSError) and error.strerror) or error
        return StorageError(
            f"The journal cannot be {done}: {said}.",
            where=str(self.path),
            todo="Check the space on the disk and the file's permissions.",
            retryable=True,
        )


def _entry(row: Sequence[Any]) -> Entry:
    data: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    data["body"] = json.loads(data["body"])
    return Entry.from_json(data, sequence=int(data["sequence"]))
