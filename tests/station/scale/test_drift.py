"""A zero that runs away is told from work at the plate, from noise and from the creep of a heavy load."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from station.frames import WeightReading
from station.scale.drift import DriftWatch

STEP_KG = 0.0001


class Line:
    """Readings at 20 Hz, noise of a quarter step and rounding as a real scale has them."""

    def __init__(self, seed: int = 0) -> None:
        self.watch = DriftWatch(STEP_KG)
        self.now_ns = 0
        self._chance = random.Random(seed)

    def run(self, seconds: float, kg: float, kg_per_s: float = 0.0, *, stable: bool = True) -> float:
        """Let the weight run on from ``kg``; return where it came to."""
        for _ in range(round(seconds * 20)):
            self.now_ns += 50_000_000
            kg += kg_per_s * 0.05
            shown = round((kg + self._chance.gauss(0.0, STEP_KG / 4)) / STEP_KG) * STEP_KG
            self.watch.add(WeightReading(shown, stable, self.now_ns, ""))
        return kg


def test_a_drifting_zero_is_said_within_half_a_minute_in_words_that_stay_and_is_over_when_it_rests() -> None:
    line = Line()
    kg = line.run(30.0, 0.0, 2e-5)
    said = line.watch.trouble
    assert "+0.4 g" in said
    kg = line.run(60.0, kg, 2e-5)
    assert line.watch.trouble == said
    line.run(30.0, kg)
    assert line.watch.trouble == ""


def test_a_zero_that_wanders_over_a_shift_is_none() -> None:
    line = Line()
    line.run(1800.0, 0.0, 1e-3 / 3600.0)
    assert line.watch.trouble == ""


def test_a_part_that_is_put_down_does_not_end_what_is_said() -> None:
    line = Line()
    kg = line.run(30.0, 0.0, 2e-5)
    line.run(1.0, kg + 0.2, stable=False)
    line.run(5.0, kg + 0.5, 2e-5)
    assert line.watch.trouble


def test_a_restless_weight_is_no_drift() -> None:
    line = Line()
    line.run(60.0, 0.0, 2e-5, stable=False)
    assert line.watch.trouble == ""


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.lists(st.floats(0.002, 10.0), min_size=1, max_size=8))
def test_parts_that_come_and_go_are_no_drift(seed: int, parts: list[float]) -> None:
    line = Line(seed)
    for kg in parts:
        line.run(0.4, kg / 2, stable=False)
        line.run(6.0, kg)
        line.run(0.4, kg / 2, stable=False)
        line.run(3.0, 0.0)
        assert line.watch.trouble == ""
