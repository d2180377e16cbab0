"""When a frame was captured, told on the host's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

from station.frames import Frame, TimeDomain

_SHARED = (TimeDomain.GLOBAL, TimeDomain.SYSTEM)
_OWN_SPAN_NS = 2_000_000_000
_SHARED_SPAN_NS = 60_000_000_000
_LATE_NS = 1_000_000_000
_LATE_FOR_NS = 2_000_000_000
"""Frames that are all a second late, for so long, are in time: a clock was set back or a device was started anew."""
_NEVER_LATE_NS = 60_000_000_000
"""And one that is so late is so at once."""
_COUNTED_DRIFT = 100e-6
"""A camera's true period differs from the nominal one by less: 50 ppm of its quartz, and 50 of the host's."""
_MISCOUNT_NS = 100_000_000
"""Counted times that are so far from the arrivals are wrong: the counter has missed frames."""


class _Offset:
    """Smallest arrival minus device time of the last one to two spans: the clocks' offset and the least delay.

    Taking the smallest leaves out what a frame waited on its way, be it seconds while the host stood still; forgetting
    follows a drifting clock.
    """

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._since_ns: int | None = None
        self._late_since_ns: int | None = None
        self._previous: int | None = None
        self._current = 0

    def read(self, device_ns: int, arrival_ns: int) -> int:
        offset = arrival_ns - device_ns
        reset = self._since_ns is None
        late_ns = 0 if reset else offset - self._current
        if late_ns <= _LATE_NS:
            self._late_since_ns = None
        else:
            if self._late_since_ns is None:
                self._late_since_ns = arrival_ns
            reset = late_ns > _NEVER_LATE_NS or arrival_ns - self._late_since_ns > _LATE_FOR_NS
            if not reset:
                return self.latest
        if reset or arrival_ns - (self._since_ns or 0) > self._span_ns:
            self._previous = None if reset else self._current
            self._current = offset
            self._since_ns = arrival_ns
        self._current = min(self._current, offset)
        return self.latest

    @property
    def latest(self) -> int:
        return self._current if self._previous is None else min(self._current, self._previous)


@dataclass(slots=True)
class _Counted:
    """A camera whose clock has jumped, so that its times are counted on from where it was trusted last.

    ``usual_ns`` is its own offset then, ``since_ns`` when that was, ``moved_ns`` what its true period has made of it.
    """

    clock: _Offset | None
    usual_ns: int
    since_ns: int
    moved_ns: int = 0

    @property
    def offset_ns(self) -> int:
        return (self.usual_ns if self.clock is None else self.clock.latest) + self.moved_ns

    def follow(self, own_ns: int, arrival_ns: int) -> None:
        """Take the camera's own offset of now: a bounded part of it, because arrivals jitter and counting does not."""
        moved = own_ns - self.usual_ns
        bound = round((arrival_ns - self.since_ns) * _COUNTED_DRIFT)
        self.moved_ns = moved if abs(moved) > bound + _MISCOUNT_NS else max(-bound, min(bound, moved))


class CaptureTimes:
    """Maps every camera's time stamps to capture times on the host's monotonic clock.

    Cameras whose stamps come from one clock (the SDK's global time, the host's system time) share one offset, so their
    differences are kept, and it is remembered for a minute; a device's own clock drifts and gets an offset of its own
    over two to four seconds. Times derived from the frame counter go on from the clock that was trusted before, and
    follow the arrivals no faster than a camera's period can be wrong.

    Offsets get better with every frame: :meth:`settled` tells a frame's time by what is known now, which makes the
    differences within a frameset those of the stamps.
    """

    def __init__(self) -> None:
        self._shared: dict[TimeDomain, _Offset] = {}
        self._own: dict[str, _Offset] = {}
        self._counting: set[str] = set()
        self._counted: dict[str, _Counted] = {}
        self._trusted: dict[str, tuple[TimeDomain, int]] = {}
        """The last clock that was trusted, by role, and when it was."""

    def read(self, frame: Frame) -> int:
        """Return the capture time of a frame that has just arrived, monotonic nanoseconds."""
        role, domain, arrival_ns = frame.role, frame.time_domain, frame.arrival_ns
        device_ns = _device_ns(frame)
        own = self._own.setdefault(role, _Offset(_OWN_SPAN_NS))
        if domain is TimeDomain.DERIVED:
            if role not in self._counting:
                self._counting.add(role)
                self._counted[role] = self._begin_counting(role, own, device_ns, arrival_ns)
            self._counted[role].follow(own.read(device_ns, arrival_ns), arrival_ns)
        else:
            self._counting.discard(role)
            own.read(device_ns, arrival_ns)
            self._trusted[role] = domain, arrival_ns
            if domain in _SHARED:
                self._shared.setdefault(domain, _Offset(_SHARED_SPAN_NS)).read(device_ns, arrival_ns)
        return self.settled(frame)

    def settled(self, frame: Frame) -> int:
        """Return the capture time of a frame that was read, by what is known now."""
        return _device_ns(frame) + self._offset_ns(frame.role, frame.time_domain)

    def _offset_ns(self, role: str, domain: TimeDomain) -> int:
        if domain in _SHARED:
            return self._shared[domain].latest
        return self._counted[role].offset_ns if domain is TimeDomain.DERIVED else self._own[role].latest

    def _begin_counting(self, role: str, own: _Offset, device_ns: int, arrival_ns: int) -> _Counted:
        if role not in self._trusted:
            # A recording may begin while the clock is not trusted.
            return _Counted(None, own.read(device_ns, arrival_ns), arrival_ns)
        domain, since_ns = self._trusted[role]
        return _Counted(self._shared.get(domain) if domain in _SHARED else None, own.latest, since_ns)


def _device_ns(frame: Frame) -> int:
    return round(frame.device_time_ms * 1e6)
