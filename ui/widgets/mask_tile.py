"""One small view of a look at a part: its picture with the outline, and a mark where a gate finds it wanting."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from station.frames import MaskImage
from ui.theme import Theme
from ui.widgets.painting import fitted_rect
from ui.widgets.tile import CameraTile

_OUTLINE_PX = 320
"""Masks are made smaller to so many pixels before their outline is followed: a tile shows no more."""


class MaskTile(CameraTile):
    """A camera's tile with a mask drawn over the picture; ``masks_shown`` switches it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._outlines: tuple[NDArray[np.float64], ...] = ()
        self._shape: tuple[int, int] = (1, 1)
        self._of: object = None
        self._faulty = False
        self.masks_shown = True

    def show_mask(self, mask: MaskImage | None, of: object) -> None:
        """Take the mask (H, W) of the picture that is shown; its outline is followed when ``of`` is another one."""
        if of != self._of:
            self._of = of
            self._outlines = () if mask is None else outlines(mask)
            self._shape = (1, 1) if mask is None else (mask.shape[1], mask.shape[0])
            self.update()

    def mark_faulty(self, faulty: bool) -> None:
        """Mark the view as one that a gate finds wanting."""
        if faulty != self._faulty:
            self._faulty = faulty
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the view, then outline and mark."""
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect())
            if self.masks_shown and self._outlines:
                where = fitted_rect(*self._shape, area)
                factor = where.width() / self._shape[0]
                for outline in self._outlines:
                    polygon = QPolygonF(
                        [QPointF(where.left() + x * factor, where.top() + y * factor) for x, y in outline.tolist()]
                    )
                    for pen in (QPen(QColor(0, 0, 0, 170), 3.5), QPen(QColor("#4dff88"), 1.8)):
                        painter.setPen(pen)
                        painter.drawPolygon(polygon)
            if self._faulty:
                painter.setPen(QPen(QColor(self._theme.tone("warning").strong), 5))
                painter.drawRect(area.adjusted(2.5, 2.5, -2.5, -2.5))


def outlines(mask: MaskImage) -> tuple[NDArray[np.float64], ...]:
    """Return the outlines of a mask (H, W), each (N, 2) in pixels x, y of the mask."""
    factor = max(1, round(mask.shape[1] / _OUTLINE_PX))
    small = np.ascontiguousarray(mask[::factor, ::factor])
    found, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return tuple(one[:, 0].astype(np.float64) * factor for one in found if len(one) > 2)
