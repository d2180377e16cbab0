"""Which buttons a step of the calibration has, in order, and which keys press them; knows no Qt."""

from __future__ import annotations

from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.presenters.calibration_view import CalibrationStep as Step

BUTTONS: dict[Step, tuple[tuple[Command, str], ...]] = {
    Step.START: ((Command.BEGIN, "Enter"), (Command.PRINT, "P"), (Command.USE, "U")),
    Step.PLATE: ((Command.TAKE, "Space"), (Command.STOP, "Esc")),
    Step.BOARD: (
        (Command.SOLVE, "Enter"),
        (Command.TAKE, "Space"),
        (Command.DROP, "Del"),
        (Command.RETAKE_PLATE, "P"),
        (Command.STOP, "Esc"),
    ),
    Step.SOLVING: ((Command.CANCEL, "Esc"),),
    Step.RESULT: (
        (Command.ACCEPT, "Enter"),
        (Command.MORE, "M"),
        (Command.DROP_WORST, "D"),
        (Command.REPORT, "R"),
        (Command.EXPORT, "E"),
        (Command.STOP, "Esc"),
    ),
    Step.ACCEPTED: (
        (Command.DONE, "Enter"),
        (Command.BACK, "B"),
        (Command.REPORT, "R"),
        (Command.EXPORT, "E"),
        (Command.ANEW, "N"),
    ),
}
