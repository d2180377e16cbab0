"""What the health page shows, as frozen values that say nothing of how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from ui.presenters.operator_view import MessageView, Tone


@dataclass(frozen=True, slots=True)
class HealthCell:
    """One figure of a camera; ``tone`` marks it with a sign and a colour, ``IDLE`` leaves it plain."""

    text: str
    tone: Tone = Tone.IDLE


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One camera: its cells stand under the titles after the first; ``explanation`` is the long form, or empty."""

    role: str
    label: str
    tone: Tone
    cells: tuple[HealthCell, ...]
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One camera's days: (seconds since 1970 at noon UTC, mm) each; ``warns`` when it is over the limit or drifts."""

    role: str
    label: str
    points: tuple[tuple[float, float], ...]
    warns: bool


@dataclass(frozen=True, slots=True)
class TrendView:
    """The plot: a line per camera, the limit in mm, and the sentence that stands where there is nothing to draw."""

    lines: tuple[TrendLine, ...]
    limit_mm: float
    chosen: str
    note: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """The whole page at one instant; equal views need no redraw."""

    summary: MessageView
    titles: tuple[str, ...]
    rows: tuple[HealthRow, ...]
    chosen: str
    trend: TrendView
    warnings: tuple[str, ...]
    checking: bool
    may_check: bool
    message: MessageView | None
