"""What is known of a thing: a small title and the text below it, one after the other."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.capture_view import FactView
from ui.presenters.operator_view import Tone
from ui.theme import Theme
from ui.widgets.painting import wrapped_lines

_TITLE, _LINE, _GAP, _MOST_LINES = 17, 20, 5, 3


class FactList(QWidget):
    """Paints the facts from above; those that find no room are counted in the last line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._facts: tuple[FactView, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_facts(self, facts: tuple[FactView, ...]) -> None:
        """Take the facts to draw."""
        if facts != self._facts:
            self._facts = facts
            self.setAccessibleName("; ".join(f"{fact.title}: {fact.text}" for fact in facts))
            self.setToolTip("\n".join(f"{fact.title}: {fact.text}" for fact in facts))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(260), self._theme.px(260))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, sizes = self._theme, self._theme.tokens.measures
        left = int(Qt.AlignmentFlag.AlignVCenter)
        with QPainter(self) as painter:
            top = 0
            for number, fact in enumerate(self._facts):
                font = theme.font(sizes.small + 1, bold=fact.tone is not Tone.IDLE)
                lines = wrapped_lines(fact.text, font, self.width(), _MOST_LINES)
                height = theme.px(_TITLE) + len(lines) * theme.px(_LINE) + theme.px(_GAP)
                painter.setPen(theme.color("text_muted"))
                painter.setFont(theme.font(sizes.small - 1))
                if top + height > self.height():
                    rest = QRect(0, top, self.width(), theme.px(_TITLE))
                    painter.drawText(rest, left, f"+ {len(self._facts) - number}")
                    return
                painter.drawText(QRect(0, top, self.width(), theme.px(_TITLE)), left, fact.title)
                painter.setFont(font)
                strange = fact.tone is not Tone.IDLE
                painter.setPen(QColor(theme.tone(fact.tone).strong) if strange else theme.color("text"))
                for row, text in enumerate(lines):
                    below = top + theme.px(_TITLE) + row * theme.px(_LINE)
                    painter.drawText(QRect(0, below, self.width(), theme.px(_LINE)), left, text)
                top += height
