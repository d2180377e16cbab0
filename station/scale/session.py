"""One connection to a scale as a pure value machine: bytes and times in, readings, troubles and answers out."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from station.frames import WeightReading
from station.scale.lines import LONGEST_LINE, LineAssembler
from station.scale.protocol import ScaleProtocol
from station.scale.replies import Reply, ReplyKind

_UNIT_LINES = 3
"""Whole lines in a foreign unit before it is a trouble: a single one may be a damaged line."""
_COARSE_FROM_KG = 3.0
_COARSE_FACTOR = 10.0
"""Scales of two ranges weigh in ten times the step from here on."""
_NEAR_STEPS = 3.0
"""A line that says something else than the weight that is believed, by more than this, is not at rest."""
_WISH_NS = 3_000_000_000
"""A scale that does not acknowledge, and one that is zeroed here, must stand still within this time."""
_ZERO_RANGE = 0.04
"""Largest share of the range that is zeroed here, all zeros together (OIML R 76-1, 4.5.1)."""


class Wish(enum.Enum):
    """What a scale can be asked to do."""

    ZERO = enum.auto()
    TARE = enum.auto()


DONE = {Wish.ZERO: ReplyKind.ZEROED, Wish.TARE: ReplyKind.TARED}
"""The word that a wish was fulfilled."""
REFUSED = {Wish.ZERO: ReplyKind.ZERO_REFUSED, Wish.TARE: ReplyKind.TARE_REFUSED}
"""The word that it was not."""
_ANSWERS = frozenset((*DONE.values(), *REFUSED.values()))
_NOT_UNDERSTOOD = (ReplyKind.SYNTAX_ERROR, ReplyKind.LOGICAL_ERROR, ReplyKind.TRANSMISSION_ERROR)
"""Words on the last command: on the wish where one is open, else on the one that asks for weights."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong with the scale: ``key`` names the kind, the other two are for a person."""

    key: str
    what: str
    todo: str


@dataclass(slots=True)
class _Unheard:
    """What has come since the last line that was of use: bytes of it all, and lines by what was wrong with them."""

    size: int = 0
    strange: int = 0
    unitless: int = 0
    doubtful: int = 0
    busy: bool = False


Event = WeightReading | Trouble | ReplyKind
"""What came out of the line: a reading, a trouble, the word on a wish, or that the scale was switched on anew."""


class ScaleSession:
    """What has been heard on one connection.

    A stable flag is passed on only when the readings of the last moments agree with it. A weight beyond ``max_kg``
    either way (with 2 % for what a scale still shows above its range) is a trouble, never a reading. ``zero_kg`` and
    ``tare_kg`` are taken off every weight of a line that cannot do it itself, after ``factor`` has adjusted it.
    """

    def __init__(
        self,
        protocol: ScaleProtocol,
        *,
        step_kg: float,
        max_kg: float,
        silent_after_s: float,
        opened_ns: int,
        zero_kg: float = 0.0,
        tare_kg: float = 0.0,
        factor: float = 1.0,
    ) -> None:
        self._protocol = protocol
        self._step_kg = step_kg
        self._max_kg = max_kg
        self._silent_ns = round(silent_after_s * 1e9)
        self._lines = LineAssembler(lone_returns=protocol.lone_returns)
        self._parser = protocol.parser()
        self._guard = protocol.guard()
        self._window = protocol.window()
        self._factor = factor
        self._heard_ns = opened_ns
        self._unheard = _Unheard()
        self._foreign_lines = 0
        self._wish: tuple[Wish, int] | None = None
        self.zero_kg = zero_kg
        """The line's weight that counts as none; changed by a zero that is done here."""
        self.tare_kg = tare_kg
        """What lies there besides the part, as a tray; changed by a tare that is done here, gone with a zero."""
        self.needs_polling = protocol.stream is None and protocol.poll is not None
        """The scale does not send by itself: ask for each weight."""
        self.healthy = False
        """At least one reading has come."""

    def ask(self, wish: Wish, now_ns: int) -> bytes | None:
        """Begin to zero or tare: return the command to send, ``None`` where it is done here."""
        self._wish = (wish, now_ns)
        return self._protocol.zero if wish is Wish.ZERO else self._protocol.tare

    def forget(self) -> None:
        """Whoever wished has given up: no later reading may fulfil it; a scale that acknowledges may do so still."""
        self._wish = None

    def feed(self, data: bytes, now_ns: int) -> list[Event]:
        """Take received bytes at the monotonic time ``now_ns`` and return what they say."""
        events: list[Event] = []
        self._unheard.size += len(data)
        for line in self._lines.feed(data):
            event = self._event(line, now_ns)
            if event is not None:
                events.append(event)
            if isinstance(event, WeightReading) and (answer := self._fulfilled(event)) is not None:
                events.append(answer)
        return events

    def overdue(self, now_ns: int) -> ReplyKind | None:
        """Return the refusal of a wish that no reading fulfils; a scale that acknowledges says so by itself."""
        if self._wish is None or self.acknowledges(self._wish[0]) or now_ns - self._wish[1] < _WISH_NS:
            return None
        wish, _ = self._wish
        self._wish = None
        return REFUSED[wish]

    def silence(self, now_ns: int) -> Trouble | None:
        """Return the trouble when nothing useful came for too long."""
        if now_ns - self._heard_ns < self._silent_ns:
            return None
        seconds, said = (now_ns - self._heard_ns) / 1e9, self._unheard
        if said.busy:
            return Trouble(
                "busy",
                f"The scale has not been able to weigh for {seconds:.1f} s.",
                "Look at its display; it may show a menu or warm up.",
            )
        if said.unitless > max(said.strange, said.doubtful):
            return Trouble(
                "restless",
                f"The scale has not come to rest for {seconds:.1f} s; before it has, its weights have no unit.",
                "Take hands off the plate and keep draughts and vibration away.",
            )
        if said.doubtful > said.strange:
            return Trouble(
                "doubtful",
                f"The scale talks, but for {seconds:.1f} s it has said no weight that can be believed.",
                f"Check its cable, its baud rate and its protocol ({self._protocol.name}).",
            )
        if said.strange or said.size > LONGEST_LINE:
            return Trouble(
                "garbage",
                f"The scale sent nothing intelligible for {seconds:.1f} s.",
                f"Check its baud rate, parity, protocol ({self._protocol.name}) and its cable.",
            )
        return Trouble(
            "silent", f"The scale has been silent for {seconds:.1f} s.", "Check its power, its cable and its port."
        )

    def _event(self, line: bytes, now_ns: int) -> Event | None:
        reply = self._parser.parse(line)
        kind = reply.kind
        if kind in (ReplyKind.STABLE, ReplyKind.DYNAMIC):
            return self._reading(reply, now_ns)
        if kind is ReplyKind.GARBAGE:
            self._guard.spoilt()
            self._unheard.strange += 1
            return None
        if kind in (ReplyKind.OVERLOAD, ReplyKind.UNDERLOAD, ReplyKind.FAULT):
            self._hear(now_ns)
            self._begin_anew()
            return self._out_of_range(kind, reply.text)
        if kind is ReplyKind.UNKNOWN_UNIT:
            self._foreign_lines += 1
            if self._foreign_lines < _UNIT_LINES:
                self._unheard.doubtful += 1
                return None
            self._hear(now_ns)
            return Trouble(
                "unit",
                f"The scale weighs in {reply.unit!r}, which is not understood.",
                "Set it to g, kg, lb or oz.",
            )
        if kind in _ANSWERS or kind is ReplyKind.RESET:
            self._hear(now_ns)
            self._begin_anew()
            if kind is ReplyKind.RESET or (self._wish and kind in (DONE[self._wish[0]], REFUSED[self._wish[0]])):
                self._wish = None
            return kind
        if kind is ReplyKind.BUSY:
            self._unheard.busy = True
        elif kind in _NOT_UNDERSTOOD:
            if self._wish is not None and self.acknowledges(self._wish[0]):
                self._wish = None
                return kind
            self.needs_polling = True
        return None

    def _out_of_range(self, kind: ReplyKind, text: str) -> Trouble:
        if kind is ReplyKind.OVERLOAD:
            return Trouble(
                "overload",
                f"More lies on the plate than the scale can weigh ({self._max_kg:g} kg).",
                "Take the load off.",
            )
        if kind is ReplyKind.UNDERLOAD:
            return Trouble(
                "underload", "The scale is below its zero.", "Check that the plate lies on it freely, then zero it."
            )
        return Trouble(
            "fault", f"The scale is out of order: {text.strip()}.", "Look the number up in the scale's instructions."
        )

    def _reading(self, reply: Reply, now_ns: int) -> Event | None:
        if reply.kg is None:
            self._unheard.unitless += 1
            return None
        own_kg = self._guard.admit(reply)
        if own_kg is None:
            self._unheard.doubtful += 1
            return None
        self._hear(now_ns)
        gross = own_kg * self._factor - self.zero_kg
        kg = round(gross - self.tare_kg, 9)
        if abs(gross) > self._max_kg * 1.02:
            self._window.clear()
            return Trouble(
                "impossible",
                f"The scale says {gross:g} kg, but weighs at most {self._max_kg:g} kg.",
                "Check max_kg in [scale] and the unit of the scale.",
            )
        self._foreign_lines = 0
        self.healthy = True
        step = self._step_kg * (_COARSE_FACTOR if abs(kg) >= _COARSE_FROM_KG else 1.0)
        near = abs(reply.kg - own_kg) * self._factor <= _NEAR_STEPS * step * (1 + 1e-9)
        still = self._window.add(kg, step, now_ns) and near
        stable = still and (reply.kind is ReplyKind.STABLE or not self._protocol.flags_stability)
        return WeightReading(kg=kg, stable=stable, monotonic_ns=now_ns, raw=reply.text)

    def _hear(self, now_ns: int) -> None:
        self._heard_ns, self._unheard = now_ns, _Unheard()

    def _begin_anew(self) -> None:
        """What was weighed before says nothing of what comes."""
        self._window.clear()
        self._guard.anew()

    def acknowledges(self, wish: Wish) -> bool:
        """Whether the scale itself says the word on a wish."""
        command = self._protocol.zero if wish is Wish.ZERO else self._protocol.tare
        return command is not None and self._protocol.acknowledges

    def _fulfilled(self, reading: WeightReading) -> ReplyKind | None:
        """Return the word on a wish that a stable reading decides."""
        if self._wish is None or not reading.stable or self.acknowledges(self._wish[0]):
            return None
        wish, _ = self._wish
        command = self._protocol.zero if wish is Wish.ZERO else self._protocol.tare
        if command is not None:
            if abs(reading.kg) > 1.5 * self._step_kg:
                return None  # not yet; overdue() refuses in the end
        elif wish is Wish.TARE:
            self.tare_kg += reading.kg
            self._window.clear()
        else:
            zero_kg = self.zero_kg + self.tare_kg + reading.kg
            if abs(zero_kg) > _ZERO_RANGE * self._max_kg:
                self._wish = None
                return ReplyKind.ZERO_REFUSED
            self.zero_kg, self.tare_kg = zero_kg, 0.0
            self._window.clear()
        self._wish = None
        return DONE[wish]
