"""What the health page needs from the station, as a protocol; joined in the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from calibration.watch.trend import Trend
from calibration.watch.verdicts import WatchReport


@dataclass(frozen=True, slots=True)
class CheckHistory:
    """The checks of the calibration in use: its trend, and since when each knocked camera stands elsewhere (UTC)."""

    trend: Trend
    knocked_since: Mapping[str, datetime]


class HealthDoor(Protocol):
    """The watch over the cameras and their calibration."""

    @property
    def calibration_id(self) -> str:
        """Id of the calibration in use, empty without one; returns at once."""
        ...

    @property
    def report(self) -> WatchReport | None:
        """The newest check, ``None`` before the first; returns at once."""
        ...

    def history(self, days: int) -> CheckHistory | None:
        """Return the checks of the last days, ``None`` without a calibration.

        May take its time and raise StationError: it is called in a thread of its own.
        """
        ...

    def daily_check(self, cancelled: Callable[[], bool]) -> WatchReport:
        """Check all cameras from the plate as it lies there now; takes up to half a minute.

        Called in a thread of its own; raises StationError when that cannot be done or was cancelled.
        """
        ...
