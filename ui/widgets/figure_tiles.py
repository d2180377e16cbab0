"""The station's figures in a row of small tiles: a title, a few words, and a sign where something is wrong."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.presenters.health_view import FigureTile
from ui.presenters.operator_view import Sign, Tone
from ui.theme import Theme
from ui.widgets.signs import draw_sign

_SIGNS = {Tone.GOOD: Sign.CHECK, Tone.WORKING: Sign.BUSY, Tone.WARNING: Sign.WARNING, Tone.ERROR: Sign.CROSS}
_HEIGHT = 48
_WIDTH = 120


class FigureItem(QWidget):
    """Paints one tile."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tile: FigureTile | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def show_tile(self, tile: FigureTile) -> None:
        """Take the tile to draw."""
        if tile != self._tile:
            self._tile = tile
            said = f"{tile.title}: {tile.text}"
            self.setToolTip(f"{said}\n{tile.explanation}".strip())
            self.setAccessibleName(said)
            self.setAccessibleDescription(tile.explanation)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(_WIDTH), self._theme.px(_HEIGHT))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        tile = self._tile
        if tile is None:
            return
        theme, sizes = self._theme, self._theme.tokens.measures
        tone = theme.tone(tile.tone)
        alarm = tile.tone in (Tone.WARNING, Tone.ERROR)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tone.strong) if alarm else theme.color("border"), sizes.line))
            painter.setBrush(QColor(tone.soft) if alarm else theme.color("surface"))
            inset = sizes.line / 2
            radius = theme.px(sizes.radius)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)
            left = theme.px(10)
            sign = _SIGNS.get(tile.tone)
            if sign is not None:
                side = theme.px(20)
                box = QRectF(left, (self.height() - side) / 2, side, side)
                draw_sign(painter, sign, box, QColor(tone.strong))
                left += side + theme.px(7)
            width = self.width() - left - theme.px(6)
            middle = int(Qt.AlignmentFlag.AlignVCenter)
            elide = Qt.TextElideMode.ElideRight
            painter.setFont(theme.font(sizes.small - 2))
            painter.setPen(theme.color("text_muted"))
            title = painter.fontMetrics().elidedText(tile.title, elide, width)
            painter.drawText(QRectF(left, theme.px(5), width, theme.px(16)), middle, title)
            painter.setFont(theme.font(sizes.small, bold=True))
            painter.setPen(theme.color("text"))
            text = painter.fontMetrics().elidedText(tile.text, elide, width)
            painter.drawText(QRectF(left, theme.px(22), width, theme.px(20)), middle, text)


class FigureTiles(QWidget):
    """A row of tiles; each is made when it first comes and stays in its place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: dict[str, FigureItem] = {}
        self._tiles: tuple[FigureTile, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    @property
    def tiles(self) -> tuple[FigureTile, ...]:
        """The tiles that are shown."""
        return self._tiles

    def show_tiles(self, tiles: tuple[FigureTile, ...]) -> None:
        """Take all tiles to draw."""
        self._tiles = tiles
        for tile in tiles:
            if tile.key not in self._items:
                self._items[tile.key] = FigureItem(self._theme, self)
                self._row.addWidget(self._items[tile.key], tile.share)
            self._items[tile.key].show_tile(tile)
