"""One of the worst views on paper: its picture, the corners found and expected, and the errors as magnified arrows."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io

import numpy as np
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, String
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from calibration.report.schema import WorstView
from calibration.report.style import AMBER, GREEN, INK, LINE, PALE, QUIET, RED, box
from station.geometry import Array

_TEXT = 22.0
_MAGNIFICATIONS = (1, 2, 5, 10, 20, 50, 100, 200)
_ARROW = 0.05
"""A usual error's arrow is about so long, as a share of the drawing's width."""

_LONGEST = 0.25
"""No arrow is longer than this share of the drawing's width; one that would be is drawn red."""


class ResidualPicture(Flowable):
    """The picture of a view with green circles where corners were found and arrows to where the rig expects them."""

    def __init__(self, view: WorstView, picture: bytes | None, width: float, tallest: float) -> None:
        super().__init__()
        self._view = view
        self._picture = picture
        x, y, region_width, region_height = view.region
        self._scale = min(width / region_width, tallest / region_height)
        self._size = region_width * self._scale, region_height * self._scale
        self._origin = x, y
        self.width, self.height = width, self._size[1] + _TEXT

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the drawing's size, whatever room there is."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw onto the page that reportlab has begun."""
        canvas: Canvas = self.canv
        width, height = self._size
        if self._picture is None:
            canvas.setFillColor(PALE)
            canvas.rect(0, _TEXT, width, height, stroke=0, fill=1)
        else:
            canvas.drawImage(ImageReader(io.BytesIO(self._picture)), 0, _TEXT, width, height)
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(0, _TEXT, width, height)
        canvas.clipPath(clip, stroke=0, fill=0)
        drawing, magnification = self._corners()
        drawing.drawOn(canvas, 0, _TEXT)
        canvas.restoreState()
        canvas.setFillColor(INK)
        canvas.setFont("Helvetica-Bold", 8)
        canvas.drawString(0, 12, f"{self._view.placement}, {self._view.role}")
        canvas.setFont("Helvetica", 7)
        canvas.setFillColor(QUIET)
        canvas.drawString(0, 3, f"{self._view.rms_px:.2f} px RMS of the corners used, arrows × {magnification}")

    def _corners(self) -> tuple[Drawing, int]:
        found, expected = (self._on_paper(points) for points in (self._view.detected, self._view.expected))
        errors = expected - found
        lengths = np.linalg.norm(errors, axis=1)
        usual = float(np.median(lengths))
        width = self._size[0]
        magnification = max((m for m in _MAGNIFICATIONS if m * usual <= _ARROW * width), default=_MAGNIFICATIONS[0])
        drawing = Drawing(*self._size)
        for place, error, length in zip(found, errors, lengths, strict=True):
            drawn = min(magnification * float(length), _LONGEST * width)
            cut_short = drawn < magnification * float(length)
            tip = place + error / max(float(length), 1e-9) * drawn
            x, y = place.tolist()
            drawing.add(Circle(x, y, 1.6, fillColor=None, strokeColor=GREEN, strokeWidth=0.8))
            drawing.add(_arrow(place, tip, red=cut_short))
        drawing.add(box(0, 0, *self._size, None, LINE))
        return drawing, magnification

    def _on_paper(self, points: tuple[tuple[float, float], ...]) -> Array:
        """Return pixels as points of the drawing, y upwards; a pixel's centre lies half a pixel from its edge."""
        pixels = np.array(points, dtype=np.float64).reshape(-1, 2) - self._origin + 0.5
        pixels[:, 1] = self._view.region[3] - pixels[:, 1]
        return pixels * self._scale


def _arrow(start: Array, tip: Array, red: bool) -> Group:
    colour = RED if red else AMBER
    along = tip - start
    length = float(np.linalg.norm(along))
    group = Group(Line(*start.tolist(), *tip.tolist(), strokeColor=colour, strokeWidth=0.8))
    if length > 1.5:
        back = along / length * min(2.5, length / 2)
        side = np.array([-back[1], back[0]]) * 0.5
        for barb in (tip - back + side, tip - back - side):
            group.add(Line(*tip.tolist(), *barb.tolist(), strokeColor=colour, strokeWidth=0.8))
    return group


def legend(width: float) -> Drawing:
    """Return the line that says what the marks mean."""
    drawing = Drawing(width, 12)
    drawing.add(Circle(4, 5, 1.8, fillColor=None, strokeColor=GREEN, strokeWidth=0.9))
    drawing.add(String(10, 2.5, "corner as found", fontSize=7, fillColor=INK))
    drawing.add(_arrow(np.array([80.0, 5.0]), np.array([94.0, 5.0]), red=False))
    drawing.add(String(98, 2.5, "to where the rig expects it, magnified", fontSize=7, fillColor=INK))
    drawing.add(_arrow(np.array([240.0, 5.0]), np.array([254.0, 5.0]), red=True))
    drawing.add(String(258, 2.5, "cut short", fontSize=7, fillColor=INK))
    return drawing
