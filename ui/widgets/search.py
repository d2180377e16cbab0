"""The search for the right part: one line to type in, one list to choose from; made for keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui.presenters.keys import KeyKind, KeyReader
from ui.presenters.operator_view import FoundPart, Sign
from ui.theme import Theme
from ui.widgets.painting import fitted_rect
from ui.widgets.signs import draw_sign

Index = QModelIndex | QPersistentModelIndex
Find = Callable[[str], tuple[FoundPart, ...]]
Picture = Callable[[str], QImage | None]


class FoundParts(QAbstractListModel):
    """The results as Qt's model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[FoundPart, ...] = ()

    def take(self, found: tuple[FoundPart, ...]) -> None:
        """Replace all results."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def part(self, row: int) -> FoundPart | None:
        """Return the result in ``row``, or ``None`` beyond the last."""
        return self._found[row] if 0 <= row < len(self._found) else None

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many results there are."""
        return len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the line as plain text, for screen readers."""
        part = self.part(index.row())
        if part is None or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return f"{part.number} {part.name}"


class FoundPartDelegate(QStyledItemDelegate):
    """Paints one result: picture, number, name and tags."""

    def __init__(self, theme: Theme, picture: Picture, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = picture

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row that a glove can press."""
        return QSize(self._theme.px(200), self._theme.px(58))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row."""
        model = index.model()
        part = model.part(index.row()) if isinstance(model, FoundParts) else None
        if part is None:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        row: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        tone = theme.tone("working")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if selected:
            painter.fillRect(row, QColor(tone.strong))
        ink = QColor(tone.on_strong) if selected else theme.color("text")
        side = row.height() - theme.px(8)
        box = QRectF(row.left() + theme.px(8), row.top() + theme.px(4), side * 1.3, side)
        image = self._picture(part.class_id)
        if image is not None:
            painter.fillRect(box, image.pixelColor(0, 0))
            painter.drawImage(fitted_rect(image.width(), image.height(), box), image)
        else:
            inner = box.height() * 0.2
            draw_sign(painter, Sign.PART, box.adjusted(inner, inner, -inner, -inner), ink)
        left = round(box.right()) + theme.px(14)
        width = row.right() - left - theme.px(10)
        half = row.height() // 2
        painter.setPen(ink)
        painter.setFont(theme.font(sizes.body, bold=True))
        self._line(painter, QRect(left, row.top() + theme.px(3), width, half), part.name)
        painter.setFont(theme.font(sizes.small))
        painter.setPen(ink if selected else theme.color("text_muted"))
        below = QRect(left, row.top() + half - theme.px(2), width, half)
        self._line(painter, below, f"{part.number}  ·  {part.tags}" if part.tags else part.number)
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, where: QRect, text: str) -> None:
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), elided)


class SearchPanel(QWidget):
    """Emits ``chosen`` with a class id, ``scanned`` with a bar code that came while it was open, or ``closed``."""

    chosen = Signal(str)
    scanned = Signal(str)
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        find: Find,
        picture: Picture,
        clock: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._find = find
        self._clock = clock
        self._keys = KeyReader()
        self._found = FoundParts(self)
        self._line = QLineEdit(self)
        self._line.textChanged.connect(self._search)
        self._line.installEventFilter(self)
        self._close = QPushButton(self)
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.closed)
        self._list = QListView(self)
        self._list.setModel(self._found)
        self._list.setItemDelegate(FoundPartDelegate(theme, picture, self))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.clicked.connect(self._choose_row)
        top = QHBoxLayout()
        top.addWidget(self._line, 1)
        top.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self._list, 1)
        theme.changed.connect(self._list.doItemsLayout)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._line.setPlaceholderText(self.tr("Name, number or tag"))
        self._close.setText(self.tr("Esc  Close"))

    def open_with(self, text: str) -> None:
        """Begin a new search with ``text`` typed already."""
        self._line.setText(text)
        self._search(text)
        self._line.setFocus()
        self._line.end(False)

    def choose_marked(self) -> None:
        """Answer with the marked result."""
        self._choose_row(self._list.currentIndex())

    @property
    def found(self) -> FoundParts:
        """The results that are shown."""
        return self._found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys, Enter and Escape work on the list while the line keeps the focus."""
        if watched is not self._line or not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._keys = KeyReader()
            step = -1 if key == Qt.Key.Key_Up else 1
            row = min(max(self._list.currentIndex().row() + step, 0), self._found.rowCount() - 1)
            self._list.setCurrentIndex(self._found.index(row))
        else:
            if event.text().isprintable() and event.text():
                self._keys.character(event.text(), self._clock())
            return super().eventFilter(watched, event)
        return True

    def _enter(self) -> None:
        """Answer with the marked part; a scanned code must not take what merely begins like it."""
        code = next((typed.text for typed in self._keys.enter(self._clock()) if typed.kind is KeyKind.CODE), "")
        if code:
            self.scanned.emit(code)
        else:
            self.choose_marked()

    def _search(self, text: str) -> None:
        self._found.take(self._find(text))
        self._list.setCurrentIndex(self._found.index(0))

    def _choose_row(self, index: Index) -> None:
        part = self._found.part(index.row())
        if part is not None:
            self.chosen.emit(part.class_id)
