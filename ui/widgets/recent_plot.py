"""One quantity over the last ten minutes: a line per camera, or the machine's two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from ui.presenters.health_view import LineLook, RecentLine, RecentView
from ui.theme import Theme
from ui.widgets.themed_plot import ThemedPlot

_SPAN_MIN = 10.0
_LABEL_ROOM_MIN = {False: 0.45, True: 1.3}
"""Room at the newest end: for a camera's number, or for the name of a line of the machine."""
_LABEL_GAP_MIN = 0.08
"""Between a line's newest figure and its name."""
_ORDER = (LineLook.PLAIN, LineLook.SECOND, LineLook.FIRST, LineLook.WARNS, LineLook.MARKED)
"""What is drawn last lies on top."""


class RecentPlot(ThemedPlot):
    """Draws the lines: the marked one strong, those that warn in the colour of warnings and dashed, each with its name.

    The lines are made once and only take new figures, because that happens every second.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, pg.AxisItem("bottom"), parent)
        self._view: RecentView | None = None
        self._unit = ""
        self._curves: list[Any] = []
        self._marks: list[Any] = []
        # Names keep their distance in pixels.
        self._item.getViewBox().sigResized.connect(lambda *_: self._draw())
        self._restyle()

    @property
    def view(self) -> RecentView | None:
        """What is drawn."""
        return self._view

    def show_view(self, view: RecentView, unit: str) -> None:
        """Take the lines to draw, and the word for minutes that stands at the axis."""
        if view is not self._view or unit != self._unit:
            self._view, self._unit = view, unit
            self._draw()

    def _restyle(self) -> None:
        super()._restyle()
        self._draw()

    def _draw(self) -> None:
        view, item = self._view, self._item
        if view is None:
            return
        for mark in self._marks:
            item.removeItem(mark)
        self._marks = []
        self._fit_curves(len(view.lines))
        room = _LABEL_ROOM_MIN[any(line.look in (LineLook.FIRST, LineLook.SECOND) for line in view.lines)]
        item.setXRange(-_SPAN_MIN, room, padding=0.0)
        item.setYRange(view.low, view.high, padding=0.0)
        # A word of the axis that would be cut off at its end is left out by pyqtgraph: none stands at ten.
        ticks = [(float(-minute), f"−{minute}" if minute else f"0 {self._unit}") for minute in range(0, 10, 2)]
        item.getAxis("bottom").setTicks([ticks])
        if view.note:
            middle = (view.low + view.high) / 2
            self._mark(view.note, -_SPAN_MIN / 2, middle, self._theme.color("text_muted"), (0.5, 0.5))
            return
        if view.limit is not None:
            self._draw_limit(*view.limit)
        for curve, line in zip(self._curves, view.lines, strict=True):
            curve.setPen(self._pen(line.look))
            curve.setZValue(_ORDER.index(line.look))
            curve.setData(view.minutes, line.values)
        self._name_lines(view)

    def _fit_curves(self, count: int) -> None:
        """Have as many curves as lines."""
        while len(self._curves) < count:
            curve = pg.PlotCurveItem(connect="finite")
            self._item.addItem(curve)
            self._curves.append(curve)
        while len(self._curves) > count:
            self._item.removeItem(self._curves.pop())

    def _pen(self, look: LineLook) -> QPen:
        color = self._color(look)
        if look is LineLook.PLAIN:
            color.setAlpha(150)
            return pg.mkPen(color, width=1)
        dashed = look in (LineLook.WARNS, LineLook.SECOND)
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        return pg.mkPen(color, width=self._theme.px(2), style=style)

    def _color(self, look: LineLook) -> QColor:
        theme = self._theme
        if look in (LineLook.MARKED, LineLook.FIRST):
            return QColor(theme.tone("working").strong)
        if look is LineLook.WARNS:
            return QColor(theme.tone("warning").strong)
        return theme.color("text_muted")

    def _draw_limit(self, value: float, text: str) -> None:
        color = QColor(self._theme.tone("error").strong)
        limit = pg.InfiniteLine(value, 0, pen=pg.mkPen(color, width=2, style=Qt.PenStyle.DotLine))
        self._item.addItem(limit, ignoreBounds=True)
        self._marks.append(limit)
        self._mark(text, -_SPAN_MIN, value, color, (0.0, 1.0))

    def _name_lines(self, view: RecentView) -> None:
        """Write the names of all lines that are not plain at their newest figures, none over another."""
        named = [(line, _newest(line)) for line in view.lines if line.look is not LineLook.PLAIN]
        known = sorted(((line, at) for line, at in named if at is not None), key=lambda one: one[1])
        letters = self._theme.px(self._theme.tokens.measures.small + 2)
        apart = letters / max(self._item.getViewBox().height(), 1.0) * (view.high - view.low)
        heights = _spread([at for _, at in known], apart, view.low + apart / 2, view.high - apart / 2)
        for (line, _), height in zip(known, heights, strict=True):
            self._mark(line.label, _LABEL_GAP_MIN, height, self._color(line.look), (0.0, 0.5))

    def _mark(self, text: str, x: float, y: float, color: QColor, anchor: tuple[float, float]) -> None:
        self._marks.append(self._text(text, x, y, color, anchor))


def _spread(heights: list[float], apart: float, lowest: float, highest: float) -> list[float]:
    """Return rising heights moved ``apart`` from each other, up from ``lowest`` first, then down from ``highest``."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart if placed else lowest))
    ceiling = highest
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - apart
    return placed


def _newest(line: RecentLine) -> float | None:
    known = line.values[np.isfinite(line.values)]
    return float(known[-1]) if len(known) else None
