"""What the quality gates say of a look: sign, name, figure, and below what is not passed what to do."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.capture_view import GateView
from ui.theme import Theme
from ui.widgets.painting import wrapped_lines
from ui.widgets.signs import draw_sign

_LINE, _TODO, _GAP, _MOST_LINES = 26, 21, 6, 3


class GateList(QWidget):
    """Paints the gates from above; those that find no room are counted in the last line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._gates: tuple[GateView, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_gates(self, gates: tuple[GateView, ...]) -> None:
        """Take the gates to draw."""
        if gates != self._gates:
            self._gates = gates
            self.setAccessibleName("; ".join(f"{g.title} {g.found} {g.todo}".strip() for g in gates))
            self.setToolTip("\n".join(f"{g.title}: {g.found}. {g.todo}".rstrip() for g in gates))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(300), self._theme.px(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme = self._theme
        with QPainter(self) as painter:
            top = 0
            for number, gate in enumerate(self._gates):
                lines = self._lines(gate)
                height = theme.px(_LINE) + len(lines) * theme.px(_TODO) + theme.px(_GAP)
                if top + height > self.height():
                    painter.setPen(theme.color("text_muted"))
                    rest = QRect(0, top, self.width(), theme.px(_TODO))
                    painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), f"+ {len(self._gates) - number}")
                    return
                self._paint_gate(painter, gate, lines, top)
                top += height

    def _lines(self, gate: GateView) -> list[str]:
        if not gate.todo:
            return []
        font = self._theme.font(self._theme.tokens.measures.small + 1)
        return wrapped_lines(gate.todo, font, self.width() - self._theme.px(30), _MOST_LINES)

    def _paint_gate(self, painter: QPainter, gate: GateView, lines: list[str], top: int) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        color = QColor(theme.tone(gate.tone).strong)
        side, left = theme.px(20), theme.px(30)
        draw_sign(painter, gate.sign, QRectF(0, top + (theme.px(_LINE) - side) / 2, side, side), color)
        line = QRect(left, top, self.width() - left, theme.px(_LINE))
        painter.setFont(theme.font(sizes.body - 1, bold=bool(lines)))
        painter.setPen(theme.color("text"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), gate.title)
        painter.setFont(theme.font(sizes.small + 1))
        painter.setPen(color if lines else theme.color("text_muted"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), gate.found)
        painter.setFont(theme.font(sizes.small + 1))
        painter.setPen(theme.color("text"))
        for row, text in enumerate(lines):
            where = QRect(left, top + theme.px(_LINE) + row * theme.px(_TODO), self.width() - left, theme.px(_TODO))
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), text)
