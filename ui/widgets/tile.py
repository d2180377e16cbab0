"""One live view: the newest picture of a camera, the square of every part in it, and a sign when something is wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.operator_view import Sign, TileState, TileView, Vote
from ui.theme import Theme
from ui.widgets.painting import fitted_rect, over_buffer
from ui.widgets.signs import draw_sign

_SIGNS = {
    TileState.NO_DEPTH: (Sign.NO_DEPTH, "warning"),
    TileState.WAITING: (Sign.BUSY, "working"),
    TileState.MISSING: (Sign.CAMERA_OFF, "error"),
}
_VOTES = {Vote.SAME: (Sign.CHECK, "good"), Vote.OTHER: (Sign.UNLIKE, "idle")}
_BAND = 22
"""Height of the band with the state, at scale 1."""


class CameraTile(QWidget):
    """Paints straight over the camera's buffer; nothing is copied or scaled beforehand."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: TileView | None = None
        self._picture: NDArray[np.uint8] | None = None
        self._number: object = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)

    def show_view(self, view: TileView) -> None:
        """Take label, state and square."""
        if view != self._view:
            self._view = view
            said = [text for text in (view.label, view.state_text, view.vote_text) if text]
            self.setToolTip(" · ".join(said))
            self.setAccessibleName(" ".join(said))
            self.update()

    def show_picture(self, picture: NDArray[np.uint8] | None, number: object) -> None:
        """Take the newest picture (H, W, 3) RGB; painted only when ``number`` is another one."""
        if number != self._number or (picture is None) != (self._picture is None):
            self._picture, self._number = picture, number
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(118), self._theme.px(89))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme = self._theme
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("tile_ground"))
            view = self._view
            if view is None:
                return
            area = QRectF(self.rect())
            lives = view.state in (TileState.LIVE, TileState.NO_DEPTH)
            if lives and self._picture is not None:
                self._paint_picture(painter, view, self._picture, area)
            if view.state is not TileState.LIVE:
                self._paint_state(painter, view, area)
            self._paint_label(painter, view)
            if view.vote in _VOTES and lives:
                self._paint_vote(painter, view, area)

    def _paint_picture(self, painter: QPainter, view: TileView, picture: NDArray[np.uint8], area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        height, width = picture.shape[:2]
        where = fitted_rect(width, height, area)
        painter.drawImage(where, over_buffer(picture))
        factor = where.width() / width
        for x0, y0, x1, y1 in view.squares:
            square = QRectF(
                where.left() + x0 * factor, where.top() + y0 * factor, (x1 - x0) * factor, (y1 - y0) * factor
            ).intersected(where.adjusted(1, 1, -1, -1))
            for pen in (QPen(QColor(0, 0, 0, 170), 4), QPen(QColor("#ffe14d"), 2)):
                painter.setPen(pen)
                painter.drawRect(square)

    def _paint_state(self, painter: QPainter, view: TileView, area: QRectF) -> None:
        theme = self._theme
        sign, tone_name = _SIGNS[view.state]
        tone = theme.tone(tone_name)
        band = QRectF(area.left(), area.bottom() - theme.px(_BAND), area.width(), theme.px(_BAND))
        painter.fillRect(band, QColor(tone.strong))
        painter.setPen(QColor(tone.on_strong))
        painter.setFont(theme.font(theme.tokens.measures.small - 1, bold=True))
        text = painter.fontMetrics().elidedText(view.state_text, Qt.TextElideMode.ElideRight, round(band.width()) - 6)
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QPen(QColor(tone.strong), 3))
        painter.drawRect(area.adjusted(1.5, 1.5, -1.5, -1.5))
        if view.state is TileState.NO_DEPTH:
            side = theme.px(22)
            corner = QRectF(area.right() - side - 5, area.top() + 5, side, side)
            painter.fillRect(corner, QColor(tone.strong))
            draw_sign(painter, sign, corner.adjusted(3, 3, -3, -3), QColor(tone.on_strong))
        else:
            free = area.adjusted(0, 0, 0, -band.height())
            side = free.height() * 0.5
            box = QRectF(free.center().x() - side / 2, free.center().y() - side / 2, side, side)
            draw_sign(painter, sign, box, theme.color("tile_text"))

    def _paint_vote(self, painter: QPainter, view: TileView, area: QRectF) -> None:
        """Paint whether this view alone says what the answer says: a check mark, or "not equal"."""
        theme = self._theme
        sign, tone_name = _VOTES[view.vote]
        tone = theme.tone(tone_name)
        side, gap = theme.px(22), 4
        bottom = area.bottom() - gap - (theme.px(_BAND) if view.state is not TileState.LIVE else 0)
        disc = QRectF(area.left() + gap, bottom - side, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tone.on_strong), 1.5))
        painter.setBrush(QColor(tone.strong))
        painter.drawEllipse(disc)
        inner = side * 0.22
        draw_sign(painter, sign, disc.adjusted(inner, inner, -inner, -inner), QColor(tone.on_strong))

    def _paint_label(self, painter: QPainter, view: TileView) -> None:
        theme = self._theme
        font = theme.font(theme.tokens.measures.small - 1, bold=True)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(view.label) + theme.px(10)
        badge = QRectF(0, 0, width, theme.px(20))
        painter.fillRect(badge, QColor(0, 0, 0, 180))
        painter.setPen(QColor("#ffffff"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, view.label)
