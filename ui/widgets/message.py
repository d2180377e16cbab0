"""The message line: one sentence with its next step; its place is always kept, so that nothing jumps."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.operator_view import MessageView, Sign, Tone
from ui.theme import Theme
from ui.widgets.painting import wrapped_lines
from ui.widgets.signs import draw_sign

_SIGNS = {
    Tone.IDLE: Sign.INFO,
    Tone.WORKING: Sign.INFO,
    Tone.GOOD: Sign.CHECK,
    Tone.UNKNOWN: Sign.QUESTION,
    Tone.WARNING: Sign.WARNING,
    Tone.ERROR: Sign.WARNING,
}


class MessageLine(QWidget):
    """Paints up to two lines of text on the ground of their tone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._message: MessageView | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return self._message.text if self._message else ""

    def show_message(self, message: MessageView | None) -> None:
        """Take the message, or ``None`` for a quiet line."""
        if message != self._message:
            self._message = message
            self.setAccessibleName(self.text)
            self.setToolTip(self.text)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(400), self._theme.px(48))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        message = self._message
        if message is None:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        tone = theme.tone(message.tone)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            quiet = message.tone is Tone.IDLE
            painter.setPen(QPen(theme.color("border") if quiet else QColor(tone.strong), sizes.line))
            painter.setBrush(QColor(tone.soft))
            inset = sizes.line / 2
            radius = theme.px(sizes.radius)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)
            side = theme.px(26)
            left = theme.px(14)
            draw_sign(
                painter, _SIGNS[message.tone], QRectF(left, (self.height() - side) / 2, side, side), QColor(tone.strong)
            )
            start = left + side + theme.px(12)
            width = self.width() - start - theme.px(14)
            font = theme.font(sizes.body)
            painter.setFont(font)
            painter.setPen(theme.color("text"))
            lines = wrapped_lines(message.text, font, width, 2)
            height = painter.fontMetrics().height()
            top = (self.height() - height * len(lines)) // 2
            for row, line in enumerate(lines):
                where = QRect(start, top + row * height, width, height)
                painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), line)
