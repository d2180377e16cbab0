"""A second opinion on the scale's stable flag, and the only one where a protocol has none."""

from __future__ import annotations

from collections import deque


class StabilityWindow:
    """Says whether the last readings lie close together.

    Over ``window_s`` seconds and at least ``least`` readings, the spread must stay within ``spread_steps`` steps of
    the scale. A single damaged line that reads as a number is never stable by this rule. Where nothing else speaks
    for it, ``whole`` also asks for readings over the full window: the first ones of a connection prove nothing.
    """

    def __init__(
        self, window_s: float = 0.2, spread_steps: float = 3.0, least: int = 3, *, whole: bool = False
    ) -> None:
        self._window_ns = round(window_s * 1e9)
        self._spread_steps = spread_steps
        self._least = least
        self._whole = whole
        self._readings: deque[tuple[int, float]] = deque(maxlen=256)

    def add(self, kg: float, step_kg: float, monotonic_ns: int) -> bool:
        """Take a reading and return whether the weight stands still now."""
        self._readings.append((monotonic_ns, kg))
        while len(self._readings) > self._least and self._readings[1][0] <= monotonic_ns - self._window_ns:
            self._readings.popleft()
        if len(self._readings) < self._least:
            return False
        if self._whole and self._readings[0][0] > monotonic_ns - self._window_ns:
            return False
        weights = [k for _, k in self._readings]
        return max(weights) - min(weights) <= self._spread_steps * step_kg * (1 + 1e-9)

    def clear(self) -> None:
        """Forget all readings, after a break of the line."""
        self._readings.clear()
