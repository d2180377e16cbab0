"""A recogniser that is told the weight instead of the scale's."""

from __future__ import annotations

from collections.abc import Callable

from station.frames import FrameSet
from station.results import PartLocation, Recognition
from station.workflow.protocols import Recognizer


class GivenWeight:
    """Recognises with the weight that ``weight_kg()`` gives at that moment, whatever the scale says."""

    def __init__(self, recognizer: Recognizer, weight_kg: Callable[[], float | None]) -> None:
        self._recognizer = recognizer
        self._weight_kg = weight_kg

    @property
    def model_id(self) -> str:
        """Id of the model that answers."""
        return self._recognizer.model_id

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        """Return the ranked classes for the given weight, kg."""
        return self._recognizer.recognize(frameset, location, self._weight_kg())
