"""Since when a knocked camera stands elsewhere, read from the kept checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from calibration.watch.trend import TrendStore
from calibration.watch.verdicts import CameraVerdict, Standing, WatchReport

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
S, K, U = Standing.STANDS, Standing.KNOCKED, Standing.UNCHECKED


def keep(store: TrendStore, story: dict[str, tuple[Standing, ...]], calibration: str = "a") -> None:
    """Write one check an hour."""
    for hour in range(max(len(one) for one in story.values())):
        verdicts = {role: CameraVerdict(role, one[hour]) for role, one in story.items() if hour < len(one)}
        store.add(WatchReport(f"c{hour}", calibration, START + timedelta(hours=hour), verdicts))


def test_the_unbroken_run_of_knocks_counts(tmp_path: Path) -> None:
    store = TrendStore(tmp_path / "checks.sqlite")
    keep(
        store,
        {
            "cam_01": (S, S, S, S, S),
            "cam_02": (S, S, K, K, K),
            "cam_03": (K, K, S, S, K),
            "cam_04": (K, K, K, S, S),
            "cam_05": (S, K, U, U, K),
            "cam_06": (K, K, K, K, K),
        },
    )
    keep(store, {"cam_01": (K,)}, calibration="b")
    hours = {role: at - START for role, at in store.knocked_since("a").items()}
    assert hours == {
        "cam_02": timedelta(hours=2),
        "cam_03": timedelta(hours=4),
        "cam_05": timedelta(hours=1),
        "cam_06": timedelta(0),
    }
    assert store.knocked_since("b") == {"cam_01": START}
    assert store.knocked_since("c") == {}
