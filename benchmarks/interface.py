"""Measure the operator window with ten live views: how long its event loop is held, and what it costs of one core.

The pictures come from memory at the cameras' rate, so that only the window is measured; drawing is Qt's own in
software, as on the offscreen platform.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer

from station.cameras.supervisor import CameraState, CameraStatus
from station.frames import ROLES, Frame, TimeDomain, WeightReading
from station.parts import PartRecord
from station.workflow.status import Outcome, PartState, PartStatus, Verdict
from ui.handles import StationHandles
from ui.offscreen import OffscreenWindow
from ui.presenters.status import StationFacts

BEAT_MS = 5


class MemoryCameras:
    """Ten cameras whose pictures change at ``fps`` without costing anything."""

    roles: tuple[str, ...] = ROLES

    def __init__(self, fps: float, width: int, height: int) -> None:
        rng = np.random.default_rng(0)
        self._fps = fps
        self._pictures = [rng.integers(0, 255, (height, width, 3), np.uint8) for _ in range(4)]
        self._depth = np.full((height, width), 600, np.uint16)

    def preview(self, role: str) -> Frame:
        """Return the picture that is due now."""
        number = int(time.monotonic() * self._fps)
        color = self._pictures[number % len(self._pictures)]
        return Frame(role, color, self._depth, 0.001, number, 0.0, TimeDomain.SYSTEM, number)

    def states(self) -> Mapping[str, CameraStatus]:
        """Return ten cameras that stream."""
        return {r: CameraStatus(r, "memory", CameraState.STREAMING, "", self._fps, 1, 0, 0) for r in self.roles}


class SwingingWorkflow:
    """A station whose weight changes with every look, so that text is painted too."""

    def __init__(self) -> None:
        self._status = PartStatus(1, PartState.SETTLING, Outcome.EMPTY, "")

    @property
    def status(self) -> PartStatus:
        """The newest snapshot."""
        kg = 0.5 + 0.01 * np.sin(time.monotonic())
        weight = WeightReading(float(kg), False, time.monotonic_ns(), "")
        return replace(self._status, weight=weight, load_kg=weight.kg)

    def answer(self, capture_id: str, verdict: str | Verdict, operator: str = "") -> None:
        """Take no notice: nothing is answered here."""

    def undo(self, operator: str = "") -> str:
        """Take no notice."""
        return ""

    def look_again(self) -> None:
        """Take no notice."""

    def zero_scale(self) -> None:
        """Do nothing."""

    def tare(self) -> None:
        """Do nothing."""


class NoParts:
    """An empty part master."""

    def get(self, class_id: str) -> PartRecord | None:
        """Return nothing."""
        return None

    def search(self, text: str, limit: int = 20) -> Sequence[PartRecord]:
        """Find nothing."""
        return ()

    def reference(self, class_id: str) -> Path | None:
        """Return nothing."""
        return None


def measure(seconds: float, fps: float, width: int, height: int) -> dict[str, object]:
    """Return the figures of one run."""
    handles = StationHandles(
        SwingingWorkflow(), MemoryCameras(fps, width, height), NoParts(), StationFacts("bench", "none")
    )
    beats: list[float] = []
    with OffscreenWindow(handles, 1920, 1080) as window:
        window.wait_for(lambda: False, 1.0)
        timer = QTimer()
        timer.timeout.connect(lambda: beats.append(time.monotonic()))
        timer.start(BEAT_MS)
        start, cpu = time.monotonic(), time.thread_time()
        window.wait_for(lambda: False, seconds)
        used, took = time.thread_time() - cpu, time.monotonic() - start
        timer.stop()
    held_ms = np.maximum(np.diff(beats) * 1000 - BEAT_MS, 0.0)
    return {
        "benchmark": "interface",
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "seconds": round(took, 1),
        "views": f"10 × {width}×{height} at {fps:g} fps, window 1920×1080",
        "loop_held_ms": {f"p{q}": round(float(np.percentile(held_ms, q)), 1) for q in (50, 99, 100)},
        "core_share": round(used / took, 3),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--size", choices=("640x480", "1280x720"), default="640x480")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    width, height = (int(edge) for edge in given.size.split("x"))
    print(f"Measuring the window for {given.seconds:g} s …", file=sys.stderr, flush=True)
    figures = measure(given.seconds, given.fps, width, height)
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:14} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
