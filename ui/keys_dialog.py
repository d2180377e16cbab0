"""The list of all keys."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QWidget

from ui.actions import CONTEXT, ActionRegistry


class KeysDialog(QDialog):
    """Shows every action that has a key."""

    def __init__(self, registry: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("All keys"))
        grid = QGridLayout(self)
        grid.setHorizontalSpacing(32)
        keyed = [spec for spec in registry.all_specs() if spec.key]
        lines = [(spec.key, QCoreApplication.translate(CONTEXT, spec.text)) for spec in keyed]
        lines += [
            ("/", self.tr("Search; any other letter starts the search with it")),
            ("Esc", self.tr("Close the search, take a question away")),
            (self.tr("Calibration, health"), self.tr("Every key of those pages stands on its button")),
            (self.tr("Scanner"), self.tr("Answers with the part whose number was scanned")),
        ]
        for row, (key, text) in enumerate(lines):
            grid.addWidget(QLabel(key, self), row, 0)
            grid.addWidget(QLabel(text, self), row, 1)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.accept)
        grid.addWidget(close, len(lines), 0, 1, 2)
