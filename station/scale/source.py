"""The one protocol every scale speaks."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol

from station.errors import StationError
from station.frames import WeightReading


class ScaleChange(enum.Enum):
    """Why the same load weighs something else from now on."""

    ZEROED = enum.auto()
    """It was set to zero; a tare is gone, too."""
    TARED = enum.auto()
    """What lies on it was taken off every later weight."""
    RESTARTED = enum.auto()
    """It was switched on anew: zero and tare are gone."""


def nobody(_change: ScaleChange) -> None:
    """For whoever does not ask where the weights are counted from."""


class ScaleSource(Protocol):
    """A scale that delivers readings from its own thread."""

    step_kg: float
    """Smallest step near zero, kg; a weight under 20 steps is too light to be used."""

    def start(
        self,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
        changed: Callable[[ScaleChange], None] = nobody,
    ) -> None:
        """Open the line and deliver readings; ``report`` is told of each trouble, and ``None`` when it is over.

        ``changed`` is told of every zero and tare that was done, asked for or late, between the readings before it
        and those after it, and before :meth:`zero` or :meth:`tare` returns.
        """
        ...

    def zero(self) -> None:
        """Set the present load to zero; raises ScaleError when the scale refuses."""
        ...

    def tare(self) -> None:
        """Take what lies on the scale, as a tray, off every later weight; raises ScaleError when the scale refuses."""
        ...

    def stop(self) -> None:
        """Close the line and join the thread."""
        ...
