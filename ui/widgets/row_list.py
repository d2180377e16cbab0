"""A list of rows of two lines each, large enough for gloves; keys it does not need go on to the page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.presenters.operator_view import Sign
from ui.theme import Theme
from ui.widgets.signs import draw_sign

Index = QModelIndex | QPersistentModelIndex
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
"""How far a line's arrow keys move the mark of the list below it."""
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``key`` names what it stands for, ``struck`` crosses it out, ``sign`` stands before it."""

    key: str
    title: str
    detail: str
    sign: Sign | None = None
    struck: bool = False


class Rows(QAbstractListModel):
    """Holds the rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row's text for those who cannot see it."""
        row = self.rows[index.row()]
        spoken = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        return f"{row.title}  ·  {row.detail}" if role in spoken else None


class RowDelegate(QStyledItemDelegate):
    """Paints one row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a target."""
        sizes = self._theme.tokens.measures
        return QSize(self._theme.px(120), max(sizes.target_least, self._theme.px(50)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint sign, title and detail."""
        model = index.model()
        assert isinstance(model, Rows)
        row = model.rows[index.row()]
        theme, sizes = self._theme, self._theme.tokens.measures
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        tone = theme.tone("working")
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ink = QColor(tone.on_strong) if selected else theme.color("text")
        quiet = ink if selected else theme.color("text_muted")
        painter.save()
        if selected:
            painter.fillRect(rect, QColor(tone.strong))
        left = rect.left() + theme.px(10)
        if row.sign is not None:
            side = theme.px(20)
            draw_sign(painter, row.sign, QRect(left, rect.center().y() - side // 2, side, side).toRectF(), ink)
            left += side + theme.px(8)
        width, half = rect.right() - left - theme.px(8), rect.height() // 2
        font = theme.font(sizes.body - 1, bold=True)
        font.setStrikeOut(row.struck)
        for font_, color, top, text in (
            (font, ink, rect.top() + theme.px(3), row.title),
            (theme.font(sizes.small), quiet, rect.top() + half - theme.px(2), row.detail),
        ):
            painter.setFont(font_)
            painter.setPen(color)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRect(left, top, width, half), int(Qt.AlignmentFlag.AlignVCenter), elided)
        painter.restore()


class RowList(QListView):
    """Shows rows and keeps the marked one marked while others come and go; the mark on the first one stays there.

    ``marked`` is emitted by a press.
    """

    marked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = Rows(self)
        self.setModel(self._model)
        self.setItemDelegate(RowDelegate(theme, self))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(lambda index: self.marked.emit(self._model.rows[index.row()].key))
        theme.changed.connect(self.doItemsLayout)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are shown."""
        return self._model.rows

    @property
    def key(self) -> str | None:
        """Key of the marked row."""
        row = self.currentIndex().row()
        return self._model.rows[row].key if 0 <= row < len(self._model.rows) else None

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Take the rows; the first is marked where the marked one is gone, or where the first was marked before."""
        if rows == self._model.rows:
            return
        key = self.key if self.currentIndex().row() > 0 else None
        self._model.beginResetModel()
        self._model.rows = rows
        self._model.endResetModel()
        keys = [row.key for row in rows]
        if rows:
            self.setCurrentIndex(self._model.index(keys.index(key) if key in keys else 0))

    def step(self, step: int) -> None:
        """Mark the row ``step`` further down."""
        row = min(max(self.currentIndex().row() + step, 0), len(self._model.rows) - 1)
        if row >= 0:
            self.setCurrentIndex(self._model.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep the keys that move the mark, pass the others on."""
        if event.key() in MOVES:
            super().keyPressEvent(event)
        else:
            event.ignore()
