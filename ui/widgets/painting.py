"""Text that is made to fit, key caps and pictures: what several painted widgets draw in the same way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

WRAPPED = Qt.TextFlag.TextWordWrap


def fitted_font(font: QFont, text: str, area: QRect, least_px: int) -> QFont:
    """Return ``font``, made smaller down to ``least_px`` until ``text``, wrapped, fits into ``area``."""
    fitted = QFont(font)
    size = font.pixelSize()
    while size > least_px:
        metrics = QFontMetrics(fitted)
        box = metrics.boundingRect(QRect(0, 0, area.width(), 10_000), WRAPPED, text)
        if box.height() <= area.height() and box.width() <= area.width():
            break
        size -= 1
        fitted.setPixelSize(size)
    return fitted


def wrapped_lines(text: str, font: QFont, width: int, most: int) -> list[str]:
    """Break ``text`` between words into at most ``most`` lines of ``width`` pixels; the last one is elided."""
    metrics = QFontMetrics(font)
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < most - 1:
        line = rest.pop(0)
        # The advance is rounded: what fills the width to the pixel would be elided.
        while rest and metrics.horizontalAdvance(f"{line} {rest[0]}") < width:
            line = f"{line} {rest.pop(0)}"
        lines.append(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width))
    if rest:
        lines.append(metrics.elidedText(" ".join(rest), Qt.TextElideMode.ElideRight, width))
    return lines


def draw_key_cap(
    painter: QPainter, rect: QRectF, text: str, font: QFont, line: QColor, letter: QColor, ground: QColor
) -> None:
    """Draw a key with its name, so that the keyboard's way is always in sight."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1.5))
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, 5, 5)
    painter.setFont(font)
    painter.setPen(letter)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def over_buffer(color: NDArray[np.uint8]) -> QImage:
    """Return a QImage that looks at ``color`` (H, W, 3) RGB without a copy; keep the array while it is drawn."""
    height, width = color.shape[:2]
    return QImage(color.data, width, height, color.strides[0], QImage.Format.Format_RGB888)


def fitted_rect(width: int, height: int, area: QRectF) -> QRectF:
    """Return the largest rectangle of the sides ``width``:``height`` in the middle of ``area``."""
    factor = min(area.width() / max(width, 1), area.height() / max(height, 1))
    size = (width * factor, height * factor)
    return QRectF(area.center().x() - size[0] / 2, area.center().y() - size[1] / 2, size[0], size[1])
