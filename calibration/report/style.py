"""Colours, type and tables of the printed report: one calm set for all of its pages."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Rect
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Table

INK = HexColor("#1c2733")
QUIET = HexColor("#64748b")
LINE = HexColor("#d5dce4")
PALE = HexColor("#f3f6f9")
BLUE = HexColor("#1d5fa8")
AMBER = HexColor("#b45309")
GREEN = HexColor("#1f7a4d")
RED = HexColor("#c22f2f")

MARGIN = 18 * mm
WIDTH = float(A4[0]) - 2 * MARGIN
"""Width of what is printed, points."""

TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=20, leading=24, textColor=INK)
HEADING = ParagraphStyle(
    "heading", fontName="Helvetica-Bold", fontSize=12.5, leading=16, textColor=INK, spaceBefore=14, spaceAfter=5
)
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12.5, textColor=INK, spaceAfter=3)
NOTE = ParagraphStyle("note", parent=BODY, fontSize=8, leading=10.5, spaceBefore=3, textColor=QUIET)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=8, leading=10, spaceAfter=0)


def text(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Return words as a paragraph; nothing in them is taken for markup."""
    return Paragraph(escape(words), style)


def table(
    head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float | None] | None = None, words: int = 1
) -> Table:
    """Return a ruled table; the first ``words`` columns are set left, all others right; its head is repeated."""
    # The empty columns of `None` share what is left of the page.
    made = Table([list(head), *(list(row) for row in rows)], colWidths=widths, repeatRows=1, hAlign="LEFT")
    made.setStyle(
        [
            ("FONT", (0, 0), (-1, -1), "Helvetica", 8, 10),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8, 10),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("TEXTCOLOR", (0, 0), (-1, 0), QUIET),
            ("ALIGN", (words, 0), (-1, -1), "RIGHT"),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, QUIET),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 2.6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    return made


def blend(share: float) -> Color:
    """Return white for 0 to blue for 1."""
    share = min(1.0, max(0.0, share))
    return Color(*(1.0 + share * (channel - 1.0) for channel in (BLUE.red, BLUE.green, BLUE.blue)))


def box(
    x: float, y: float, width: float, height: float, fill: Color | None, line: Color | None, thickness: float = 0.5
) -> Rect:
    """Return a rectangle with its lower left corner at (x, y), points."""
    made = Rect(x, y, width, height)
    # Not as keywords of its making: the published types of reportlab know none of them.
    made.setProperties({"fillColor": fill, "strokeColor": line, "strokeWidth": thickness})
    return made
