"""Capture times of one camera, checked against its frame counter."""

from __future__ import annotations

from station.frames import TimeDomain

_SLACK_MS = 500.0
"""A step of the clock may differ by so much from what the counter says, beside a changed frame rate."""


class DeviceClock:
    """Checks a device's time stamps and replaces them by frame number × period once they cannot be trusted.

    The SDK's global time has been seen to jump about every 4292 s and to run backwards; after the first such step
    all later times are derived from the frame counter and marked so, until the camera is opened anew.
    ``period_ms`` is one frame period of the profile.
    """

    def __init__(self, period_ms: float) -> None:
        self._period_ms = period_ms
        self._number: int | None = None
        self._time_ms = 0.0
        self._derived = False

    def read(self, number: int, time_ms: float, domain: TimeDomain) -> tuple[float, TimeDomain]:
        """Return the time to use for the frame ``number`` stamped ``time_ms``, milliseconds, and its domain."""
        last = self._number
        if last is not None and number > last:
            expected = (number - last) * self._period_ms
            step = time_ms - self._time_ms
            plausible = step > 0.0 and 0.25 * expected - _SLACK_MS <= step <= 4.0 * expected + _SLACK_MS
            if self._derived or not plausible:
                self._derived = True
                time_ms = self._time_ms + expected
        self._number = number
        self._time_ms = time_ms
        return time_ms, TimeDomain.DERIVED if self._derived else domain
