"""One connection to an MT-SICS scale as a pure value machine: bytes and times in, readings and troubles out."""

from __future__ import annotations

from dataclasses import dataclass

from station.frames import WeightReading
from station.scale.mt_sics import LineAssembler, Reply, ReplyKind, WidthGuard, parse_line
from station.scale.stability import StabilityWindow

_UNIT_LINES = 3
"""Whole lines in a foreign unit before it is a trouble: a single one may be a damaged line."""
_COARSE_FROM_KG = 3.0
_COARSE_FACTOR = 10.0
"""Scales of two ranges weigh in ten times the step from here on."""

_ZERO_REPLIES = (ReplyKind.ZEROED, ReplyKind.ZERO_REFUSED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong with the scale: ``key`` names the kind, the other two are for a person."""

    key: str
    what: str
    todo: str


Event = WeightReading | Trouble | ReplyKind
"""What came out of the line: a reading, a trouble, or the scale's word on a zero command."""


class ScaleSession:
    """What has been heard on one connection.

    A stable flag is passed on only when the readings of the last moments agree with it. A weight beyond
    ``max_kg`` either way
    (with 2 % for what a scale still shows above its range) is a trouble, never a reading.
    """

    def __init__(self, *, step_kg: float, max_kg: float, silent_after_s: float, opened_ns: int) -> None:
        self._step_kg = step_kg
        self._max_kg = max_kg
        self._silent_ns = round(silent_after_s * 1e9)
        self._lines = LineAssembler()
        self._width = WidthGuard()
        self._window = StabilityWindow()
        self._heard_ns = opened_ns
        self._strange_bytes = 0
        self._busy = False
        self._foreign_lines = 0
        self.needs_polling = False
        """The scale does not know the streaming command: ask for each weight."""
        self.healthy = False
        """At least one reading has come."""

    def feed(self, data: bytes, now_ns: int) -> list[Event]:
        """Take received bytes at the monotonic time ``now_ns`` and return what they say."""
        events: list[Event] = []
        for line in self._lines.feed(data):
            event = self._event(line, now_ns)
            if event is not None:
                events.append(event)
        return events

    def silence(self, now_ns: int) -> Trouble | None:
        """Return the trouble when nothing useful came for too long."""
        if now_ns - self._heard_ns < self._silent_ns:
            return None
        seconds = (now_ns - self._heard_ns) / 1e9
        if self._busy:
            return Trouble(
                "busy",
                f"The scale has not been able to weigh for {seconds:.1f} s.",
                "Look at its display; it may show a menu or warm up.",
            )
        if self._strange_bytes:
            return Trouble(
                "garbage",
                f"The scale sent nothing intelligible for {seconds:.1f} s.",
                "Check its baud rate, its protocol (MT-SICS) and its cable.",
            )
        return Trouble(
            "silent", f"The scale has been silent for {seconds:.1f} s.", "Check its power, its cable and its port."
        )

    def _event(self, line: bytes, now_ns: int) -> Event | None:
        reply = parse_line(line)
        kind = reply.kind
        if kind in (ReplyKind.STABLE, ReplyKind.DYNAMIC):
            return self._reading(reply, now_ns)
        if kind in (ReplyKind.OVERLOAD, ReplyKind.UNDERLOAD):
            self._heard_ns = now_ns
            self._window.clear()
            if kind is ReplyKind.OVERLOAD:
                return Trouble(
                    "overload",
                    f"More lies on the plate than the scale can weigh ({self._max_kg:g} kg).",
                    "Take the load off.",
                )
            return Trouble(
                "underload", "The scale is below its zero.", "Check that the plate lies on it freely, then zero it."
            )
        if kind is ReplyKind.UNKNOWN_UNIT:
            self._foreign_lines += 1
            if self._foreign_lines < _UNIT_LINES:
                return None
            self._heard_ns = now_ns
            return Trouble(
                "unit",
                f"The scale weighs in {reply.unit!r}, which is not understood.",
                "Set it to g, kg, lb or oz.",
            )
        if kind in _ZERO_REPLIES:
            self._heard_ns = now_ns
            self._window.clear()
            return kind
        if kind is ReplyKind.BUSY:
            self._busy = True
        elif kind in (ReplyKind.SYNTAX_ERROR, ReplyKind.LOGICAL_ERROR):
            self.needs_polling = True
        elif kind is ReplyKind.GARBAGE:
            self._strange_bytes += max(1, len(line))
        return None

    def _reading(self, reply: Reply, now_ns: int) -> Event | None:
        if reply.kg is None or not self._width.accepts(reply):
            return None
        self._heard_ns = now_ns
        if abs(reply.kg) > self._max_kg * 1.02:
            self._window.clear()
            return Trouble(
                "impossible",
                f"The scale says {reply.kg:g} kg, but weighs at most {self._max_kg:g} kg.",
                "Check max_kg in [scale] and the unit of the scale.",
            )
        self._strange_bytes = self._foreign_lines = 0
        self._busy = False
        self.healthy = True
        step = self._step_kg * (_COARSE_FACTOR if abs(reply.kg) >= _COARSE_FROM_KG else 1.0)
        still = self._window.add(reply.kg, step, now_ns)
        return WeightReading(
            kg=reply.kg, stable=still and reply.kind is ReplyKind.STABLE, monotonic_ns=now_ns, raw=reply.text
        )
