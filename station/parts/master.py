"""The part master: the classes in their SQLite file, their history, and the search."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from station.captures.names import name_key
from station.durable_json import write_durably
from station.errors import PartError, StationError, StorageError
from station.frames import ColorImage
from station.parts.naming import free_class_id
from station.parts.numbers import key, likeness, tidy
from station.parts.record import Author, Change, PartRecord
from station.parts.rows import COLUMNS, differences, json_value, put, record_of
from station.parts.schema import prepare
from station.parts.vocabulary import Vocabulary
from station.search_words import fold

_NOBODY = Author()
_CHANGE = "INSERT INTO changes (class_id, at, who, through, field, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)"


class PartMaster:
    """The part master in its SQLite file; may be used from several threads and programs at once.

    ``references`` is the folder of the reference pictures; it lies beside the file, in the data directory. Methods
    raise StorageError when the file or the disk refuses, PartError when what is asked for contradicts what is there.
    What changes is written with its history: who, through what, when, from what to what.
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
            prepare(self._connection, str(path))
        except (sqlite3.Error, TypeError, ValueError) as error:
            self._connection.close()
            raise self._refused("opened", error) from error
        except StorageError:
            self._connection.close()
            raise

    def new_class(
        self, record: PartRecord, by: Author = _NOBODY, *, taken: Iterable[str] = (), alike: bool = False
    ) -> str:
        """Add a class and return its permanent id, the name of its folder, made from number and name.

        The record's own ``class_id`` does not count. ``taken`` are folders that are there without a record. Raises
        PartError for a class with neither number nor name, a number that another class has, tags outside the
        vocabulary and, unless ``alike``, a number that could be mistaken for another class's.
        """
        if not (tidy(record.number) or tidy(record.name)):
            raise PartError("A class needs a number or a name.", todo="Give one.")
        with self._writing() as connection:
            self._require_plain(connection, record, alike)
            known = [class_id for (class_id,) in connection.execute("SELECT class_id FROM parts")]
            class_id = free_class_id(record.number, record.name, {name_key(one) for one in (*known, *taken)})
            self._write(connection, replace(record, class_id=class_id, reference=None, retired=False), by)
        return class_id

    def change(self, before: PartRecord, after: PartRecord, by: Author = _NOBODY, *, alike: bool = False) -> PartRecord:
        """Change number, name, super-classes, tags, weight or size of a class; returns the record as it is now.

        ``before`` is the record that ``after`` was made from. Raises PartError as :meth:`new_class` does, and when the
        class was changed by somebody else meanwhile.
        """
        with self._writing() as connection:
            self._require_unchanged(connection, before)
            if (after.number, after.description) != (before.number, before.description):
                self._require_plain(connection, after, alike, known=before)
            return self._write(connection, replace(after, class_id=before.class_id), by)

    def upsert(
        self,
        records: Iterable[PartRecord],
        by: Author = _NOBODY,
        *,
        made_from: Iterable[PartRecord] = (),
        new_tags: Iterable[tuple[str, str]] = (),
    ) -> int:
        """Add the records, or bring those that are there up to date, all or none; returns how many.

        Picture and retirement stay as they are. ``made_from`` are records that must not have been changed meanwhile,
        ``new_tags`` (heading, tag) go into the vocabulary. Raises PartError for a number that another class has.
        """
        written = 0
        with self._writing() as connection:
            for one in made_from:
                self._require_unchanged(connection, one)
            connection.executemany("INSERT OR IGNORE INTO vocabulary VALUES (?, ?)", list(new_tags))
            for record in records:
                self._write(connection, record, by)
                written += 1
        return written

    def add_missing(self, records: Iterable[PartRecord], by: Author = _NOBODY) -> int:
        """Add the records whose class is not here yet; returns how many.

        A record that is here stays as it is: somebody may have written it with more care. A new one whose number
        another class has is called by its class id instead.
        """
        added = 0
        with self._writing() as connection:
            for record in records:
                if self._one(connection, record.class_id) is None:
                    owner = self._owner(connection, record)
                    self._write(connection, replace(record, number=record.class_id) if owner else record, by)
                    added += 1
        return added

    def retire(self, class_id: str, by: Author = _NOBODY) -> None:
        """Take a class out of use: the search leaves it out; its captures and its history stay."""
        self._set_kept(class_id, by, retired=True)

    def take_back(self, class_id: str, by: Author = _NOBODY) -> None:
        """Take a retired class into use again."""
        self._set_kept(class_id, by, retired=False)

    def get(self, class_id: str) -> PartRecord | None:
        """Return the record of a class, retired or not, or ``None``."""
        found = self._read(f"SELECT {COLUMNS} FROM parts WHERE class_id = ?", (class_id,))
        return found[0] if found else None

    def all(self) -> tuple[PartRecord, ...]:
        """Return every record, retired ones too, by number."""
        return self._read(f"SELECT {COLUMNS} FROM parts ORDER BY number, class_id", ())

    def search(self, text: str, limit: int = 20, *, retired: bool = False) -> tuple[PartRecord, ...]:
        """Return the classes whose number, name, super-classes or tags hold every word of ``text``.

        Words match from their beginning first (numbers before names before tags), then anywhere inside, as German
        compounds want. Case and accents do not count, ``ü`` is found as ``u`` and as ``ue``, and a number also without
        its dots and dashes. An empty text finds nothing. Retired classes are found only with ``retired``.
        """
        words = fold(text).split()
        if not words:
            return ()
        query = " AND ".join(f'"{word}"*' for word in words)
        if len(words) > 1:
            query = f'({query}) OR "{"".join(words)}"*'
        by_prefix = self._read(
            f"SELECT {', '.join('p.' + c for c in COLUMNS.split(', '))} FROM words"
            " JOIN parts AS p ON p.place = words.rowid WHERE words MATCH ? AND p.retired <= ?"
            " ORDER BY bm25(words, 10.0, 5.0, 1.0), p.number LIMIT ?",
            (query, int(retired), limit),
        )
        inside = self._read(
            f"SELECT {COLUMNS} FROM parts WHERE {' AND '.join(['instr(folded, ?) > 0'] * len(words))}"
            " AND retired <= ? ORDER BY number LIMIT ?",
            (*words, int(retired), limit),
        )
        return tuple({record.class_id: record for record in (*by_prefix, *inside)}.values())[:limit]

    def history(self, class_id: str | None = None) -> tuple[Change, ...]:
        """Return what was changed of a class, or of all, oldest first."""
        query = "SELECT sequence, class_id, at, who, through, field, before, after FROM changes"
        try:
            with self._lock:
                rows = self._connection.execute(
                    f"{query} WHERE ?1 IS NULL OR class_id = ?1 ORDER BY sequence", (class_id,)
                ).fetchall()
            return tuple(
                Change(n, one, datetime.fromisoformat(at), Author(who, way), name, json.loads(old), json.loads(new))
                for n, one, at, who, way, name, old, new in rows
            )
        except (sqlite3.Error, ValueError) as error:
            raise self._refused("read", error) from error

    @property
    def vocabulary(self) -> Vocabulary:
        """The tags that may be used."""
        try:
            with self._lock:
                return _vocabulary(self._connection)
        except sqlite3.Error as error:
            raise self._refused("read", error) from error

    def add_tag(self, heading: str, tag: str, *, alike: bool = False) -> None:
        """Add a tag to the vocabulary; harmless when it is there.

        Raises PartError for an empty one and, unless ``alike``, for one that is nearly another.
        """
        heading, tag = tidy(heading), tidy(tag)
        if not (heading and fold(tag).strip()):
            raise PartError(f"{tag!r} under {heading!r} is no tag.", todo="Give a heading and a word.")
        with self._writing() as connection:
            vocabulary = _vocabulary(connection)
            near = vocabulary.alike(tag, heading)
            if (heading, tag) not in near and near and not alike:
                raise PartError(
                    f"The tag {tag!r} is nearly {_listed(near)}.", todo="Use that one, or say that both are meant."
                )
            connection.execute("INSERT OR IGNORE INTO vocabulary VALUES (?, ?)", (heading, tag))

    def set_reference(self, class_id: str, picture: ColorImage, by: Author = _NOBODY) -> Path:
        """Store the reference picture (H, W, 3) RGB of a class, in place of the former; returns its path."""
        if self.get(class_id) is None:
            raise self._no_class(class_id)
        path = self._references / f"{class_id}.jpg"
        if path.parent != self._references or not class_id:
            raise StorageError(f"The class id {class_id!r} cannot be a file's name.", where=str(self._path))
        fine, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 92])
        if not fine:
            raise StorageError("The reference picture cannot be coded.", where=str(path))
        try:
            write_durably(path, data.tobytes())
        except OSError as error:
            raise self._refused("written", error) from error
        self._set_kept(class_id, by, reference=f"{self._references.name}/{path.name}")
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

    def _set_kept(self, class_id: str, by: Author, **kept: object) -> None:
        """Change what only the part master may: the picture's path, and whether a class is retired."""
        with self._writing() as connection:
            before = self._one(connection, class_id)
            if before is None:
                raise self._no_class(class_id)
            self._store(connection, before, replace(before, **kept), by)  # type: ignore[arg-type]

    def _write(self, connection: sqlite3.Connection, record: PartRecord, by: Author) -> PartRecord:
        """Write what people say of a class, with its history; returns the record as it is kept."""
        before = self._one(connection, record.class_id)
        after = replace(
            record,
            number=tidy(record.number),
            name=tidy(record.name),
            description={heading: tags for heading, tags in record.description.items() if tags},
            reference=before.reference if before else record.reference,
            retired=before.retired if before else record.retired,
        )
        if owner := self._owner(connection, after):
            raise PartError(
                f"The number {after.number!r} belongs to the class {owner.class_id!r} already"
                f"{' (retired)' if owner.retired else ''}.",
                todo="Use that class, or give this one another number.",
            )
        self._store(connection, before, after, by)
        return after

    def _store(self, connection: sqlite3.Connection, before: PartRecord | None, after: PartRecord, by: Author) -> None:
        if before == after:
            return
        put(connection, after)
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        changed = differences(before, after) if before else (("class", None, after.class_id),)
        connection.executemany(
            _CHANGE,
            [
                (after.class_id, at, by.who, by.through, name, json_value(old), json_value(new))
                for name, old, new in changed
            ],
        )

    def _require_plain(
        self, connection: sqlite3.Connection, record: PartRecord, alike: bool, known: PartRecord | None = None
    ) -> None:
        """Refuse tags outside the vocabulary and a number that could be mistaken for another class's."""
        vocabulary = _vocabulary(connection)
        for heading, tag in vocabulary.unknown(record.description):
            if known and tag in known.description.get(heading, ()):
                continue
            near = vocabulary.alike(tag, heading)
            raise PartError(
                f"The tag {tag!r} under {heading!r} is not in the vocabulary.",
                todo=f"Did you mean {_listed(near)}?" if near else "Add it first.",
            )
        if alike or (known and tidy(known.number) == tidy(record.number)):
            return
        own = known.class_id if known else None
        rows = connection.execute(f"SELECT {COLUMNS} FROM parts WHERE number_key = ?", (key(record.number),)).fetchall()
        for other in map(record_of, rows):
            if other.class_id != own and likeness(record.number, other.number):
                raise PartError(
                    f"The number {record.number!r} could be mistaken for {other.number!r} of the class"
                    f" {other.class_id!r}.",
                    todo="Use that class, or say that both are meant.",
                )

    def _require_unchanged(self, connection: sqlite3.Connection, record: PartRecord) -> None:
        now = self._one(connection, record.class_id)
        if now is None:
            raise self._no_class(record.class_id)
        if now != record:
            raise PartError(
                f"The class {record.class_id!r} was changed by somebody else meanwhile.",
                todo="Look at it and try again.",
            )

    def _owner(self, connection: sqlite3.Connection, record: PartRecord) -> PartRecord | None:
        """Return the other class that has the record's number."""
        if not record.number:
            return None
        row = connection.execute(
            f"SELECT {COLUMNS} FROM parts WHERE number_key = ? AND number = ? AND class_id <> ?",
            (key(record.number), tidy(record.number), record.class_id),
        ).fetchone()
        return record_of(row) if row else None

    def _one(self, connection: sqlite3.Connection, class_id: str) -> PartRecord | None:
        row = connection.execute(f"SELECT {COLUMNS} FROM parts WHERE class_id = ?", (class_id,)).fetchone()
        return record_of(row) if row else None

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        """One transaction: all of it or, when anything is raised in it, nothing."""
        try:
            with self._lock, self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
        except StationError:
            raise
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise self._refused("written", error) from error

    def _read(self, query: str, values: Sequence[object]) -> tuple[PartRecord, ...]:
        try:
            with self._lock:
                rows = self._connection.execute(query, values).fetchall()
            return tuple(record_of(row) for row in rows)
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise self._refused("read", error) from error

    def _no_class(self, class_id: str) -> PartError:
        return PartError(f"There is no part class {class_id!r}.", where=str(self._path))

    def _refused(self, done: str, error: Exception) -> StorageError:
        said = (isinstance(error, OSError) and error.strerror) or error
        return StorageError(
            f"The part master cannot be {done}: {said}.",
            where=str(self._path),
            todo="Check the space on the disk and the file's permissions.",
            retryable=True,
        )


def _vocabulary(connection: sqlite3.Connection) -> Vocabulary:
    headings: dict[str, tuple[str, ...]] = {}
    for heading, tag in connection.execute("SELECT heading, tag FROM vocabulary ORDER BY rowid"):
        headings[heading] = (*headings.get(heading, ()), tag)
    return Vocabulary(headings)


def _listed(tags: Iterable[tuple[str, str]]) -> str:
    return " or ".join(f"{tag!r} ({heading})" for heading, tag in tags)
