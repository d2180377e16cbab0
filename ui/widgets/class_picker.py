"""A line to search for a class in, or to scan its number into, and the classes that were found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.presenters.keys import KeyKind, KeyReader
from ui.theme import Theme
from ui.widgets.row_list import STEPS, Row, RowList


class ClassPicker(QWidget):
    """Emits ``asked`` with the text to search for, ``scanned`` with a code, ``picked`` with the class that was pressed.

    Arrow keys move the mark while the line has the keys; all other keys that the line does not need go to the page.
    """

    asked = Signal(str)
    scanned = Signal(str)
    picked = Signal(str)

    def __init__(self, theme: Theme, clock: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._keys = KeyReader()
        self.line = QLineEdit(self)
        self.line.setClearButtonEnabled(True)
        self.list = RowList(theme, self)
        self.none = QLabel(self)
        self.none.setProperty("role", "muted")
        self.none.setWordWrap(True)
        self.none.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.none)
        column.addWidget(self.list, 1)
        self.line.textChanged.connect(self.asked)
        self.line.installEventFilter(self)
        self.list.doubleClicked.connect(lambda *_: self._pick())

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Take the classes that were found."""
        self.list.show_rows(rows)
        self.none.setVisible(not rows)

    def take_code(self, code: str) -> None:
        """Take a scanned code as if it had come into the line."""
        self.line.blockSignals(True)
        self.line.setText(code)
        self.line.blockSignals(False)
        self.scanned.emit(code)

    def begin(self) -> None:
        """Take the keys: letters and scanners type into the line."""
        self.line.setFocus()
        self.line.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the mark with the line's arrow keys, and tell a scanner's Enter from a person's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = STEPS.get(Qt.Key(event.key()))
            if step is not None:
                self.list.step(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                last = self._keys.enter(self._clock())[-1]
                if last.kind is KeyKind.CODE:
                    self.take_code(last.text)
                    return True
            elif event.text() and event.text().isprintable():
                self._keys.character(event.text(), self._clock())
        return super().eventFilter(watched, event)

    def _pick(self) -> None:
        if self.list.key is not None:
            self.picked.emit(self.list.key)
