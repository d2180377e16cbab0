"""What of a data directory is backed up, and which of its folders lay where at one instant."""

from __future__ import annotations

import os
import re
import stat
import time
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
_UNIT = re.compile(
    r"captures/(?:sets/[^/]+/(?:train_data/[^/]+/[^/]+|(?:valid|test)_data/[^/]+)|\.(?:review|trash)/[^/]+)"
    r"|models/[^/]+|calibrations/pictures/[^/]+"
)
_TICK_NS = 20_000_000
"""A folder that changed so shortly before it was listed may change again without its time telling."""
_PAUSE_S = 0.01


def unit_of(path: str) -> str:
    """Return the folder that a file is saved with, whole or not at all; the file itself when it stands alone."""
    found = _UNIT.match(path)
    return found[0] if found and path[found.end() : found.end() + 1] == "/" else path


def files_below(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path (forward slashes) and state of every file in a folder that is saved as one.

    Raises FileNotFoundError when the folder or something in it vanishes meanwhile, StorageError when something cannot
    be read.
    """
    yield from _files_below(folder, "", frozenset())


def _files_below(folder: Path, inside: str, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, os.stat_result]]:
    own, entries = _list(folder, above)
    for entry in entries:
        if entry.name.endswith(_SUFFIXES) and not entry.is_dir():
            continue
        known = entry.stat()
        if stat.S_ISDIR(known.st_mode):
            inner = above | {(own.st_dev, own.st_ino)}
            yield from _files_below(folder / entry.name, f"{inside}{entry.name}/", inner)
        elif stat.S_ISREG(known.st_mode):
            yield f"{inside}{entry.name}", known


def _list(folder: Path, above: frozenset[tuple[int, int]]) -> tuple[os.stat_result, list[os.DirEntry[str]]]:
    """Return a folder's state before it was listed, and its entries by name: none of a link that leads back.

    Raises FileNotFoundError when it has gone, StorageError when it cannot be read.
    """
    try:
        own = folder.stat()
        if (own.st_dev, own.st_ino) in above:
            return own, []
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(_HALF_WRITTEN)]
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(
            f"The folder cannot be read: {error.strerror or error}.",
            where=str(folder),
            todo="Check its permissions and the disk.",
        ) from error
    return own, sorted(found, key=lambda entry: entry.name)


@dataclass(frozen=True, slots=True)
class Unit:
    """A folder that is saved as one, as a capture: its place in the data directory, and its number on the disk."""

    place: str
    inode: int


@dataclass(frozen=True, slots=True)
class _Listing:
    number: tuple[int, int]
    changed_ns: int
    fresh: bool
    folders: tuple[tuple[str, int], ...]
    units: tuple[Unit, ...]
    files: tuple[str, ...]


class Structure:
    """Which units and which single files lie where in a data directory.

    One look at many folders is no picture of one instant: what is renamed meanwhile may be seen twice, or nowhere.
    :meth:`settle` looks until nothing was renamed between two looks; what it then holds was so at one instant.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: dict[str, _Listing] = {}

    @property
    def units(self) -> list[Unit]:
        """All units, a folder's by name."""
        return [unit for listing in self._listed.values() for unit in listing.units]

    @property
    def files(self) -> list[str]:
        """Paths of the files that stand alone."""
        return [path for listing in self._listed.values() for path in listing.files]

    def look(self) -> bool:
        """Look at what changed since the last look; returns whether all units were where they had been.

        Raises StorageError when a folder cannot be read.
        """
        former, self._listed = self._listed, {}
        same = True
        left: list[tuple[str, frozenset[tuple[int, int]]]] = [("", frozenset())]
        while left:
            inside, above = left.pop()
            known = former.get(inside)
            try:
                listing = self._listing(inside, above, known)
            except FileNotFoundError:
                same = False
                continue
            self._listed[inside] = listing
            if known is not listing and (known is None or _moved(known, listing)):
                same = False
            inner = above | {listing.number}
            left += [(f"{inside}{name}/", inner) for name, _ in reversed(listing.folders)]
        return same

    def settle(self, patience_s: float) -> None:
        """Look until nothing moves between two looks; raises StorageError when it always does."""
        end = time.monotonic() + patience_s
        while not self.look():
            if time.monotonic() > end:
                raise StorageError(
                    f"Captures were moved all the time for {patience_s:g} s: no backup was made.",
                    where=str(self._root),
                    todo="Back up again when what moves them has ended. Earlier backups are whole.",
                    retryable=True,
                )
            time.sleep(_PAUSE_S)

    def _listing(self, inside: str, above: frozenset[tuple[int, int]], known: _Listing | None) -> _Listing:
        folder = self._root / inside
        if known is not None and not known.fresh:
            own = folder.stat()
            if ((own.st_dev, own.st_ino), own.st_mtime_ns) == (known.number, known.changed_ns):
                return known
        own, entries = _list(folder, above)
        folders: list[tuple[str, int]] = []
        units: list[Unit] = []
        files: list[str] = []
        for entry in entries:
            path = f"{inside}{entry.name}"
            try:
                if path in _LEFT_OUT:
                    continue
                if entry.is_dir():
                    inode = entry.stat().st_ino
                    if _UNIT.fullmatch(path):
                        units.append(Unit(path, inode))
                    else:
                        folders.append((entry.name, inode))
                elif entry.is_file() and not entry.name.endswith(_SUFFIXES):
                    files.append(path)
            except FileNotFoundError:
                continue
        fresh = abs(time.time_ns() - own.st_mtime_ns) < _TICK_NS
        number = (own.st_dev, own.st_ino)
        return _Listing(number, own.st_mtime_ns, fresh, tuple(folders), tuple(units), tuple(files))


def _moved(before: _Listing, after: _Listing) -> bool:
    """Say whether a folder may have had other units or folders between two looks; single files may come and go."""
    if (before.number, before.folders, before.units) != (after.number, after.folders, after.units):
        return True
    return bool(after.units) and before.changed_ns != after.changed_ns
