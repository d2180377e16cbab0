"""Captures as a grid of pictures; only those in sight are asked for, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.presenters.capture_source import CapturePicture
from ui.presenters.capture_view import ReviewCell
from ui.presenters.operator_view import Sign
from ui.theme import Theme
from ui.widgets.painting import fitted_rect, over_buffer
from ui.widgets.row_list import MOVES
from ui.widgets.signs import draw_sign

Index = QModelIndex | QPersistentModelIndex
_WIDTH, _TEXT, _GAP = 168, 42, 6
_ACROSS = (Qt.Key.Key_Left, Qt.Key.Key_Right)


@dataclass(frozen=True, slots=True)
class GridSource:
    """Where the grid gets its rows from: what stands in one, its picture, and how to get further ones."""

    cell: Callable[[int], ReviewCell]
    picture: Callable[[int], CapturePicture | None]
    more: Callable[[], None]
    complete: Callable[[], bool]


class _Cells(QAbstractListModel):
    def __init__(self, source: GridSource, parent: QWidget) -> None:
        super().__init__(parent)
        self.source = source
        self.count = 0

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self.count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return None
        cell = self.source.cell(index.row())
        return f"{cell.title}  ·  {cell.detail}"

    def canFetchMore(self, parent: Index) -> bool:
        return not self.source.complete()

    def fetchMore(self, parent: Index) -> None:
        self.source.more()

    def take(self, count: int, *, afresh: bool) -> None:
        """Show so many rows; ``afresh`` says that they are other ones."""
        if afresh or count < self.count:
            self.beginResetModel()
            self.count = count
            self.endResetModel()
        elif count > self.count:
            self.beginInsertRows(QModelIndex(), self.count, count - 1)
            self.count = count
            self.endInsertRows()


class _CellDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._theme.px(_WIDTH), self._theme.px(_WIDTH * 3 // 4 + _TEXT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, _Cells) or index.row() >= model.count:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        cell, picture = model.source.cell(index.row()), model.source.picture(index.row())
        rect: QRect = option.rect
        gap = theme.px(_GAP) // 2
        area = QRectF(rect).adjusted(gap, gap, -gap, -gap)
        tone = theme.tone("working")
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(area, QColor(tone.strong) if selected else theme.color("surface"))
        shown = area.adjusted(theme.px(3), theme.px(3), -theme.px(3), -theme.px(_TEXT))
        painter.fillRect(shown, theme.color("tile_ground"))
        if picture is not None:
            height, width = picture.color.shape[:2]
            painter.drawImage(fitted_rect(width, height, shown), over_buffer(picture.color))
        else:
            inner = shown.height() * 0.3
            draw_sign(painter, Sign.PART, shown.adjusted(inner, inner, -inner, -inner), theme.color("tile_text"))
        if cell.sign is not None:
            strong = theme.tone(cell.tone)
            side = theme.px(24)
            corner = QRectF(shown.right() - side, shown.top(), side, side)
            painter.fillRect(corner, QColor(strong.strong))
            draw_sign(painter, cell.sign, corner.adjusted(4, 4, -4, -4), QColor(strong.on_strong))
        ink = QColor(tone.on_strong) if selected else theme.color("text")
        quiet = ink if selected else theme.color("text_muted")
        line = (theme.px(_TEXT) - theme.px(4)) / 2
        for place, (text, color, bold) in enumerate(((cell.title, ink, True), (cell.detail, quiet, False))):
            where = QRectF(area.left() + theme.px(6), shown.bottom() + place * line, area.width() - theme.px(12), line)
            painter.setFont(theme.font(sizes.small, bold=bold))
            painter.setPen(color)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(where.width()))
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), elided)
        if selected:
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRect(area)
        painter.restore()


class CaptureGrid(QListView):
    """Emits ``marked`` with the row that was marked by key or press; keys that mark nothing go on to the page."""

    marked = Signal(int)

    def __init__(self, theme: Theme, source: GridSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells = _Cells(source, self)
        self._version = -1
        self._taking = False
        self.setModel(self._cells)
        self.setItemDelegate(_CellDelegate(theme, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.selectionModel().currentChanged.connect(lambda now, _: self._tell(now))
        theme.changed.connect(self.doItemsLayout)

    def show_rows(self, version: int, count: int, marked: int) -> None:
        """Take how many rows there are; with another ``version`` they are other ones."""
        afresh = version != self._version
        if afresh or count != self._cells.count:
            self._version = version
            self._taking = True
            self._cells.take(count, afresh=afresh)
            self._taking = False
        if marked >= 0 and self.currentIndex().row() != marked:
            self.setCurrentIndex(self._cells.index(marked))

    def show_pictures(self) -> None:
        """Draw the pictures that have come meanwhile."""
        self.viewport().update()

    def step(self, step: int) -> None:
        """Mark the capture ``step`` further on."""
        row = self.currentIndex().row() + step
        if 0 <= row < self._cells.count:
            self.setCurrentIndex(self._cells.index(row))
        if row >= self._cells.count - 1:
            self._cells.source.more()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep the keys that move the mark, pass the others on."""
        if event.key() in (*MOVES, *_ACROSS):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the marked capture in sight."""
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _tell(self, now: QModelIndex) -> None:
        if now.isValid() and not self._taking:
            self.marked.emit(now.row())
