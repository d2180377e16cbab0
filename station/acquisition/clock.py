"""When a frame was captured, told on the host's monotonic clock."""

from __future__ import annotations

from station.frames import Frame, TimeDomain

_SPAN_NS = 2_000_000_000
_RESET_NS = 1_000_000_000
"""No frame is a second late: such a step is a clock that was set or a device that was started anew."""


class _Offset:
    """Smallest arrival minus device time of the last two to four seconds: the clocks' offset and the least delay.

    Taking the smallest leaves out what a frame waited on its way; the short memory follows a drifting clock.
    """

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._previous: int | None = None
        self._current = 0

    def read(self, device_ns: int, arrival_ns: int) -> int:
        offset = arrival_ns - device_ns
        reset = self._since_ns is None or offset - self._current > _RESET_NS
        if reset or arrival_ns - (self._since_ns or 0) > _SPAN_NS:
            self._previous = None if reset else self._current
            self._current = offset
            self._since_ns = arrival_ns
        self._current = min(self._current, offset)
        return self._current if self._previous is None else min(self._current, self._previous)


class CaptureTimes:
    """Maps every camera's time stamps to capture times on the host's monotonic clock.

    Cameras whose stamps come from one clock (the SDK's global time, the host's system time) share one offset, so their
    differences are kept to the microsecond; a device's own clock, or a derived time, gets an offset of its own.
    """

    def __init__(self) -> None:
        self._offsets: dict[str, _Offset] = {}

    def read(self, frame: Frame) -> int:
        """Return the capture time of a frame that has just arrived, monotonic nanoseconds."""
        shared = frame.time_domain in (TimeDomain.GLOBAL, TimeDomain.SYSTEM)
        key = frame.time_domain if shared else f"{frame.role} {frame.time_domain}"
        device_ns = round(frame.device_time_ms * 1e6)
        return device_ns + self._offsets.setdefault(key, _Offset()).read(device_ns, frame.arrival_ns)
