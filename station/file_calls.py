"""The few calls by which files are changed durably, behind one door.

Whoever must lose nothing (the capture store) changes the disk through :class:`FileCalls` alone. A test puts a recorder
there, to replay every prefix of the calls with all dropped that was not synced, or makes call n fail.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from station.errors import StorageError


class FileCalls(Protocol):
    """What the operating system does with files; every call raises OSError.

    The content of a file is safe against a power cut after :meth:`sync`; that it exists, or has gone, under its name
    is safe after :meth:`sync_folder` of the folder that it is in. Handles are closed by whoever got them.
    """

    def make_folder(self, path: Path) -> None:
        """Make one folder; its parent must be there."""
        ...

    def create(self, path: Path) -> int:
        """Make an empty file, or empty the one that is there; returns a handle to write with."""
        ...

    def open_end(self, path: Path) -> int:
        """Open a file to write at its end, made where it is missing; returns a handle."""
        ...

    def write(self, handle: int, content: bytes) -> None:
        """Write all of ``content`` where the handle stands."""
        ...

    def sync(self, handle: int) -> None:
        """Wait until the file's content is on the disk."""
        ...

    def close(self, handle: int) -> None:
        """Give a handle back."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Move a file or folder within one disk; a file that is at the target is replaced in one step."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Wait until the names in a folder are on the disk."""
        ...

    def remove_file(self, path: Path) -> None:
        """Remove a file."""
        ...

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        ...


class OsFiles:
    """The real calls."""

    def make_folder(self, path: Path) -> None:
        """See :class:`FileCalls`."""
        os.mkdir(path)

    def create(self, path: Path) -> int:
        """See :class:`FileCalls`."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)

    def open_end(self, path: Path) -> int:
        """See :class:`FileCalls`."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)

    def write(self, handle: int, content: bytes) -> None:
        """See :class:`FileCalls`."""
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]

    def sync(self, handle: int) -> None:
        """See :class:`FileCalls`."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """See :class:`FileCalls`."""
        os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """See :class:`FileCalls`."""
        os.replace(source, target)

    def sync_folder(self, path: Path) -> None:
        """See :class:`FileCalls`; Windows (untested) has no such call and keeps its names in a journal of its own."""
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove_file(self, path: Path) -> None:
        """See :class:`FileCalls`."""
        os.unlink(path)

    def remove_folder(self, path: Path) -> None:
        """See :class:`FileCalls`."""
        os.rmdir(path)


_BINARY = getattr(os, "O_BINARY", 0)
OS_FILES = OsFiles()
REPLACING = ".tmp"
"""End of the name of a file that is to take another one's place."""


def write_synced(files: FileCalls, path: Path, content: bytes) -> None:
    """Write a file and wait until its content is on the disk; its name is not until its folder is synced."""
    handle = files.create(path)
    try:
        files.write(handle, content)
        files.sync(handle)
    finally:
        files.close(handle)


def replace_durably(files: FileCalls, path: Path, content: bytes) -> None:
    """Write a temporary file beside ``path``, sync, rename, sync the folder: whole as before or whole as now."""
    temporary = path.with_name(path.name + REPLACING)
    write_synced(files, temporary, content)
    files.rename(temporary, path)
    files.sync_folder(path.parent)


def append_durably(files: FileCalls, path: Path, content: bytes) -> None:
    """Write ``content`` at the end of a file, made where it is missing; sync it and its folder.

    The folder each time: a file that an earlier run made may be there and yet have no name on the disk.
    """
    handle = files.open_end(path)
    try:
        files.write(handle, content)
        files.sync(handle)
    finally:
        files.close(handle)
    files.sync_folder(path.parent)


def remove_tree(files: FileCalls, path: Path) -> None:
    """Remove a folder with all that is in it; harmless when it is not there."""
    if not os.path.lexists(path):
        return
    for name in sorted(os.listdir(path)):
        child = path / name
        if child.is_dir() and not child.is_symlink():
            remove_tree(files, child)
        else:
            files.remove_file(child)
    files.remove_folder(path)


class DurableFolders:
    """Makes folders so that they survive a power cut, and knows which ones it has made sure of.

    A folder that an earlier run made may be there and yet not be on the disk, so the first use of each syncs its
    parent once. ``root`` itself is taken to be durable. To be used from one thread.
    """

    def __init__(self, files: FileCalls, root: Path) -> None:
        self._files = files
        self._root = root
        self._sure: set[Path] = {root}

    def ensure(self, folder: Path) -> None:
        """Make ``folder`` (below the root) and what is missing above it; raises OSError."""
        if not folder.is_relative_to(self._root):
            raise StorageError(f"{folder} lies outside {self._root}.")
        missing = [path for path in (folder, *folder.parents) if path.is_relative_to(self._root)]
        for path in reversed(missing):
            there = path.is_dir()
            if there and path in self._sure:
                continue
            if not there:
                self._files.make_folder(path)
            self._files.sync_folder(path.parent)
            self._sure.add(path)
