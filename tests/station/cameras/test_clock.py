from __future__ import annotations

from station.cameras.clock import DeviceClock
from station.frames import TimeDomain

PERIOD_MS = 1000 / 15


def read(clock: DeviceClock, number: int, time_ms: float, arrival_ms: float | None = None) -> tuple[float, TimeDomain]:
    """Read a frame that arrived at ``arrival_ms``, or one period after the other when that does not matter."""
    arrived = number * PERIOD_MS if arrival_ms is None else arrival_ms
    return clock.read(number, time_ms, TimeDomain.GLOBAL, round(arrived * 1e6))


def test_a_steady_clock_is_believed_over_dropped_frames_and_halved_rates() -> None:
    clock = DeviceClock(PERIOD_MS)
    times = [(1, 100.0), (2, 100.0 + PERIOD_MS), (5, 100.0 + 4 * PERIOD_MS), (6, 100.0 + 6 * PERIOD_MS)]
    assert [read(clock, n, t) for n, t in times] == [(t, TimeDomain.GLOBAL) for _, t in times]


def test_a_long_pause_that_the_host_saw_too_is_believed() -> None:
    clock = DeviceClock(PERIOD_MS)
    read(clock, 10, 5000.0, 700.0)
    assert read(clock, 11, 12_000.0, 7_710.0) == (12_000.0, TimeDomain.GLOBAL)


def test_a_recording_played_faster_than_it_was_made_is_believed() -> None:
    clock = DeviceClock(PERIOD_MS)
    times = [(n, 5000.0 + n * PERIOD_MS) for n in range(100)]
    assert [read(clock, n, t, 0.001 * n) for n, t in times] == [(t, TimeDomain.GLOBAL) for _, t in times]


def test_after_a_jump_time_is_derived_from_the_counter_and_says_so() -> None:
    clock = DeviceClock(PERIOD_MS)
    read(clock, 10, 5000.0)
    assert read(clock, 11, 5000.0 + 4_292_000.0) == (5000.0 + PERIOD_MS, TimeDomain.DERIVED)
    assert read(clock, 13, 9_999_999.0) == (5000.0 + 3 * PERIOD_MS, TimeDomain.DERIVED)


def test_a_clock_that_runs_backwards_is_not_believed() -> None:
    clock = DeviceClock(PERIOD_MS)
    read(clock, 1, 5000.0)
    time_ms, domain = read(clock, 2, 4990.0)
    assert time_ms > 5000.0
    assert domain is TimeDomain.DERIVED


def test_a_clock_that_comes_back_to_where_it_ran_is_believed_again_and_time_never_runs_backwards() -> None:
    clock = DeviceClock(PERIOD_MS)
    told = []
    for number in range(1, 60):
        jumped = 5000.0 if 10 <= number < 30 else 0.0
        told.append(read(clock, number, 7000.0 + number * PERIOD_MS + jumped))
    assert [domain for _, domain in told[9:38]] == [TimeDomain.DERIVED] * 29
    assert told[-1] == (7000.0 + 59 * PERIOD_MS, TimeDomain.GLOBAL)
    times = [time_ms for time_ms, _ in told]
    assert times == sorted(set(times))


def test_a_clock_that_stays_where_it_jumped_to_is_not_believed_again() -> None:
    clock = DeviceClock(PERIOD_MS)
    read(clock, 1, 7000.0)
    told = [read(clock, number, 12_000.0 + number * PERIOD_MS) for number in range(2, 100)]
    assert {domain for _, domain in told} == {TimeDomain.DERIVED}
