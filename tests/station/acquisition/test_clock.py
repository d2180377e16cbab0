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
