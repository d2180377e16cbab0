"""How far the cameras stood from their calibrated places over days: rows in SQLite, daily medians, slopes."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from calibration.watch.verdicts import CameraVerdict, DepthVerdict, Standing, Vector, WatchReport, camera_name
from station.errors import StorageError
from station.geometry import Array

KEPT_DAYS = 730
"""Older rows are removed."""

_SCHEMA = 1
_BUSY_S = 2.0
_LEAST_DAYS = 3
"""A slope needs so many days."""

_TABLES = """
CREATE TABLE IF NOT EXISTS checks (
    at TEXT NOT NULL, capture TEXT NOT NULL, calibration TEXT NOT NULL, role TEXT NOT NULL,
    standing TEXT NOT NULL, x_mm REAL, y_mm REAL, z_mm REAL, moved_mm REAL, turned_deg REAL,
    rms_px REAL, best_px REAL, depth_state TEXT, depth_bias_mm REAL, depth_fill REAL
) STRICT;
CREATE INDEX IF NOT EXISTS checks_by_time ON checks (at);
CREATE INDEX IF NOT EXISTS checks_by_calibration ON checks (calibration, role, at);
CREATE TABLE IF NOT EXISTS baselines (
    calibration TEXT NOT NULL, role TEXT NOT NULL, serial TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (calibration, role, serial)
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Day:
    """One camera on one UTC day: the median of its checks' distance from its place, and how many there were.

    ``shift_mm`` is the median shift of its centre in the world.
    """

    day: dt.date
    median_mm: float
    median_deg: float
    shift_mm: Vector
    checks: int


@dataclass(frozen=True, slots=True)
class CameraTrend:
    """One camera's days under one calibration, oldest first.

    ``slope_mm_per_day`` and its standard error are ``None`` with fewer than three days. ``warning`` is empty, or the
    sentence for the person who keeps the rig.
    """

    role: str
    days: tuple[Day, ...]
    slope_mm_per_day: float | None
    slope_error: float | None
    warning: str

    @property
    def newest_mm(self) -> float:
        """Median distance of the newest day."""
        return self.days[-1].median_mm if self.days else 0.0


@dataclass(frozen=True, slots=True)
class Trend:
    """What the health page draws: one line per camera, and the threshold at which it warns, mm."""

    calibration_id: str
    cameras: tuple[CameraTrend, ...]
    warn_mm: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """The cameras' sentences."""
        return tuple(camera.warning for camera in self.cameras if camera.warning)


class TrendStore:
    """The checks of a station in one SQLite file (WAL); every call opens and closes it, so threads may share it."""

    def __init__(self, path: Path, *, kept_days: int = KEPT_DAYS) -> None:
        self.path = path
        self._kept_days = kept_days

    def add(self, report: WatchReport) -> None:
        """Write a check, one row a camera, and drop what is too old; raises StorageError."""
        oldest = (report.checked_at - timedelta(days=self._kept_days)).astimezone(UTC)
        roles = sorted({*report.cameras, *report.depth})
        rows = [_row(report, report.cameras.get(role), report.depth.get(role), role) for role in roles]
        with closing(self._open()) as base, _told(self.path), base:
            base.executemany(f"INSERT INTO checks VALUES ({', '.join('?' * 15)})", rows)
            base.execute("DELETE FROM checks WHERE at < ?", (_stamp(oldest),))

    def trend(self, calibration_id: str, *, warn_mm: float, days: int = 90, until: datetime | None = None) -> Trend:
        """Return the last ``days`` days of a calibration; raises StorageError. Nothing checked gives no cameras."""
        last = (until or datetime.now(UTC)).astimezone(UTC)
        query = (
            "SELECT role, substr(at, 1, 10), x_mm, y_mm, z_mm, moved_mm, turned_deg FROM checks "
            "WHERE calibration = ? AND at >= ? AND at <= ? AND standing IN (?, ?) AND moved_mm IS NOT NULL "
            "ORDER BY role, at"
        )
        standing = (Standing.STANDS.value, Standing.KNOCKED.value)
        with closing(self._open()) as base, _told(self.path):
            rows = base.execute(
                query, (calibration_id, _stamp(last - timedelta(days=days)), _stamp(last), *standing)
            ).fetchall()
        by_role: dict[str, dict[str, list[Sequence[float]]]] = {}
        for role, day, *figures in rows:
            by_role.setdefault(str(role), {}).setdefault(str(day), []).append(figures)
        cameras = tuple(_camera_trend(role, daily, warn_mm) for role, daily in sorted(by_role.items()))
        return Trend(calibration_id, cameras, warn_mm)

    def knocked_since(self, calibration_id: str) -> dict[str, datetime]:
        """Return by role since when (UTC) a camera was knocked in every check; those that stand now are left out.

        Raises StorageError.
        """
        query = (
            "SELECT role, min(at) FROM checks AS one WHERE calibration = ? AND standing = ? AND at > coalesce("
            "(SELECT max(at) FROM checks WHERE calibration = one.calibration AND role = one.role AND standing = ?), "
            "'') GROUP BY role"
        )
        with closing(self._open()) as base, _told(self.path):
            rows = base.execute(query, (calibration_id, Standing.KNOCKED.value, Standing.STANDS.value)).fetchall()
        return {str(role): datetime.fromisoformat(str(at)) for role, at in rows}

    def baselines(self, calibration_id: str) -> dict[tuple[str, str], str]:
        """Return what was learned of the cameras of a calibration, by role and serial; raises StorageError."""
        with closing(self._open()) as base, _told(self.path):
            rows = base.execute("SELECT role, serial, body FROM baselines WHERE calibration = ?", (calibration_id,))
            return {(str(role), str(serial)): str(body) for role, serial, body in rows}

    def keep_baselines(self, calibration_id: str, bodies: Iterable[tuple[str, str, str]]) -> None:
        """Write what was learned, (role, serial, body) each, instead of what was there; raises StorageError."""
        rows = [(calibration_id, role, serial, body) for role, serial, body in bodies]
        with closing(self._open()) as base, _told(self.path), base:
            base.executemany("INSERT OR REPLACE INTO baselines VALUES (?, ?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        with _told(self.path):
            base = sqlite3.connect(self.path, timeout=_BUSY_S)
            try:
                version = int(base.execute("PRAGMA user_version").fetchone()[0])
                if version > _SCHEMA:
                    raise StorageError(
                        "The checks of the calibration were written by a newer version of this program.",
                        where=str(self.path),
                        todo="Use that version, or move the file away.",
                    )
                if version < _SCHEMA:
                    base.execute("PRAGMA journal_mode = WAL")
                    base.executescript(_TABLES)
                    base.execute(f"PRAGMA user_version = {_SCHEMA}")
                base.execute("PRAGMA synchronous = NORMAL")
            except BaseException:
                base.close()
                raise
            return base


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Turn SQLite's errors into sentences."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            f"The checks of the calibration cannot be read or written: {error}.",
            where=str(path),
            todo="Check the disk; when the file is damaged, move it away: only the trend is lost.",
        ) from error


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _row(report: WatchReport, camera: CameraVerdict | None, depth: DepthVerdict | None, role: str) -> tuple[Any, ...]:
    head = (_stamp(report.checked_at), report.capture_id, report.calibration_id, role)
    if camera is None or camera.standing in (Standing.UNCHECKED, Standing.EXCHANGED):
        standing = camera.standing if camera else Standing.UNCHECKED
        pose: tuple[Any, ...] = (standing.value, *(None,) * 7)
    elif camera.standing is Standing.STANDS and not camera.learned:
        # What was measured before there is anything to compare with is no drift.
        pose = (camera.standing.value, *(None,) * 5, camera.rms_px, camera.best_px)
    else:
        figures = (*camera.shift_mm, camera.moved_mm, camera.turned_deg, camera.rms_px, camera.best_px)
        pose = (camera.standing.value, *figures)
    seen = (depth.state.value, depth.bias_mm, depth.fill) if depth else (None, None, None)
    return (*head, *pose, *seen)


def _camera_trend(role: str, daily: dict[str, list[Sequence[float]]], warn_mm: float) -> CameraTrend:
    days: list[Day] = []
    for name, rows in sorted(daily.items()):
        x, y, z, moved, turned = (float(v) for v in np.median(np.asarray(rows, dtype=np.float64), axis=0))
        days.append(Day(dt.date.fromisoformat(name), moved, turned, (x, y, z), len(rows)))
    slope = _slope(days) if len(days) >= _LEAST_DAYS else None
    warning = ""
    if days and days[-1].median_mm > warn_mm:
        warning = (
            f"{camera_name(role)} stands {days[-1].median_mm:.1f} mm from its calibrated place (day's median; the "
            f"limit is {warn_mm:g} mm). Calibrate it again."
        )
    elif slope is not None and slope[0] > 3.0 * slope[1] and slope[0] * 30.0 > warn_mm:
        warning = (
            f"{camera_name(role)} drifts by {slope[0]:.2f} mm a day and will pass {warn_mm:g} mm within a month. "
            "Tighten its mount."
        )
    return CameraTrend(role, tuple(days), slope[0] if slope else None, slope[1] if slope else None, warning)


def _slope(days: Sequence[Day]) -> tuple[float, float]:
    """Return the length of the drift of the camera's centre, mm a day, and its standard error.

    Weighted least squares on the daily medians, a component at a time; the error is that of the residuals.
    """
    at = np.array([day.day.toordinal() for day in days], dtype=np.float64)
    place: Array = np.array([day.shift_mm for day in days])
    weight = np.sqrt(np.array([day.checks for day in days], dtype=np.float64))
    weight /= weight.sum()
    middle = float(weight @ at)
    spread = float(weight @ (at - middle) ** 2)
    slope = (weight * (at - middle)) @ place / spread
    left = place - weight @ place - np.outer(at - middle, slope)
    variance = float((weight[:, None] * left**2).sum(axis=0).mean()) / (len(days) - 2)
    return float(np.linalg.norm(slope)), float(np.sqrt(variance / spread))
