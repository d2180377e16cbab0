"""A station in a process of its own that a test may kill, and what must lie on the disk afterwards."""

from __future__ import annotations

import hashlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

from station.captures.record import read_capture_record
from station.frames import ROLES

ROOT = Path(__file__).parents[3]
LINE_S = 240.0
"""Longest wait for the next thing to happen; a busy machine starts ten cameras slowly."""


class Run:
    """A station in a process of its own that says what happens, line by line; ``module`` is what it runs."""

    def __init__(self, module: str, *arguments: object) -> None:
        self.kept: dict[str, str] = {}
        """Acknowledged captures: folder in the tree by id."""
        self.lines: list[str] = []
        self._said: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, name="capture-run")
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.strip())
        self._said.put(None)

    def until(self, wanted: str) -> str:
        """Wait for a line that begins so; notes what is acknowledged meanwhile."""
        while True:
            line = self._said.get(timeout=LINE_S)
            assert line is not None, f"it ended: {self.lines}"
            self.lines.append(line)
            if line.startswith("kept "):
                _, capture_id, folder = line.split()
                self.kept[capture_id] = folder
            if line.startswith(wanted):
                return line

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self.end()

    def end(self) -> int:
        code = self._process.wait(LINE_S)
        self._reader.join(LINE_S)
        while (line := self._said.get_nowait()) is not None:
            if line.startswith("kept "):
                self.kept[line.split()[1]] = line.split()[2]
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


def whole(folder: Path) -> str:
    """Check every file of a capture by its hash; return the capture's id."""
    record = read_capture_record(folder)
    assert record is not None
    for role in set(ROLES) - set(record.missing):  # masks are there of views that see the part
        number = role[-2:]
        assert {f"{role}/{number}_{name}" for name in ("rgb.png", "depth.png", "meta.json")} <= set(record.files)
    for name, digest in record.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    return record.capture_id


def tree(data: Path) -> dict[str, str]:
    """Return the captures that lie in the tree, all of them whole: id by folder."""
    captures = data / "captures"
    found = (file.parent for file in (captures / "sets").rglob("capture.json"))
    return {
        str(folder.relative_to(captures)): whole(folder) for folder in found if not folder.name.startswith(".writing-")
    }
