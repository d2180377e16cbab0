"""What the health page shows, as frozen values that say nothing of how it is drawn."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.presenters.operator_view import MessageView, Tone


class TableSection(enum.StrEnum):
    """What the table tells of every camera."""

    PICTURES = "pictures"
    """How it streams and what its pictures are like."""
    PLACE = "place"
    """Where it stands, as the calibration's checks say."""


class PlotKind(enum.StrEnum):
    """What the plot shows."""

    RECENT = "recent"
    """One quantity over the last ten minutes."""
    DRIFT = "drift"
    """The cameras' distance from their calibrated places over days."""


@dataclass(frozen=True, slots=True)
class HealthColumn:
    """A column of the table: its width as a share, and whether it holds words, which stand on its left."""

    title: str
    share: float
    words: bool = False


@dataclass(frozen=True, slots=True)
class HealthCell:
    """One figure of a camera; ``tone`` marks it with a sign and a colour, ``IDLE`` leaves it plain."""

    text: str
    tone: Tone = Tone.IDLE


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One camera: its cells stand under the columns after the first; ``explanation`` is the long form, or empty.

    It is the ``trouble``, which is a warning, and the ``details``, which are none. ``tone`` is the worst of all that is
    known of it, ``streams_badly`` says whether that is in its pictures.
    """

    role: str
    label: str
    tone: Tone
    cells: tuple[HealthCell, ...]
    streams_badly: bool = False
    trouble: str = ""
    details: str = ""

    @property
    def explanation(self) -> str:
        """The long form."""
        return "\n".join(text for text in (self.trouble, self.details) if text)


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


class LineLook(enum.StrEnum):
    """How a line of the plot is drawn."""

    PLAIN = "plain"
    WARNS = "warns"
    MARKED = "marked"
    FIRST = "first"
    """The first of the machine's two lines."""
    SECOND = "second"


@dataclass(frozen=True, slots=True, eq=False)
class RecentLine:
    """One line: ``values`` (N,), ``nan`` where nothing was known."""

    label: str
    look: LineLook
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RecentView:
    """One quantity over the last ten minutes; ``minutes`` (N,) end with 0.

    ``low`` and ``high`` are the ends of the upward axis, ``limit`` is a line across with its text, ``note`` the
    sentence that stands where there is nothing to draw. Views are told apart by identity.
    """

    lines: tuple[RecentLine, ...]
    minutes: NDArray[np.float64]
    low: float
    high: float
    limit: tuple[float, str] | None
    note: str


@dataclass(frozen=True, slots=True)
class FigureTile:
    """One figure of the station: a title and a few words; ``share`` is its width beside the others."""

    key: str
    title: str
    text: str
    tone: Tone
    explanation: str
    share: int = 4


@dataclass(frozen=True, slots=True)
class HealthView:
    """The whole page at one instant.

    ``plot_title`` names what is drawn, ``plot_kind`` says which of ``trend`` and ``recent`` that is.
    """

    summary: MessageView
    tiles: tuple[FigureTile, ...]
    section: TableSection
    columns: tuple[HealthColumn, ...]
    rows: tuple[HealthRow, ...]
    chosen: str
    plot_kind: PlotKind
    plot_title: str
    trend: TrendView
    recent: RecentView
    warnings: tuple[str, ...]
    checking: bool
    may_check: bool
    message: MessageView | None
