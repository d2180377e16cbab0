"""The data directory of a station: its layout, its version, and the lock that keeps a second program out."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from station.durable_json import write_durably
from station.errors import StorageError
from station.file_lock import lock_file
from station.migrations import LAYOUT_VERSION, NOTE_FILE, VERSION_FILE, migrate

CALIBRATIONS = "calibrations"
"""Folder of the rig's calibrations in a data directory."""
LOCK_FILE, LOGS = "lock", "logs"
CAPTURES, CATALOG = "captures", "catalog.sqlite"
"""The tree of captures in a data directory, and the index over it."""
_FOLDERS = ("references", "models", CALIBRATIONS, CAPTURES, f"{CAPTURES}/sets", LOGS)


class DataDir:
    """Everything that a station keeps, under one folder.

    Open it with :meth:`open`, close it at the end (or use it in a ``with``). Paths that are stored inside are
    relative: :meth:`relative` makes them, :meth:`resolve` reads them.
    """

    def __init__(self, root: Path, lock: IO[bytes]) -> None:
        self.root = root
        self._lock = lock

    @staticmethod
    def open(root: Path) -> DataDir:
        """Make the layout where it is missing, bring an older one up to date, and take the lock.

        Raises StorageError when the folder cannot be made, is of a newer version, holds something else, or is in use.
        """
        root = root.resolve()
        with _told(root):
            root.mkdir(parents=True, exist_ok=True)
            _check_version(root)
            lock = _take_lock(root / LOCK_FILE)
            try:
                migrate(root, _check_version(root))
                _make_folders(root)
            except BaseException:
                lock.close()
                raise
        return DataDir(root, lock)

    @staticmethod
    def lay_out(root: Path) -> Path:
        """Make the layout where it is missing and return the folder, without its lock.

        For what is written whole, such as a calibration, while a station may run. Raises StorageError as :meth:`open`
        does, but for a directory in use only when it is of an older layout.
        """
        root = root.resolve()
        with _told(root):
            root.mkdir(parents=True, exist_ok=True)
            if not _up_to_date(root, _check_version(root)):
                DataDir.open(root).close()
            _make_folders(root)
        return root

    @property
    def journal(self) -> Path:
        """The journal of answers."""
        return self.root / "journal.sqlite"

    def journal_rescue(self, elsewhere: Path) -> Path:
        """Return where unwritten journal entries are kept meanwhile: a file in ``elsewhere``, best on another disk.

        The name holds a hash of the data directory's path, so that several stations may share the folder.
        """
        return elsewhere / f"journal-{hashlib.sha256(str(self.root).encode()).hexdigest()[:12]}.jsonl"

    @property
    def parts(self) -> Path:
        """The part master."""
        return self.root / "parts.sqlite"

    @property
    def references(self) -> Path:
        """Reference pictures of the parts."""
        return self.root / "references"

    @property
    def models(self) -> Path:
        """Trained models, a folder each."""
        return self.root / "models"

    @property
    def calibrations(self) -> Path:
        """Calibrations of the rig, a file each."""
        return self.root / CALIBRATIONS

    @property
    def calibration_pictures(self) -> Path:
        """Pictures that calibrations were solved from, a folder for each attempt."""
        return self.calibrations / "pictures"

    @property
    def calibration_checks(self) -> Path:
        """What the checks of the calibration in use have found, over days."""
        return self.root / "calibration-checks.sqlite"

    @property
    def captures(self) -> Path:
        """The tree of captures."""
        return self.root / CAPTURES

    @property
    def catalog(self) -> Path:
        """The index over the captures."""
        return self.root / CATALOG

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / LOGS

    def relative(self, path: Path) -> str:
        """Return how ``path`` is stored: relative, with forward slashes; raises StorageError when it lies outside."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except ValueError as error:
            raise StorageError(
                f"{path} lies outside the data directory.", where=str(self.root), todo="Copy it in first."
            ) from error

    def resolve(self, stored: str) -> Path:
        """Return the path that :meth:`relative` stored; raises StorageError when it leads outside."""
        path = (self.root / PurePosixPath(stored)).resolve()
        if not path.is_relative_to(self.root):
            raise StorageError(f"The stored path {stored!r} leads outside the data directory.", where=str(self.root))
        return path

    def close(self) -> None:
        """Give the lock back; harmless when closed already."""
        self._lock.close()

    def __enter__(self) -> DataDir:
        """Return the open directory."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        self.close()


@contextmanager
def _told(root: Path) -> Generator[None]:
    """Turn the system's errors into a sentence."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The data directory cannot be used: {error.strerror or error}.",
            where=str(root),
            todo="Check its permissions and the disk, or set data_dir in [station].",
        ) from error


def _make_folders(root: Path) -> None:
    for folder in _FOLDERS:
        (root / folder).mkdir(exist_ok=True)


def in_use(root: Path) -> bool:
    """Say whether a running station holds the data directory; makes and changes nothing."""
    if not (root / LOCK_FILE).is_file():
        return False
    try:
        _take_lock(root / LOCK_FILE).close()
    except StorageError:
        return True
    return False


def require_unused(root: Path, devices: str) -> None:
    """Raise StorageError while a running station holds the data directory, and with it ``devices``, as "the scale"."""
    if in_use(root):
        raise StorageError(
            f"A station is running with this data directory and has {devices} for itself.",
            where=str(root),
            todo="Close it first.",
            retryable=True,
        )


def _check_version(root: Path) -> int:
    """Return the layout of a folder; an empty one becomes a data directory of today's."""
    file = root / VERSION_FILE
    if not file.exists():
        strangers = sorted(p.name for p in root.iterdir() if p.name not in (LOCK_FILE, f"{VERSION_FILE}.tmp"))
        if strangers:
            raise StorageError(
                f"The folder is no data directory: it has no version file, but holds {strangers[0]!r}.",
                where=str(root),
                todo="Name an empty or a new folder as data_dir in [station].",
            )
        write_durably(file, f"{LAYOUT_VERSION}\n".encode("ascii"))
        return LAYOUT_VERSION
    text = file.read_text(encoding="utf-8", errors="replace").strip()
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise StorageError(
            f"The version file says {text[:20]!r}, where a number was expected.",
            where=str(file),
            todo="Restore it from a backup.",
        )
    if int(text) > LAYOUT_VERSION:
        raise StorageError(
            f"The data directory has layout {text}, this program knows layouts up to {LAYOUT_VERSION}.",
            where=str(root),
            todo="Use the newer program that wrote it.",
        )
    return int(text)


def _up_to_date(root: Path, version: int) -> bool:
    return version == LAYOUT_VERSION and not (root / NOTE_FILE).exists()


def _take_lock(path: Path) -> IO[bytes]:
    lock = lock_file(path)
    if lock is None:
        raise StorageError(
            "The data directory is in use by another running station.",
            where=str(path.parent),
            todo="Close the other program, or name another data_dir in [station].",
            retryable=True,
        )
    return lock
