"""What a line of a scale may say, whatever its protocol, and the units that are converted."""

from __future__ import annotations

import enum
from dataclasses import dataclass

KG_PER_UNIT = {"g": 0.001, "kg": 1.0, "lb": 0.45359237, "oz": 0.028349523125}
"""International avoirdupois pound and ounce, exact by definition."""


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
    FAULT = "fault"
    """The scale says that it is out of order."""
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of the scale; ``kg`` only with ``STABLE``, ``DYNAMIC`` and ``TARED``; ``text`` is the line itself."""

    kind: ReplyKind
    text: str
    kg: float | None = None
    unit: str = ""


def in_kg(number: str, unit: str) -> float | None:
    """Return a decimal number with its unit in kilograms, to the nanogram; ``None`` for an unknown unit."""
    factor = KG_PER_UNIT.get(unit.lower())
    return None if factor is None else round(float(number) * factor, 9)


def decoded(line: bytes) -> str | None:
    """Return the text of a line of ASCII, ``None`` when it holds other bytes."""
    try:
        return line.decode("ascii")
    except UnicodeDecodeError:
        return None


def garbage(line: bytes) -> Reply:
    """Return the reply that stands for bytes which are no line of the protocol."""
    return Reply(ReplyKind.GARBAGE, line.decode("ascii", "backslashreplace"))
