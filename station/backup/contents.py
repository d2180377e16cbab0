"""What of a data directory is backed up."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from station.captures.relocation import ERASED
from station.captures.writer import TEMPORARY
from station.datadir import CATALOG, LOCK_FILE, LOGS
from station.errors import StorageError

_HALF_WRITTEN = (TEMPORARY, ERASED)
_SUFFIXES = (".tmp", ".sqlite-wal", ".sqlite-shm", ".sqlite-journal")
"""Half-written files, and what belongs to a database, which is copied with all that it holds."""
_LEFT_OUT = frozenset((LOCK_FILE, LOGS, CATALOG))
"""The catalog is made again from the captures, logs are no part of what a station knows."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file as it was found: path inside (forward slashes), size in bytes, time of change."""

    path: str
    size: int
    mtime_ns: int

    @property
    def is_database(self) -> bool:
        """Whether others may be writing to it while it is copied."""
        return self.path.endswith(".sqlite")


def find_files(root: Path) -> tuple[Found, ...]:
    """Return every file that is backed up, by path; what vanishes meanwhile is not there. Raises StorageError."""
    return tuple(sorted(_walk(root, "", frozenset()), key=lambda found: found.path))


def _walk(folder: Path, inside: str, above: frozenset[tuple[int, int]]) -> Iterator[Found]:
    try:
        own = folder.stat()
        if (own.st_dev, own.st_ino) in above:
            return  # a link that leads back to where it lies
        with os.scandir(folder) as entries:
            found = list(entries)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"The folder cannot be read: {error.strerror or error}.", where=str(folder)) from error
    for entry in found:
        path = f"{inside}{entry.name}"
        if path in _LEFT_OUT or entry.name.startswith(_HALF_WRITTEN):
            continue
        try:
            known = entry.stat()
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(known.st_mode):
            yield from _walk(folder / entry.name, f"{path}/", above | {(own.st_dev, own.st_ino)})
        elif stat.S_ISREG(known.st_mode) and not entry.name.endswith(_SUFFIXES):
            yield Found(path, known.st_size, known.st_mtime_ns)
