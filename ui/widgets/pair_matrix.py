"""Which two cameras have seen the board together: a triangle of counts, in which weak pairs are framed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.presenters.calibration_view import MatrixView, PairView
from ui.theme import Theme


class PairMatrix(QWidget):
    """Paints one cell per pair; the cameras' labels stand on the diagonal."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = MatrixView()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def view(self) -> MatrixView:
        """What is shown."""
        return self._view

    def show_view(self, view: MatrixView) -> None:
        """Take the pairs to draw."""
        if view != self._view:
            self._view = view
            self.setAccessibleName(view.summary)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(270), self._theme.px(230))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, view = self._theme, self._view
        with QPainter(self) as painter:
            for pair in view.pairs:
                self._paint_pair(painter, pair)
            painter.setFont(theme.font(theme.tokens.measures.small, bold=True))
            painter.setPen(theme.color("text"))
            for place, label in enumerate(view.labels):
                painter.drawText(self._cell(place, place), Qt.AlignmentFlag.AlignCenter, label)

    def event(self, event: QEvent) -> bool:
        """Say in a tool tip which pair is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pair = self._pair_at(QPointF(event.pos()))
            labels = self._view.labels
            text = f"{labels[pair.first]} – {labels[pair.second]}: {pair.count}" if pair else self._view.summary
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _paint_pair(self, painter: QPainter, pair: PairView) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        cell = self._cell(pair.first, pair.second).adjusted(1, 1, -1, -1)
        tone = theme.tone("good" if pair.count else "idle")
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(QColor(tone.soft))
        painter.drawRect(cell)
        if pair.weak:
            painter.setPen(QPen(QColor(theme.tone("warning").strong), 3))
            painter.drawRect(cell.adjusted(1, 1, -1, -1))
        if pair.count or pair.weak:
            painter.setFont(theme.font(sizes.small - 1, bold=pair.weak))
            painter.setPen(theme.color("text"))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(pair.count))

    def _cell(self, column: int, row: int) -> QRectF:
        count = max(len(self._view.labels), 1)
        width, height = self.width() / count, self.height() / count
        return QRectF(column * width, row * height, width, height)

    def _pair_at(self, point: QPointF) -> PairView | None:
        return next((p for p in self._view.pairs if self._cell(p.first, p.second).contains(point)), None)
