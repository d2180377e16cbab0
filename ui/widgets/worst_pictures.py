"""The pictures with the largest errors, cut to the board: found corners, and where the solved rig expects them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from calibration.collecting.result import ViewPicture
from ui.presenters.calibration_result import WORST_SHOWN
from ui.presenters.calibration_view import WorstView
from ui.presenters.operator_view import Sign
from ui.theme import Theme
from ui.widgets.painting import over_buffer
from ui.widgets.signs import draw_sign

Fetch = Callable[[str, str], ViewPicture | None]
"""Gives the picture of (placement, role) when it is there."""

MAGNIFIED = 20.0
"""Errors are drawn so many times as long as they are."""

COLUMNS = 3


class WorstTile(QAbstractButton):
    """One picture; pressing it marks it for dropping."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: WorstView | None = None
        self._picture: ViewPicture | None = None
        self._crop = QRectF()
        self.setEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, theme.tokens.measures.target_least)
        theme.changed.connect(self.update)

    @property
    def view(self) -> WorstView | None:
        """What is shown."""
        return self._view

    @property
    def picture(self) -> ViewPicture | None:
        """The picture, once it is there."""
        return self._picture

    def show_view(self, view: WorstView | None, picture: ViewPicture | None) -> None:
        """Take the view and its picture, once it is there."""
        if view == self._view and picture is self._picture:
            return
        self._view, self._picture = view, picture
        self.setEnabled(view is not None)
        if picture is not None:
            self._crop = _crop(picture)
        if view is not None:
            self.setToolTip(f"{view.title}  ·  {view.detail}")
            self.setAccessibleName(f"{view.title}  ·  {view.detail}{'  ·  ✓' if view.marked else ''}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(140), self._theme.px(110))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture, corners, caption and mark."""
        theme, view = self._theme, self._view
        with QPainter(self) as painter:
            if view is None:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            foot = theme.px(22)
            area = QRectF(self.rect()).adjusted(0, 0, 0, -foot)
            painter.fillRect(self.rect(), theme.color("tile_ground"))
            if self._picture is not None:
                self._paint_picture(painter, self._picture, area)
            below = QRectF(0, area.bottom(), self.width(), foot)
            tone = theme.tone("warning" if view.marked else "idle")
            painter.fillRect(below, QColor(tone.strong))
            painter.setPen(QColor(tone.on_strong))
            painter.setFont(theme.font(theme.tokens.measures.small - 2, bold=True))
            room = round(below.width()) - theme.px(8)
            title = painter.fontMetrics().elidedText(view.title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, title)
            badge = QRectF(0, 0, painter.fontMetrics().horizontalAdvance(view.detail) + theme.px(10), theme.px(20))
            painter.fillRect(badge, QColor(0, 0, 0, 190))
            painter.setPen(QColor("#ffffff"))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, view.detail)
            if view.marked:
                side = theme.px(26)
                corner = QRectF(area.right() - side, area.top(), side, side)
                painter.fillRect(corner, QColor(tone.strong))
                draw_sign(painter, Sign.CROSS, corner.adjusted(5, 5, -5, -5), QColor(tone.on_strong))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("focus"), 4))
                painter.drawRect(QRectF(self.rect()).adjusted(2, 2, -2, -2))

    def _paint_picture(self, painter: QPainter, picture: ViewPicture, area: QRectF) -> None:
        crop = _shaped(self._crop, area.width() / max(area.height(), 1.0))
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, over_buffer(picture.image), crop)
        factor = area.width() / crop.width()
        offset = np.array([crop.left(), crop.top()])
        origin = np.array([area.left(), area.top()])
        found = (picture.detected - offset) * factor + origin
        ends = found
        if picture.expected is not None:
            ends = found + (picture.detected - picture.expected) * MAGNIFIED * factor
        for start, end in zip(found.tolist(), ends.tolist(), strict=True):
            painter.setPen(QPen(QColor("#ff3df0"), 2))
            painter.drawLine(QPointF(*start), QPointF(*end))
            painter.setPen(QPen(QColor("#35e07f"), 3))
            painter.drawPoint(QPointF(*start))
        painter.restore()


class WorstPictures(QWidget):
    """Up to six pictures; ``toggled`` is emitted with the placement of the pressed one."""

    toggled = Signal(str)

    def __init__(self, theme: Theme, fetch: Fetch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self.tiles = tuple(WorstTile(theme, self) for _ in range(WORST_SHOWN))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for place, tile in enumerate(self.tiles):
            grid.addWidget(tile, place // COLUMNS, place % COLUMNS)
            tile.clicked.connect(lambda *_, t=tile: self._press(t))

    def show_views(self, views: tuple[WorstView, ...]) -> None:
        """Take the views; their pictures are asked for until they are there."""
        for place, tile in enumerate(self.tiles):
            view = views[place] if place < len(views) else None
            tile.show_view(view, self._fetch(view.placement, view.role) if view is not None else None)

    def _press(self, tile: WorstTile) -> None:
        if tile.view is not None:
            self.toggled.emit(tile.view.placement)


def _crop(picture: ViewPicture) -> QRectF:
    """Return the part of the picture that holds the board with a margin, px."""
    low, high = picture.detected.min(axis=0), picture.detected.max(axis=0)
    margin = 0.12 * float((high - low).max()) + 8.0
    return QRectF(low[0] - margin, low[1] - margin, high[0] - low[0] + 2 * margin, high[1] - low[1] + 2 * margin)


def _shaped(crop: QRectF, ratio: float) -> QRectF:
    """Return the crop, made wider or higher until it has the sides' ``ratio``."""
    width, height = max(crop.width(), crop.height() * ratio), max(crop.height(), crop.width() / ratio)
    center = crop.center()
    return QRectF(center.x() - width / 2, center.y() - height / 2, width, height)
