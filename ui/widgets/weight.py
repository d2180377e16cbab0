"""The weight, written large, with its state in a word and the part's measured size."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.operator_view import OperatorView, Sign, Tone
from ui.theme import Theme
from ui.widgets.painting import fitted_font
from ui.widgets.signs import draw_sign

_SIGNS = {
    Tone.GOOD: Sign.CHECK,
    Tone.WORKING: Sign.BUSY,
    Tone.WARNING: Sign.WARNING,
    Tone.ERROR: Sign.CROSS,
    Tone.IDLE: Sign.DASH,
    Tone.UNKNOWN: Sign.QUESTION,
}


class WeightPanel(QWidget):
    """Paints weight and size."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._titles = ("", "")
        self._shown = ("", "", Tone.IDLE, "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def use_titles(self, weight: str, size: str) -> None:
        """Take the two captions."""
        self._titles = (weight, size)
        self.update()

    def show_view(self, view: OperatorView) -> None:
        """Take the view to draw."""
        shown = (view.weight_text, view.weight_note, view.weight_tone, view.size_text)
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleName(f"{self._titles[0]} {view.weight_text} {view.weight_note}")
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(310), self._theme.px(164))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, sizes = self._theme, self._theme.tokens.measures
        weight, note, tone, size = self._shown
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            inset = sizes.line / 2
            painter.setPen(QPen(theme.color("border"), sizes.line))
            painter.setBrush(theme.color("surface"))
            ground = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(ground, theme.px(sizes.radius), theme.px(sizes.radius))

            margin = theme.px(18)
            width = self.width() - 2 * margin
            middle = int(Qt.AlignmentFlag.AlignVCenter)
            painter.setPen(theme.color("text_muted"))
            painter.setFont(theme.font(sizes.small, bold=True))
            painter.drawText(QRectF(margin, theme.px(8), width, theme.px(20)), middle, self._titles[0])
            painter.drawText(QRectF(margin, theme.px(110), width, theme.px(20)), middle, self._titles[1])

            painter.setPen(theme.color("text"))
            figure = QRectF(margin, theme.px(25), width, theme.px(54))
            painter.setFont(
                fitted_font(theme.font(sizes.figure, bold=True), weight, figure.toRect(), theme.px(sizes.title))
            )
            painter.drawText(figure, middle, weight)
            painter.setFont(theme.font(sizes.title - 1))
            painter.drawText(QRectF(margin, theme.px(129), width, theme.px(28)), middle, size)

            strong = QColor(theme.tone(tone).strong)
            side = theme.px(18)
            draw_sign(painter, _SIGNS[tone], QRectF(margin, theme.px(83), side, side), strong)
            painter.setFont(theme.font(sizes.body))
            painter.setPen(strong)
            left = margin + side + theme.px(8)
            room = round(self.width() - left - margin)
            elided = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, theme.px(80), self.width() - left, theme.px(24)), middle, elided)
