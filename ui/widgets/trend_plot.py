"""The cameras' distance from their calibrated places over days, with the limit that warns."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from ui.presenters.health_view import TrendLine, TrendView
from ui.presenters.wording import Wording
from ui.theme import Theme
from ui.widgets.themed_plot import ThemedPlot

_HEADROOM = 1.15
_LEAST_DAYS = 7.0
_DAY_S = 86400.0


class TrendPlot(ThemedPlot):
    """Draws a line per camera: the marked one strong and with its points, those that warn in the colour of warnings.

    Lines that are marked or warn wear their camera's number at the newest day, so that colour is never the only sign.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, pg.DateAxisItem(), parent)
        self._view: TrendView | None = None
        self._words = Wording()
        self._restyle()

    @property
    def view(self) -> TrendView | None:
        """What is drawn."""
        return self._view

    def show_view(self, view: TrendView, words: Wording) -> None:
        """Take the trend to draw."""
        if view != self._view or words != self._words:
            self._view, self._words = view, words
            self._restyle()

    def _restyle(self) -> None:
        super()._restyle()
        view = self._view
        if view is None:
            return
        self._item.clear()
        if view.note:
            self._item.setXRange(0.0, 1.0)
            self._item.setYRange(0.0, 1.0)
            self._text(view.note, 0.5, 0.5, self._theme.color("text_muted"), (0.5, 0.5))
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
        self._text(text, first - room, view.limit_mm, warning, (0.0, 1.0))
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
            self._text(line.label, across[-1], up[-1], color, (-0.15, 0.5))
