"""A second opinion on the scale's stable flag, and the only one where a protocol has none."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_PARTS = 64
"""The window is kept in so many parts; a scale that talks faster has several readings in one."""


@dataclass(slots=True)
class _Part:
    """Readings that came close together: when the first came, their range, kg, and how many they are."""

    first_ns: int
    least_kg: float
    most_kg: float
    count: int


class StabilityWindow:
    """Says whether the last readings lie close together.

    Over ``window_s`` seconds and at least ``least`` readings, the spread must stay within ``spread_steps`` steps of
    the scale. A single damaged line that reads as a number is never stable by this rule. Where nothing else speaks
    for it, ``whole`` also asks for readings over the full window: the first ones of a connection prove nothing.

    However fast the scale talks, no reading is left out and little is kept: those that come within a 64th of the
    window are one part of it, so that the window may reach back by so much further.
    """

    def __init__(
        self, window_s: float = 0.2, spread_steps: float = 3.0, least: int = 3, *, whole: bool = False
    ) -> None:
        self._window_ns = round(window_s * 1e9)
        self._spread_steps = spread_steps
        self._least = least
        self._whole = whole
        self._parts: deque[_Part] = deque()
        self._count = 0

    def add(self, kg: float, step_kg: float, monotonic_ns: int) -> bool:
        """Take a reading and return whether the weight stands still now."""
        parts, start_ns = self._parts, monotonic_ns - self._window_ns
        if parts and (monotonic_ns - parts[-1].first_ns) * _PARTS < self._window_ns:
            newest = parts[-1]
            newest.least_kg, newest.most_kg = min(newest.least_kg, kg), max(newest.most_kg, kg)
            newest.count += 1
        else:
            parts.append(_Part(monotonic_ns, kg, kg, 1))
        self._count += 1
        while len(parts) > 1 and self._count - parts[0].count >= self._least and parts[1].first_ns <= start_ns:
            self._count -= parts.popleft().count
        if self._count < self._least:
            return False
        if self._whole and parts[0].first_ns > start_ns:
            return False
        spread_kg = max(part.most_kg for part in parts) - min(part.least_kg for part in parts)
        return spread_kg <= self._spread_steps * step_kg * (1 + 1e-9)

    def clear(self) -> None:
        """Forget all readings, after a break of the line."""
        self._parts.clear()
        self._count = 0
