"""When a frame was captured, told on the host's monotonic clock."""

from __future__ import annotations

from station.frames import Frame, TimeDomain

_OWN_SPAN_NS = 2_000_000_000
_SHARED_SPAN_NS = 60_000_000_000
_RESET_NS = 1_000_000_000
"""No frame is a second late: such a step is a clock that was set or a device that was started anew."""


class _Offset:
    """Smallest arrival minus device time of the last one to two spans: the clocks' offset and the least delay.

    Taking the smallest leaves out what a frame waited on its way; forgetting follows a drifting clock.
    """

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._since_ns: int | None = None
        self._previous: int | None = None
        self._current = 0

    def read(self, device_ns: int, arrival_ns: int) -> int:
        offset = arrival_ns - device_ns
        reset = self._since_ns is None or offset - self._current > _RESET_NS
        if reset or arrival_ns - (self._since_ns or 0) > self._span_ns:
            self._previous = None if reset else self._current
            self._current = offset
            self._since_ns = arrival_ns
        self._current = min(self._current, offset)
        return self._current if self._previous is None else min(self._current, self._previous)


class CaptureTimes:
    """Maps every camera's time stamps to capture times on the host's monotonic clock.

    Cameras whose stamps come from one clock (the SDK's global time, the host's system time) share one offset, so their
    differences are kept, and it is remembered for a minute; a device's own clock, or a derived time, drifts and gets an
    offset of its own over two to four seconds.
    """

    def __init__(self) -> None:
        self._offsets: dict[str, _Offset] = {}

    def read(self, frame: Frame) -> int:
        """Return the capture time of a frame that has just arrived, monotonic nanoseconds."""
        shared = frame.time_domain in (TimeDomain.GLOBAL, TimeDomain.SYSTEM)
        key = frame.time_domain if shared else f"{frame.role} {frame.time_domain}"
        device_ns = round(frame.device_time_ms * 1e6)
        if key not in self._offsets:
            self._offsets[key] = _Offset(_SHARED_SPAN_NS if shared else _OWN_SPAN_NS)
        return device_ns + self._offsets[key].read(device_ns, frame.arrival_ns)
