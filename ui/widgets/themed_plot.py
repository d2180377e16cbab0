"""A plot in the theme's colours, without pyqtgraph's own buttons and menus."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import Theme


class ThemedPlot(QWidget):
    """Holds one pyqtgraph plot with an axis at its left and ``bottom``; whoever inherits draws into ``_item``."""

    def __init__(self, theme: Theme, bottom: pg.AxisItem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plot = pg.PlotWidget(self, axisItems={"bottom": bottom, "left": pg.AxisItem("left")})
        # pyqtgraph forwards much of its interface at run time, which its types do not show.
        self._item: Any = self._plot.getPlotItem()
        item = self._item
        item.setMenuEnabled(False)
        # pyqtgraph makes its menu all the same and leaves it without a parent, so that it would outlive the window.
        item.ctrlMenu.setParent(self, item.ctrlMenu.windowFlags())
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.getAxis("left").enableAutoSIPrefix(False)
        item.showGrid(x=False, y=True, alpha=0.15)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        # Its own least height would push the page's other parts aside.
        self._plot.setMinimumHeight(1)
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        """Take colours and letters of the theme in force."""
        theme = self._theme
        self._plot.setBackground(theme.color("surface"))
        for side in ("left", "bottom"):
            axis: Any = self._item.getAxis(side)
            axis.setPen(pg.mkPen(theme.color("border")))
            axis.setTextPen(pg.mkPen(theme.color("text")))
            axis.setStyle(tickFont=theme.font(theme.tokens.measures.small))

    def _text(self, text: str, x: float, y: float, color: QColor, anchor: tuple[float, float]) -> pg.TextItem:
        """Write at a place of the axes; ``anchor`` is the text's own point that comes to lie there."""
        item = pg.TextItem(text, color=color, anchor=anchor)
        item.setFont(self._theme.font(self._theme.tokens.measures.small, bold=True))
        item.setPos(x, y)
        self._item.addItem(item, ignoreBounds=True)
        return item
