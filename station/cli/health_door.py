"""What the health page is told: the newest check, the trend over days, and the daily check."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from calibration.report import stored_report
from calibration.store import CalibrationStore
from calibration.watch.daily import DailyCheck
from calibration.watch.live_check import check_when_still
from calibration.watch.trend import TrendStore
from calibration.watch.verdicts import WatchReport
from station.acquisition.picture_health import Finding
from station.acquisition.rig_figures import RigFigures
from station.boards import FrameBoard, board_from_id
from station.cli.assembly import RunningStation
from station.errors import CalibrationError
from station.figures import Quantity, StationFigures, Trace
from station.frames import WeightReading
from station.machine_load import MachineLoad, MachineWatch
from station.workflow.status import Rest
from ui.presenters.health_source import CheckHistory

BOARD = "chess-10x7-25"
"""The board of the daily check where it is not known with which one the rig was calibrated."""


class StationHealth:
    """The watch over the running station's calibration; a ``ui.presenters.health_source.HealthDoor``.

    Args:
        running: the station at work.
        checks: what the checks have found, over days.
        store: its calibrations, which know with which board they were made.
        warn_mm: drift that is warned of.
        figures: the figures of cameras and machine, at work.
        least_free_gb: with less free space no capture is taken.
    """

    def __init__(
        self,
        running: RunningStation,
        checks: TrendStore,
        store: CalibrationStore,
        warn_mm: float,
        figures: StationFigures,
        least_free_gb: float,
    ) -> None:
        self._running = running
        self._checks = checks
        self._store = store
        self._warn_mm = warn_mm
        self._figures = figures
        self.least_free_gb = least_free_gb

    @property
    def calibration_id(self) -> str:
        """Id of the calibration in use, empty without one."""
        return self._running.workflow.status.calibration_id

    @property
    def report(self) -> WatchReport | None:
        """The newest check, ``None`` before the first."""
        return self._running.watch.report

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What ails the cameras that stream."""
        health = self._running.health
        return health.findings if health else ()

    @property
    def scale_trouble(self) -> str:
        """What is wrong with the scale, empty while it weighs or where there is none."""
        return self._running.workflow.scale_trouble if self._running.has_scale else ""

    @property
    def scale_trouble_kind(self) -> str:
        """The word for what is wrong with the scale, empty where there is none for it."""
        return self._running.workflow.scale_trouble_kind

    @property
    def has_scale(self) -> bool:
        """Whether the station weighs."""
        return self._running.has_scale

    @property
    def weight(self) -> WeightReading | None:
        """The newest reading, ``None`` while the scale does not weigh."""
        return self._running.workflow.status.weight

    @property
    def figures(self) -> RigFigures | None:
        """The cameras' newest figures, ``None`` before the first."""
        return self._figures.latest

    @property
    def machine(self) -> MachineLoad | None:
        """The machine's newest figures, ``None`` while there are none of late."""
        return self._figures.machine

    def trace(self, quantity: Quantity) -> Trace:
        """Return a quantity over the last ten minutes."""
        return self._figures.trace(quantity)

    def history(self, days: int) -> CheckHistory | None:
        """Return the checks of the last days, ``None`` without a calibration; reads the disk."""
        calibration_id = self.calibration_id
        if not calibration_id:
            return None
        return CheckHistory(
            self._checks.trend(calibration_id, warn_mm=self._warn_mm, days=days),
            self._checks.knocked_since(calibration_id),
            self._board_id(),
        )

    def daily_check(self, cancelled: Callable[[], bool]) -> DailyCheck:
        """Wait until the board is held still before the cameras and check them by it; recognition rests meanwhile."""
        workflow = self._running.workflow
        calibration = workflow.calibration
        if calibration is None:
            raise CalibrationError("There is no calibration to check.", todo="Calibrate the rig.")
        if workflow.status.rest is not None:
            raise CalibrationError("The rig is being calibrated.", todo="Check it when that is ended.")
        board = board_from_id(self._board_id())
        workflow.pause(Rest.CHECKING)
        try:
            return check_when_still(self._running.rig, calibration, board, cancelled=cancelled)
        finally:
            workflow.resume()

    def _board_id(self) -> str:
        """Return the board that the active calibration was made with; any that can be held, where that is not known."""
        active = self._store.active_id
        solve = stored_report(self._store, active).solve if active is not None else None
        held = [one for one in (solve.boards if solve else ()) if not isinstance(board_from_id(one), FrameBoard)]
        return held[0] if held else BOARD


def begin_figures(stack: ExitStack, running: RunningStation, data_dir: Path) -> StationFigures:
    """Begin to write down the figures of a running station, its disk that of ``data_dir``; ``stack`` ends it."""
    machine = MachineWatch(data_dir)
    stack.callback(machine.stop)
    machine.start()
    health, telemetry = running.health, running.telemetry
    figures = StationFigures(
        running.rig,
        looks=lambda: health.looks if health else {},
        told=lambda: telemetry.latest if telemetry else {},
        machine=lambda: machine.latest,
    )
    stack.callback(figures.stop)
    figures.start()
    return figures
