"""The contents of all files that were ever backed up, each once, under the hash of its content."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
_HALF = ".half-"
_SYNC_ALL = getattr(os, "sync", None)
"""Syncs everything at once, which for many small files takes a fraction of syncing each. Windows (untested) has none,
syncs each, and keeps names in a journal of its own."""


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

    def add(self, source: Path) -> tuple[str, bool]:
        """Copy a file's content in; returns its hash, and whether it was new. Safe after :meth:`sync`."""
        half = self.scratch("content")
        try:
            with source.open("rb") as file, half.open("wb") as out:
                sha256 = _copy(file, out)
                if _SYNC_ALL is None:
                    out.flush()
                    os.fsync(out.fileno())
        except OSError:
            half.unlink(missing_ok=True)  # on a full disk it is the last that fitted
            raise
        target = self.path(sha256)
        if target.exists():
            half.unlink()
            return sha256, False
        target.parent.mkdir(exist_ok=True)
        half.replace(target)
        return sha256, True

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
            return _copy(file, out) == sha256

    def remove(self, sha256: str) -> None:
        """Remove a content."""
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, wanted: Collection[str] | None = None) -> int:
        """Remove what was left half written and, with ``wanted``, every other content; returns how many of these."""
        for half in self._folder.glob(f"{_HALF}*"):
            half.unlink()
        removed = 0
        if wanted is not None:
            for path in list(self._folder.glob("??/*")):
                if path.name not in wanted:
                    path.unlink()
                    removed += 1
        return removed


def _copy(file: BinaryIO, out: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        out.write(block)
    return digest.hexdigest()


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
