from __future__ import annotations

import numpy as np
import pytest

from station.acquisition.clock import CaptureTimes
from station.frames import Frame, TimeDomain

COLOR, DEPTH = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint16)


def frame(role: str, device_ms: float, arrival_ms: float, domain: TimeDomain) -> Frame:
    return Frame(role, COLOR, DEPTH, 0.001, 1, device_ms, domain, round(arrival_ms * 1e6))


def test_cameras_on_one_clock_keep_their_differences_whatever_their_frames_wait() -> None:
    times = CaptureTimes()
    rng = np.random.default_rng(1)
    for step in range(50):
        for role, phase in (("cam_01", 0.0), ("cam_02", 7.25)):
            device = 1e12 + step * 66.0 + phase
            arrival = step * 66.0 + phase + 5.0 + rng.exponential(8.0)
            captured = times.read(frame(role, device, arrival, TimeDomain.GLOBAL))
            if step > 40:
                late = captured * 1e-6 - (step * 66.0 + phase)
                assert late == pytest.approx(5.0, abs=1.0)


def test_a_drifting_device_clock_of_its_own_is_followed() -> None:
    times = CaptureTimes()
    rng = np.random.default_rng(2)
    for step in range(3000):
        true_ms = step * 66.0
        device = 777.0 + true_ms * 1.0001
        captured = times.read(frame("cam_01", device, true_ms + 4.0 + rng.exponential(3.0), TimeDomain.HARDWARE))
        if step > 50:
            assert captured * 1e-6 - true_ms == pytest.approx(4.0, abs=1.2)


def test_a_device_that_was_started_anew_is_believed_at_once() -> None:
    times = CaptureTimes()
    times.read(frame("cam_01", 500_000.0, 1000.0, TimeDomain.HARDWARE))
    assert times.read(frame("cam_01", 12.0, 1066.0, TimeDomain.HARDWARE)) == pytest.approx(1066.0e6)


@pytest.mark.parametrize("domain", [TimeDomain.GLOBAL, TimeDomain.HARDWARE])
def test_frames_that_waited_while_the_host_stood_still_are_as_old_as_they_are(domain: TimeDomain) -> None:
    times = CaptureTimes()
    for step in range(60):
        true_ms = step * 66.0
        # From the twentieth on the host stands still for one and a half seconds.
        arrival_ms = max(true_ms, 20 * 66.0 + 1500.0) if 20 <= step < 43 else true_ms
        captured = times.read(frame("cam_01", 1e12 + true_ms, arrival_ms + 4.0, domain))
        assert captured * 1e-6 - true_ms == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("back_ms", [3_000.0, 3_600_000.0])
def test_a_clock_that_is_set_back_is_followed(back_ms: float) -> None:
    times = CaptureTimes()
    for step in range(100):
        true_ms = step * 66.0
        stamp_ms = 1e12 + true_ms - (back_ms if step >= 30 else 0.0)
        captured = times.read(frame("cam_01", stamp_ms, true_ms + 4.0, TimeDomain.SYSTEM))
        if step < 30 or step > 62:
            assert captured * 1e-6 - true_ms == pytest.approx(4.0, abs=0.01)


def test_a_settled_time_keeps_the_stamps_differences_though_the_offset_has_become_better() -> None:
    times = CaptureTimes()
    late, prompt = frame("cam_01", 1e12, 80.0, TimeDomain.GLOBAL), frame("cam_02", 1e12 + 7.25, 8.0, TimeDomain.GLOBAL)
    assert times.read(late) == 80_000_000
    times.read(prompt)
    assert times.settled(prompt) - times.settled(late) == pytest.approx(7_250_000, abs=1000)


def counted(step: int, drift: float, wait_ms: float) -> Frame:
    """A frame of a camera whose true period is off by ``drift`` of the counted one, after its clock has jumped."""
    return frame("cam_01", 1e12 + step * 66.0, step * 66.0 * (1.0 + drift) + wait_ms, TimeDomain.DERIVED)


def test_counted_times_go_on_from_the_clock_that_was_trusted_and_do_not_follow_what_frames_wait() -> None:
    times = CaptureTimes()
    rng = np.random.default_rng(3)
    for step in range(200):
        other = frame("cam_02", 1e12 + step * 66.0, step * 66.0 + 1.0, TimeDomain.GLOBAL)
        times.read(other)
        wait_ms = 6.0 + rng.exponential(10.0)
        jumped = step >= 100
        own = counted(step, 0.0, wait_ms)
        if not jumped:
            own = frame("cam_01", own.device_time_ms, own.arrival_ns * 1e-6, TimeDomain.GLOBAL)
        times.read(own)
        away_ms = (times.settled(own) - times.settled(other)) * 1e-6
        assert away_ms == pytest.approx(0.0, abs=1e-3 if not jumped else 0.1e-3 * (step - 98) * 66.0)


@pytest.mark.parametrize("drift", [60e-6, -60e-6, 0.02])
def test_counted_times_follow_a_camera_whose_period_is_another(drift: float) -> None:
    times = CaptureTimes()
    rng = np.random.default_rng(4)
    times.read(frame("cam_01", 1e12, 6.0, TimeDomain.GLOBAL))
    for step in range(1, 6000):
        wait_ms = 6.0 + rng.exponential(3.0)
        captured = times.read(counted(step, drift, wait_ms))
        true_ms = step * 66.0 * (1.0 + drift) + 6.0
        if step > 200:
            assert captured * 1e-6 - true_ms == pytest.approx(0.0, abs=130.0 if drift > 1e-3 else 2.5)


def test_a_recording_may_begin_with_counted_times() -> None:
    times = CaptureTimes()
    assert times.read(counted(0, 0.0, 6.0)) == 6_000_000
    assert times.read(counted(1, 0.0, 6.0)) == 72_000_000
