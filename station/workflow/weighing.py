"""The workflow's side of the scale: started, stopped, asked, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale.drift import DriftWatch
from station.scale.source import ScaleChange, ScaleSource, nobody
from station.scale.unrest import NOISY, UnrestWatch

NO_SCALE = "There is no scale: parts are recognised without their weight."
"""The trouble of a station without a scale."""
_RESTARTED = (
    "The scale was switched on anew: its zero and the tray's tare are gone. Empty the plate, or tare the tray again."
)
_STEP_WITHOUT_SCALE_KG = 0.0001


class Weighing:
    """A scale, or ``None`` for a station without one, and its trouble.

    Readings and reports come in the scale's thread and pass through :meth:`take` and :meth:`report`, which the owner
    calls under its lock, as it does all else here but the questions to :attr:`scale`.
    """

    def __init__(self, scale: ScaleSource | None) -> None:
        self._scale = scale
        self.step_kg = scale.step_kg if scale else _STEP_WITHOUT_SCALE_KG
        """Smallest step near zero, kg; a usual one for a station without a scale."""
        self._unrest = UnrestWatch(self.step_kg)
        self._drift = DriftWatch(self.step_kg)
        self._noisy = self._restarted = False
        self._asked_kg: float | None = None
        self._trouble = "" if scale else NO_SCALE
        self._kind = ""

    @property
    def trouble(self) -> str:
        """What is wrong with the scale now, empty while it weighs."""
        if self._trouble:
            return self._trouble
        return _RESTARTED if self._restarted else NOISY if self._noisy else self._drift.trouble

    @property
    def trouble_kind(self) -> str:
        """The word for what is wrong: the scale's own one, ``restarted``, ``noisy`` or ``drift``; else empty."""
        if self._trouble:
            return self._kind
        if self._restarted:
            return "restarted"
        return "noisy" if self._noisy else "drift" if self._drift.trouble else ""

    @property
    def scale(self) -> ScaleSource:
        """The scale; raises ScaleError where there is none."""
        if self._scale is None:
            raise ScaleError("There is no scale.", todo="Set enabled = true in [scale].")
        return self._scale

    def start(
        self,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
        changed: Callable[[ScaleChange], None] = nobody,
    ) -> None:
        """Start the scale, if there is one; one that cannot be opened is reported, not raised."""
        if self._scale is not None:
            try:
                self._scale.start(deliver, report, changed)
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

    def expect_tray(self, load_kg: float | None) -> None:
        """The scale is about to be asked to tare ``load_kg``."""
        self._asked_kg = load_kg

    def tray_kg(self, load_kg: float | None) -> float:
        """Return what was tared, now that the scale says so, while ``load_kg`` is the last load that it told of.

        That is the load: the scale may have waited, and the tray come later than the wish. A scale that does not
        acknowledge has shown the tared weight by then; with it the load at the wish counts.
        """
        told = load_kg if load_kg is not None and load_kg > 2.0 * self.step_kg else None
        return (told if told is not None else self._asked_kg) or 0.0

    def change(self, change: ScaleChange) -> None:
        """The scale weighs from another zero now."""
        self._restarted = change is ScaleChange.RESTARTED
        self._asked_kg = None
        self._drift = DriftWatch(self.step_kg)

    def seen_empty(self) -> None:
        """The plate is seen empty while the scale weighs: its zero is known again."""
        self._restarted = False

    def watch_rest(self, now_ns: int) -> None:
        """Find out whether the weight jumps about without coming to rest (monotonic nanoseconds)."""
        self._noisy = self._unrest.noisy(now_ns)
