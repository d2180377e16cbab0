"""The places of a plan: a dot for each, in rows, so that one sees at a glance what is there and what comes next."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.capture_view import DotState, DotView, PlanRow
from ui.presenters.operator_view import Sign
from ui.theme import Theme
from ui.widgets.signs import draw_sign

_ROW, _TITLE = 46, 20


class PlanRows(QWidget):
    """Paints the rows; each state has its own sign in its dot."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[PlanRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def show_rows(self, rows: tuple[PlanRow, ...]) -> None:
        """Take the rows to draw."""
        if rows != self._rows:
            taller = len(rows) != len(self._rows)
            self._rows = rows
            self.setAccessibleName("; ".join(f"{row.title} {row.text}" for row in rows))
            self.setToolTip("\n".join(dot.text for row in rows for dot in row.dots if dot.state is not DotState.OPEN))
            if taller:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(260), self._theme.px(_ROW) * max(1, len(self._rows)))

    def minimumSizeHint(self) -> QSize:
        """Return the least size at the scale in force."""
        return self.sizeHint()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, sizes = self._theme, self._theme.tokens.measures
        height, title = theme.px(_ROW), theme.px(_TITLE)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, row in enumerate(self._rows):
                top = number * height
                line = QRectF(0, top, self.width(), title)
                painter.setFont(theme.font(sizes.small, bold=True))
                painter.setPen(theme.color("text_muted"))
                painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), row.title)
                painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), row.text)
                step = min(theme.px(22), self.width() / max(1, len(row.dots)))
                for place, dot in enumerate(row.dots):
                    side = step * 0.82
                    self._paint_dot(painter, dot, QRectF(place * step + 1, top + title, side, side))

    def _paint_dot(self, painter: QPainter, dot: DotView, box: QRectF) -> None:
        theme = self._theme
        good, working = theme.tone("good"), theme.tone("working")
        pen, ground = QPen(theme.color("border"), 1.5), theme.color("surface")
        if dot.state is DotState.KEPT:
            pen, ground = QPen(QColor(good.strong), 1.5), QColor(good.strong)
        elif dot.state is DotState.NEXT:
            pen = QPen(QColor(working.strong), 3)
        elif dot.state is DotState.SAVING:
            pen, ground = QPen(QColor(working.strong), 2, Qt.PenStyle.DotLine), QColor(working.soft)
        elif dot.state is DotState.SKIPPED:
            ground = theme.color("sunken")
        painter.setPen(pen)
        painter.setBrush(ground)
        painter.drawEllipse(box)
        inner = box.width() * 0.22
        signs = {DotState.KEPT: (Sign.CHECK, good.on_strong), DotState.SKIPPED: (Sign.DASH, None)}
        if dot.state in signs:
            sign, color = signs[dot.state]
            ink = QColor(color) if color else theme.color("text_muted")
            draw_sign(painter, sign, box.adjusted(inner, inner, -inner, -inner), ink)
