"""A large button that wears its key, so that the way without a mouse is always in sight."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from ui.theme import Theme
from ui.widgets.painting import draw_key_cap


class KeyButton(QPushButton):
    """A push button with a key cap on its left; ``main`` marks the one that Enter presses."""

    def __init__(self, theme: Theme, key: str, parent: QWidget | None = None, *, main: bool = False) -> None:
        super().__init__(parent)
        self._theme = theme
        self._key = key
        self.setProperty("main", main)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def name(self, text: str, key: str | None = None) -> None:
        """Take the text, and the key's name where the language has another one."""
        self._key = key or self._key
        self.setText(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size for cap and text at the scale in force."""
        text = self.fontMetrics().horizontalAdvance(self.text())
        height = max(self._theme.px(50), self._theme.tokens.measures.target_least)
        return QSize(self._cap_width() + text + self._theme.px(52), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the styled button, then cap and text."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        text, option.text = option.text, ""
        with QPainter(self) as painter:
            self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
            self._paint_key_and_text(painter, text, main=bool(self.property("main")) and self.isEnabled())

    def _paint_key_and_text(self, painter: QPainter, text: str, *, main: bool) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        tone = theme.tone("working")
        ink = theme.color("text" if self.isEnabled() else "text_muted")
        line, ground = theme.color("border"), theme.color("surface")
        if main:
            ink = line = QColor(tone.on_strong)
            ground = QColor(tone.strong)
        height = theme.px(28)
        cap = QRectF(theme.px(12), (self.height() - height) / 2, self._cap_width(), height)
        draw_key_cap(painter, cap, self._key, theme.font(sizes.small, bold=True), line, ink, ground)
        painter.setFont(theme.font(sizes.body, bold=main))
        painter.setPen(ink)
        left = cap.right() + theme.px(10)
        rest = QRectF(left, 0, self.width() - left - theme.px(8), self.height())
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(rest.width()))
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), elided)

    def _cap_width(self) -> int:
        return self._theme.px(22 + 9 * len(self._key))
