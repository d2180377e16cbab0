"""The drawn signs of the interface, so that no sign depends on a font or on colour alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ui.presenters.operator_view import Sign

Draw = Callable[[QPainterPath], None]


def draw_sign(painter: QPainter, sign: Sign, rect: QRectF, color: QColor) -> None:
    """Draw ``sign`` with lines into the largest square in the middle of ``rect``."""
    side = min(rect.width(), rect.height())
    path = QPainterPath()
    _PATHS[sign](path)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 24, side / 24)
    painter.setPen(QPen(color, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


def _line(path: QPainterPath, *points: tuple[float, float]) -> None:
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)


def _dot(path: QPainterPath, x: float, y: float) -> None:
    path.addEllipse(QPointF(x, y), 0.4, 0.4)


def _check(path: QPainterPath) -> None:
    _line(path, (4, 13), (9.5, 18.5), (20, 6))


def _cross(path: QPainterPath) -> None:
    _line(path, (6, 6), (18, 18))
    _line(path, (18, 6), (6, 18))


def _dash(path: QPainterPath) -> None:
    _line(path, (6, 12), (18, 12))


def _unlike(path: QPainterPath) -> None:
    _line(path, (4, 9), (20, 9))
    _line(path, (4, 15.5), (20, 15.5))
    _line(path, (16.5, 4), (7.5, 20.5))


def _question(path: QPainterPath) -> None:
    path.moveTo(6.5, 8)
    path.cubicTo(6.5, 0.8, 17.5, 0.8, 17.5, 8)
    path.cubicTo(17.5, 12.2, 12, 11.8, 12, 16)
    _dot(path, 12, 20.8)


def _warning(path: QPainterPath) -> None:
    path.addPolygon(QPolygonF([QPointF(12, 3), QPointF(22, 20.5), QPointF(2, 20.5), QPointF(12, 3)]))
    _line(path, (12, 9.5), (12, 14.2))
    _dot(path, 12, 17.3)


def _info(path: QPainterPath) -> None:
    path.addEllipse(QRectF(2, 2, 20, 20))
    _line(path, (12, 11), (12, 17))
    _dot(path, 12, 7.2)


def _busy(path: QPainterPath) -> None:
    path.addEllipse(QRectF(2, 2, 20, 20))
    _line(path, (12, 6.5), (12, 12), (16, 14))


def _plate(path: QPainterPath) -> None:
    path.addPolygon(QPolygonF([QPointF(5, 14), QPointF(19, 14), QPointF(22, 20), QPointF(2, 20), QPointF(5, 14)]))
    _line(path, (12, 2.5), (12, 10))
    _line(path, (8.5, 7), (12, 10.4), (15.5, 7))


def _part(path: QPainterPath) -> None:
    path.addPolygon(
        QPolygonF([QPointF(x, y) for x, y in ((12, 2.5), (20.5, 7), (20.5, 17), (12, 21.5), (3.5, 17), (3.5, 7))])
    )
    path.closeSubpath()
    _line(path, (3.5, 7), (12, 11.5), (20.5, 7))
    _line(path, (12, 11.5), (12, 21.5))


def _several(path: QPainterPath) -> None:
    path.addRoundedRect(QRectF(2.5, 10, 9, 10), 1.5, 1.5)
    path.addRoundedRect(QRectF(12.5, 4, 9, 10), 1.5, 1.5)


def _camera(path: QPainterPath) -> None:
    path.addRoundedRect(QRectF(2.5, 7, 19, 12.5), 2, 2)
    path.addEllipse(QPointF(12, 13.2), 3.4, 3.4)
    _line(path, (8, 7), (9.5, 4.5), (14.5, 4.5), (16, 7))


def _board(path: QPainterPath) -> None:
    path.addPolygon(QPolygonF([QPointF(4, 7), QPointF(20, 4), QPointF(20, 17), QPointF(4, 20), QPointF(4, 7)]))
    _line(path, (9.3, 6), (9.3, 19))
    _line(path, (14.7, 5), (14.7, 18))
    _line(path, (4, 13.5), (20, 10.5))


def _camera_off(path: QPainterPath) -> None:
    _camera(path)
    _line(path, (3, 2.5), (21.5, 22))


def _no_depth(path: QPainterPath) -> None:
    _line(path, (3, 8), (12, 3.5), (21, 8), (12, 12.5), (3, 8))
    _line(path, (3, 13), (12, 17.5), (21, 13))
    _line(path, (3, 3), (21, 21))


_PATHS: dict[Sign, Draw] = {
    Sign.CHECK: _check,
    Sign.CROSS: _cross,
    Sign.DASH: _dash,
    Sign.QUESTION: _question,
    Sign.WARNING: _warning,
    Sign.INFO: _info,
    Sign.BOARD: _board,
    Sign.CAMERA: _camera,
    Sign.BUSY: _busy,
    Sign.PLATE: _plate,
    Sign.PART: _part,
    Sign.SEVERAL: _several,
    Sign.CAMERA_OFF: _camera_off,
    Sign.NO_DEPTH: _no_depth,
    Sign.UNLIKE: _unlike,
}
