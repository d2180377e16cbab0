"""The steps in which there is nothing to do: while it is solved, and when it is done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from ui.theme import Theme


class QuietStep(QWidget):
    """Shows a bar while something is under way, else the way back in a few words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(80, 0, 80, 0)
        column.addStretch(2)
        column.addWidget(self.bar)
        column.addWidget(self._text)
        column.addStretch(3)
        self._theme = theme
        theme.changed.connect(self._restyle)
        self._restyle()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._text.setText(
            self.tr("No calibration is ever changed or lost. B goes back to the one before; the first step lists all.")
        )

    def show_progress(self, share: float | None) -> None:
        """Show how far it is, 0…1, or with ``None`` the way back."""
        self.bar.setVisible(share is not None)
        self._text.setVisible(share is None)
        if share is not None:
            self.bar.setValue(round(share * 1000))

    def _restyle(self) -> None:
        self.bar.setFixedHeight(self._theme.px(28))
