"""The answer, written large: sign, headline, one line of detail, and how far the part has come."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.operator_view import BannerView
from ui.theme import Theme
from ui.widgets.painting import fitted_font, wrapped_lines
from ui.widgets.signs import draw_sign


class Banner(QWidget):
    """Paints the state of the work; legible from two metres."""

    def __init__(self, theme: Theme, steps: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._steps = steps
        self._view: BannerView | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def show_view(self, view: BannerView) -> None:
        """Take the view to draw."""
        if view != self._view:
            self._view = view
            self.setAccessibleName(f"{view.headline}. {view.detail}")
            self.update()

    def use_steps(self, steps: tuple[str, ...]) -> None:
        """Take the names of the steps in another language."""
        if steps != self._steps:
            self._steps = steps
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(700), self._theme.px(138) + self._steps_height)

    @property
    def _steps_height(self) -> int:
        """What the row of steps takes, nothing where there are none."""
        return self._theme.px(26) if self._steps else 0

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        view = self._view
        if view is None:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        tone = theme.tone(view.tone)
        strong = QColor(tone.strong)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            inset = sizes.line / 2
            ground = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.setPen(QPen(strong, sizes.line))
            painter.setBrush(QColor(tone.soft))
            painter.drawRoundedRect(ground, theme.px(sizes.radius), theme.px(sizes.radius))

            sign_side = theme.px(84)
            margin = theme.px(22)
            disc = QRectF(margin, (self.height() - self._steps_height) / 2 - sign_side / 2, sign_side, sign_side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(strong)
            painter.drawEllipse(disc)
            if view.ring is not None:
                self._paint_ring(painter, disc, view.ring, strong)
            inner = sign_side * 0.23
            draw_sign(painter, view.sign, disc.adjusted(inner, inner, -inner, -inner), QColor(tone.on_strong))

            left = round(disc.right()) + margin
            self._paint_texts(painter, view, QRect(left, theme.px(10), self.width() - left - margin, theme.px(116)))
            if self._steps:
                self._paint_steps(painter, view.step, QColor(tone.strong), left)

    def _paint_ring(self, painter: QPainter, disc: QRectF, share: float, color: QColor) -> None:
        """Paint a ring around the disc that fills clockwise from the top."""
        gap = self._theme.px(9)
        around = disc.adjusted(-gap, -gap, gap, gap)
        pen = QPen(self._theme.color("border"), self._theme.px(8), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawEllipse(around)
        pen.setColor(color)
        painter.setPen(pen)
        painter.drawArc(around, 90 * 16, -round(min(max(share, 0.0), 1.0) * 360 * 16))

    def _paint_texts(self, painter: QPainter, view: BannerView, area: QRect) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        detail_height = theme.px(32)
        top = QRect(area.left(), area.top(), area.width(), area.height() - detail_height)
        least = theme.px(sizes.headline_least)
        font = fitted_font(theme.font(sizes.headline, bold=True), view.headline, top, least)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        height = painter.fontMetrics().height()
        lines = wrapped_lines(view.headline, font, top.width(), max(1, top.height() // height))
        start = top.top() + (top.height() - height * len(lines)) // 2
        for row, line in enumerate(lines):
            painter.drawText(QRect(top.left(), start + row * height, top.width(), height), 0, line)
        painter.setFont(theme.font(sizes.title))
        below = QRect(area.left(), start + height * len(lines) + theme.px(2), area.width(), detail_height)
        detail = painter.fontMetrics().elidedText(view.detail, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter), detail)

    def _paint_steps(self, painter: QPainter, now: int, color: QColor, left: int) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        names = self._steps
        width = (self.width() - left - theme.px(22)) / len(names)
        gap = theme.px(6)
        y = self.height() - theme.px(30)
        for index, name in enumerate(names):
            reached = index <= now
            bar = QRectF(left + index * width, y, width - gap, theme.px(4 if not reached else 5))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color if reached else theme.color("border"))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setFont(theme.font(sizes.small - 1, bold=index == now))
            painter.setPen(theme.color("text" if index == now else "text_muted"))
            where = QRectF(bar.left(), bar.bottom() + theme.px(1), bar.width(), theme.px(20))
            painter.drawText(where, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
