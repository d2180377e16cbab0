"""What the health page needs from the station, as a protocol; joined in the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from calibration.watch.daily import DailyCheck
from calibration.watch.trend import Trend
from calibration.watch.verdicts import WatchReport
from station.acquisition.picture_health import Finding
from station.acquisition.rig_figures import RigFigures
from station.figures import Quantity, Trace
from station.frames import WeightReading
from station.machine_load import MachineLoad


@dataclass(frozen=True, slots=True)
class CheckHistory:
    """The checks of the calibration in use: its trend, and since when each knocked camera stands elsewhere (UTC).

    ``board_id`` is the board with which the daily check is made.
    """

    trend: Trend
    knocked_since: Mapping[str, datetime]
    board_id: str


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

    @property
    def findings(self) -> Sequence[Finding]:
        """What ails the cameras that stream; returns at once."""
        ...

    @property
    def scale_trouble(self) -> str:
        """What is wrong with the scale, empty while it weighs or where there is none; returns at once."""
        ...

    @property
    def scale_trouble_kind(self) -> str:
        """The word for what is wrong with the scale, empty where there is none for it; returns at once."""
        ...

    @property
    def has_scale(self) -> bool:
        """Whether the station weighs."""
        ...

    @property
    def weight(self) -> WeightReading | None:
        """The newest reading, ``None`` while the scale does not weigh; returns at once."""
        ...

    @property
    def figures(self) -> RigFigures | None:
        """The cameras' newest figures, ``None`` before the first; returns at once."""
        ...

    @property
    def machine(self) -> MachineLoad | None:
        """The machine's newest figures, ``None`` while there are none of late; returns at once."""
        ...

    @property
    def least_free_gb(self) -> float:
        """With less free space on the data directory's disk no capture is taken."""
        ...

    def trace(self, quantity: Quantity) -> Trace:
        """Return a quantity over the last ten minutes; returns at once."""
        ...

    def history(self, days: int) -> CheckHistory | None:
        """Return the checks of the last days, ``None`` without a calibration.

        May take its time and raise StationError: it is called in a thread of its own.
        """
        ...

    def daily_check(self, cancelled: Callable[[], bool]) -> DailyCheck:
        """Wait until the board is held still before the cameras and check them by it; takes up to half a minute.

        Recognition rests meanwhile. Called in a thread of its own; raises StationError when no board was seen or when
        it was cancelled.
        """
        ...
