from __future__ import annotations

from station.cameras.clock import DeviceClock
from station.frames import TimeDomain

PERIOD_MS = 1000 / 15


def test_a_steady_clock_is_believed_over_dropped_frames_and_halved_rates() -> None:
    clock = DeviceClock(PERIOD_MS)
    times = [(1, 100.0), (2, 100.0 + PERIOD_MS), (5, 100.0 + 4 * PERIOD_MS), (6, 100.0 + 6 * PERIOD_MS)]
    assert [clock.read(n, t, TimeDomain.GLOBAL) for n, t in times] == [(t, TimeDomain.GLOBAL) for _, t in times]


def test_after_a_jump_time_is_derived_from_the_counter_and_says_so() -> None:
    clock = DeviceClock(PERIOD_MS)
    clock.read(10, 5000.0, TimeDomain.GLOBAL)
    assert clock.read(11, 5000.0 + 4_292_000.0, TimeDomain.GLOBAL) == (5000.0 + PERIOD_MS, TimeDomain.DERIVED)
    assert clock.read(13, 9_999_999.0, TimeDomain.GLOBAL) == (5000.0 + 3 * PERIOD_MS, TimeDomain.DERIVED)


def test_a_clock_that_runs_backwards_is_not_believed() -> None:
    clock = DeviceClock(PERIOD_MS)
    clock.read(1, 5000.0, TimeDomain.HARDWARE)
    time_ms, domain = clock.read(2, 4990.0, TimeDomain.HARDWARE)
    assert time_ms > 5000.0
    assert domain is TimeDomain.DERIVED
