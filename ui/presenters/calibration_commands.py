"""Which commands fit which step of a calibration, and what they tell the one under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from calibration.collecting.snapshot import CollectSnapshot
from ui.presenters.calibration_view import CalibrationCommand, CalibrationStep
from ui.presenters.sources import CalibrationWork

Act = Callable[[CalibrationWork], None]

_C = CalibrationCommand

_BY_STEP = {
    CalibrationStep.START: {_C.BEGIN, _C.PRINT, _C.USE},
    CalibrationStep.PLATE: {_C.TAKE, _C.STOP},
    CalibrationStep.BOARD: {_C.TAKE, _C.RETAKE_PLATE, _C.SOLVE, _C.DROP, _C.STOP},
    CalibrationStep.SOLVING: {_C.CANCEL},
    CalibrationStep.RESULT: {_C.ACCEPT, _C.MORE, _C.DROP_WORST, _C.REPORT, _C.EXPORT, _C.STOP},
    CalibrationStep.ACCEPTED: {_C.DONE, _C.BACK, _C.REPORT, _C.EXPORT, _C.ANEW},
}

TO_THE_WORK: dict[CalibrationCommand, Act] = {
    _C.TAKE: lambda work: work.take_now(),
    _C.RETAKE_PLATE: lambda work: work.retake_plate(),
    _C.SOLVE: lambda work: work.solve(),
    _C.CANCEL: lambda work: work.cancel(),
    _C.MORE: lambda work: work.back_to_pictures(),
}


def dropping(placements: Iterable[str]) -> Act:
    """Return the act that drops these pictures and solves again."""

    def act(work: CalibrationWork) -> None:
        work.back_to_pictures()
        for placement in sorted(placements):
            work.drop(placement)
        work.solve()

    return act


def toggling(placement: str) -> Act:
    """Return the act that drops a picture, or keeps it when it is dropped."""

    def act(work: CalibrationWork) -> None:
        dropped = {picture.placement for picture in work.snapshot.pictures if picture.dropped}
        (work.keep if placement in dropped else work.drop)(placement)

    return act


def allowed_commands(
    step: CalibrationStep, snapshot: CollectSnapshot | None, *, ready_board: bool, stored: bool, marked: bool
) -> frozenset[CalibrationCommand]:
    """Return what may be done now.

    ``ready_board``: a board is chosen, ``stored``: there are older calibrations, ``marked``: pictures are marked for
    dropping.
    """
    allowed = set(_BY_STEP[step])
    if not ready_board:
        allowed -= {_C.BEGIN, _C.PRINT}
    if not stored:
        allowed.discard(_C.USE)
    if step is CalibrationStep.BOARD and snapshot is not None:
        if not snapshot.ready:
            allowed.discard(_C.SOLVE)
        if not snapshot.pictures:
            allowed.discard(_C.DROP)
    if not marked:
        allowed.discard(_C.DROP_WORST)
    return frozenset(allowed)
