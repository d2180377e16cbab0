"""Noise of a scale, and what is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from station.frames import WeightReading
from station.scale.unrest import UnrestWatch

STEP_KG = 0.0001
PERIOD_NS = 100_000_000


def watched(kg: list[float], stable: frozenset[int] = frozenset()) -> bool:
    watch = UnrestWatch(STEP_KG)
    for tick, value in enumerate(kg):
        watch.add(WeightReading(value, tick in stable, tick * PERIOD_NS, ""))
    return watch.noisy(len(kg) * PERIOD_NS)


def noise(count: int, spread_kg: float = 0.01) -> list[float]:
    return list(1.2 + np.random.default_rng(1).normal(0.0, spread_kg, count))


def test_a_weight_that_jumps_about_is_noisy() -> None:
    assert watched(noise(60))


def test_it_is_noisy_too_where_one_part_follows_the_other() -> None:
    parts = [0.3, 2.5, 0.0, 8.0]
    assert watched([value + parts[tick // 25 % 4] for tick, value in enumerate(noise(120, 0.004))])


@pytest.mark.parametrize(
    "kg",
    [
        noise(35),
        noise(60, 0.00005),
        [0.02 * tick for tick in range(60)],
        [1.2] * 60,
        [1.0 + 0.5 * math.sin(tick / 4.0) for tick in range(60)],
        [0.0] * 30 + noise(30, 0.0002),
        [(0.3, 2.5, 0.0, 8.0)[tick // 12 % 4] for tick in range(60)],
    ],
    ids=["not for long", "by a step", "poured", "at rest", "pressed by a hand", "loaded", "exchanged fast"],
)
def test_what_is_work_or_rest_is_no_noise(kg: list[float]) -> None:
    assert not watched(kg)


def test_one_stable_reading_ends_it_and_silence_does() -> None:
    assert not watched(noise(60), frozenset({59}))
    watch = UnrestWatch(STEP_KG)
    for tick, value in enumerate(noise(60)):
        watch.add(WeightReading(value, False, tick * PERIOD_NS, ""))
    assert watch.noisy(60 * PERIOD_NS)
    assert not watch.noisy(120 * PERIOD_NS)
