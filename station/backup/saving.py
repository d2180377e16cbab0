"""One backup under way: which files are copied, and that none is passed over while the station works."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from station.backup.contents import Found, find_files
from station.backup.objects import Objects
from station.backup.snapshot import SavedFile, Snapshot
from station.errors import StorageError
from station.sqlite_copy import copy_database

_ROUNDS = 5
"""Times that the directory is looked through until nothing has moved meanwhile."""
_FRESH_S = 2.0
"""A file that changed so shortly before it was saved may have changed again without its time telling."""

_log = logging.getLogger(__name__)

Tell = Callable[[int, int], None]
"""Told how many files are done, of how many."""


class Saving:
    """Saves every file of a data directory. ``new`` are the sizes of the contents that were added, by hash."""

    def __init__(self, root: Path, objects: Objects, former: Snapshot | None, *, check: bool, tell: Tell) -> None:
        self._root = root
        self._objects = objects
        self._former = former
        self._named = {file.sha256 for file in former.files.values()} if former else set[str]()
        self._check = check
        self._tell = tell
        self._sound: set[str] = set()
        self.new: dict[str, int] = {}
        self.mended = 0

    def save_all(self) -> dict[str, SavedFile]:
        """Save every file, by path; look again until nothing came, went or changed meanwhile.

        Raises StorageError and OSError.
        """
        found = find_files(self._root)
        # These may be written to all the time, so each is taken as it is at one instant, once.
        databases = {one.path: self._save_database(one) for one in found if one.is_database}
        saved: dict[Found, SavedFile] = {}
        for _ in range(_ROUNDS):
            files = [one for one in found if not one.is_database]
            for done, one in enumerate(files, start=1):
                if one not in saved and (file := self._save(one)):
                    saved[one] = file
                self._tell(done, len(files))
            found = find_files(self._root)
            # A capture that was moved meanwhile may have been passed over at both its places.
            if [one for one in found if not one.is_database] == files:
                break
        return databases | {one.path: saved[one] for one in found if one in saved}

    def _save(self, one: Found) -> SavedFile | None:
        """Save a file, ``None`` when it has gone; one that is changed meanwhile is found again in the next round."""
        if (known := self._known(one)) is not None:
            return known
        try:
            sha256 = self._add(self._root / one.path)
        except FileNotFoundError:
            return None
        return SavedFile(one.path, self._objects.size(sha256) or 0, one.mtime_ns, sha256)

    def _save_database(self, one: Found) -> SavedFile:
        source, copy = self._root / one.path, self._objects.scratch("database")
        try:
            copy_database(source, copy)
            sha256 = self._add(copy)
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"The database cannot be copied: {error}.", where=str(source), todo="Check both disks, then try again."
            ) from error
        except sqlite3.DatabaseError as error:
            # What is damaged is kept as it is: somebody may be able to read more of it.
            _log.warning("%s is copied as it is: %s", source, error)
            sha256 = self._add(source)
        finally:
            copy.unlink(missing_ok=True)
        return SavedFile(one.path, self._objects.size(sha256) or 0, one.mtime_ns, sha256)

    def _known(self, one: Found) -> SavedFile | None:
        """Return what the former snapshot says of a file that has not changed since."""
        former = self._former
        file = former.files.get(one.path) if former else None
        if former is None or file is None or (file.size, file.mtime_ns) != (one.size, one.mtime_ns):
            return None
        fresh = one.mtime_ns / 1e9 > former.taken_at.timestamp() - _FRESH_S
        if fresh or self._objects.size(file.sha256) != file.size:
            return None
        if self._check and not self._is_sound(file.sha256):
            self._objects.remove(file.sha256)
            self.mended += 1
            return None
        return file

    def read_back(self) -> None:
        """Read back what was added, once it is synced; raises StorageError when the disk gives something else."""
        for sha256 in self.new:
            if not self._objects.sound(sha256):
                self._objects.remove(sha256)
                raise StorageError(
                    "The disk gives back something else than was written.",
                    where=str(self._objects.path(sha256)),
                    todo="Use another disk for the backups.",
                )

    def _add(self, source: Path) -> str:
        """Copy a content in and return its hash.

        One that is there is read back with ``check``, and when the former snapshot does not name it: a power cut may
        have left it from a backup that was never synced.
        """
        sha256, new = self._objects.add(source)
        trusted = sha256 in self._named and not self._check
        if not new and not trusted and sha256 not in self.new and not self._is_sound(sha256):
            self._objects.remove(sha256)
            self.mended += 1
            sha256, new = self._objects.add(source)
        if new:
            self.new[sha256] = self._objects.size(sha256) or 0
        return sha256

    def _is_sound(self, sha256: str) -> bool:
        if sha256 not in self._sound and self._objects.sound(sha256):
            self._sound.add(sha256)
        return sha256 in self._sound
