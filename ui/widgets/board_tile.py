"""One live view of a calibration: the picture, the board's outline in it, and what the camera has so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.calibration_view import BoardTileView, SightState
from ui.presenters.operator_view import Sign
from ui.theme import Theme
from ui.widgets.painting import fitted_rect, over_buffer
from ui.widgets.signs import draw_sign

COLUMNS, ROWS = 4, 3
"""The grid of the covered parts of a picture."""

_LINES = {SightState.USABLE: QColor("#35e07f"), SightState.REFUSED: QColor("#ffb52e")}
"""Colours on camera pictures, the same in every theme."""

_SIGNS = {
    SightState.USABLE: (Sign.CHECK, "good"),
    SightState.REFUSED: (Sign.WARNING, "warning"),
    SightState.LOST: (Sign.CAMERA_OFF, "error"),
}


class BoardTile(QWidget):
    """Paints straight over the camera's buffer; below it the coverage, where there is any."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: BoardTileView | None = None
        self._picture: NDArray[np.uint8] | None = None
        self._number: object = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)

    @property
    def view(self) -> BoardTileView | None:
        """What is shown."""
        return self._view

    def show_view(self, view: BoardTileView) -> None:
        """Take everything but the picture."""
        if view != self._view:
            self._view = view
            said = [view.label, view.state_text, view.explanation, view.count_text]
            said += [f"{mark.text} {'✓' if mark.done else '–'}" for mark in view.marks]
            text = "  ·  ".join(part for part in said if part)
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()

    def show_picture(self, picture: NDArray[np.uint8] | None, number: object) -> None:
        """Take the newest picture (H, W, 3) RGB; painted only when ``number`` is another one."""
        if number != self._number or (picture is None) != (self._picture is None):
            self._picture, self._number = picture, number
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(180), self._theme.px(180))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, view = self._theme, self._view
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("tile_ground"))
            if view is None:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            foot = theme.px(46) if view.cells else 0
            area = QRectF(self.rect()).adjusted(0, 0, 0, -foot)
            where = area
            if self._picture is not None and view.state is not SightState.LOST:
                where = self._paint_picture(painter, self._picture, area)
                self._paint_outline(painter, view, where)
            self._paint_state(painter, view, area)
            self._paint_label(painter, view)
            if foot:
                below = QRectF(0, area.bottom(), self.width(), foot)
                painter.fillRect(below, theme.color("surface"))
                self._paint_coverage(painter, view, below)
            self._paint_frame(painter, view)

    def _paint_picture(self, painter: QPainter, picture: NDArray[np.uint8], area: QRectF) -> QRectF:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        where = fitted_rect(picture.shape[1], picture.shape[0], area)
        painter.drawImage(where, over_buffer(picture))
        return where

    def _paint_outline(self, painter: QPainter, view: BoardTileView, where: QRectF) -> None:
        if not view.outline:
            return
        across, down = where.width() / view.size[0], where.height() / view.size[1]
        corners = QPolygonF([QPointF(where.left() + x * across, where.top() + y * down) for x, y in view.outline])
        painter.save()
        painter.setClipRect(where)
        color = _LINES.get(view.state, _LINES[SightState.REFUSED])
        style = Qt.PenStyle.SolidLine if view.state is SightState.USABLE else Qt.PenStyle.DashLine
        for pen in (QPen(QColor(0, 0, 0, 190), 5), QPen(color, 2.5, style)):
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(corners)
        painter.restore()

    def _paint_state(self, painter: QPainter, view: BoardTileView, area: QRectF) -> None:
        if view.state not in _SIGNS:
            return
        theme = self._theme
        sign, tone_name = _SIGNS[view.state]
        tone = theme.tone(tone_name)
        side = theme.px(24)
        corner = QRectF(area.right() - side - 3, area.top() + 3, side, side)
        painter.fillRect(corner, QColor(tone.strong))
        draw_sign(painter, sign, corner.adjusted(4, 4, -4, -4), QColor(tone.on_strong))
        if view.state is SightState.USABLE or not view.state_text:
            return
        band = QRectF(area.left(), area.bottom() - theme.px(22), area.width(), theme.px(22))
        painter.fillRect(band, QColor(tone.strong))
        painter.setPen(QColor(tone.on_strong))
        painter.setFont(theme.font(theme.tokens.measures.small - 1, bold=True))
        text = painter.fontMetrics().elidedText(view.state_text, Qt.TextElideMode.ElideRight, round(band.width()) - 6)
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_label(self, painter: QPainter, view: BoardTileView) -> None:
        theme = self._theme
        painter.setFont(theme.font(theme.tokens.measures.small + 2, bold=True))
        badge = QRectF(0, 0, painter.fontMetrics().horizontalAdvance(view.label) + theme.px(14), theme.px(24))
        painter.fillRect(badge, QColor(0, 0, 0, 190))
        painter.setPen(QColor("#ffffff"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, view.label)

    def _paint_coverage(self, painter: QPainter, view: BoardTileView, area: QRectF) -> None:
        """Paint cells and count in one line, the marks in the next."""
        theme, sizes = self._theme, self._theme.tokens.measures
        half = area.height() / 2
        height = half - theme.px(4)
        grid = QRectF(area.left() + theme.px(6), area.top() + theme.px(4), height * COLUMNS / ROWS * 1.15, height)
        self._paint_cells(painter, view, grid)
        left = grid.right() + theme.px(8)
        count = QRectF(left, grid.top(), area.right() - left - theme.px(4), height)
        painter.setFont(theme.font(sizes.small, bold=True))
        painter.setPen(theme.color("text"))
        text = painter.fontMetrics().elidedText(view.count_text, Qt.TextElideMode.ElideRight, round(count.width()))
        painter.drawText(count, int(Qt.AlignmentFlag.AlignVCenter), text)
        if view.complete:
            side = theme.px(16)
            box = QRectF(area.right() - side - theme.px(6), count.center().y() - side / 2, side, side)
            draw_sign(painter, Sign.CHECK, box, QColor(theme.tone("good").strong))
        below = QRectF(grid.left(), area.top() + half, area.right() - grid.left(), half - theme.px(2))
        self._paint_marks(painter, view, below)

    def _paint_cells(self, painter: QPainter, view: BoardTileView, grid: QRectF) -> None:
        theme = self._theme
        width, height = grid.width() / COLUMNS, grid.height() / ROWS
        painter.setPen(QPen(theme.color("text_muted"), 1))
        for index, hit in enumerate(view.cells):
            cell = QRectF(grid.left() + index % COLUMNS * width, grid.top() + index // COLUMNS * height, width, height)
            painter.setBrush(QColor(theme.tone("good").strong) if hit else theme.color("surface"))
            painter.drawRect(cell)

    def _paint_marks(self, painter: QPainter, view: BoardTileView, area: QRectF) -> None:
        """Paint the words with a check mark before those that are done and a dash before the others."""
        theme = self._theme
        painter.setFont(theme.font(theme.tokens.measures.small - 2))
        left, side = area.left(), theme.px(11)
        for mark in view.marks:
            color = QColor(theme.tone("good").strong) if mark.done else theme.color("text_muted")
            box = QRectF(left, area.center().y() - side / 2, side, side)
            draw_sign(painter, Sign.CHECK if mark.done else Sign.DASH, box, color)
            width = painter.fontMetrics().horizontalAdvance(mark.text)
            painter.setPen(theme.color("text" if mark.done else "text_muted"))
            text = QRectF(left + side + 2, area.top(), width + 4, area.height())
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), mark.text)
            left = text.right() + theme.px(3)

    def _paint_frame(self, painter: QPainter, view: BoardTileView) -> None:
        """Frame the tile whose picture was just taken, and the ones the advice is about."""
        tone = "good" if view.taken else "working" if view.wanted else "error" if view.state is SightState.LOST else ""
        if tone:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.tone(tone).strong), 4))
            painter.drawRect(QRectF(self.rect()).adjusted(2, 2, -2, -2))
