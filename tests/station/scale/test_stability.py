"""When readings lie close enough together, at every rate at which scales talk."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.scale.stability import StabilityWindow

STEP_KG = 0.0001
S = 1_000_000_000


def plain(
    readings: list[tuple[int, float]], window_s: float, spread_steps: float, least: int, *, whole: bool
) -> Iterator[bool]:
    """The rule in its plainest form, over every reading there was."""
    for n in range(1, len(readings) + 1):
        start_ns = readings[n - 1][0] - round(window_s * S)
        first = max((m for m in range(n) if readings[m][0] <= start_ns), default=0)
        first = min(first, max(n - least, 0))
        inside = readings[first:n]
        kg = [one for _, one in inside]
        still = max(kg) - min(kg) <= spread_steps * STEP_KG * (1 + 1e-9)
        yield len(inside) >= least and still and not (whole and inside[0][0] > start_ns)


@pytest.mark.parametrize(
    ("rate_hz", "window_s"),
    [(5, 0.2), (10, 10.0), (20, 0.6), (80, 4.0), (80, 10.0), (500, 0.6), (500, 10.0), (3000, 10.0)],
)
def test_a_weight_that_stands_still_is_stable_once_the_window_is_full(rate_hz: int, window_s: float) -> None:
    window = StabilityWindow(window_s, whole=True)
    seconds = 1.2 * window_s + 4 / rate_hz
    said = [(n, window.add(1.0, STEP_KG, n * S // rate_hz)) for n in range(round(seconds * rate_hz))]
    first = next(n for n, stable in said if stable)
    assert window_s <= first / rate_hz <= window_s + 2 / rate_hz + 1e-9
    assert all(stable for n, stable in said if n >= first)


@pytest.mark.parametrize("rate_hz", [20, 80, 500, 3000])
def test_one_reading_elsewhere_is_remembered_for_the_whole_window(rate_hz: int) -> None:
    window_s = 2.0
    window = StabilityWindow(window_s, whole=True)
    jump = 3 * rate_hz
    said = [window.add(1.001 if n == jump else 1.0, STEP_KG, n * S // rate_hz) for n in range(6 * rate_hz)]
    assert said[jump - 1]
    back = next(n for n in range(jump, len(said)) if said[n])
    assert window_s <= (back - jump) / rate_hz <= window_s * (1 + 1 / 64) + 3 / rate_hz
    assert not any(said[jump:back])


@given(
    st.integers(0, 2**32),
    st.sampled_from([(0.2, 3, False), (0.6, 3, True), (2.0, 5, True), (0.0, 3, False)]),
)
def test_a_scale_that_talks_slowly_is_judged_by_the_plain_rule(seed: int, how: tuple[float, int, bool]) -> None:
    window_s, least, whole = how
    rng = random.Random(seed)
    window = StabilityWindow(window_s, 3.0, least, whole=whole)
    readings: list[tuple[int, float]] = []
    now_ns, kg = 0, 1.0
    for _ in range(200):
        now_ns += round(rng.uniform(max(window_s / 63, 0.001), 0.2) * S)
        kg += rng.choice([0.0, 0.0, 0.0, STEP_KG, -STEP_KG, 20 * STEP_KG]) if rng.random() < 0.3 else 0.0
        readings.append((now_ns, kg))
    assert [window.add(kg, STEP_KG, ns) for ns, kg in readings] == list(
        plain(readings, window_s, 3.0, least, whole=whole)
    )


@given(st.integers(0, 2**32), st.sampled_from([200, 800]))
@settings(max_examples=30)
def test_a_scale_that_talks_fast_is_never_called_still_where_the_plain_rule_says_it_moves(
    seed: int, rate_hz: int
) -> None:
    rng = random.Random(seed)
    window = StabilityWindow(0.2, 3.0, 3, whole=True)
    readings: list[tuple[int, float]] = []
    kg = 1.0
    for n in range(rate_hz // 2):
        kg += rng.choice([5 * STEP_KG, -5 * STEP_KG]) if rng.random() < 10 / rate_hz else 0.0
        readings.append((n * S // rate_hz, kg))
    mine = [window.add(kg, STEP_KG, ns) for ns, kg in readings]
    assert all(strict for said, strict in zip(mine, plain(readings, 0.2, 3.0, 3, whole=True), strict=True) if said)


def test_a_flood_takes_little_memory() -> None:
    window = StabilityWindow(10.0)
    for n in range(100_000):
        window.add(1.0, STEP_KG, n * 200_000)
    assert len(window._parts) <= 66
    window.clear()
    assert not window.add(1.0, STEP_KG, 0)
