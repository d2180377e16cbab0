"""What the calibration page shows, as frozen values that say nothing of how it is drawn."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from ui.presenters.operator_view import MessageView, Sign, Tone

Point = tuple[float, float]


class CalibrationStep(enum.StrEnum):
    """Which part of the page is shown."""

    START = "start"
    PLATE = "plate"
    BOARD = "board"
    SOLVING = "solving"
    RESULT = "result"
    ACCEPTED = "accepted"


class CalibrationCommand(enum.StrEnum):
    """What a person may do; each has a key and a button."""

    BEGIN = "begin"
    PRINT = "print"
    USE = "use"
    TAKE = "take"
    RETAKE_PLATE = "retake_plate"
    DROP = "drop"
    SOLVE = "solve"
    CANCEL = "cancel"
    ACCEPT = "accept"
    MORE = "more"
    DROP_WORST = "drop_worst"
    REPORT = "report"
    EXPORT = "export"
    BACK = "back"
    STOP = "stop"
    DONE = "done"
    ANEW = "anew"


class SightState(enum.StrEnum):
    """What a camera sees of the board now."""

    NONE = "none"
    USABLE = "usable"
    REFUSED = "refused"
    LOST = "lost"
    """The camera gives no picture."""


@dataclass(frozen=True, slots=True)
class MarkView:
    """One thing a camera needs, in a word, and whether it has it."""

    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class BoardTileView:
    """One live view: what the camera sees of the board, and what it has so far.

    ``outline`` are the board's corners in px of a picture of ``size``. ``cells`` are the hit cells of a 4 × 3 grid,
    row by row.
    """

    role: str
    label: str
    state: SightState
    state_text: str
    explanation: str = ""
    outline: tuple[Point, ...] = ()
    size: tuple[int, int] = (1, 1)
    taken: bool = False
    wanted: bool = False
    """Whether the advice is about this camera."""
    count_text: str = ""
    cells: tuple[bool, ...] = ()
    marks: tuple[MarkView, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class PairView:
    """One cell of the matrix: how many placements two cameras share, and whether they need more."""

    first: int
    second: int
    count: int
    weak: bool


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The pairs of cameras; ``first`` and ``second`` of a pair are places in ``labels``."""

    labels: tuple[str, ...] = ()
    pairs: tuple[PairView, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One placement that was taken."""

    placement: str
    title: str
    detail: str
    dropped: bool


@dataclass(frozen=True, slots=True)
class CollectView:
    """The steps with the live tiles. ``still`` is 0…1; ``taken`` says that a picture was just taken, else empty."""

    tiles: tuple[BoardTileView, ...]
    matrix: MatrixView
    pictures: tuple[PictureRow, ...]
    still: float = 0.0
    taken: str = ""
    pictures_title: str = ""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One stored calibration in the list."""

    id: str
    title: str
    detail: str
    active: bool


@dataclass(frozen=True, slots=True)
class StartView:
    """What is active, and the older calibrations, newest first."""

    active_title: str
    active_detail: str
    active_tone: Tone
    stored: tuple[StoredRow, ...]


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One line of the result's table; ``cells`` are the figures as text in the order of the titles."""

    label: str
    cells: tuple[str, ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class WorstView:
    """One of the pictures with the largest errors; ``marked`` ones are dropped by the button."""

    placement: str
    role: str
    title: str
    detail: str
    marked: bool


@dataclass(frozen=True, slots=True)
class ResultView:
    """The solved rig in figures and sentences. ``findings_title`` heads the sentences."""

    titles: tuple[str, ...]
    cameras: tuple[CameraFigures, ...]
    findings_title: str
    findings: tuple[MessageView, ...]
    worst_title: str
    worst: tuple[WorstView, ...]


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """The whole page at one instant; equal views need no redraw.

    ``step_names`` and ``step_index`` are the way that leads through the page.
    """

    step: CalibrationStep
    tone: Tone
    sign: Sign
    headline: str
    detail: str
    step_names: tuple[str, ...] = ()
    step_index: int = 0
    message: MessageView | None = None
    start: StartView | None = None
    collect: CollectView | None = None
    progress: float = 0.0
    result: ResultView | None = None
    busy: bool = False
    allowed: frozenset[CalibrationCommand] = field(default_factory=frozenset[CalibrationCommand])
