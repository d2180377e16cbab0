"""A class is captured on the simulated rig from nothing to its whole plan, through a power cut in the middle."""

from __future__ import annotations

import hashlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from station.captures.record import read_capture_record
from station.captures.session_state import FILE_NAME

pytest.importorskip("pyrealsense2")

ROOT = Path(__file__).parents[3]
CLASS = "pipe_elbow_42"
LINE_S = 240.0
"""Longest wait for the next thing to happen; a busy machine starts ten cameras slowly."""


class Run:
    """The station and its hand in a process of their own."""

    def __init__(self, data: Path, seed: int) -> None:
        self.kept: dict[str, str] = {}
        """Acknowledged captures: folder in the tree by id."""
        self.lines: list[str] = []
        self._said: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.station.cli.capture_run", str(data), CLASS, str(seed)],
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
    assert len(record.files) >= 40
    for name, digest in record.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    return record.capture_id


def tree(data: Path) -> dict[str, str]:
    """Return the captures that lie in the tree, all of them whole: id by folder."""
    captures = data / "captures"
    found = (file.parent for file in (captures / "sets").rglob("capture.json"))
    return {
        str(folder.relative_to(captures)): whole(folder)
        for folder in found
        if not folder.name.startswith(".writing-")
    }


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_class_is_captured_through_a_power_cut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Run(data, seed=5)
    first.until("saving 8")
    first.kill()
    assert len(first.kept) >= 6
    after_cut = tree(data)
    for capture_id, folder in first.kept.items():
        assert after_cut[folder] == capture_id, "what was acknowledged is there"
    assert len(after_cut) <= 8

    second = Run(data, seed=500)
    resumed = second.until("resumed")
    assert resumed.split()[1:] == [str(len(after_cut)), CLASS], "the session goes on where it was"
    assert second.until("done") == "done 22"
    assert second.end() == 0
    found = tree(data)
    head = f"sets/{CLASS}"
    assert set(found) == {
        *(f"{head}/train_data/0/{rotation}" for rotation in range(12)),
        *(f"{head}/valid_data/{number}" for number in range(5)),
        *(f"{head}/test_data/{number}" for number in range(5, 10)),
    }
    assert len(set(found.values())) == 22
    assert {folder: found[folder] for folder in after_cut} == after_cut
    assert not list((data / "captures").rglob(".writing-*"))
    assert not (data / FILE_NAME).exists()
