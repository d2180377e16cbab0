"""The line over the cards: a heading over those that come into question, another one over the rest."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme


class Headings(QWidget):
    """Paints one heading, or two with a line under each: the second one begins where the widget below it begins."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._first = self._second = ""
        self._below: QWidget | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    @property
    def texts(self) -> tuple[str, str]:
        """Both headings; the second one is empty where there is one only."""
        return self._first, self._second

    def show_texts(self, first: str, second: str = "", below: QWidget | None = None) -> None:
        """Take the headings; ``below`` is the leftmost widget under the second one."""
        self._first, self._second = first, second if below is not None else ""
        self._below = below
        self.setAccessibleName(first)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(300), self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last; where the widget below stands is asked anew each time."""
        theme = self._theme
        with QPainter(self) as painter:
            painter.setPen(theme.color("text_muted"))
            painter.setFont(theme.font(theme.tokens.measures.small, bold=True))
            if self._below is None or not self._second:
                self._paint_text(painter, self._first, 0, self.width())
                return
            left = self.mapFromGlobal(self._below.mapToGlobal(QPoint(0, 0))).x()
            end = left - theme.px(6)
            self._paint_text(painter, self._second, left, self.width())
            painter.fillRect(left, self.height() - 1, self.width() - left, 1, theme.color("border"))
            painter.fillRect(0, self.height() - theme.px(4), end, theme.px(4), QColor(theme.tone("good").strong))
            painter.setPen(theme.color("text"))
            self._paint_text(painter, self._first, 0, end)

    def _paint_text(self, painter: QPainter, text: str, left: int, right: int) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, right - left)
        area = QRect(left, 0, right - left, self.height() - self._theme.px(5))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), shown)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
