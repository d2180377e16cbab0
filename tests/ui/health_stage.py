"""A watch with a story: nine cameras stand, one was knocked, one drifts, one depth is biased and one is dead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from calibration.watch.daily import DailyCheck
from calibration.watch.trend import CameraTrend, Day, Trend
from calibration.watch.verdicts import CameraVerdict, DepthState, DepthVerdict, Standing, WatchReport
from station.acquisition.picture_health import Finding, Look
from station.acquisition.rig_figures import CameraFigures, RigFigures
from station.cameras.supervisor import CameraState, CameraStatus
from station.cameras.telemetry import CameraTelemetry
from station.errors import CalibrationError, StationError
from station.figures import MACHINE_LINES, Quantity, Trace
from station.frames import ROLES, TimeDomain, WeightReading
from station.machine_load import GpuLoad, MachineLoad
from ui.presenters.health_source import CheckHistory

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ID = "a1b2c3d4e5f6"


def verdict(role: str, standing: Standing = Standing.STANDS, moved_mm: float = 0.12) -> CameraVerdict:
    problem = "too little of the plate's frame is visible" if standing is Standing.UNCHECKED else ""
    turned = 0.31 if standing is Standing.KNOCKED else 0.012
    return CameraVerdict(role, standing, moved_mm, turned, 0.2, (0.1, 0.0, 0.0), 0.42, 0.3, 3, problem=problem)


def well() -> WatchReport:
    """A check that finds nothing."""
    return WatchReport(
        "c1",
        ID,
        NOW - dt.timedelta(seconds=40),
        {role: verdict(role, moved_mm=0.05 + 0.02 * n) for n, role in enumerate(ROLES)},
        {role: DepthVerdict(role, DepthState.OK, -1.2 + 0.3 * n, 0.1, 0.9, 0.6, 4.0) for n, role in enumerate(ROLES)},
        captures=12,
    )


def ill() -> WatchReport:
    """A check that finds a knocked, an unchecked and an exchanged camera, a biased and a dead depth."""
    report = well()
    cameras = {
        **report.cameras,
        "cam_03": verdict("cam_03", Standing.KNOCKED, 2.34),
        "cam_05": verdict("cam_05", Standing.UNCHECKED),
        "cam_09": verdict("cam_09", Standing.EXCHANGED),
    }
    depth = {
        **report.depth,
        "cam_07": DepthVerdict("cam_07", DepthState.BIASED, 9.4, 0.2, 0.9, 0.7, 4.0),
        "cam_08": DepthVerdict("cam_08", DepthState.DEAD, fill=0.01),
    }
    return WatchReport("c2", ID, report.checked_at, cameras, depth, captures=13)


def trend(days: int = 40) -> Trend:
    """Ten cameras: camera 6 drifts over the limit, camera 3 jumps on the last three days."""
    cameras: list[CameraTrend] = []
    for n, role in enumerate(ROLES):
        story: list[Day] = []
        for back in range(days):
            mm = 0.08 + 0.015 * n + 0.02 * ((7 * back + 3 * n) % 5)
            mm += 0.013 * (days - back) if role == "cam_06" else 0.0
            mm = 2.3 if role == "cam_03" and back < 3 else mm
            story.append(Day(NOW.date() - dt.timedelta(days=back), mm, 0.01, (mm, 0.0, 0.0), 30))
        warning = "It drifts." if role in ("cam_03", "cam_06") else ""
        cameras.append(CameraTrend(role, tuple(reversed(story)), 0.013, 0.001, warning))
    return Trend(ID, tuple(cameras), 0.5)


LOOK = Look(1, 0, 20.0, TimeDomain.GLOBAL, 0, 0, 0.91, 0.0, 0.0, 88.0, 15.0, "3.2", 0.42)
GB = 1_000_000_000
LOAD = MachineLoad(
    0.37, 0.12, 6 * GB, 24 * GB, 2 * GB, 320 * GB, 900 * GB, (GpuLoad("Card A", 0.64, 5 * GB, 20 * GB, 61.0),)
)


def told(role: str, asic_c: float | None = 36.0) -> CameraTelemetry:
    """What a camera tells that is open since five hours, its exposure locked at 8 ms."""
    return CameraTelemetry(role, "1", "D415", "5.16", "3.2", "2-1", 18500.0, asic_c, None, 8000.0, 16.0, 4600.0, 2.4, 0)


def rig_now(**changes: dict[str, object]) -> RigFigures:
    """Ten cameras that are well; ``changes`` by role say in what one of them differs."""
    status = CameraStatus("", "1", CameraState.STREAMING, "", 15.0, 100, 0, 0)
    cameras = {
        role: CameraFigures(replace(status, role=role), 0.04, 0.8 * (n - 4.5), "3.2", LOOK, told(role))
        for n, role in enumerate(ROLES)
    }
    cameras |= {role: replace(cameras[role], **change) for role, change in changes.items()}
    return RigFigures(cameras, 7.2, ())


def ten_minutes(quantity: Quantity, rows: int = 600) -> Trace:
    """Figures of ten minutes: camera 4 was away for one of them and has lost pictures since."""
    at_s = 1000.0 + np.arange(rows, dtype=float)
    wave = np.sin(at_s / 40.0)[:, None]
    if quantity.of_machine:
        lines = MACHINE_LINES[quantity]
        return Trace(lines, at_s, np.clip(0.4 + 0.2 * wave - 0.2 * np.arange(2.0), 0.0, 1.0))
    shape = {
        Quantity.FPS: 15.0, Quantity.AGE: 0.06, Quantity.SKEW: 0.0, Quantity.LOST: 0.0, Quantity.TEMPERATURE: 38.0,
        Quantity.DEPTH: 0.9, Quantity.SHARPNESS: 88.0, Quantity.BRIGHTNESS: 0.42,
    }[quantity]  # fmt: skip
    number = np.arange(10.0)
    values = shape * (1.0 - 0.01 * number) + 0.01 * max(shape, 5.0) * wave
    if quantity is Quantity.SKEW:
        values = 0.8 * (number - 4.5) + 0.1 * wave
    if quantity is Quantity.LOST:
        values = np.zeros((rows, 10))
        values[:, 3] = np.maximum(0.0, at_s - at_s[rows // 2]) // 20
    values[rows // 3 : rows // 3 + 60, 3] = 0.0 if quantity in (Quantity.FPS, Quantity.LOST) else np.nan
    return Trace(ROLES, at_s, values)


class FakeHealth:
    """The station's watch as the test tells it."""

    def __init__(self) -> None:
        self.calibration_id = ID
        self.report: WatchReport | None = well()
        self.refusal: StationError | None = None
        self.told: CheckHistory | None = CheckHistory(
            trend(), {"cam_03": NOW - dt.timedelta(days=2, hours=3)}, "chess-10x7-25"
        )
        self.read = 0
        self.knocked: tuple[str, ...] = ()
        self.waits = False
        self.findings: tuple[Finding, ...] = ()
        self.scale_trouble = ""
        self.scale_trouble_kind = ""
        self.has_scale = True
        self.weight: WeightReading | None = WeightReading(0.0184, True, 1, "S S")
        self.figures: RigFigures | None = rig_now()
        self.machine: MachineLoad | None = LOAD
        self.least_free_gb = 2.0
        self.empty = False

    def trace(self, quantity: Quantity) -> Trace:
        return ten_minutes(quantity, 0 if self.empty else 600)

    def history(self, days: int) -> CheckHistory | None:
        self.read += 1
        if self.refusal is not None:
            raise self.refusal
        return self.told

    def daily_check(self, cancelled: Callable[[], bool]) -> DailyCheck:
        while self.waits:
            if cancelled():
                raise CalibrationError("The check was ended.")
        cameras = {r: verdict(r, Standing.KNOCKED if r in self.knocked else Standing.STANDS) for r in ROLES}
        return DailyCheck(ID, cameras, dict.fromkeys(ROLES[:8], 0.3))
