"""Solving what was collected, in a thread of its own that can be watched and cancelled."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from calibration.collecting.result import SolvedRig
from calibration.comparison import compare
from calibration.cross_check import with_second_opinion
from calibration.fitting import RigCamera, fit_to_rig
from calibration.held_out import held_out_error
from calibration.plate_pose import PLACEMENT
from calibration.rig_result import rig_calibration
from calibration.settling import SolveCancelledError
from calibration.single_camera import solve_camera, with_camera
from calibration.solution import WORST_KEPT
from calibration.solve import SolveOptions, solve_rig
from calibration.views import BoardView
from station.errors import CalibrationError, StationError
from station.geometry import CameraModel, RigCalibration

_log = logging.getLogger(__name__)

_SOLVE_SHARE = 0.4
"""Part of the progress that the solve itself takes; the rest is the measurement on left-out placements."""

_JOIN_S = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class SolveTask:
    """What is to be solved: the views, the cameras' factory models and serials, and the active calibration if any.

    ``only`` names the one camera to solve against the others of ``active``. ``devices`` are the cameras' names as they
    say them.
    """

    views: Sequence[BoardView]
    models: Mapping[str, CameraModel]
    serials: Mapping[str, str]
    board_id: str
    active: RigCalibration | None = None
    only: str | None = None
    devices: Mapping[str, str] = field(default_factory=dict[str, str])


def solved_rig(
    task: SolveTask,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda _: None,
) -> SolvedRig:
    """Solve, measure on left-out placements and compare with the active calibration.

    Raises CalibrationError when the views do not carry a solution, SolveCancelledError when told to end.
    """
    options = SolveOptions(
        fixed_placement=PLACEMENT, cancelled=cancelled, progress=lambda share: progress(_SOLVE_SHARE * share)
    )
    if task.only is not None and task.active is not None:
        return _solved_camera(task, task.only, task.active, options)
    solution, second = with_second_opinion(solve_rig(task.views, task.models, options), task.views)
    source = f"{len(task.views)} views of {task.board_id}, world: {solution.fixed}"
    calibration = rig_calibration(solution, task.serials, source, datetime.now(UTC), task.devices)
    progress(_SOLVE_SHARE)
    held_out = held_out_error(task.views, task.models, options, cancelled=cancelled)
    progress(1.0)
    comparison = None if task.active is None else compare(task.active, calibration)
    return SolvedRig(calibration, solution, held_out, comparison, solution.worst(WORST_KEPT), second)


def _solved_camera(task: SolveTask, role: str, active: RigCalibration, options: SolveOptions) -> SolvedRig:
    """Solve one camera against the others of the active calibration, which stay as they are."""
    sizes = {
        one: RigCamera(None, (model.width, model.height), task.devices.get(one, ""))
        for one, model in task.models.items()
        if one != role
    }
    found = fit_to_rig(active, sizes)
    fitted = found.calibration
    if fitted is None:
        raise CalibrationError(
            f"The active calibration holds for none of the cameras beside {role}. {found.refusal}", where=active.id
        )
    solution = solve_camera(role, task.views, task.models, fitted, options)
    source = f"{active.id} with {role} solved anew from {solution.cameras[role].views} views of {task.board_id}"
    calibration = with_camera(fitted, solution, role, task.serials.get(role, ""), source, datetime.now(UTC))
    named = replace(calibration.cameras[role], device=task.devices.get(role, ""))
    calibration = replace(calibration, cameras={**calibration.cameras, role: named})
    return SolvedRig(calibration, solution, None, compare(active, calibration), solution.worst(WORST_KEPT))


class BackgroundSolve:
    """One solve in a thread; ``done`` is called there when it ended, however it ended."""

    def __init__(self, task: SolveTask, done: Callable[[], None]) -> None:
        self.progress = 0.0
        self.result: SolvedRig | None = None
        self.trouble = ""
        self.ended = False
        self._task = task
        self._done = done
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._run, name="Calibration solve")
        self._thread.start()

    def cancel(self) -> None:
        """Ask it to end; it does so within a moment."""
        self._cancel.set()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        try:
            self.result = solved_rig(self._task, self._cancel.is_set, self._tell)
        except SolveCancelledError:
            pass
        except StationError as error:
            self.trouble = str(error)
        except Exception as error:
            # a fault in the solver must not leave the session waiting for ever
            _log.exception("The solve failed")
            self.trouble = f"The solve failed: {error!r}."
        self.ended = True
        self._done()

    def _tell(self, share: float) -> None:
        self.progress = share
