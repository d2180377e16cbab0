"""The solved cameras in figures: one painted line per camera, all in sight without scrolling."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.calibration_view import CameraFigures
from ui.presenters.operator_view import Sign, Tone
from ui.theme import Theme
from ui.widgets.painting import wrapped_lines
from ui.widgets.signs import draw_sign

_SIGNS = {Tone.GOOD: Sign.CHECK, Tone.WARNING: Sign.WARNING, Tone.ERROR: Sign.CROSS, Tone.IDLE: Sign.DASH}


class FiguresTable(QWidget):
    """Paints titles and lines; the first column is the camera with its sign."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._titles: tuple[str, ...] = ()
        self._lines: tuple[CameraFigures, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def lines(self) -> tuple[CameraFigures, ...]:
        """The lines that are shown."""
        return self._lines

    def show_figures(self, titles: tuple[str, ...], lines: tuple[CameraFigures, ...]) -> None:
        """Take titles and lines."""
        if (titles, lines) != (self._titles, self._lines):
            self._titles, self._lines = titles, lines
            spoken = (", ".join(map(" ".join, zip(titles, (line.label, *line.cells), strict=True))) for line in lines)
            self.setAccessibleName(". ".join(spoken))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(700), self._theme.px(360))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        if not self._titles:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        head = theme.px(42)
        height = min((self.height() - head) / max(len(self._lines), 1), theme.px(44))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("border"), sizes.line))
            painter.setBrush(theme.color("surface"))
            inset = sizes.line / 2
            ground = QRectF(0, 0, self.width(), head + height * len(self._lines)).adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(ground, theme.px(sizes.radius), theme.px(sizes.radius))
            painter.setPen(theme.color("text_muted"))
            font = theme.font(sizes.small - 1, bold=True)
            painter.setFont(font)
            for column, title in enumerate(self._titles):
                where = self._column(column, 0, head)
                lines = wrapped_lines(title, font, round(where.width()), 2)
                painter.drawText(where, self._alignment(column), "\n".join(lines))
            for row, line in enumerate(self._lines):
                self._paint_line(painter, line, head + row * height, height)

    def _paint_line(self, painter: QPainter, line: CameraFigures, top: float, height: float) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawLine(round(theme.px(8)), round(top), self.width() - theme.px(8), round(top))
        first = self._column(0, top, height)
        side = theme.px(18)
        box = QRectF(first.left(), first.center().y() - side / 2, side, side)
        draw_sign(painter, _SIGNS.get(line.tone, Sign.DASH), box, QColor(theme.tone(line.tone).strong))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(sizes.body, bold=True))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(first.adjusted(side + theme.px(10), 0, 0, 0), middle, line.label)
        for column, text in enumerate(line.cells, start=1):
            painter.setFont(theme.font(sizes.body, bold=column == 1))
            where = self._column(column, top, height)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(where.width()))
            painter.drawText(where, self._alignment(column), elided)

    def _column(self, column: int, top: float, height: float) -> QRectF:
        """Return a cell's place; the second column, the most important one, has more room."""
        margin = self._theme.px(12)
        shares = [1.0, 1.4, *[1.0] * max(len(self._titles) - 2, 0)]
        unit = (self.width() - 2 * margin) / sum(shares)
        left = margin + unit * sum(shares[:column])
        return QRectF(left, top, unit * shares[column] - self._theme.px(6), height)

    @staticmethod
    def _alignment(column: int) -> int:
        side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
        return int(side | Qt.AlignmentFlag.AlignVCenter)
