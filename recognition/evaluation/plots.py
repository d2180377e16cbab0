"""Plots as inline SVG: no scripts, colours from the page's style sheet, so that they are legible on light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 620.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 26.0, 12.0, 62.0


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis from ``low`` to ``high``; ``ticks`` are values with their texts."""

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A point, with the ends of its interval where it has one, and what is shown when the mouse is on it.

    ``radius`` is that of its dot in pixels.
    """

    x: float
    y: float
    low: float = math.nan
    high: float = math.nan
    said: str = ""
    radius: float = 4.0


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one meaning; ``color`` is the number of a colour of the style sheet, from 1."""

    label: str
    color: int
    points: tuple[Point, ...]
    line: bool = True
    dots: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix; ``share`` of its row from 0 to 1."""

    row: int
    column: int
    share: float
    said: str


def percent_axis(label: str, low: float = 0.0, high: float = 1.0) -> Axis:
    """Return an axis of shares with four to six round ticks."""
    span = max(high - low, 1e-9)
    step = next(s for s in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if span / s <= 6.0 or s == 0.2)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = 1 if step < 0.01 else 0
    ticks = tuple((k * step, f"{100 * k * step:.{digits}f} %") for k in range(first, last + 1))
    return Axis(label, ticks[0][0], ticks[-1][0], ticks)


def low_end(series: Sequence[Series]) -> float:
    """Return where an axis of shares may begin so that every interval can be seen."""
    values = [v for one in series for p in one.points for v in (p.y, p.low) if not math.isnan(v)]
    return max(0.0, min(values, default=0.0) - 0.01)


def chart(title: str, x: Axis, y: Axis, series: Sequence[Series], diagonal: bool = False) -> str:
    """Return a plot as SVG; ``title`` is read out to those who do not see it."""

    def px(value: float) -> float:
        return _LEFT + (value - x.low) / max(x.high - x.low, 1e-12) * (_WIDTH - _LEFT - _RIGHT)

    def py(value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - y.low) / max(y.high - y.low, 1e-12) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_open(_WIDTH, _HEIGHT, title)]
    for value, text in y.ticks:
        parts.append(f'<path class="grid" d="M{_LEFT} {py(value):.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(_text(_LEFT - 7, py(value) + 4, text, "end"))
    for value, text in x.ticks:
        parts.append(f'<path class="tick" d="M{px(value):.1f} {_HEIGHT - _BOTTOM}v5"/>')
        parts.append(_text(px(value), _HEIGHT - _BOTTOM + 18, text, "middle"))
    parts.append(f'<path class="axis" d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}"/>')
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - _BOTTOM + 36, x.label, "middle"))
    parts.append(
        f'<text transform="translate(13 {(_TOP + _HEIGHT - _BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y.label)}</text>"
    )
    if diagonal:
        low, high = max(x.low, y.low), min(x.high, y.high)
        parts.append(f'<path class="ideal" d="M{px(low):.1f} {py(low):.1f}L{px(high):.1f} {py(high):.1f}"/>')
    for one in series:
        shown = [p for p in one.points if not (math.isnan(p.x) or math.isnan(p.y))]
        if one.line and len(shown) > 1:
            way = "L".join(f"{px(p.x):.1f} {py(p.y):.1f}" for p in shown)
            parts.append(f'<path class="line c{one.color}" d="M{way}"/>')
        for p in shown if one.dots else ():
            whisker = ""
            if not math.isnan(p.low):
                whisker = f'<path class="line thin c{one.color}" d="M{px(p.x):.1f} {py(p.low):.1f}V{py(p.high):.1f}"/>'
            parts.append(
                f"<g>{_said(p.said)}{whisker}"
                f'<circle class="dot f{one.color}" cx="{px(p.x):.1f}" cy="{py(p.y):.1f}" r="{p.radius:.1f}"/></g>'
            )
    parts.append(_legend(series))
    return "".join([*parts, "</svg>"])


def matrix(title: str, names: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return a square matrix: truths downwards, answers to the right; names are written where there is room."""
    count = len(names)
    edge = min(24.0, max(4.0, 900.0 / max(1, count)))
    named = count <= 40
    left = 190.0 if named else 26.0
    size = left + edge * count + 4
    parts = [_open(size, size, title), _text(left + edge * count / 2, 14, "answer →", "middle")]
    parts.append(
        f'<text transform="translate(14 {left + edge * count / 2:.0f}) rotate(-90)" text-anchor="middle">← truth</text>'
    )
    parts.append(f'<rect class="board" x="{left}" y="{left}" width="{edge * count:.1f}" height="{edge * count:.1f}"/>')
    for place, name in enumerate(names) if named else ():
        middle = left + edge * (place + 0.5)
        parts.append(_text(left - 6, middle + 4, name[:26], "end"))
        parts.append(f'<text transform="translate({middle + 4:.1f} {left - 6}) rotate(-90)">{escape(name[:26])}</text>')
    for cell in cells:
        kind = "right" if cell.row == cell.column else "wrong"
        parts.append(
            f'<rect class="{kind}" x="{left + edge * cell.column:.1f}" y="{left + edge * cell.row:.1f}" '
            f'width="{edge:.1f}" height="{edge:.1f}" fill-opacity="{0.25 + 0.75 * cell.share:.2f}">'
            f"{_said(cell.said)}</rect>"
        )
    return "".join([*parts, "</svg>"])


def _open(width: float, height: float, title: str) -> str:
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title, quote=True)}">'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _said(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""


def _legend(series: Sequence[Series]) -> str:
    parts: list[str] = []
    x = _LEFT
    for one in series:
        parts.append(f'<rect class="dot f{one.color}" x="{x:.0f}" y="{_HEIGHT - 15:.0f}" width="12" height="12"/>')
        parts.append(_text(x + 18, _HEIGHT - 5, one.label, "start"))
        x += 18 + 7.2 * len(one.label) + 24
    return "".join(parts)
