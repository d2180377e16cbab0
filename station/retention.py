"""What is kept for a number of days only: removed in the background, at the start and once a day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from station.errors import StationError
from station.journal import Journal
from station.repeated_look import RepeatedLook

_DAY_S = 86400.0

_log = logging.getLogger(__name__)

Forget = Callable[[datetime, Callable[[], bool]], int]
"""Removes what is older than a time, until cancelled; returns how many. Raises StationError."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept for ``days``, for ever with 0."""

    name: str
    days: int
    forget: Forget


class Retention(RepeatedLook):
    """Owns the thread ``retention``; what cannot be removed now is tried again the next day, or at the next start."""

    def __init__(
        self, kept: Sequence[Kept], *, now: Callable[[], datetime] = lambda: datetime.now(UTC), period_s: float = _DAY_S
    ) -> None:
        super().__init__("retention", period_s)
        self._kept = [one for one in kept if one.days > 0]
        self._now = now

    def start(self) -> None:
        """Begin; harmless where everything is kept."""
        if self._kept:
            super().start()

    def _run(self) -> None:
        self._look()
        super()._run()

    def _look(self) -> None:
        for one in self._kept:
            if self._stopping.is_set():
                return
            try:
                count = one.forget(self._now() - timedelta(days=one.days), self._stopping.is_set)
            except StationError as error:
                _log.warning("What is older than %d days stays in the %s: %s", one.days, one.name, error)
                continue
            except Exception:
                # A fault in one must not keep the others for ever.
                _log.exception("Removing what is old from the %s met a fault", one.name)
                continue
            if count:
                _log.info("%d captures older than %d days were removed from the %s", count, one.days, one.name)


def kept_answers(journal: Path, days: int) -> Kept:
    """Return the answers in a journal file; it is opened in the retention's own thread."""

    def forget(before: datetime, cancelled: Callable[[], bool]) -> int:
        file = Journal(journal)
        try:
            return file.forget_before(before, cancelled)
        finally:
            file.close()

    return Kept("journal", days, forget)
