"""Capture times of one camera, checked against its frame counter."""

from __future__ import annotations

from station.frames import TimeDomain

_SLACK_MS = 1000.0
"""A step of the clock may differ by so much from what the frame counter or the host's clock says."""
_BACK_MS = 100.0
_BACK_FRAMES = 10
"""A clock that has jumped is trusted again when so many frames in a row lie so near to where it ran before."""


class DeviceClock:
    """Checks a device's time stamps and replaces them by frame number × period once they cannot be trusted.

    The SDK's global time has been seen to jump about every 4292 s and to run backwards. A step is believed when it goes
    forward and agrees with the frame counter, at anything from a quarter to four times the rate, or with the host's
    clock at arrival; after the first other one all times are derived from the counter and marked so, until the camera
    is opened anew or its clock runs again where it ran before the jump. ``period_ms`` is one frame period of the
    profile.
    """

    def __init__(self, period_ms: float) -> None:
        self._period_ms = period_ms
        self._number: int | None = None
        self._time_ms = 0.0
        self._arrival_ns = 0
        self._derived = False
        self._ahead_ms = 0.0
        """The device's clock minus the host's, when it was trusted last."""
        self._back = 0

    def read(self, number: int, time_ms: float, domain: TimeDomain, arrival_ns: int) -> tuple[float, TimeDomain]:
        """Return the time to use for the frame ``number`` stamped ``time_ms``, milliseconds, and its domain."""
        last = self._number
        if last is not None and number > last:
            expected_ms = (number - last) * self._period_ms
            self._derived = self._derived or not self._plausible(time_ms - self._time_ms, expected_ms, arrival_ns)
            if self._derived:
                self._derived = not self._is_back(time_ms, arrival_ns)
            if self._derived:
                time_ms = self._time_ms + expected_ms
        if not self._derived:
            self._ahead_ms = time_ms - arrival_ns * 1e-6
        self._number = number
        self._time_ms = time_ms
        self._arrival_ns = arrival_ns
        return time_ms, TimeDomain.DERIVED if self._derived else domain

    def _plausible(self, step_ms: float, expected_ms: float, arrival_ns: int) -> bool:
        counted = 0.25 * expected_ms - _SLACK_MS <= step_ms <= 4.0 * expected_ms + _SLACK_MS
        arrived = abs(step_ms - (arrival_ns - self._arrival_ns) * 1e-6) <= _SLACK_MS
        return step_ms > 0.0 and (counted or arrived)

    def _is_back(self, time_ms: float, arrival_ns: int) -> bool:
        near = abs(time_ms - arrival_ns * 1e-6 - self._ahead_ms) <= _BACK_MS
        self._back = self._back + 1 if near else 0
        # Times never run backwards, not even on the way back.
        if self._back < _BACK_FRAMES or time_ms <= self._time_ms:
            return False
        self._back = 0
        return True
