"""Lines out of bytes: no line is longer than a scale's longest reply, and nothing grows."""

from __future__ import annotations

LONGEST_LINE = 64
"""Bytes; every reply that carries a weight is shorter."""


class LineAssembler:
    """Makes lines of the bytes as they come; a line longer than any reply is thrown away up to its end.

    A line ends with a line feed, which a carriage return may precede; with ``lone_returns`` a carriage return alone
    ends it too, and empty lines are dropped.
    """

    def __init__(self, *, lone_returns: bool = False) -> None:
        self._lone_returns = lone_returns
        self._rest = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes and return the lines that are complete, without their ends."""
        self._rest += data.replace(b"\r", b"\n") if self._lone_returns else data
        *whole, rest = self._rest.split(b"\n")
        lines: list[bytes] = []
        for line in whole:
            if not self._skipping and len(line) <= LONGEST_LINE + 1 and (line or not self._lone_returns):
                lines.append(bytes(line.removesuffix(b"\r")))
            self._skipping = False
        if len(rest) > LONGEST_LINE + 1:
            self._skipping = True
            rest = bytearray()
        self._rest = rest
        return lines
