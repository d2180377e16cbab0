"""The thread beside recognition: it never makes anybody wait, and it keeps what it learned."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from calibration.watch.trend import TrendStore
from calibration.watch.verdicts import Standing, WatchReport
from calibration.watch.watcher import WAITING, CalibrationWatch
from station.boards import FrameBoard
from station.simulation.camera_faults import smeared
from tests.calibration.watch.simulated_rig import StandingRig


@pytest.fixture(scope="module")
def rig() -> StandingRig:
    return StandingRig()


def test_captures_are_checked_written_down_and_the_baseline_outlives_the_program(
    rig: StandingRig, tmp_path: Path
) -> None:
    store = TrendStore(tmp_path / "checks.sqlite")
    watch = CalibrationWatch(FrameBoard(), store)
    watch.start()
    try:
        watch.offer(rig.take(empty=True), rig.calibration, "")
        watch.offer(rig.take(), rig.calibration, "one")
        assert watch.wait_idle(30.0)
        assert watch.report is not None
        assert watch.report.capture_id == "one"
        assert watch.report.captures == 2
        assert watch.warnings(rig.calibration.id) == ()
    finally:
        watch.stop()
    learned = store.baselines(rig.calibration.id)
    assert len(learned) >= 9
    assert store.trend(rig.calibration.id, warn_mm=0.5, days=9000).cameras


def test_a_camera_behind_a_dirty_lens_is_not_checked(rig: StandingRig) -> None:
    dirty: set[str] = set()
    watch = CalibrationWatch(FrameBoard(), unfit=lambda: dirty)
    watch.start()
    try:
        watch.offer(rig.take(empty=True), rig.calibration, "")
        frameset = rig.take()
        smeared_view = replace(frameset.frames["cam_09"], color=smeared(frameset.frames["cam_09"].color))
        dirty.add("cam_09")
        watch.offer(replace(frameset, frames={**frameset.frames, "cam_09": smeared_view}), rig.calibration, "dirty")
        assert watch.wait_idle(30.0)
        assert watch.report is not None
        assert watch.report.capture_id == "dirty"
        assert watch.report.cameras["cam_01"].standing is Standing.STANDS
        assert watch.report.cameras["cam_09"].problem == "it gave no picture"
        assert watch.warnings(rig.calibration.id) == ()
    finally:
        watch.stop()


def test_a_full_queue_passes_the_oldest_over_and_offers_never_wait(rig: StandingRig) -> None:
    seen: list[str] = []
    busy, go_on = threading.Event(), threading.Event()

    def hold(report: WatchReport) -> None:
        seen.append(report.capture_id)
        busy.set()
        assert go_on.wait(30.0)

    watch = CalibrationWatch(FrameBoard(), on_report=hold)
    watch.start()
    try:
        frameset = rig.take()
        watch.offer(frameset, rig.calibration, "first")
        assert busy.wait(30.0)
        for number in range(WAITING + 3):  # the thread is held: an offer that waited would never return
            watch.offer(frameset, rig.calibration, str(number))
        assert watch.passed_over == 3
        go_on.set()
        assert watch.wait_idle(30.0)
    finally:
        go_on.set()
        watch.stop()
    assert seen == ["first", *(str(n) for n in range(3, WAITING + 3))]


def test_the_empty_plate_is_checked_once_a_minute(rig: StandingRig) -> None:
    reports: list[WatchReport] = []
    watch = CalibrationWatch(FrameBoard(), on_report=reports.append)
    watch.start()
    try:
        frameset = rig.take(empty=True)
        for _ in range(3):
            watch.offer(frameset, rig.calibration, "")
        assert watch.wait_idle(30.0)
    finally:
        watch.stop()
    assert [report.capture_id[:6] for report in reports] == ["empty-"]


def test_warnings_are_those_of_the_calibration_that_is_asked_for(rig: StandingRig) -> None:
    watch = CalibrationWatch(FrameBoard())
    assert watch.warnings("another") == ()
    watch.stop()
