"""A page whose every action is on a key, and that tells a bar-code scanner from a person's fingers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.keys import GAP_S, KeyKind, KeyReader, Typed
from ui.widgets.step_buttons import KEYS


class KeyedPage(QWidget):
    """Hands keys on by their name, a scanner's burst as one code; ``function_keys`` are those the page has besides."""

    def __init__(
        self,
        clock: Callable[[], float],
        function_keys: Mapping[Qt.Key, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._clock = clock
        self._named = KEYS | dict(function_keys or {})
        self._keys = KeyReader()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setTimerType(Qt.TimerType.PreciseTimer)
        self._settle.timeout.connect(lambda: self._type(self._keys.settle(self._clock())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read the page's keys; a scanner's burst presses none of them."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        key = Qt.Key(event.key())
        if event.isAutoRepeat() or not plain:
            super().keyPressEvent(event)
        elif self._moves(key):
            return
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._type(self._keys.enter(self._clock()))
        elif key in self._named:
            self._press_key(self._named[key])
        elif event.text().strip() and event.text().isprintable():
            self._type(self._keys.character(event.text(), self._clock()))
            self._settle.start(round(GAP_S * 1000) + 5)
        else:
            super().keyPressEvent(event)

    def _in_a_column(self, *widgets: QWidget, wide: QWidget) -> None:
        """Lay the page's parts out one below the other; ``wide`` takes what the others leave."""
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        for widget in widgets:
            column.addWidget(widget, 1 if widget is wide else 0)

    def _type(self, typed: list[Typed]) -> None:
        for one in typed:
            if one.kind is KeyKind.ENTER:
                self._press_key("Enter")
            elif one.kind is KeyKind.KEY:
                self._press_key(one.text.upper())
            elif one.kind is KeyKind.CODE:
                self._scan(one.text)

    def _moves(self, key: Qt.Key) -> bool:
        """Move a mark with an arrow key, where the page has one; returns whether it did."""
        return False

    @abstractmethod
    def _press_key(self, key: str) -> None:
        """Do what is on a key, by its name: ``Enter``, ``Esc``, a capital letter, a digit."""

    @abstractmethod
    def _scan(self, code: str) -> None:
        """Take a scanned code."""
