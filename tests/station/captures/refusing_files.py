"""A disk that refuses the n-th call, once or from then on until it is mended; a write that it refuses is half done.

It waits for no real disk: a power cut is another test's matter.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from station.file_calls import OsFiles

_T = TypeVar("_T")


class RefusingFiles(OsFiles):
    """Counts the calls since :meth:`arm`: those of the thread that makes HHA pictures, or all others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._code: int | None = None
        self._at = self._stays = 0
        self._of_hha = False
        self.calls: list[str] = []
        self.refused = 0

    def arm(self, at: int = 0, code: int | None = None, *, stays: bool = False, of_hha: bool = False) -> None:
        """Refuse call number ``at`` (from 1) with an errno, and with ``stays`` all that follow; count alone without."""
        with self._lock:
            self._at, self._code, self._stays, self._of_hha = at, code, stays, of_hha
            self.calls, self.refused = [], 0

    def mend(self) -> None:
        """Refuse nothing any more."""
        with self._lock:
            self._code = None

    def make_folder(self, path: Path) -> None:
        self._do("make_folder", lambda: super(RefusingFiles, self).make_folder(path))

    def create(self, path: Path) -> int:
        return self._do("create", lambda: super(RefusingFiles, self).create(path))

    def open_end(self, path: Path) -> int:
        return self._do("open_end", lambda: super(RefusingFiles, self).open_end(path))

    def write(self, handle: int, content: bytes) -> None:
        half = content[: len(content) // 2]
        self._do(
            "write", lambda: super(RefusingFiles, self).write(handle, content), lambda: void(os.write(handle, half))
        )

    def sync(self, handle: int) -> None:
        self._do("sync", lambda: None)

    def close(self, handle: int) -> None:
        close = lambda: super(RefusingFiles, self).close(handle)  # noqa: E731 - a handle is gone though closing fails
        self._do("close", close, close)

    def rename(self, source: Path, target: Path) -> None:
        self._do("rename", lambda: super(RefusingFiles, self).rename(source, target))

    def sync_folder(self, path: Path) -> None:
        self._do("sync_folder", lambda: None)

    def remove_file(self, path: Path) -> None:
        self._do("remove_file", lambda: super(RefusingFiles, self).remove_file(path))

    def remove_folder(self, path: Path) -> None:
        self._do("remove_folder", lambda: super(RefusingFiles, self).remove_folder(path))

    def _do(self, name: str, call: Callable[[], _T], instead: Callable[[], None] = lambda: None) -> _T:
        with self._lock:
            refuse = False
            if threading.current_thread().name.startswith("captures-hha") == self._of_hha:
                self.calls.append(name)
                number = len(self.calls)
                refuse = self._code is not None and (number == self._at or (self._stays and number > self._at))
            code = self._code
            self.refused += refuse
        if refuse:
            instead()
            assert code is not None
            raise OSError(code, os.strerror(code))
        return call()


def void(_: object) -> None:
    """Take a value nobody wants."""
