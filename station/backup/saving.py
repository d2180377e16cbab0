"""One backup under way: what lay where at one instant, and the copying of it while the station works."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from station.backup.contents import Structure, Unit, files_below, unit_of
from station.backup.objects import Added, Objects
from station.backup.snapshot import Former, SavedFile
from station.errors import StorageError
from station.sqlite_copy import copy_database

PATIENCE_S = 30.0
"""How long an instant is waited for in which nothing is being moved."""
_ROUNDS = 20
_MOST_TRUSTED = 100_000
_DIGEST_BYTES = 32
_FRESH_S = 2.0
"""A file that changed so shortly before it was saved may have changed again without its time telling."""

_log = logging.getLogger(__name__)

Tell = Callable[[int, int], None]
"""Told how many captures, models and single files are done, of how many."""


class Saving:
    """Saves every file of a data directory; ``put`` is given each.

    The snapshot is a picture of one instant: every capture is in it whole, and at the place that it had then, whatever
    was moved since. Single files are in it as they were at some instant since it began. ``new_contents`` counts what
    was added, ``mended`` what was damaged there and copied again.
    """

    def __init__(
        self, root: Path, objects: Objects, former: Former | None, *, check: bool, put: Callable[[SavedFile], None]
    ) -> None:
        self._root = root
        self._objects = objects
        self._former = former
        self._check = check
        self._put = put
        self._structure = Structure(root)
        self._begun_ns = time.time_ns()
        self._trusted: set[bytes] = set()
        self._added = objects.scratch("added")
        self.new_contents = self.new_bytes = self.mended = 0

    def save_all(self, tell: Tell) -> None:
        """Save every file; raises StorageError, also when the data directory comes to no rest, and OSError."""
        self._added.write_bytes(b"")
        alone = self._save_alone()
        self._structure.settle(PATIENCE_S)
        for path in self._structure.files:
            if path not in alone and (saved := self._save(self._root / path, path, self._former_of(path))):
                alone[path] = saved
        for saved in alone.values():
            self._put(saved)
        units = self._structure.units
        then, now = {unit.inode for unit in units}, {unit.inode: unit.place for unit in units}
        for done, unit in enumerate(units, start=len(alone) + 1):
            for saved in self._save_unit(unit, then, now):
                self._put(saved)
            tell(done, len(alone) + len(units))

    def read_back(self) -> None:
        """Read back what was added, once it is synced; raises StorageError when the disk gives something else."""
        with self._added.open("rb") as added:
            while digest := added.read(_DIGEST_BYTES):
                sha256 = digest.hex()
                if not self._objects.sound(sha256):
                    self._objects.remove(sha256)
                    raise StorageError(
                        "The disk gives back something else than was written.",
                        where=str(self._objects.path(sha256)),
                        todo="Use another disk for the backups.",
                    )
        self._added.unlink()

    def _save_alone(self) -> dict[str, SavedFile]:
        """Save the files that stand alone, databases first: what they name is written before them.

        What vanishes before it was copied may be named by one that was copied already, so all are looked at again.
        """
        alone: dict[str, SavedFile] = {}
        for _ in range(_ROUNDS):
            self._structure.look()
            found = sorted(self._structure.files, key=lambda path: (not _is_database(path), path))
            before, alone = alone, {}
            for path in found:
                # A database is written to all the time; it is taken once.
                saved = before.get(path) if _is_database(path) else None
                saved = saved or self._save(self._root / path, path, self._former_of(path))
                if saved is not None:
                    alone[path] = saved
            if len(alone) == len(found):
                return alone
        raise StorageError(
            "Files vanish again and again while they are copied: no backup was made.",
            where=str(self._root),
            todo="Back up again when what removes them has ended. Earlier backups are whole.",
            retryable=True,
        )

    def _save_unit(self, unit: Unit, then: set[int], now: dict[int, str]) -> list[SavedFile]:
        """Save a folder from where it is now, as it was then; nothing of one that was removed for good meanwhile.

        ``then`` are the numbers of all folders, ``now`` is where each was when that was last looked at.
        """
        known = self._former_of(unit.place)
        for _ in range(_ROUNDS):
            place = now.get(unit.inode)
            saved = None if place is None else self._save_folder(place, unit, known)
            if saved is not None:
                return saved
            # It is not where it was. What a settled look does not find is nowhere.
            self._structure.settle(PATIENCE_S)
            units = self._structure.units
            now.clear()
            now.update((one.inode, one.place) for one in units)
            if unit.inode not in now:
                instead = next((one for one in units if one.place == unit.place), None)
                if instead is None or instead.inode in then:
                    _log.info("%s was removed while it was backed up; it is not in the backup", unit.place)
                    return []
                # Another one came to its place, or this disk numbers its folders anew.
                now[unit.inode] = unit.place
                then.add(instead.inode)
                unit = Unit(unit.place, instead.inode)
        raise StorageError(
            "The folder is changed all the time and cannot be copied whole: no backup was made.",
            where=str(self._root / unit.place),
            todo="Back up again when what changes it has ended. Earlier backups are whole.",
            retryable=True,
        )

    def _save_folder(self, place: str, unit: Unit, known: Mapping[str, SavedFile]) -> list[SavedFile] | None:
        """Save the files of a folder under the unit's place, ``None`` when it is not, or not to the end, that one."""
        folder = self._root / place
        files: list[SavedFile] = []
        oldest_ns: int | None = None
        try:
            if folder.stat().st_ino != unit.inode:
                return None
            for inside, state in files_below(folder):
                saved = self._save(folder / inside, f"{unit.place}/{inside}", known, state)
                if saved is None:
                    return None
                files.append(saved)
                oldest_ns = min(state.st_mtime_ns, oldest_ns or state.st_mtime_ns)
            if folder.stat().st_ino != unit.inode:
                return None
        except (FileNotFoundError, NotADirectoryError):
            return None
        if place != unit.place and oldest_ns is not None and oldest_ns > self._begun_ns:
            return []  # a new folder was given the number of one that was removed
        return files

    def _save(
        self, file: Path, path: str, known: Mapping[str, SavedFile], state: os.stat_result | None = None
    ) -> SavedFile | None:
        """Save a file under ``path``, ``None`` when it has gone."""
        try:
            if _is_database(path):
                return self._save_database(file, path)
            state = state or file.stat()
            if (former := known.get(path)) is not None and self._is_unchanged(former, state):
                return former
            added = self._add(file)
        except FileNotFoundError:
            return None
        return SavedFile(path, added.size, added.mtime_ns, added.sha256)

    def _save_database(self, source: Path, path: str) -> SavedFile:
        mtime_ns = source.stat().st_mtime_ns
        copy = self._objects.scratch("database")
        try:
            copy_database(source, copy)
            added = self._add(copy)
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"The database cannot be copied: {error}.", where=str(source), todo="Check both disks, then try again."
            ) from error
        except sqlite3.DatabaseError as error:
            # What is damaged is kept as it is: somebody may be able to read more of it.
            _log.warning("%s is copied as it is: %s", source, error)
            added = self._add(source)
        finally:
            copy.unlink(missing_ok=True)
        return SavedFile(path, added.size, mtime_ns, added.sha256)

    def _former_of(self, unit: str) -> Mapping[str, SavedFile]:
        return self._former.files_of(unit_of(unit)) if self._former else {}

    def _is_unchanged(self, file: SavedFile, state: os.stat_result) -> bool:
        """Say whether a file is as the former snapshot has it, and its content there."""
        if self._former is None or (file.size, file.mtime_ns) != (state.st_size, state.st_mtime_ns):
            return False
        fresh = file.mtime_ns / 1e9 > self._former.snapshot.taken_at.timestamp() - _FRESH_S
        if fresh or self._objects.size(file.sha256) != file.size:
            return False
        if self._check and not self._is_sound(file.sha256):
            self._objects.remove(file.sha256)
            self.mended += 1
            return False
        return True

    def _add(self, source: Path) -> Added:
        """Copy a content in.

        One that was there is read back: a power cut may have left it from a backup that was never synced.
        """
        added = self._objects.add(source)
        if not added.new and not self._is_sound(added.sha256):
            self._objects.remove(added.sha256)
            self.mended += 1
            added = self._objects.add(source)
        if added.new:
            self.new_contents += 1
            self.new_bytes += added.size
            with self._added.open("ab") as file:
                file.write(bytes.fromhex(added.sha256))
            self._trust(added.sha256)
        return added

    def _is_sound(self, sha256: str) -> bool:
        if bytes.fromhex(sha256) in self._trusted:
            return True
        if sound := self._objects.sound(sha256):
            self._trust(sha256)
        return sound

    def _trust(self, sha256: str) -> None:
        """Remember that a content need not be read back again, for as many as memory is spent on."""
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted.clear()
        self._trusted.add(bytes.fromhex(sha256))


def _is_database(path: str) -> bool:
    """Whether others may be writing to it while it is copied."""
    return path.endswith(".sqlite")
