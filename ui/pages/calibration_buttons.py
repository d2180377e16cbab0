"""The buttons at the calibration page's foot; each step shows its own."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.pages.calibration_keys import BUTTONS
from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.presenters.calibration_view import CalibrationStep as Step
from ui.theme import Theme
from ui.widgets.key_button import KeyButton


class CalibrationButtons(QWidget):
    """Emits ``pressed`` with the command of the pressed button."""

    pressed = Signal(Command)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step: Step | None = None
        self._buttons: dict[tuple[Step, Command], KeyButton] = {}
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for step, entries in BUTTONS.items():
            for place, (command, key) in enumerate(entries):
                button = KeyButton(theme, key, self, main=place == 0 and key == "Enter")
                button.clicked.connect(lambda *_, c=command: self.pressed.emit(c))
                button.hide()
                self._buttons[step, command] = button
                row.addWidget(button)

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
        keys = {"Space": self.tr("Space"), "Del": self.tr("Del")}
        for step, entries in BUTTONS.items():
            for command, key in entries:
                button = self._buttons[step, command]
                button.name(texts[command], keys.get(key))
                # long names get more of the row than short ones
                self._row.setStretchFactor(button, button.sizeHint().width())

    def show_step(self, step: Step, allowed: Collection[Command]) -> None:
        """Show the buttons of a step and enable those that are allowed."""
        for (of, command), button in self._buttons.items():
            button.setEnabled(command in allowed)
            if self._step is not step:
                button.setVisible(of is step)
        self._step = step

    def button(self, command: Command) -> KeyButton:
        """Return the button of a command in the step that is shown; raises KeyError when it has none."""
        assert self._step is not None
        return self._buttons[self._step, command]

    def holds(self, widget: QWidget | None) -> bool:
        """Return whether ``widget`` is one of the buttons."""
        return isinstance(widget, KeyButton) and widget in self._buttons.values()

    def click(self, widget: QWidget | None) -> None:
        """Press the button that has the focus."""
        if isinstance(widget, KeyButton) and widget.isEnabled():
            widget.click()
