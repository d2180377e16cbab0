"""A large button that wears its key, so that the way without a mouse is always in sight."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Return the size for cap and text at the scale in force."""
        text = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(self._cap_width() + text + self._theme.px(52), self._theme.px(50))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the styled button, then cap and text."""
        theme = self._theme
        option = QStyleOptionButton()
        self.initStyleOption(option)
        text, option.text = option.text, ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        main = bool(self.property("main")) and self.isEnabled()
        tone = theme.tone("working")
        palette = theme.color("text" if self.isEnabled() else "text_muted")
        if main:
            palette.setNamedColor(tone.on_strong)
        cap_height = theme.px(28)
        cap = QRectF(theme.px(12), (self.height() - cap_height) / 2, self._cap_width(), cap_height)
        ground = theme.color("surface")
        if main:
            ground.setNamedColor(tone.strong)
        draw_key_cap(
            painter,
            cap,
            self._key,
            theme.font(theme.tokens.measures.small, bold=True),
            palette if main else theme.color("border"),
            palette,
            ground,
        )
        painter.setFont(theme.font(theme.tokens.measures.body, bold=main))
        painter.setPen(palette)
        left = cap.right() + theme.px(10)
        rest = QRectF(left, 0, self.width() - left - theme.px(8), self.height())
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(rest.width()))
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), elided)
        painter.end()

    def _cap_width(self) -> int:
        return self._theme.px(22 + 9 * len(self._key))
