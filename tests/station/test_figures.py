"""The station's figures: what is drawn together now, and what is kept of ten minutes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from station.acquisition.matcher import Matched, RoleCounts
from station.acquisition.matching_troubles import MatchingTroubles
from station.acquisition.picture_health import Look
from station.acquisition.rig_figures import rig_figures
from station.cameras.supervisor import CameraState, CameraStatus
from station.cameras.telemetry import CameraTelemetry
from station.figures import MACHINE_LINES, FigureRing, Quantity, StationFigures
from station.frames import CameraInfo, Frame, FrameSet, TimeDomain
from station.geometry import CameraModel, Pose
from station.machine_load import GpuLoad, MachineLoad

MODEL = CameraModel(4, 3, 60.0, 60.0, 2.0, 1.5)
GIB = 1024**3
CARDS = (GpuLoad("a", 0.4, 1, 4, 50.0), GpuLoad("b", 0.6, None, 4, None))
LOAD = MachineLoad(0.5, 0.25, 4 * GIB, 16 * GIB, 2 * GIB, 100 * GIB, 200 * GIB, CARDS)


def told(role: str, asic_c: float | None, projector_c: float | None, read_ns: int | None = None) -> CameraTelemetry:
    read_ns = time.monotonic_ns() if read_ns is None else read_ns
    return CameraTelemetry(
        role, "1", "D415", "5.16", "3.2", "1-1", 90.0, asic_c, projector_c, 8000.0, 16.0, 4600.0, 2.5, read_ns
    )


class StandingRig:
    """Three cameras whose newest frames were taken 3 ms apart; the third one is away."""

    roles = ("cam_01", "cam_02", "cam_03")

    def __init__(self) -> None:
        self.now_ns = time.monotonic_ns()
        self.states_asked = 0

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        return {
            role: CameraInfo(role, "1", "D415", "5.16", "3.2", MODEL, MODEL, Pose.identity(), 15.0)
            for role in self.roles[:2]
        }

    matching = MatchingTroubles(overflow=3)

    def counts(self, role: str) -> RoleCounts:
        return RoleCounts(repeated=1, unmatched=2)

    def preview(self, role: str) -> Frame | None:
        if role == "cam_03":
            return None
        color, depth = np.zeros((3, 4, 3), np.uint8), np.zeros((3, 4), np.uint16)
        return Frame(role, color, depth, 0.001, 1, 0.0, TimeDomain.SYSTEM, self.now_ns - 40_000_000)

    @property
    def newest(self) -> Matched | None:
        frames = {role: frame for role in self.roles if (frame := self.preview(role)) is not None}
        arrived = max(frame.arrival_ns for frame in frames.values())
        frameset = FrameSet(frames, ("cam_03",), 3.0, datetime.now(UTC), arrived)
        return Matched(frameset, 100, 3_000_100, {"cam_01": 100, "cam_02": 3_000_100})

    def states(self) -> dict[str, CameraStatus]:
        self.states_asked += 1
        streams = CameraStatus("", "1", CameraState.STREAMING, "", 15.0, 100, 4, 0)
        away = replace(streams, state=CameraState.RECONNECTING, fps=0.0)
        return {role: replace(away if role == "cam_03" else streams, role=role) for role in self.roles}


LOOK = Look(1, 0, 20.0, TimeDomain.SYSTEM, 0, 0, 0.9, 0.0, 0.0, 88.0, 15.0, "3.2", 0.4)


def test_one_instant_holds_what_rig_pictures_and_devices_say() -> None:
    rig = StandingRig()
    now = rig_figures(rig, {"cam_01": LOOK}, {"cam_01": told("cam_01", 41.0, 43.0)}, rig.now_ns)
    first, second, away = (now.cameras[role] for role in rig.roles)
    assert (first.skew_ms, second.skew_ms, away.skew_ms) == (-1.5, 1.5, None)
    assert (now.skew_ms, now.missing) == (3.0, ("cam_03",))
    assert first.age_s == pytest.approx(0.04)
    assert (first.celsius, second.celsius, away.age_s) == (43.0, None, None)
    assert (first.usb, away.usb) == ("3.2", "")
    assert (first.look, second.look) == (LOOK, None)
    assert (now.matching.overflow, first.repeated, first.unmatched) == (3, 1, 2)


def test_a_projector_that_tells_nothing_leaves_the_other_temperature() -> None:
    rig = StandingRig()
    now = rig_figures(rig, {}, {"cam_01": told("cam_01", 41.0, None), "cam_02": told("cam_02", None, None)}, rig.now_ns)
    assert (now.cameras["cam_01"].celsius, now.cameras["cam_02"].celsius) == (41.0, None)


def test_what_a_device_told_long_ago_is_left_out_and_said(rig: StandingRig) -> None:
    """The third camera hangs while it is asked, so nobody asks those after it."""
    for seconds, celsius, mute in ((14.9, 41.0, False), (15.1, None, True)):
        read_ns = rig.now_ns - round(seconds * 1e9)
        now = rig_figures(rig, {}, {"cam_01": told("cam_01", 41.0, None, read_ns)}, rig.now_ns)
        assert (now.cameras["cam_01"].celsius, now.cameras["cam_01"].mute) == (celsius, mute)
        assert not now.cameras["cam_03"].mute, "a camera that is away is told of otherwise"


def test_a_frameset_of_long_ago_says_nothing_of_now() -> None:
    rig = StandingRig()
    later = rig_figures(rig, {}, {}, rig.now_ns + 4_000_000_000)
    assert (later.skew_ms, later.missing, later.cameras["cam_01"].skew_ms) == (None, (), None)
    assert later.cameras["cam_01"].age_s == pytest.approx(4.04)


def test_a_ring_keeps_the_newest_rows_in_their_order_and_what_was_not_said_is_nan() -> None:
    one, other = (Quantity.FPS, "cam_01"), (Quantity.FPS, "cam_02")
    ring = FigureRing([one, other], rows=3)
    at_s, values = ring.read([one])
    assert at_s.shape == (0,)
    assert values.shape == (0, 1)
    for number in range(5):
        ring.add(float(number), {other: 10.0 + number} if number == 3 else {one: float(number), other: 0.0})
    at_s, values = ring.read([other, one])
    assert at_s.tolist() == [2.0, 3.0, 4.0]
    assert values[:, 0].tolist() == [0.0, 13.0, 0.0]
    assert values[0, 1] == 2.0
    assert math.isnan(values[1, 1])
    values[:] = 7.0
    assert ring.read([other])[1][0, 0] == 0.0, "what was read is the reader's own"


@pytest.fixture
def rig() -> StandingRig:
    return StandingRig()


def test_figures_are_written_down_row_by_row_within_their_bounds(rig: StandingRig) -> None:
    figures = StationFigures(
        rig,
        looks=lambda: {"cam_01": LOOK},
        told=lambda: {"cam_02": told("cam_02", 50.0, None)},
        machine=lambda: LOAD,
        period_s=0.005,
        rows=8,
    )
    assert figures.latest is None
    assert figures.trace(Quantity.FPS).values.shape == (0, 3)
    figures.start()
    assert figures.wait_rows(12, 20.0)
    figures.stop()
    assert "figures" not in {thread.name for thread in threading.enumerate()}
    expected = {
        Quantity.FPS: (15.0, 15.0, 0.0),
        Quantity.SKEW: (-1.5, 1.5, math.nan),
        Quantity.LOST: (4.0, 4.0, 4.0),
        Quantity.TEMPERATURE: (math.nan, 50.0, math.nan),
        Quantity.DEPTH: (0.9, math.nan, math.nan),
        Quantity.SHARPNESS: (88.0, math.nan, math.nan),
        Quantity.BRIGHTNESS: (0.4, math.nan, math.nan),
        Quantity.CPU: (0.5, 0.25),
        Quantity.GPU: (0.6, 0.25),
        Quantity.MEMORY: (0.25, 0.125),
    }
    for quantity, last in expected.items():
        trace = figures.trace(quantity)
        assert trace.lines == MACHINE_LINES.get(quantity, rig.roles)
        assert trace.values.shape == (8, len(last))
        np.testing.assert_array_equal(trace.values[-1], last)
        assert (np.diff(trace.at_s) > 0).all()
    assert figures.latest is not None
    assert figures.machine is LOAD


def test_an_odd_figure_does_not_silence_the_others(rig: StandingRig, caplog: pytest.LogCaptureFixture) -> None:
    def looks() -> dict[str, Look]:
        if rig.states_asked < 3:
            rig.states_asked += 1
            raise ValueError("odd")
        return {}

    figures = StationFigures(rig, looks=looks, told=dict, machine=lambda: None, period_s=0.005)
    figures.start()
    assert figures.wait_rows(2, 20.0)
    figures.stop()
    assert "The thread figures met a fault" in caplog.text
    assert np.isnan(figures.trace(Quantity.CPU).values).all()
