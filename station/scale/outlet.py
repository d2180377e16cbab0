"""Where the scale's thread hands over what it hears; whatever the one who takes it does, the thread lives on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale.session import Trouble
from station.scale.source import ScaleChange

_log = logging.getLogger(__name__)


class Outlet:
    """Hands readings, changes and troubles over, each trouble once; the first good reading ends it.

    When a reading cannot be taken in, that is a trouble of its own, and not the scale's. ``where`` names the scale.
    """

    def __init__(
        self,
        where: str,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
        changed: Callable[[ScaleChange], None],
    ) -> None:
        self._where = where
        self._deliver = deliver
        self._report = report
        self._changed = changed
        self._trouble: str | None = None

    def reading(self, reading: WeightReading) -> None:
        """Hand a reading over; with the first one that is taken in, a trouble is over."""
        if not self._taken_in("weight", lambda: self._deliver(reading)) or self._trouble is None:
            return
        self._trouble = None
        _log.info("The scale weighs again", extra={"role": "scale"})
        self._tell(None)

    def change(self, change: ScaleChange) -> None:
        """Hand over that the scale weighs from another zero now."""
        self._taken_in("zero", lambda: self._changed(change))

    def trouble(self, trouble: Trouble, *, where: str | None = None) -> None:
        """Hand a trouble over unless it is the one that was told last; it is the scale's, but for ``where``."""
        if trouble.key == self._trouble:
            return
        self._trouble = trouble.key
        _log.warning("The scale is in trouble: %s", trouble.what, extra={"role": "scale"})
        self._tell(
            ScaleError(trouble.what, where=where or self._where, todo=trouble.todo, retryable=True, kind=trouble.key)
        )

    def _taken_in(self, what: str, hand_over: Callable[[], None]) -> bool:
        try:
            hand_over()
        except Exception as fault:
            # Whoever takes it is no part of the scale: its fault is said as what it is, and the next reading is tried.
            said = str(fault) if isinstance(fault, (StationError, OSError)) else repr(fault)
            if self._trouble != "not taken in":
                _log.exception("The scale's %s could not be taken in", what, extra={"role": "scale"})
            self.trouble(
                Trouble("not taken in", f"The scale's {what} could not be taken in: {said}.", "Look into the log."),
                where="Station",
            )
            return False
        return True

    def _tell(self, error: ScaleError | None) -> None:
        try:
            self._report(error)
        except Exception:
            _log.exception("What the scale reports could not be taken in", extra={"role": "scale"})
