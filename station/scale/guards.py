"""Second looks at lines that read as a weight: a damaged line must not pass for another weight."""

from __future__ import annotations

import statistics
from collections import deque
from typing import Protocol

from station.scale.replies import Reply


class WeightGuard(Protocol):
    """Sees every line of one connection, in order, and says which weight may be believed."""

    def admit(self, reply: Reply) -> float | None:
        """Return the weight to use for a reply with a weight, kg; ``None`` when it is not believed."""
        ...

    def spoilt(self) -> None:
        """A line came that was no line of the protocol."""
        ...

    def anew(self) -> None:
        """The scale weighs from another zero now: the weights before say nothing of the next."""
        ...


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

    def admit(self, reply: Reply) -> float | None:
        """Return the weight when the line has the scale's own width for its unit."""
        shape = (len(reply.text), reply.unit)
        if shape == self._width:
            self._candidate, self._count = None, 0
            return reply.kg
        if shape != self._candidate:
            self._candidate, self._count = shape, 0
        self._count += 1
        if self._count < self._agree:
            return None
        self._width, self._candidate, self._count = shape, None, 0
        return reply.kg

    def spoilt(self) -> None:
        """Nothing to do: the width tells."""

    def anew(self) -> None:
        """Nothing to do: the width stays."""


class RunGuard:
    """For lines without a fixed form: believes the middle one of three weights that came in an unbroken run.

    A number that lost a digit is a number still; alone between two whole ones it is never the middle one. Bytes that
    mean nothing break the run, so that numbers among them are not believed.
    """

    def __init__(self) -> None:
        self._run: deque[float] = deque(maxlen=3)

    def admit(self, reply: Reply) -> float | None:
        """Return the middle one of the last three weights, ``None`` before there are three."""
        if reply.kg is None:
            return None
        self._run.append(reply.kg)
        return statistics.median(self._run) if len(self._run) == 3 else None

    def spoilt(self) -> None:
        """Begin a new run."""
        self._run.clear()

    def anew(self) -> None:
        """Begin a new run."""
        self._run.clear()


class FixedFormGuard:
    """For lines of a fixed form: the middle one of the last three weights whose lines have the scale's own width.

    The width finds a lost or doubled byte, the middle one a digit that was changed. Bytes between the lines do not
    matter, the width keeps them out.
    """

    def __init__(self) -> None:
        self._width = WidthGuard()
        self._run = RunGuard()

    def admit(self, reply: Reply) -> float | None:
        """Return the middle one of the last three weights of the own width, ``None`` before there are three."""
        return None if self._width.admit(reply) is None else self._run.admit(reply)

    def spoilt(self) -> None:
        """Nothing to do: the width tells."""

    def anew(self) -> None:
        """Begin a new run; the width stays."""
        self._run.anew()
