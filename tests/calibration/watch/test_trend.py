"""Days of checks in a file: medians, slopes, warnings and what is removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from calibration.watch.trend import TrendStore
from calibration.watch.verdicts import CameraVerdict, Standing, WatchReport
from station.errors import StorageError

FIRST = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def checked(at: datetime, shift_mm: tuple[float, float, float], standing: Standing = Standing.STANDS) -> WatchReport:
    far = float(np.linalg.norm(shift_mm))
    verdict = CameraVerdict("cam_03", standing, far, 0.01, 0.1, shift_mm, 0.3, 0.2, 3)
    return WatchReport("capture", "abc", at, {"cam_03": verdict})


def filled(path: Path, days: int, mm_a_day: float) -> TrendStore:
    rng = np.random.default_rng(1)
    store = TrendStore(path / "checks.sqlite")
    for day in range(days):
        for hour in range(5):
            x, y, z = rng.normal(0.0, 0.05, 3)
            store.add(checked(FIRST + timedelta(days=day, hours=hour), (x + mm_a_day * day, y, z)))
    return store


def test_a_drift_is_told_with_its_error_before_it_reaches_the_limit(tmp_path: Path) -> None:
    trend = filled(tmp_path, 10, 0.03).trend("abc", warn_mm=0.5, until=FIRST + timedelta(days=10))
    (camera,) = trend.cameras
    assert len(camera.days) == 10
    assert all(day.checks == 5 for day in camera.days)
    assert camera.slope_mm_per_day is not None
    assert camera.slope_error is not None
    assert camera.slope_mm_per_day == pytest.approx(0.03, abs=4.0 * camera.slope_error)
    assert camera.newest_mm < 0.5
    assert trend.warnings == (camera.warning,)
    assert "within a month" in camera.warning


def test_a_camera_that_stands_is_not_warned_of(tmp_path: Path) -> None:
    assert filled(tmp_path, 20, 0.0).trend("abc", warn_mm=0.5, until=FIRST + timedelta(days=20)).warnings == ()


def test_a_camera_beyond_the_limit_is_warned_of_from_the_first_day(tmp_path: Path) -> None:
    store = TrendStore(tmp_path / "checks.sqlite")
    store.add(checked(FIRST, (0.0, 1.2, 0.0), Standing.KNOCKED))
    (camera,) = store.trend("abc", warn_mm=0.5, until=FIRST + timedelta(hours=1)).cameras
    assert camera.slope_mm_per_day is None
    assert "Camera 3 stands 1.2 mm" in camera.warning


def test_unchecked_cameras_other_calibrations_and_old_rows_do_not_count(tmp_path: Path) -> None:
    store = TrendStore(tmp_path / "checks.sqlite", kept_days=30)
    store.add(checked(FIRST, (0.1, 0.0, 0.0)))
    store.add(checked(FIRST + timedelta(days=29), (9.0, 0.0, 0.0), Standing.UNCHECKED))
    assert len(store.trend("abc", warn_mm=0.5, days=60, until=FIRST + timedelta(days=29)).cameras) == 1
    assert store.trend("other", warn_mm=0.5, until=FIRST).cameras == ()
    store.add(checked(FIRST + timedelta(days=31), (0.2, 0.0, 0.0)))
    (camera,) = store.trend("abc", warn_mm=0.5, days=60, until=FIRST + timedelta(days=31)).cameras
    assert [day.median_mm for day in camera.days] == [pytest.approx(0.2)]


def test_a_damaged_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "checks.sqlite"
    path.write_bytes(b"this is no database, but it is long enough to be taken for one" * 20)
    with pytest.raises(StorageError, match="cannot be read or written"):
        TrendStore(path).trend("abc", warn_mm=0.5)
