"""The folder of a station's backups: `station-backup.json`, `objects/`, `snapshots/`."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from station.backup.needed import Needed
from station.backup.objects import Objects
from station.backup.saving import Saving, Tell
from station.backup.snapshot import (
    SUFFIX,
    Former,
    SavedFile,
    Snapshot,
    SnapshotWriter,
    new_name,
    read_snapshot,
    snapshot_names,
)
from station.datadir import LOCK_FILE
from station.durable_json import write_json
from station.errors import StorageError
from station.file_calls import REPLACING
from station.file_lock import lock_file
from station.migrations import NOTE_FILE, VERSION_FILE

MARK = "station-backup.json"
FORMAT = 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did: its snapshot, and how much of it was new. ``mended`` counts damaged contents copied again.

    ``removed`` counts contents that only removed snapshots needed; ``not_removed`` says why none could be, or is empty.
    """

    snapshot: str
    files: int
    bytes: int
    new_contents: int
    new_bytes: int
    mended: int
    removed: int
    not_removed: str = ""


def _silent(_done: int, _of: int) -> None:
    """Tell nobody."""


class BackupStore:
    """The backups of one data directory in one folder, best on another disk.

    A backup adds contents that are not there yet and, at its end, its snapshot, which is written whole or not at all:
    an interrupted one leaves those before as they were. Methods raise StorageError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._snapshots = folder / "snapshots"
        self._objects = Objects(folder / "objects")

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Names of the snapshots, oldest first: when they were taken, UTC."""
        return snapshot_names(self._snapshots)

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Return a snapshot by its name, the newest of those that begin so, the newest of all without a name."""
        fitting = [one for one in self.snapshots if one == name]
        fitting = fitting or [one for one in self.snapshots if one.startswith(name or "")]
        if not fitting:
            there = ", ".join(self.snapshots[-5:]) or "none"
            raise StorageError(
                f"There is no backup{f' {name}' if name else ''} here.",
                where=str(self._folder),
                todo=f"Here is {there}.",
            )
        return read_snapshot(self._snapshots / f"{fitting[-1]}{SUFFIX}")

    def save(self, root: Path, *, check: bool = False, keep: int = 0, tell: Tell = _silent) -> BackupReport:
        """Back a data directory up, also while its station runs.

        What is new is read back and compared; with ``check`` everything is, and what is damaged is copied again.
        ``keep`` snapshots are kept, all with 0. A data directory that comes to no rest is no backup: StorageError.
        """
        root = root.resolve()
        self._require_apart(root)
        layout = _layout(root)
        with _told(self._folder), self._locked(root):
            self._objects.sweep()
            for half in self._snapshots.glob(f"*{REPLACING}"):
                half.unlink()
            taken_at = datetime.now(UTC)
            name = new_name(taken_at, self.snapshots)
            former = self._newest()
            with SnapshotWriter(self._snapshots, name, taken_at, layout) as written:
                run = Saving(root, self._objects, former, check=check, put=written.add)
                run.save_all(tell)
                self._objects.sync()
                run.read_back()
                written.finish()
            removed, not_removed = self._prune(keep) if keep else (0, "")
        return BackupReport(
            name, written.count, written.bytes, run.new_contents, run.new_bytes, run.mended, removed, not_removed
        )

    def restore(
        self, into: Path, name: str | None = None, *, partly: bool = False, tell: Tell = _silent
    ) -> tuple[str, ...]:
        """Write a snapshot into a new or empty folder and check every hash; returns the files that are damaged.

        A damaged or missing content ends the restore with StorageError, unless ``partly``: then its file is left out.
        The version file comes last: what an interrupted restore left is no data directory.
        """
        snapshot = self.snapshot(name)
        with _told(into):
            if into.exists() and (not into.is_dir() or any(into.iterdir())):
                raise StorageError(
                    "A backup is restored into a new or an empty folder only.",
                    where=str(into),
                    todo="Name another one, or empty it if an interrupted restore left it.",
                )
            into.mkdir(parents=True, exist_ok=True)
            _require_room(into, snapshot)
            damaged: list[str] = []
            last: SavedFile | None = None
            for done, file in enumerate(snapshot.files(), start=1):
                if file.path == VERSION_FILE:
                    last = file
                    continue
                if not self._restore(file, into):
                    damaged.append(file.path)
                    if not partly:
                        raise self._damaged(file)
                tell(done, snapshot.count)
            if hasattr(os, "sync"):
                os.sync()  # all others are on the disk before the directory counts as one
            if last is not None and not self._restore(last, into):
                raise self._damaged(last)
            tell(snapshot.count, snapshot.count)
        return tuple(damaged)

    def _restore(self, file: SavedFile, into: Path) -> bool:
        target = into / file.path
        if self._objects.size(file.sha256) != file.size:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        if not self._objects.restore(file.sha256, target):
            target.unlink()
            return False
        os.utime(target, ns=(file.mtime_ns, file.mtime_ns))
        return True

    def _damaged(self, file: SavedFile) -> StorageError:
        return StorageError(
            f"The backup of {file.path} is damaged.",
            where=str(self._folder),
            todo="Restore an earlier one with --at, or leave out what is damaged with --partly.",
        )

    def _newest(self) -> Former | None:
        for name in reversed(self.snapshots):
            try:
                return Former(self._snapshots / f"{name}{SUFFIX}")
            except StorageError as error:
                _log.warning("A snapshot is passed over: %s", error)
        return None

    def _prune(self, keep: int) -> tuple[int, str]:
        """Remove all but the newest snapshots, then the contents that none of them needs.

        Returns how many contents, or why none: the backup is made by then, and what a damaged snapshot needs is not
        known.
        """
        names, needed = self.snapshots, Needed()
        try:
            for name in names[-keep:]:
                for file in read_snapshot(self._snapshots / f"{name}{SUFFIX}").files():
                    needed.add(file.sha256)
            for name in names[:-keep]:
                (self._snapshots / f"{name}{SUFFIX}").unlink()
            return self._objects.sweep(needed), ""
        except StorageError as error:
            return 0, str(error)
        except OSError as error:
            return 0, f"{self._folder}: The disk refuses: {error.strerror or error}."

    def _require_apart(self, root: Path) -> None:
        folder = self._folder.resolve()
        if folder.is_relative_to(root) or root.is_relative_to(folder):
            raise StorageError(
                "A backup cannot lie inside what it backs up, nor around it.",
                where=str(folder),
                todo="Name a folder elsewhere, best on another disk.",
            )

    @contextmanager
    def _locked(self, root: Path) -> Generator[None]:
        """Make the folder where it is missing, and keep other backups out of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        mark = self._folder / MARK
        own = (LOCK_FILE, f"{MARK}.tmp")
        if not mark.exists() and any(entry.name not in own for entry in self._folder.iterdir()):
            raise StorageError(
                "The folder holds other things and no backups.", where=str(self._folder), todo="Name an empty one."
            )
        lock = lock_file(self._folder / LOCK_FILE)
        if lock is None:
            raise StorageError("Another backup into this folder runs.", where=str(self._folder), retryable=True)
        with lock:
            home = {"host": socket.gethostname(), "data_dir": str(root)}
            if not mark.exists():
                write_json(mark, {"format": FORMAT, **home})
            self._require_home(mark, home)
            for folder in (self._folder / "objects", self._snapshots):
                folder.mkdir(exist_ok=True)
            yield

    def _require_home(self, mark: Path, home: dict[str, str]) -> None:
        """Two stations' backups in one folder would be taken for each other's."""
        try:
            noted = json.loads(mark.read_bytes())
            number, place = int(noted["format"]), {key: str(noted[key]) for key in home}
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(
                "The file that says whose backups these are is damaged.",
                where=str(mark),
                todo="Back up into another folder. What is here can still be restored.",
            ) from error
        if number > FORMAT:
            raise StorageError(
                f"The backups have format {number}, this program knows formats up to {FORMAT}.",
                where=str(mark),
                todo="Use the newer program that wrote them, or another folder.",
            )
        if place != home:
            raise StorageError(
                f"The folder holds the backups of {place['data_dir']} on {place['host']}.",
                where=str(self._folder),
                todo="Name another folder for this data directory.",
            )


def _layout(root: Path) -> int:
    try:
        text = (root / VERSION_FILE).read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise StorageError(
            "There is no data directory.", where=str(root), todo="Check data_dir in [station]."
        ) from error
    if (root / NOTE_FILE).exists():
        raise StorageError(
            "The data directory is being migrated.", where=str(root), todo="Start the station once, then back up."
        )
    if not (text.isascii() and text.isdigit()):
        raise StorageError(
            f"The version file says {text[:20]!r}, where a number was expected.",
            where=str(root / VERSION_FILE),
            todo="Restore it from an earlier backup, then back up.",
        )
    return int(text)


def _require_room(into: Path, snapshot: Snapshot) -> None:
    free = shutil.disk_usage(into).free
    if free < snapshot.bytes:
        raise StorageError(
            f"The backup needs {snapshot.bytes / 1e9:.1f} GB, {free / 1e9:.1f} GB are free.",
            where=str(into),
            todo="Free space on that disk, or name a folder on another one.",
        )


@contextmanager
def _told(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The disk refuses: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}.",
            where=str(folder),
            todo="Check its space and permissions. Earlier backups are whole.",
        ) from error
