"""A snapshot: the list of all files of a data directory at one time, each by the hash of its content.

A data set of a hundred thousand captures has five million files. So a list is written and read line by line, and what
is remembered of an earlier one is where in it the files of each capture stand.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from station.backup.contents import unit_of
from station.errors import StorageError
from station.file_calls import OS_FILES, REPLACING

FORMAT = 1
SUFFIX = ".jsonl"
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SavedFile:
    """One file: its path inside the data directory (forward slashes), size in bytes, time of change, and SHA-256."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All files at one time; ``taken_at`` is UTC, ``layout`` the data directory's version.

    ``count`` files have ``bytes`` bytes together.
    """

    file: Path
    taken_at: datetime
    layout: int
    count: int
    bytes: int

    @property
    def name(self) -> str:
        """When it was taken, UTC."""
        return self.file.name.removesuffix(SUFFIX)

    def files(self) -> Iterator[SavedFile]:
        """Yield its files as they stand in it; raises StorageError when it cannot be read."""
        try:
            with self.file.open("rb") as file:
                next(file)
                for line in file:
                    if line.startswith(b"{"):
                        return
                    yield _saved(line)
        except (OSError, TypeError, ValueError) as error:
            raise _damaged(self.file, error) from error


class SnapshotWriter:
    """Writes a snapshot line by line; it is there when :meth:`finish` has returned, and else is not.

    Use it in a ``with``. Methods raise OSError.
    """

    def __init__(self, folder: Path, name: str, taken_at: datetime, layout: int) -> None:
        self.path = folder / f"{name}{SUFFIX}"
        self.count = self.bytes = 0
        self._temporary = self.path.with_name(self.path.name + REPLACING)
        self._digest = hashlib.sha256()
        self._file = self._temporary.open("wb")
        self._put({"format": FORMAT, "taken_at": taken_at.isoformat(), "layout": layout})

    def add(self, file: SavedFile) -> None:
        """Add a file."""
        self._put([file.path, file.size, file.mtime_ns, file.sha256])
        self.count += 1
        self.bytes += file.size

    def finish(self) -> None:
        """Write its end, sync it, and give it its name."""
        self._put({"files": self.count, "sha256": self._digest.hexdigest()})
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        OS_FILES.rename(self._temporary, self.path)
        OS_FILES.sync_folder(self.path.parent)

    def __enter__(self) -> SnapshotWriter:
        """Return the writer."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Remove what was not finished."""
        if not self._file.closed:
            with suppress(OSError):  # what is buffered may not fit on a full disk
                self._file.close()
            self._temporary.unlink(missing_ok=True)

    def _put(self, values: object) -> None:
        line = json.dumps(values).encode() + b"\n"
        self._digest.update(line)
        self._file.write(line)


class Former:
    """The newest earlier snapshot: what is known of each file, without holding all of them. Raises StorageError."""

    def __init__(self, file: Path) -> None:
        self._parts: dict[str, tuple[int, int]] = {}
        self._unit, self._begin, self._end = "", 0, 0
        self.snapshot = read_snapshot(file, self._note)
        self._close_part()

    def files_of(self, unit: str) -> Mapping[str, SavedFile]:
        """Return the files of a unit (see :func:`unit_of`) by path; none for one that it does not know."""
        part = self._parts.get(unit)
        if part is None:
            return {}
        try:
            with self.snapshot.file.open("rb") as file:
                file.seek(part[0])
                files = [_saved(line) for line in file.read(part[1] - part[0]).splitlines()]
        except (OSError, TypeError, ValueError) as error:
            raise _damaged(self.snapshot.file, error) from error
        return {saved.path: saved for saved in files}

    def _note(self, saved: SavedFile, begin: int, end: int) -> None:
        unit = unit_of(saved.path)
        if unit != self._unit:
            self._close_part()
            self._unit, self._begin = unit, begin
        self._end = end

    def _close_part(self) -> None:
        if self._unit:
            self._parts[self._unit] = (self._begin, self._end)


def read_snapshot(file: Path, each: Callable[[SavedFile, int, int], None] | None = None) -> Snapshot:
    """Read a list and check that it is whole; raises StorageError.

    ``each`` is told every file, and where in the list its line begins and ends. What it was told holds only when this
    returns.
    """
    try:
        with file.open("rb") as lines:
            first = next(lines, b"")
            head: dict[str, Any] = json.loads(first)
            if int(head["format"]) > FORMAT:
                raise StorageError(
                    f"The snapshot has format {head['format']}, this program knows formats up to {FORMAT}.",
                    where=str(file),
                    todo="Use the newer program that wrote it.",
                )
            digest, count, size, begin = hashlib.sha256(first), 0, 0, len(first)
            for line in lines:
                if line.startswith(b"{"):
                    tail: dict[str, Any] = json.loads(line)
                    break
                saved = _saved(line)
                digest.update(line)
                count, size, end = count + 1, size + saved.size, begin + len(line)
                if each is not None:
                    each(saved, begin, end)
                begin = end
            else:
                raise ValueError("it was cut off")
            if tail["sha256"] != digest.hexdigest() or next(lines, b""):
                raise ValueError("its own hash does not fit")
        taken_at = datetime.fromisoformat(head["taken_at"])
        return Snapshot(file, taken_at, int(head["layout"]), count, size)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _damaged(file, error) from error


def snapshot_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the snapshots in a folder, oldest first."""
    names = (file.name.removesuffix(SUFFIX) for file in folder.glob(f"*{SUFFIX}"))
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))


def new_name(taken_at: datetime, taken: tuple[str, ...]) -> str:
    """Return the name of a snapshot taken at a time, later in order than all that are there."""
    name = f"{taken_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if not taken or name > taken[-1]:
        return name
    # Taken within the same second, or by a clock that was set back: the order still tells which is newest.
    first, _, number = taken[-1].partition("-")
    return f"{first}-{int(number or 0) + 1:04d}"


def _saved(line: bytes) -> SavedFile:
    path, size, mtime_ns, sha256 = json.loads(line)
    inside = PurePosixPath(path)
    other_disk = os.name == "nt" and any(sign in path for sign in "\\:")  # plain letters elsewhere
    if inside.is_absolute() or not inside.parts or ".." in inside.parts or other_disk:
        raise ValueError(f"the path {path!r} leads outside")
    if not _HASH.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no hash")
    return SavedFile(str(path), int(size), int(mtime_ns), sha256)


def _damaged(file: Path, error: Exception) -> StorageError:
    said = error.strerror if isinstance(error, OSError) else "a part of it is missing"
    if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        said = str(error)
    todo = "Restore an earlier one with --at; --list shows them."
    return StorageError(f"The snapshot is damaged: {said}.", where=str(file), todo=todo)
