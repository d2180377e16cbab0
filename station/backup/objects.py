"""The contents of all files that were ever backed up, each once, under the hash of its content."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from station.errors import StorageError

_BLOCK = 1 << 20
_HALF = ".half-"
_SYNC_ALL = getattr(os, "sync", None)
"""Syncs everything at once, which for many small files takes a fraction of syncing each. Windows (untested) has none,
syncs each, and keeps names in a journal of its own."""
_WAITS_S = (0.0, 0.05, 0.2, 0.8, 3.0)
"""Pauses before a file that was written to while it was copied is copied again."""
_GROWING = ".jsonl"
"""End of the name of files of lines, which are only added to."""


@dataclass(frozen=True, slots=True)
class Added:
    """A content that is in: hash, bytes, its file's time of change, and whether it was not there before."""

    sha256: str
    size: int
    mtime_ns: int
    new: bool


class Objects:
    """A folder of contents, ``ab/abcd…`` for the SHA-256 ``abcd…``; every method may raise OSError.

    A content that is there is never changed. To be used by one program at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Return where a content lies or would lie."""
        return self._folder / sha256[:2] / sha256

    def scratch(self, name: str) -> Path:
        """Return the path of a temporary file on the same disk; :meth:`sweep` removes what was left there."""
        return self._folder / f"{_HALF}{name}"

    def size(self, sha256: str) -> int | None:
        """Return the size of a content in bytes, ``None`` when it is not there."""
        with contextlib.suppress(FileNotFoundError):
            return self.path(sha256).stat().st_size
        return None

    def add(self, source: Path) -> Added:
        """Copy a file's content in, as it was at one instant; safe after :meth:`sync`.

        Of a file of lines that grows meanwhile all lines are copied that were whole. Raises StorageError when any
        other file is written to each time that it is copied.
        """
        half = self.scratch("content")
        try:
            sha256, size, mtime_ns = _copy_whole(source, half)
        except (OSError, StorageError):
            half.unlink(missing_ok=True)  # on a full disk it is the last that fitted
            raise
        target = self.path(sha256)
        if target.exists():
            half.unlink()
            return Added(sha256, size, mtime_ns, False)
        target.parent.mkdir(exist_ok=True)
        half.replace(target)
        return Added(sha256, size, mtime_ns, True)

    def sync(self) -> None:
        """Make all added contents and their names durable."""
        if _SYNC_ALL is not None:
            _SYNC_ALL()

    def sound(self, sha256: str) -> bool:
        """Read a content back from the disk and say whether it is what its name says."""
        try:
            with self.path(sha256).open("rb") as file:
                if hasattr(os, "posix_fadvise"):  # else what was written and synced before is read from memory
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                return _hash(file) == sha256
        except FileNotFoundError:
            return False

    def restore(self, sha256: str, target: Path) -> bool:
        """Write a content to a new file; returns whether it is what its name says. Raises FileNotFoundError."""
        with self.path(sha256).open("rb") as file, target.open("xb") as out:
            return _copy(file, out, os.fstat(file.fileno()).st_size)[0] == sha256

    def remove(self, sha256: str) -> None:
        """Remove a content."""
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, wanted: Container[str] | None = None) -> int:
        """Remove what was left half written and, with ``wanted``, every other content; returns how many of these."""
        for half in self._folder.glob(f"{_HALF}*"):
            half.unlink()
        removed = 0
        if wanted is not None:
            for part in sorted(self._folder.glob("??")):
                for name in os.listdir(part):
                    if name not in wanted:
                        (part / name).unlink()
                        removed += 1
        return removed


def _copy_whole(source: Path, half: Path) -> tuple[str, int, int]:
    """Copy a file that others may write to; returns hash, bytes and time of change of what was copied."""
    for wait_s in _WAITS_S:
        time.sleep(wait_s)
        # What replaces the file meanwhile is another file: this one stays open, and as it was.
        with source.open("rb") as file, half.open("wb") as out:
            before = os.fstat(file.fileno())
            sha256, size = _copy(file, out, before.st_size)
            if _SYNC_ALL is None:
                out.flush()
                os.fsync(out.fileno())
            after = os.fstat(file.fileno())
        if (size, before.st_size, before.st_mtime_ns) == (before.st_size, after.st_size, after.st_mtime_ns):
            return sha256, size, before.st_mtime_ns
        if source.suffix == _GROWING and size == before.st_size <= after.st_size:
            return *_cut_at_line_end(half), before.st_mtime_ns
    raise StorageError(
        "The file is written to all the time and cannot be copied whole: no backup was made.",
        where=str(source),
        todo="Back up again when what writes to it has ended. Earlier backups are whole.",
        retryable=True,
    )


def _cut_at_line_end(half: Path) -> tuple[str, int]:
    """Cut a file after its last whole line; returns its hash and bytes."""
    with half.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - _BLOCK)
            file.seek(begin)
            found = file.read(end - begin).rfind(b"\n")
            if found >= 0:
                end = begin + found + 1
                break
            end = begin
        file.truncate(end)
        file.flush()
        if _SYNC_ALL is None:
            os.fsync(file.fileno())
        file.seek(0)
        return _hash(file), end


def _copy(file: BinaryIO, out: BinaryIO, most: int) -> tuple[str, int]:
    """Copy up to ``most`` bytes; returns their hash, and how many there were."""
    digest, copied = hashlib.sha256(), 0
    while block := file.read(min(_BLOCK, most - copied)):
        digest.update(block)
        out.write(block)
        copied += len(block)
    return digest.hexdigest(), copied


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
