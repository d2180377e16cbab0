"""A scale that never comes to rest though nothing moves on it."""

from __future__ import annotations

import statistics
from collections import deque
from itertools import pairwise

from station.frames import WeightReading

NOISY = "The scale's weight jumps about without coming to rest. Keep draughts and vibration away and check its cable."
_WINDOW_NS = 4_000_000_000
_READINGS = 12
_TURNS = 0.3
"""Share of the steps after which noise turns about; a hand presses and lets go far less often than a reading comes."""
_STEPS = 1.5
"""Scale steps by which the weight usually moves from reading to reading; at rest it flickers by one at most."""


class UnrestWatch:
    """Tells noise from work at the plate.

    Noise is: for four seconds no reading is stable, the weight turns up and down at nearly every reading, and most
    readings are more than a scale step (``step_kg``) from the one before. A load that is put on or taken off in
    between is one step of many and changes nothing: who works fast hears of a noisy scale, too.
    """

    def __init__(self, step_kg: float) -> None:
        self._step_kg = step_kg
        self._readings: deque[WeightReading] = deque()

    def add(self, reading: WeightReading) -> None:
        """Take the next reading."""
        readings = self._readings
        if reading.stable:
            readings.clear()
            return
        readings.append(reading)
        while reading.monotonic_ns - readings[0].monotonic_ns > 1.5 * _WINDOW_NS:
            readings.popleft()

    def noisy(self, now_ns: int) -> bool:
        """Return whether the scale is noisy now (monotonic nanoseconds)."""
        readings = [*self._readings]
        if len(readings) < _READINGS or now_ns - readings[-1].monotonic_ns > _WINDOW_NS:
            return False
        if readings[-1].monotonic_ns - readings[0].monotonic_ns < _WINDOW_NS:
            return False
        kg = [one.kg for one in readings]
        steps = [after - before for before, after in pairwise(kg)]
        # The middle one of three lines is often the same twice running: only where it moves can it turn.
        moved = [step for step in steps if step]
        turns = sum(a * b < 0.0 for a, b in pairwise(moved))
        usual_kg = statistics.median(abs(step) for step in steps)
        return turns >= _TURNS * len(moved) and usual_kg > _STEPS * self._step_kg
