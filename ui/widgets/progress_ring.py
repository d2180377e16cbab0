"""How far a plan is, as a ring; an arrow in it shows how far to turn the part."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.capture_view import RingView
from ui.theme import Theme

_TOP = 90 * 16
_FULL = 360 * 16
"""Qt counts sixteenths of a degree, against the clock."""


class ProgressRing(QWidget):
    """What is kept is a full arc; what is on its way to the disk is a dashed one behind it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: RingView | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_view(self, view: RingView) -> None:
        """Take the view to draw."""
        if view != self._view:
            self._view = view
            self.setAccessibleName(f"{view.text} {view.detail}".strip())
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(200), self._theme.px(180))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        view, theme = self._view, self._theme
        if view is None:
            return
        sizes = theme.tokens.measures
        thick = theme.px(16)
        side = min(self.width(), self.height()) - thick - 4
        ring = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for color, width in (("border", thick), ("sunken", thick - 2 * sizes.line)):
                painter.setPen(QPen(theme.color(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                painter.drawEllipse(ring)
            good, working = QColor(theme.tone("good").strong), QColor(theme.tone("working").strong)
            done = round(-_FULL * view.kept)
            painter.setPen(QPen(working, thick * 0.55, Qt.PenStyle.DotLine, Qt.PenCapStyle.FlatCap))
            painter.drawArc(ring, _TOP + done, round(-_FULL * view.saving))
            painter.setPen(QPen(good, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawArc(ring, _TOP, done)
            if view.turn_deg:
                self._paint_turn(painter, ring.adjusted(thick, thick, -thick, -thick), view.turn_deg)
            painter.setPen(theme.color("text"))
            painter.setFont(theme.font(sizes.title + 4, bold=True))
            painter.drawText(ring, int(Qt.AlignmentFlag.AlignCenter), view.text)
            painter.setPen(theme.color("text_muted"))
            painter.setFont(theme.font(sizes.small))
            below = ring.adjusted(thick, side * 0.24, -thick, 0)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), view.detail)

    def _paint_turn(self, painter: QPainter, area: QRectF, degrees: float) -> None:
        """Draw an arrow along a circle, from the top against the clock as a hand on the plate turns, or back."""
        color = QColor(self._theme.tone("working").strong)
        painter.setPen(QPen(color, self._theme.px(5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(area, _TOP, round(degrees * 16))
        angle = math.radians(90 + degrees)
        radius = area.width() / 2
        tip = area.center() + QPointF(radius * math.cos(angle), -radius * math.sin(angle))
        # The head's two lines lie to both sides of the way back.
        way_back = angle - math.copysign(math.pi / 2, degrees)
        for side in (-1, 1):
            back = way_back + side * 0.6
            length = self._theme.px(13)
            painter.drawLine(tip, tip + QPointF(length * math.cos(back), -length * math.sin(back)))
