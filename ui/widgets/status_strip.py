"""The strip at the window's foot: cameras, scale, model, calibration and journal at a glance."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui.presenters.operator_view import Sign, StatusCell, StatusTone
from ui.theme import Theme
from ui.widgets.signs import draw_sign

_SIGNS = {
    StatusTone.OK: Sign.CHECK,
    StatusTone.BUSY: Sign.BUSY,
    StatusTone.WARNING: Sign.WARNING,
    StatusTone.ERROR: Sign.CROSS,
    StatusTone.OFF: Sign.DASH,
}


class StatusItem(QWidget):
    """Paints one cell: sign, title and state."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cell: StatusCell | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    @property
    def cell(self) -> StatusCell | None:
        """The cell that is shown."""
        return self._cell

    def show_cell(self, cell: StatusCell) -> None:
        """Take the cell to draw."""
        if cell != self._cell:
            self._cell = cell
            self.setToolTip(cell.explanation or f"{cell.title}: {cell.text}")
            self.setAccessibleName(f"{cell.title}: {cell.text}")
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(150), self._theme.px(44))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        cell = self._cell
        if cell is None:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        with QPainter(self) as painter:
            side = theme.px(22)
            left = theme.px(8)
            color = QColor(theme.tone(cell.tone).strong)
            draw_sign(painter, _SIGNS[cell.tone], QRectF(left, (self.height() - side) / 2, side, side), color)
            start = left + side + theme.px(9)
            width = self.width() - start - theme.px(4)
            elide = Qt.TextElideMode.ElideRight
            painter.setFont(theme.font(sizes.small - 2))
            painter.setPen(theme.color("text_muted"))
            title = painter.fontMetrics().elidedText(cell.title, elide, width)
            painter.drawText(QRectF(start, theme.px(4), width, theme.px(16)), int(Qt.AlignmentFlag.AlignVCenter), title)
            painter.setFont(theme.font(sizes.small, bold=cell.tone in (StatusTone.WARNING, StatusTone.ERROR)))
            painter.setPen(theme.color("text"))
            text = painter.fontMetrics().elidedText(cell.text, elide, width)
            painter.drawText(QRectF(start, theme.px(20), width, theme.px(20)), int(Qt.AlignmentFlag.AlignVCenter), text)


class StatusStrip(QFrame):
    """A row of cells; cells that come or go are added or hidden in place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._theme = theme
        self._items: dict[str, StatusItem] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 2, 8, 2)
        self._row.setSpacing(4)

    def item(self, key: str) -> StatusItem:
        """Return the cell with this key; raises KeyError before it was shown."""
        return self._items[key]

    def show_cells(self, cells: tuple[StatusCell, ...]) -> None:
        """Take all cells to draw."""
        for cell in cells:
            if cell.key not in self._items:
                self._items[cell.key] = StatusItem(self._theme, self)
                self._row.addWidget(self._items[cell.key])
            self._items[cell.key].show_cell(cell)
