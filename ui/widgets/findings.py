"""Sentences one below the other, each with the sign of its tone; they scroll where there are many."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.presenters.operator_view import MessageView, Sign, Tone
from ui.theme import Theme
from ui.widgets.signs import draw_sign

_SIGNS = {Tone.GOOD: Sign.CHECK, Tone.WARNING: Sign.WARNING, Tone.ERROR: Sign.CROSS}


class SignMark(QWidget):
    """Paints one sign."""

    def __init__(self, theme: Theme, tone: Tone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = tone
        self.setFixedSize(theme.px(22), theme.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        with QPainter(self) as painter:
            sign = _SIGNS.get(self._tone, Sign.INFO)
            draw_sign(painter, sign, self.rect().toRectF(), QColor(self._theme.tone(self._tone).strong))


class Findings(QScrollArea):
    """Shows the sentences."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sentences: tuple[MessageView, ...] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._rebuild)

    @property
    def sentences(self) -> tuple[MessageView, ...]:
        """The sentences that are shown."""
        return self._sentences

    def show_sentences(self, sentences: tuple[MessageView, ...]) -> None:
        """Take the sentences."""
        if sentences != self._sentences:
            self._sentences = sentences
            self._rebuild()

    def _rebuild(self) -> None:
        body = QWidget()
        body.setObjectName("page")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(8))
        for one in self._sentences:
            row = QHBoxLayout()
            row.setSpacing(self._theme.px(8))
            text = QLabel(one.text, body)
            text.setWordWrap(True)
            row.addWidget(SignMark(self._theme, one.tone, body), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(text, 1)
            column.addLayout(row)
        column.addStretch(1)
        self.setWidget(body)
