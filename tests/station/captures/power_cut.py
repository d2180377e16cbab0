"""A disk that remembers: it records every file call, and can say what a power cut after any of them leaves.

Rules of a disk that keeps no promise it was not asked for: a file's content is safe after ``sync`` of it, a name after
``sync_folder`` of its folder; a rename is one step of the disk's own journal, done when either folder is synced.
"""

from __future__ import annotations

import enum
import random
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from station.file_calls import OsFiles


@dataclass(eq=False)
class File:
    """A file: what was written, and what of it is on the disk."""

    written: bytes = b""
    safe: bytes = b""


@dataclass(eq=False)
class Folder:
    """A folder: its names now, and those that are on the disk."""

    names: dict[str, File | Folder] = field(default_factory=dict[str, "File | Folder"])
    safe: dict[str, File | Folder] = field(default_factory=dict[str, "File | Folder"])


@dataclass(frozen=True, slots=True)
class Call:
    """One call and what the catalog held on the disk when it was made; ``data`` is content or the other path."""

    name: str
    path: str
    data: bytes | str = b""
    catalog: bytes = b""


class Cut(enum.StrEnum):
    """What the disk loses."""

    ALL_UNSYNCED = "all_unsynced"
    """Every name and every byte that was not synced."""
    CONTENT_ALONE = "content_alone"
    """The names are there, the bytes behind them are not: a rename without a sync shows here."""
    AT_RANDOM = "at_random"
    """Names as they were at some moment since the last sync of a folder, bytes in part."""


class RecordingFiles(OsFiles):
    """Does the calls below ``root`` and writes them down; several threads may call."""

    def __init__(self, root: Path, database: Path) -> None:
        self._root = root
        self._database = database
        self._lock = threading.RLock()
        self._paths: dict[int, Path] = {}
        self.calls: list[Call] = []

    def make_folder(self, path: Path) -> None:
        self._note("make_folder", path, lambda: super(RecordingFiles, self).make_folder(path))

    def create(self, path: Path) -> int:
        return self._open("create", path, super().create)

    def open_end(self, path: Path) -> int:
        return self._open("open_end", path, super().open_end)

    def write(self, handle: int, content: bytes) -> None:
        self._note("write", self._paths[handle], lambda: super(RecordingFiles, self).write(handle, content), content)

    def sync(self, handle: int) -> None:
        self._note("sync", self._paths[handle], lambda: super(RecordingFiles, self).sync(handle))

    def rename(self, source: Path, target: Path) -> None:
        moved = self._name(target)
        self._note("rename", source, lambda: super(RecordingFiles, self).rename(source, target), moved)

    def sync_folder(self, path: Path) -> None:
        if not path.is_relative_to(self._root.parent):  # above the data directory nothing of ours is lost
            super().sync_folder(path)
            return
        self._note("sync_folder", path, lambda: super(RecordingFiles, self).sync_folder(path))

    def remove_file(self, path: Path) -> None:
        self._note("remove", path, lambda: super(RecordingFiles, self).remove_file(path))

    def remove_folder(self, path: Path) -> None:
        self._note("remove", path, lambda: super(RecordingFiles, self).remove_folder(path))

    def _open(self, name: str, path: Path, opens: Callable[[Path], int]) -> int:
        with self._lock:
            handles: list[int] = []
            self._note(name, path, lambda: handles.append(opens(path)))
            self._paths[handles[0]] = path
            return handles[0]

    def _note(self, name: str, path: Path, do: Callable[[], None], data: bytes | str = b"") -> None:
        with self._lock:
            catalog = self._catalog()
            do()
            self.calls.append(Call(name, self._name(path), data, catalog))

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root.parent).as_posix()

    def _catalog(self) -> bytes:
        # SQLite syncs what it commits: what another connection reads now is what a power cut leaves.
        connection = sqlite3.connect(self._database)
        try:
            return connection.serialize()
        finally:
            connection.close()


class Disk:
    """The disk as the calls make it, one after the other."""

    def __init__(self) -> None:
        self.top = Folder()
        self._moves: list[tuple[Folder, str, Folder, str]] = []

    def do(self, call: Call) -> None:
        """Do one call."""
        if call.path == ".":  # the folder that the tree is in
            self._sync(self.top)
            return
        folder, name = self._place(call.path)
        match call.name:
            case "make_folder":
                folder.names[name] = Folder()
            case "create":
                folder.names[name] = File()
            case "open_end":
                folder.names.setdefault(name, File())
            case "write":
                self._file(folder, name).written += _bytes(call.data)
            case "sync":
                file = self._file(folder, name)
                file.safe = file.written
            case "rename":
                target, new = self._place(str(call.data))
                target.names[new] = folder.names.pop(name)
                if target is not folder:
                    self._moves.append((folder, name, target, new))
            case "sync_folder":
                synced = folder.names[name]
                assert isinstance(synced, Folder)
                self._sync(synced)
            case _:
                del folder.names[name]

    def _sync(self, folder: Folder) -> None:
        folder.safe = dict(folder.names)
        for move in [one for one in self._moves if folder in (one[0], one[2])]:
            source, name, target, new = move
            source.safe.pop(name, None)
            if new in target.names:
                target.safe[new] = target.names[new]
            self._moves.remove(move)

    def _place(self, path: str) -> tuple[Folder, str]:
        *parents, name = path.split("/")
        folder = self.top
        for parent in parents:
            inner = folder.names[parent]
            assert isinstance(inner, Folder)
            folder = inner
        return folder, name

    def _file(self, folder: Folder, name: str) -> File:
        file = folder.names[name]
        assert isinstance(file, File)
        return file


def after_a_cut(calls: list[Call], count: int, cut: Cut, rng: random.Random, root: Path) -> None:
    """Lay down below ``root``'s parent what a power cut after the first ``count`` calls leaves of ``root``."""
    disk = Disk()
    disk.top.names[root.name] = disk.top.safe[root.name] = Folder()
    named = count
    if cut is Cut.AT_RANDOM:
        synced = max((i + 1 for i in range(count) if calls[i].name == "sync_folder"), default=0)
        named = rng.randint(synced, count)
    for call in calls[:named]:
        disk.do(call)
    kept = disk.top.safe if cut is Cut.ALL_UNSYNCED else disk.top.names
    _lay_down(kept, root.parent, cut, rng)


def _lay_down(names: dict[str, File | Folder], where: Path, cut: Cut, rng: random.Random) -> None:
    for name, node in names.items():
        path = where / name
        if isinstance(node, Folder):
            path.mkdir(exist_ok=True)
            _lay_down(node.safe if cut is Cut.ALL_UNSYNCED else node.names, path, cut, rng)
            continue
        content = node.safe
        if cut is Cut.AT_RANDOM and node.written != node.safe:
            content = rng.choice([node.safe, node.written, node.written[: rng.randrange(len(node.written) + 1)]])
        path.write_bytes(content)


def _bytes(data: bytes | str) -> bytes:
    assert isinstance(data, bytes)
    return data
