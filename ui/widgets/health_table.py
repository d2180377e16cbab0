"""The cameras' health: one painted line per camera, all in sight without scrolling; a press marks a camera."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.presenters.health_view import HealthCell, HealthColumn, HealthRow
from ui.presenters.operator_view import Sign, Tone
from ui.theme import Theme
from ui.widgets.painting import wrapped_lines
from ui.widgets.signs import draw_sign

_SIGNS = {Tone.GOOD: Sign.CHECK, Tone.WORKING: Sign.BUSY, Tone.WARNING: Sign.WARNING, Tone.ERROR: Sign.CROSS}


class HealthTable(QWidget):
    """Paints titles and lines; ``chosen`` is emitted with the role of the line that was pressed."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[HealthColumn, ...] = ()
        self._rows: tuple[HealthRow, ...] = ()
        self._marked = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    @property
    def rows(self) -> tuple[HealthRow, ...]:
        """The lines that are shown."""
        return self._rows

    def show_rows(self, columns: tuple[HealthColumn, ...], rows: tuple[HealthRow, ...], marked: str) -> None:
        """Take columns, lines and the role of the marked one."""
        if (columns, rows, marked) != (self._columns, self._rows, self._marked):
            grown = len(rows) != len(self._rows)
            self._columns, self._rows, self._marked = columns, rows, marked
            if grown:
                self._restyle()
            self.setAccessibleName(". ".join(_spoken(columns, row) for row in rows))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(1000), round(self._head + self._line * max(len(self._rows), 1)) + 2)

    @property
    def _head(self) -> float:
        return self._theme.px(36)

    @property
    def _line(self) -> float:
        return self._theme.px(29)

    def _restyle(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark the line under the finger."""
        row = self._row_at(event.position().y())
        if row is not None:
            self.chosen.emit(row.role)

    def event(self, event: QEvent) -> bool:
        """Show the long form of a line as its tool tip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), row.explanation if row else "", self)
            return True
        return super().event(event)

    def _row_at(self, y: float) -> HealthRow | None:
        index = int((y - self._head) // self._line)
        return self._rows[index] if y >= self._head and 0 <= index < len(self._rows) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        if not self._columns:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("border"), sizes.line))
            painter.setBrush(theme.color("surface"))
            inset = sizes.line / 2
            ground = QRectF(0, 0, self.width(), self._head + self._line * len(self._rows) + 1)
            radius = theme.px(sizes.radius)
            painter.drawRoundedRect(ground.adjusted(inset, inset, -inset, -inset), radius, radius)
            font = theme.font(sizes.small - 1, bold=True)
            painter.setFont(font)
            painter.setPen(theme.color("text_muted"))
            for column, each in enumerate(self._columns):
                where = self._place(column, 0, self._head)
                lines = wrapped_lines(each.title, font, round(where.width()), 2)
                painter.drawText(where, _alignment(each), "\n".join(lines))
            for number, row in enumerate(self._rows):
                self._paint_row(painter, row, self._head + number * self._line)

    def _paint_row(self, painter: QPainter, row: HealthRow, top: float) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        if row.role == self._marked:
            tone = theme.tone("working")
            painter.setPen(QPen(QColor(tone.strong), max(2, sizes.line)))
            painter.setBrush(QColor(tone.soft))
            painter.drawRoundedRect(QRectF(3, top + 2, self.width() - 6, self._line - 3), 5, 5)
        else:
            painter.setPen(QPen(theme.color("border"), 1))
            painter.drawLine(theme.px(8), round(top), self.width() - theme.px(8), round(top))
        first = self._place(0, top, self._line)
        self._paint_cell(painter, first, HealthCell(row.label, row.tone), 0, bold=True)
        for column, cell in enumerate(row.cells, start=1):
            self._paint_cell(painter, self._place(column, top, self._line), cell, column)

    def _paint_cell(
        self, painter: QPainter, where: QRectF, cell: HealthCell, column: int, *, bold: bool = False
    ) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        alarm = cell.tone in (Tone.WARNING, Tone.ERROR)
        painter.setFont(theme.font(sizes.small + 1, bold=bold or alarm))
        painter.setPen(theme.color("text"))
        metrics = painter.fontMetrics()
        sign = _SIGNS.get(cell.tone)
        words = self._columns[column].words
        if sign is not None and (words or alarm):
            side = theme.px(17)
            gap = theme.px(7)
            left = where.left()
            if not words:
                left = where.right() - metrics.horizontalAdvance(cell.text) - gap - side
            box = QRectF(max(left, where.left() - side), where.center().y() - side / 2, side, side)
            draw_sign(painter, sign, box, QColor(theme.tone(cell.tone).strong))
            if words:
                where = where.adjusted(side + gap, 0, 0, 0)
        text = metrics.elidedText(cell.text, Qt.TextElideMode.ElideRight, round(where.width()) + 1)
        painter.drawText(where, _alignment(self._columns[column]), text)

    def _place(self, column: int, top: float, height: float) -> QRectF:
        margin = self._theme.px(12)
        gap = self._theme.px(10)
        shares = [each.share for each in self._columns]
        unit = (self.width() - 2 * margin) / sum(shares)
        left = margin + unit * sum(shares[:column])
        # Words stand on the left of their column and need room from the figures on the right of the one before.
        after_figures = column > 0 and self._columns[column].words and not self._columns[column - 1].words
        inset = 2.0 * gap if after_figures else 0.0
        return QRectF(left + inset, top, unit * shares[column] - gap - inset, height)


def _alignment(column: HealthColumn) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column.words else Qt.AlignmentFlag.AlignRight
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _spoken(columns: tuple[HealthColumn, ...], row: HealthRow) -> str:
    texts = (row.label, *(cell.text for cell in row.cells))
    return ", ".join(f"{column.title} {text}" for column, text in zip(columns, texts, strict=True))
