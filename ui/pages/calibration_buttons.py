"""The buttons at the calibration page's foot, by name."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.pages.calibration_keys import BUTTONS
from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.theme import Theme
from ui.widgets.step_buttons import StepButtons


class CalibrationButtons(StepButtons):
    """Knows the names in the language in force."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, BUTTONS, parent)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        texts = {
            Command.BEGIN: self.tr("Begin"),
            Command.PRINT: self.tr("Print the board"),
            Command.USE: self.tr("Use the marked one again"),
            Command.TAKE: self.tr("Take now"),
            Command.RETAKE_PLATE: self.tr("Plate again"),
            Command.DROP: self.tr("Drop / keep"),
            Command.SOLVE: self.tr("Solve"),
            Command.CANCEL: self.tr("Cancel"),
            Command.ACCEPT: self.tr("Accept"),
            Command.MORE: self.tr("More pictures"),
            Command.DROP_WORST: self.tr("Drop marked, solve"),
            Command.REPORT: self.tr("Report"),
            Command.EXPORT: self.tr("Export"),
            Command.BACK: self.tr("Back to the one before"),
            Command.STOP: self.tr("Give up"),
            Command.DONE: self.tr("To the parts"),
            Command.ANEW: self.tr("Calibrate again"),
        }
        self.name(texts, {"Space": self.tr("Space"), "Del": self.tr("Del")})
