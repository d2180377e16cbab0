"""MT-SICS, the command set of Mettler-Toledo's scales: commands, and a parser that never guesses a weight."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

END = b"\r\n"
LONGEST_LINE = 64
"""Bytes; every reply that carries a weight is shorter."""

KG_PER_UNIT = {"g": 0.001, "kg": 1.0, "lb": 0.45359237, "oz": 0.028349523125}
"""International avoirdupois pound and ounce, exact by definition."""


class Command(enum.StrEnum):
    """The commands that the station sends."""

    NOW = "SI"
    STREAM = "SIR"
    ZERO = "Z"

    @property
    def line(self) -> bytes:
        """The command as it goes over the line."""
        return self.value.encode("ascii") + END


class ReplyKind(enum.StrEnum):
    """What a line of the scale says."""

    STABLE = "stable"
    DYNAMIC = "dynamic"
    OVERLOAD = "overload"
    UNDERLOAD = "underload"
    BUSY = "busy"
    """The command was understood but cannot be carried out now."""
    SYNTAX_ERROR = "syntax error"
    TRANSMISSION_ERROR = "transmission error"
    LOGICAL_ERROR = "logical error"
    ZEROED = "zeroed"
    ZERO_REFUSED = "zero refused"
    TARED = "tared"
    TARE_REFUSED = "tare refused"
    RESET = "reset"
    UNKNOWN_UNIT = "unknown unit"
    """A whole weight line in a unit that the station does not convert."""
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of the scale; ``kg`` only with ``STABLE``, ``DYNAMIC`` and ``TARED``; ``text`` is the line itself."""

    kind: ReplyKind
    text: str
    kg: float | None = None
    unit: str = ""


_WEIGHT = re.compile(r"(S|T) ([SD]) +([+-]?[0-9]{1,8}(?:\.[0-9]{1,7})?) ([A-Za-z%]{1,5})")
_FIXED = {
    "S +": ReplyKind.OVERLOAD,
    "S -": ReplyKind.UNDERLOAD,
    "S I": ReplyKind.BUSY,
    "ES": ReplyKind.SYNTAX_ERROR,
    "ET": ReplyKind.TRANSMISSION_ERROR,
    "EL": ReplyKind.LOGICAL_ERROR,
    "Z A": ReplyKind.ZEROED,
    "Z I": ReplyKind.ZERO_REFUSED,
    "Z +": ReplyKind.ZERO_REFUSED,
    "Z -": ReplyKind.ZERO_REFUSED,
    "T I": ReplyKind.TARE_REFUSED,
    "T +": ReplyKind.TARE_REFUSED,
    "T -": ReplyKind.TARE_REFUSED,
}


def parse_line(line: bytes) -> Reply:
    """Return what a line without its end says.

    Only a whole line gives a weight: a line cut anywhere, joined with another or mixed with other bytes is
    ``GARBAGE`` or ``UNKNOWN_UNIT``. Never raises.
    """
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError:
        return Reply(ReplyKind.GARBAGE, line.decode("ascii", "backslashreplace"))
    fixed = _FIXED.get(text)
    if fixed is not None:
        return Reply(fixed, text)
    if text.startswith("I4 A "):
        return Reply(ReplyKind.RESET, text)
    found = _WEIGHT.fullmatch(text) if len(text) <= LONGEST_LINE else None
    if found is None:
        return Reply(ReplyKind.GARBAGE, text)
    command, flag, number, unit = found.groups()
    factor = KG_PER_UNIT.get(unit.lower())
    if factor is None:
        return Reply(ReplyKind.UNKNOWN_UNIT, text, unit=unit)
    kind = ReplyKind.TARED if command == "T" else ReplyKind.STABLE if flag == "S" else ReplyKind.DYNAMIC
    return Reply(kind, text, kg=round(float(number) * factor, 9), unit=unit.lower())


class LineAssembler:
    """Makes lines of the bytes as they come; a line longer than any reply is thrown away up to its end."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes and return the lines that are complete, without their ends."""
        self._rest += data
        *whole, rest = self._rest.split(b"\n")
        lines: list[bytes] = []
        for line in whole:
            if not self._skipping and len(line) <= LONGEST_LINE + 1:
                lines.append(bytes(line.removesuffix(b"\r")))
            self._skipping = False
        if len(rest) > LONGEST_LINE + 1:
            self._skipping = True
            rest = bytearray()
        self._rest = rest
        return lines


class WidthGuard:
    """Refuses weight lines of another length than the scale's own.

    A scale pads its weight field to a fixed width, so a lost or doubled byte shows in the length even where the
    rest still reads as a number. A new width is taken over after ``agree`` lines of it in a row; lines before the
    first agreement are refused too.
    """

    def __init__(self, agree: int = 2) -> None:
        self._agree = agree
        self._width: tuple[int, str] | None = None
        self._candidate: tuple[int, str] | None = None
        self._count = 0

    def accepts(self, reply: Reply) -> bool:
        """Whether a reply with a weight has the scale's own width for its unit."""
        shape = (len(reply.text), reply.unit)
        if shape == self._width:
            self._candidate, self._count = None, 0
            return True
        if shape != self._candidate:
            self._candidate, self._count = shape, 0
        self._count += 1
        if self._count < self._agree:
            return False
        self._width, self._candidate, self._count = shape, None, 0
        return True
