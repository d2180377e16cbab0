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

from station.backup.objects import Objects
from station.backup.saving import Saving, Tell
from station.backup.snapshot import SUFFIX, SavedFile, Snapshot, new_name, read_snapshot, snapshot_names
from station.datadir import LOCK_FILE
from station.durable_json import write_json
from station.errors import StorageError
from station.file_lock import lock_file
from station.migrations import NOTE_FILE, VERSION_FILE

MARK = "station-backup.json"
FORMAT = 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did: its snapshot, and how much of it was new. ``mended`` counts damaged contents copied again."""

    snapshot: str
    files: int
    bytes: int
    new_contents: int
    new_bytes: int
    mended: int
    removed: int


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
        ``keep`` snapshots are kept, all with 0.
        """
        root = root.resolve()
        self._require_apart(root)
        layout = _layout(root)
        with _told(self._folder), self._locked(root):
            self._objects.sweep()
            taken_at = datetime.now(UTC)
            run = Saving(root, self._objects, self._newest(), check=check, tell=tell)
            files = run.save_all()
            self._objects.sync()
            run.read_back()
            name = new_name(taken_at, self.snapshots)
            snapshot = Snapshot(name, taken_at, layout, files)
            snapshot.write(self._snapshots)
            removed = self._prune(keep) if keep else 0
        return BackupReport(name, len(files), snapshot.bytes, len(run.new), sum(run.new.values()), run.mended, removed)

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
            files = sorted(snapshot.files.values(), key=lambda file: (file.path == VERSION_FILE, file.path))
            for done, file in enumerate(files, start=1):
                if file.path == VERSION_FILE and hasattr(os, "sync"):
                    os.sync()  # all others are on the disk before the directory counts as one
                if not self._restore(file, into):
                    damaged.append(file.path)
                    if not partly or file.path == VERSION_FILE:
                        raise StorageError(
                            f"The backup of {file.path} is damaged.",
                            where=str(self._folder),
                            todo="Restore an earlier one with --at, or leave out what is damaged with --partly.",
                        )
                tell(done, len(files))
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

    def _newest(self) -> Snapshot | None:
        for name in reversed(self.snapshots):
            try:
                return read_snapshot(self._snapshots / f"{name}{SUFFIX}")
            except StorageError as error:
                _log.warning("A snapshot is passed over: %s", error)
        return None

    def _prune(self, keep: int) -> int:
        """Remove all but the newest snapshots, then the contents that none of them needs."""
        names = self.snapshots
        wanted = {file.sha256 for name in names[-keep:] for file in self.snapshot(name).files.values()}
        for name in names[:-keep]:
            (self._snapshots / f"{name}{SUFFIX}").unlink()
        return self._objects.sweep(wanted)

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
            raise StorageError(f"It cannot be read: {error!r}.", where=str(mark)) from error
        if number > FORMAT:
            raise StorageError(
                f"The backups have format {number}, this program knows formats up to {FORMAT}.", where=str(mark)
            )
        if place != home:
            raise StorageError(
                f"The folder holds the backups of {place['data_dir']} on {place['host']}.",
                where=str(self._folder),
                todo="Name another folder for this data directory.",
            )


def _layout(root: Path) -> int:
    try:
        text = (root / VERSION_FILE).read_text(encoding="ascii").strip()
    except OSError as error:
        raise StorageError(
            "There is no data directory.", where=str(root), todo="Check data_dir in [station]."
        ) from error
    if (root / NOTE_FILE).exists():
        raise StorageError(
            "The data directory is being migrated.", where=str(root), todo="Start the station once, then back up."
        )
    return int(text)


def _require_room(into: Path, snapshot: Snapshot) -> None:
    free = shutil.disk_usage(into).free
    if free < snapshot.bytes:
        raise StorageError(
            f"The backup needs {snapshot.bytes / 1e9:.1f} GB, {free / 1e9:.1f} GB are free.", where=str(into)
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
