"""The one protocol every scale speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from station.errors import StationError
from station.frames import WeightReading


class ScaleSource(Protocol):
    """A scale that delivers readings from its own thread."""

    step_kg: float
    """Smallest step near zero, kg; a weight under 20 steps is too light to be used."""

    def start(
        self, deliver: Callable[[WeightReading], None], report: Callable[[StationError | None], None]
    ) -> None:
        """Open the line and deliver readings; ``report`` is told of each trouble, and ``None`` when it is over."""
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
