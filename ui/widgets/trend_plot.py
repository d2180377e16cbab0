"""The cameras' distance from their calibrated places over days, with the limit that warns."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.health_view import TrendLine, TrendView
from ui.presenters.wording import Wording
from ui.theme import Theme

_HEADROOM = 1.15
_LEAST_DAYS = 7.0
_DAY_S = 86400.0


class TrendPlot(QWidget):
    """Draws a line per camera: the marked one strong and with its points, those that warn in the colour of warnings.

    Lines that are marked or warn wear their camera's number at the newest day, so that colour is never the only sign.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: TrendView | None = None
        self._words = Wording()
        self._plot = pg.PlotWidget(self, axisItems={"bottom": pg.DateAxisItem(), "left": pg.AxisItem("left")})
        # pyqtgraph forwards much of its interface at run time, which its types do not show.
        self._item: Any = self._plot.getPlotItem()
        item = self._item
        item.setMenuEnabled(False)
        # pyqtgraph makes its menu all the same and leaves it without a parent, so that it would outlive the window.
        item.ctrlMenu.setParent(self, item.ctrlMenu.windowFlags())
        item.hideButtons()
        item.setMouseEnabled(False, False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        theme.changed.connect(self._draw)

    @property
    def view(self) -> TrendView | None:
        """What is drawn."""
        return self._view

    def show_view(self, view: TrendView, words: Wording) -> None:
        """Take the trend to draw."""
        if view != self._view or words != self._words:
            self._view, self._words = view, words
            self._draw()

    def _draw(self) -> None:
        view, theme = self._view, self._theme
        if view is None:
            return
        item = self._item
        item.clear()
        self._plot.setBackground(theme.color("surface"))
        small = theme.font(theme.tokens.measures.small)
        for side in ("left", "bottom"):
            axis: Any = item.getAxis(side)
            axis.setPen(pg.mkPen(theme.color("border")))
            axis.setTextPen(pg.mkPen(theme.color("text")))
            axis.setStyle(tickFont=small)
        item.getAxis("left").enableAutoSIPrefix(False)
        item.showGrid(x=False, y=True, alpha=0.15)
        if view.note:
            item.setXRange(0.0, 1.0)
            item.setYRange(0.0, 1.0)
            self._write(view.note, 0.5, 0.5, theme.color("text_muted"), (0.5, 0.5))
            return
        self._draw_lines(view)

    def _draw_lines(self, view: TrendView) -> None:
        item, theme = self._item, self._theme
        days = [at for line in view.lines for at, _ in line.points]
        first, last = min(days), max(days)
        first = min(first, last - _LEAST_DAYS * _DAY_S)
        room = 0.04 * (last - first)
        item.setXRange(first - room, last + room, padding=0.0)
        top = max([view.limit_mm, *(mm for line in view.lines for _, mm in line.points)])
        item.setYRange(0.0, _HEADROOM * top, padding=0.0)
        warning = QColor(theme.tone("warning").strong)
        limit = pg.InfiniteLine(view.limit_mm, 0, pen=pg.mkPen(warning, width=2, style=Qt.PenStyle.DashLine))
        item.addItem(limit)
        text = self._words.translate("Health", "limit {mm} mm").format(mm=self._words.number(view.limit_mm, 1))
        self._write(text, first - room, view.limit_mm, warning, (0.0, 1.0))
        for line in sorted(view.lines, key=lambda line: (line.role == view.chosen, line.warns)):
            self._draw_line(line, line.role == view.chosen)

    def _draw_line(self, line: TrendLine, marked: bool) -> None:
        theme = self._theme
        tone = "working" if marked else "warning" if line.warns else ""
        color = QColor(theme.tone(tone).strong) if tone else theme.color("text_muted")
        if not tone:
            color.setAlpha(150)
        width = 3.5 if marked else 2.5 if line.warns else 1.2
        across, up = [at for at, _ in line.points], [mm for _, mm in line.points]
        symbol = "o" if marked or len(line.points) == 1 else None
        self._item.plot(
            across,
            up,
            pen=pg.mkPen(color, width=width),
            symbol=symbol,
            symbolSize=theme.px(7),
            symbolBrush=color,
            symbolPen=None,
        )
        if tone:
            self._write(line.label, across[-1], up[-1], color, (-0.15, 0.5))

    def _write(self, text: str, x: float, y: float, color: QColor, anchor: tuple[float, float]) -> None:
        item = pg.TextItem(text, color=color, anchor=anchor)
        item.setFont(self._theme.font(self._theme.tokens.measures.small, bold=True))
        item.setPos(x, y)
        self._item.addItem(item)
