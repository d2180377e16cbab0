"""A scale whose weight slowly runs away though nothing changes on it."""

from __future__ import annotations

from collections import deque

from station.frames import WeightReading

_STEPS = 3.5
"""A weight that wanders by so many steps within a minute would soon pass for a part, or for another one."""
_CALM_STEPS = 1.5
_WINDOW_NS = 60_000_000_000
_CALM_NS = 20_000_000_000
_EVERY_NS = 500_000_000
_JUMP_STEPS, _JUMP = 3.0, 1e-3
_CREEP = 5e-4
"""A good cell creeps by less than this share of its load, and back when the load is taken off."""
_CREEP_S = 300.0


class DriftWatch:
    """Tells a drifting zero from parts that come and go, and from the creep of a heavy load.

    Only readings at rest count, and only as long as nothing jumps: a reading that is not stable, or that lies more
    than three steps (``step_kg``), or a thousandth, from the one before, begins anew. The scale drifts when its weight
    has moved by more than three and a half steps within a minute, beyond what the heaviest load of the last minutes
    lets it creep. It is said to drift until the weight has stayed within one and a half steps for twenty seconds.
    """

    def __init__(self, step_kg: float) -> None:
        self._step_kg = step_kg
        self._readings: deque[WeightReading] = deque()
        self._heaviest_kg = 0.0
        self._last: WeightReading | None = None
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """The sentence about a scale that drifts, else empty."""
        return self._trouble

    def add(self, reading: WeightReading) -> None:
        """Take the next reading."""
        last, self._last = self._last, reading
        if last is not None:
            passed_s = max(reading.monotonic_ns - last.monotonic_ns, 0) / 1e9
            self._heaviest_kg *= 0.5 ** (passed_s / _CREEP_S)
        self._heaviest_kg = max(self._heaviest_kg, abs(reading.kg))
        readings = self._readings
        jump_kg = max(_JUMP_STEPS * self._step_kg, _JUMP * abs(reading.kg))
        if not reading.stable or (last is not None and abs(reading.kg - last.kg) > jump_kg):
            readings.clear()
            return
        if readings and reading.monotonic_ns - readings[-1].monotonic_ns < _EVERY_NS:
            return
        readings.append(reading)
        while reading.monotonic_ns - readings[0].monotonic_ns > _WINDOW_NS:
            readings.popleft()
        self._judge()

    def _judge(self) -> None:
        if self._trouble:
            if self._calm():
                self._trouble = ""
                self._readings.clear()
            return
        first, last = self._readings[0], self._readings[-1]
        moved_kg = last.kg - first.kg
        if abs(moved_kg) > _STEPS * self._step_kg + _CREEP * self._heaviest_kg:
            passed_s = (last.monotonic_ns - first.monotonic_ns) / 1e9
            self._trouble = (
                f"The scale drifts: its weight moved by {moved_kg * 1e3:+.1f} g in {passed_s:.0f} s while nothing "
                "changed on the plate. Let it warm up, keep draughts and heat away, and look whether something touches "
                "the plate."
            )

    def _calm(self) -> bool:
        newest_ns = self._readings[-1].monotonic_ns
        recent = [one.kg for one in self._readings if newest_ns - one.monotonic_ns <= _CALM_NS]
        whole = newest_ns - self._readings[0].monotonic_ns >= _CALM_NS
        return whole and max(recent) - min(recent) <= _CALM_STEPS * self._step_kg + _CREEP * self._heaviest_kg
