"""Measure the window with ten cameras: how long its event loop is held, and what it costs of one core.

``--page operator`` shows the ten live views, ``--page health`` the figures of cameras and machine with ten minutes
of them in the plot. Pictures and figures come from memory at their rate, so that only the window is measured; drawing
is Qt's own in software, as on the offscreen platform.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer

from calibration.watch.daily import DailyCheck
from station.acquisition.picture_health import Finding
from station.acquisition.rig_figures import CameraFigures, RigFigures
from station.cameras.supervisor import CameraState, CameraStatus
from station.errors import CalibrationError
from station.figures import MACHINE_LINES, SPAN_S, Quantity, Trace
from station.frames import ROLES, Frame, TimeDomain, WeightReading
from station.machine_load import MachineLoad
from station.parts import PartRecord
from station.workflow.status import Outcome, PartState, PartStatus, Verdict
from ui.handles import StationHandles
from ui.offscreen import OffscreenWindow
from ui.presenters.health_source import CheckHistory
from ui.presenters.status import StationFacts
from ui.shell import PageName

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


class MemoryHealth:
    """Figures that change every second, with ten minutes of them already there."""

    calibration_id = ""
    report = None
    findings: tuple[Finding, ...] = ()
    scale_trouble = ""
    scale_trouble_kind = ""
    has_scale = True
    weight = None

    def __init__(self, cameras: MemoryCameras) -> None:
        self._cameras = cameras
        rows = 4 * round(SPAN_S)
        self._noise = np.random.default_rng(0).normal(0.5, 0.1, (rows, len(ROLES)))

    @property
    def figures(self) -> RigFigures:
        """Ten cameras whose skew changes."""
        skew_ms = time.monotonic() % 7.0
        now = {r: CameraFigures(s, 0.05, skew_ms, "3.2", None, None) for r, s in self._cameras.states().items()}
        return RigFigures(now, skew_ms, ())

    @property
    def machine(self) -> MachineLoad:
        """A machine whose load changes."""
        return MachineLoad(time.monotonic() % 1.0, 0.1, 8 << 30, 24 << 30, 1 << 30, 100 << 30, 200 << 30)

    def trace(self, quantity: Quantity) -> Trace:
        """Return ten minutes up to this second."""
        lines = MACHINE_LINES.get(quantity, ROLES)
        now, rows = int(time.monotonic()), round(SPAN_S)
        first = now % (len(self._noise) - rows)
        return Trace(lines, now - rows + np.arange(rows, dtype=float), self._noise[first : first + rows, : len(lines)])

    def history(self, days: int) -> CheckHistory | None:
        """Return nothing: there is no calibration."""
        return None

    def daily_check(self, cancelled: Callable[[], bool]) -> DailyCheck:
        """Refuse: there is no calibration."""
        raise CalibrationError("There is no calibration.")


def measure(seconds: float, fps: float, width: int, height: int, page: PageName) -> dict[str, object]:
    """Return the figures of one run with ``page`` open."""
    cameras = MemoryCameras(fps, width, height)
    handles = StationHandles(
        SwingingWorkflow(), cameras, NoParts(), StationFacts("bench", "none"), health=MemoryHealth(cameras)
    )
    beats: list[float] = []
    with OffscreenWindow(handles, 1920, 1080) as window:
        window.window.show_page(page)
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
        "page": page.value,
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
    parser.add_argument(
        "--page",
        choices=(PageName.OPERATOR.value, PageName.HEALTH.value),
        default=PageName.OPERATOR.value,
        help="the page that is open (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    width, height = (int(edge) for edge in given.size.split("x"))
    print(f"Measuring the window for {given.seconds:g} s …", file=sys.stderr, flush=True)
    figures = measure(given.seconds, given.fps, width, height, PageName(given.page))
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:14} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
