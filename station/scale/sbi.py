"""SBI, the print lines of Sartorius' scales: 16 or 22 characters, every one in its place.

A line is a sign, nine places of the number, a space, three of the unit, and its end; six places of a name may precede
it. A scale leaves the unit away while the weight moves. Source: "Data Interface", operating instructions of the
Quintix, LE and GC series, Sartorius.
"""

from __future__ import annotations

import re

from station.scale.guards import FixedFormGuard
from station.scale.protocol import ScaleProtocol
from station.scale.replies import Reply, ReplyKind, decoded, garbage, in_kg

_ESCAPE = b"\x1b"
_SHORT, _LONG = 14, 20
"""Characters of a line without its end."""
_NUMBER = re.compile(r"([+\- ])( *)([0-9]{1,8}(?:\.[0-9]{1,7})?) *")
_STATES = {
    "H": ReplyKind.OVERLOAD,
    "HH": ReplyKind.OVERLOAD,
    "High": ReplyKind.OVERLOAD,
    "L": ReplyKind.UNDERLOAD,
    "LL": ReplyKind.UNDERLOAD,
    "Low": ReplyKind.UNDERLOAD,
    "C": ReplyKind.BUSY,
    "Cal.Int.": ReplyKind.BUSY,
    "Cal.Ext.": ReplyKind.BUSY,
    "--": ReplyKind.BUSY,
    "": ReplyKind.BUSY,
}


class SbiParser:
    """Reads print lines; a weight without a unit has that of the last stable one, and none before that."""

    def __init__(self) -> None:
        self._unit = ""

    def parse(self, line: bytes) -> Reply:
        """Return what a line without its end says; a line of another length is ``GARBAGE``. Never raises."""
        text = decoded(line)
        if text is None or len(text) not in (_SHORT, _LONG):
            return garbage(line)
        body = text[_LONG - _SHORT :] if len(text) == _LONG else text
        said = body.strip()
        if said in _STATES:
            return Reply(_STATES[said], text)
        if re.fullmatch(r"(Err|ERR) +[0-9]{1,3}", said):
            return Reply(ReplyKind.FAULT, text)
        number = _NUMBER.fullmatch(body[:10])
        unit = body[11:14].strip()
        # Digits that are not verified for trade stand in brackets or break off before the unit: not a number to trust.
        whole_unit = re.fullmatch(r"(?:[A-Za-z%/]{1,3} *)?", body[11:]) or not unit
        if number is None or body[10] != " " or not whole_unit:
            return Reply(ReplyKind.GARBAGE, text)
        sign, _, digits = number.groups()
        if unit:
            kg = in_kg(sign.strip() + digits, unit)
            if kg is None:
                return Reply(ReplyKind.UNKNOWN_UNIT, text, unit=unit)
            self._unit = unit.lower()
            return Reply(ReplyKind.STABLE, text, kg=kg, unit=self._unit)
        kg = in_kg(sign.strip() + digits, self._unit) if self._unit else None
        return Reply(ReplyKind.DYNAMIC, text, kg=kg, unit=self._unit)


SBI = ScaleProtocol(
    "SBI",
    SbiParser,
    FixedFormGuard,
    poll=_ESCAPE + b"P\r\n",
    zero=_ESCAPE + b"V\r\n",
    tare=_ESCAPE + b"U\r\n",
    acknowledges=False,
)
