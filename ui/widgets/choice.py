"""A box to choose from, with its arrow drawn from the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QComboBox, QWidget

from ui.theme import Theme


class Choice(QComboBox):
    """A combo box; the style sheet takes the style's own arrow away, for it would keep the style's colours."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self.update)

    def rename(self, texts: list[str]) -> None:
        """Take new texts and keep what is chosen."""
        if [self.itemText(index) for index in range(self.count())] == texts:
            return
        chosen = max(self.currentIndex(), 0)
        self.blockSignals(True)
        self.clear()
        self.addItems(texts)
        self.setCurrentIndex(chosen)
        self.blockSignals(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, then the arrow."""
        super().paintEvent(event)
        theme = self._theme
        reach = theme.px(6)
        x, y = self.width() - theme.px(20), self.height() / 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("text_muted"), 2.2))
            arrow = [QPointF(x - reach, y - reach / 2), QPointF(x, y + reach / 2), QPointF(x + reach, y - reach / 2)]
            painter.drawPolyline(QPolygonF(arrow))
