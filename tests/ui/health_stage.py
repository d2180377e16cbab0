"""A watch with a story: nine cameras stand, one was knocked, one drifts, one depth is biased and one is dead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from datetime import UTC, datetime

from calibration.watch.daily import DailyCheck
from calibration.watch.trend import CameraTrend, Day, Trend
from calibration.watch.verdicts import CameraVerdict, DepthState, DepthVerdict, Standing, WatchReport
from station.acquisition.picture_health import Finding
from station.errors import CalibrationError, StationError
from station.frames import ROLES
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
