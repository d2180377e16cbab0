"""The buttons at the capture page's foot: which a step has, in order, which keys press them, and their names."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.capture_view import CaptureCommand as Command
from ui.presenters.capture_view import CaptureStep as Step
from ui.theme import Theme
from ui.widgets.step_buttons import StepButtons

_CHANGES = (
    (Command.ACCEPT, "A"),
    (Command.RELABEL, "L"),
    (Command.MOVE, "M"),
    (Command.REFERENCE, "B"),
    (Command.TRASH, "Del"),
    (Command.RESTORE, "R"),
    (Command.BACK, "Esc"),
)

BUTTONS: dict[Step, tuple[tuple[Command, str], ...]] = {
    Step.CHOOSE: ((Command.BEGIN, "Enter"), (Command.NEW_CLASS, "F2"), (Command.REVIEW, "F7")),
    Step.NEW_CLASS: ((Command.CREATE, "Enter"), (Command.WEIGH, "F5"), (Command.BACK, "Esc")),
    Step.SESSION: (
        (Command.TAKE, "Space"),
        (Command.KEEP, "K"),
        (Command.MORE, "K"),
        (Command.SKIP, "S"),
        (Command.UNDO, "Z"),
        (Command.REDO, "Y"),
        (Command.PAUSE, "P"),
        (Command.RESUME, "P"),
        (Command.REVIEW, "F7"),
        (Command.END, "Esc"),
    ),
    Step.REASON: ((Command.KEEP, "Enter"), (Command.FOR_ALL, "A"), (Command.BACK, "Esc")),
    Step.REVIEW: ((Command.OPEN, "Enter"), *_CHANGES),
    Step.VIEWS: ((Command.MASKS, "Space"), *_CHANGES),
    Step.SPLIT: (
        (Command.TRAIN, "1"),
        (Command.VALID, "2"),
        (Command.TEST, "3"),
        (Command.BACK, "Esc"),
    ),
    Step.CLASS: ((Command.CHOOSE, "Enter"), (Command.BACK, "Esc")),
}


class CaptureButtons(StepButtons):
    """Knows the names in the language in force."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, BUTTONS, parent)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        texts = {
            Command.BEGIN: self.tr("Begin"),
            Command.NEW_CLASS: self.tr("New class"),
            Command.CREATE: self.tr("Make the class"),
            Command.REVIEW: self.tr("What is kept"),
            Command.TAKE: self.tr("Take now"),
            Command.KEEP: self.tr("Keep it"),
            Command.MORE: self.tr("Go on"),
            Command.FOR_ALL: self.tr("For the whole session"),
            Command.SKIP: self.tr("Skip"),
            Command.UNDO: self.tr("Undo"),
            Command.REDO: self.tr("Redo"),
            Command.PAUSE: self.tr("Pause"),
            Command.RESUME: self.tr("Go on"),
            Command.END: self.tr("End"),
            Command.ACCEPT: self.tr("Accept"),
            Command.RELABEL: self.tr("Class"),
            Command.MOVE: self.tr("Split"),
            Command.TRASH: self.tr("Trash"),
            Command.RESTORE: self.tr("Restore"),
            Command.OPEN: self.tr("Open"),
            Command.MASKS: self.tr("Outlines"),
            Command.REFERENCE: self.tr("As picture"),
            Command.WEIGH: self.tr("Weigh"),
            Command.TRAIN: self.tr("Training"),
            Command.VALID: self.tr("Validation"),
            Command.TEST: self.tr("Test"),
            Command.CHOOSE: self.tr("This class"),
            Command.BACK: self.tr("Back"),
        }
        self.name(texts, {"Space": self.tr("Space"), "Del": self.tr("Del")})
