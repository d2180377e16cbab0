"""The workflow's side of the scale: started, stopped, asked, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale.drift import DriftWatch
from station.scale.source import ScaleSource
from station.scale.unrest import NOISY, UnrestWatch

NO_SCALE = "There is no scale: parts are recognised without their weight."
"""The trouble of a station without a scale."""
_STEP_WITHOUT_SCALE_KG = 0.0001


class Weighing:
    """A scale, or ``None`` for a station without one, and its trouble.

    Readings and reports come in the scale's thread and pass through :meth:`take` and :meth:`report`, which the owner
    calls under its lock.
    """

    def __init__(self, scale: ScaleSource | None) -> None:
        self._scale = scale
        self.step_kg = scale.step_kg if scale else _STEP_WITHOUT_SCALE_KG
        """Smallest step near zero, kg; a usual one for a station without a scale."""
        self._unrest = UnrestWatch(self.step_kg)
        self._drift = DriftWatch(self.step_kg)
        self._noisy = False
        self._trouble = "" if scale else NO_SCALE
        self._kind = ""

    @property
    def trouble(self) -> str:
        """What is wrong with the scale now, empty while it weighs."""
        return self._trouble or (NOISY if self._noisy else self._drift.trouble)

    @property
    def trouble_kind(self) -> str:
        """The word for what is wrong: the scale's own one, ``noisy`` or ``drift``; empty where there is none."""
        if self._trouble:
            return self._kind
        return "noisy" if self._noisy else "drift" if self._drift.trouble else ""

    @property
    def scale(self) -> ScaleSource:
        """The scale; raises ScaleError where there is none."""
        if self._scale is None:
            raise ScaleError("There is no scale.", todo="Set enabled = true in [scale].")
        return self._scale

    def start(
        self, deliver: Callable[[WeightReading], None], report: Callable[[StationError | None], None]
    ) -> None:
        """Start the scale, if there is one; one that cannot be opened is reported, not raised."""
        if self._scale is not None:
            try:
                self._scale.start(deliver, report)
            except ScaleError as error:
                report(error)

    def stop(self) -> None:
        """Stop the scale."""
        if self._scale is not None:
            self._scale.stop()

    def take(self, reading: WeightReading) -> None:
        """Take the next reading."""
        self._unrest.add(reading)
        self._drift.add(reading)

    def report(self, error: StationError | None) -> None:
        """Take what the scale says of itself: a trouble, or ``None`` when it is over."""
        self._trouble = str(error) if error else ""
        self._kind = error.kind if isinstance(error, ScaleError) else ""
        if error is not None:
            self._drift = DriftWatch(self.step_kg)

    def watch_rest(self, now_ns: int) -> None:
        """Find out whether the weight jumps about without coming to rest (monotonic nanoseconds)."""
        self._noisy = self._unrest.noisy(now_ns)
