"""How many captures each class has, as bars beside each other's."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.capture_view import BalanceBar
from ui.theme import Theme

_ROW = 24


class BalanceBars(QWidget):
    """Paints as many bars as fit; the session's own class is bold."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: tuple[BalanceBar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_bars(self, bars: tuple[BalanceBar, ...]) -> None:
        """Take the bars to draw."""
        if bars != self._bars:
            self._bars = bars
            self.setAccessibleName("; ".join(f"{bar.label} {bar.text}" for bar in bars))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(260), self._theme.px(_ROW) * 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, sizes = self._theme, self._theme.tokens.measures
        height = theme.px(_ROW)
        with QPainter(self) as painter:
            for number, bar in enumerate(self._bars[: self.height() // height]):
                row = QRectF(0, number * height, self.width(), height)
                painter.setFont(theme.font(sizes.small, bold=bar.chosen))
                taken = painter.fontMetrics().horizontalAdvance(bar.text) + theme.px(8)
                filled = QRectF(row.left(), row.bottom() - theme.px(5), row.width() * bar.share, theme.px(4))
                painter.fillRect(QRectF(row.left(), filled.top(), row.width(), filled.height()), theme.color("sunken"))
                tone = theme.tone("good" if bar.chosen else "working")
                painter.fillRect(filled, QColor(tone.strong))
                painter.setPen(theme.color("text"))
                text = row.adjusted(0, 0, 0, -theme.px(5))
                label = painter.fontMetrics().elidedText(
                    bar.label, Qt.TextElideMode.ElideRight, round(row.width() - taken)
                )
                painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), label)
                painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), bar.text)
