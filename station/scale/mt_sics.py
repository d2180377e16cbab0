"""MT-SICS, the command set of Mettler-Toledo's scales, and KCP, Kern's of the same form; never guesses a weight.

Sources: "Reference Manual MT-SICS Interface Commands", Mettler-Toledo; "KERN Communications Protocol", Kern & Sohn.
"""

from __future__ import annotations

import re

from station.scale.guards import FixedFormGuard
from station.scale.lines import LONGEST_LINE
from station.scale.protocol import ScaleProtocol
from station.scale.replies import Reply, ReplyKind, decoded, garbage, in_kg

_WEIGHT = re.compile(r"(S|T) ([SD]) +([+-]?[0-9]{1,8}(?:\.[0-9]{1,7})?) ([A-Za-z%]{1,5})")
_RESET = re.compile(r'I4 A "[^"]{1,40}"')
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
_KCP_FIXED = {**_FIXED, "T A": ReplyKind.TARED}


class SicsParser:
    """Reads lines of MT-SICS; with ``kcp`` also what Kern's scales alone say."""

    def __init__(self, *, kcp: bool = False) -> None:
        self._fixed = _KCP_FIXED if kcp else _FIXED

    def parse(self, line: bytes) -> Reply:
        """Return what a line without its end says.

        Only a whole line gives a weight: a line cut anywhere, joined with another or mixed with other bytes is
        ``GARBAGE`` or ``UNKNOWN_UNIT``. Never raises.
        """
        text = decoded(line)
        if text is None:
            return garbage(line)
        fixed = self._fixed.get(text)
        if fixed is not None:
            return Reply(fixed, text)
        if _RESET.fullmatch(text):
            return Reply(ReplyKind.RESET, text)
        found = _WEIGHT.fullmatch(text) if len(text) <= LONGEST_LINE else None
        if found is None:
            return Reply(ReplyKind.GARBAGE, text)
        command, flag, number, unit = found.groups()
        kg = in_kg(number, unit)
        if kg is None:
            return Reply(ReplyKind.UNKNOWN_UNIT, text, unit=unit)
        kind = ReplyKind.TARED if command == "T" else ReplyKind.STABLE if flag == "S" else ReplyKind.DYNAMIC
        return Reply(kind, text, kg=kg, unit=unit.lower())


MT_SICS = ScaleProtocol(
    "MT-SICS", SicsParser, FixedFormGuard, stream=b"SIR\r\n", poll=b"SI\r\n", zero=b"Z\r\n", tare=b"T\r\n"
)


def _kcp_parser() -> SicsParser:
    return SicsParser(kcp=True)


KCP = ScaleProtocol("KCP", _kcp_parser, FixedFormGuard, stream=b"SIR\r\n", poll=b"SI\r\n", zero=b"Z\r\n", tare=b"T\r\n")
