"""What the capture page shows, as frozen values that say nothing of how it is drawn."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ui.presenters.operator_view import MessageView, Sign, TileView, Tone


class CaptureStep(enum.StrEnum):
    """Which part of the page is shown."""

    CHOOSE = "choose"
    """Which class is to get captures."""
    NEW_CLASS = "new_class"
    SESSION = "session"
    REASON = "reason"
    """Why a look is to be kept in spite of its warnings."""
    REVIEW = "review"
    """What is kept of a class, or waits for review, or lies in the trash."""
    VIEWS = "views"
    """One of those captures, with its ten views."""
    SPLIT = "split"
    """Into which split a capture goes."""
    CLASS = "class"
    """Which class a capture shows."""


class CaptureCommand(enum.StrEnum):
    """What a person may do; each has a key and a button."""

    BEGIN = "begin"
    NEW_CLASS = "new_class"
    CREATE = "create"
    REVIEW = "review"
    TAKE = "take"
    KEEP = "keep"
    FOR_ALL = "for_all"
    """Let the reason hold for the rest of the session, or for this look alone again."""
    MORE = "more"
    """Let a full plan go on with another training position."""
    SKIP = "skip"
    UNDO = "undo"
    REDO = "redo"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    ACCEPT = "accept"
    RELABEL = "relabel"
    MOVE = "move"
    TRASH = "trash"
    RESTORE = "restore"
    OPEN = "open"
    MASKS = "masks"
    STATE = "state"
    """Show what is kept, what waits for review or what lies in the trash, one after the other."""
    SCOPE = "scope"
    """Show the captures of one class, or of all."""
    SPLITS = "splits"
    """Show all splits, or one after the other."""
    REFERENCE = "reference"
    """Make the marked capture's picture that of its class."""
    WEIGH = "weigh"
    """Take what lies on the scale for what the new class weighs."""
    TRAIN = "train"
    VALID = "valid"
    TEST = "test"
    CHOOSE = "choose"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class CountsView:
    """How many captures a class has in each split, as text and for the balance bar."""

    train: int = 0
    valid: int = 0
    test: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class to choose from."""

    class_id: str
    number: str
    name: str
    detail: str
    """Tags and weight in one line."""
    counts: CountsView


@dataclass(frozen=True, slots=True)
class BalanceBar:
    """How many captures a class has beside the fullest one, 0…1; ``chosen`` is the class of the session."""

    label: str
    text: str
    share: float
    chosen: bool = False


class DotState(enum.StrEnum):
    """How a place of the plan is drawn."""

    OPEN = "open"
    NEXT = "next"
    SAVING = "saving"
    KEPT = "kept"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class DotView:
    """One place of the plan; ``text`` names it in words for those who cannot see it."""

    state: DotState
    text: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """The places of one position or split in a row: title, how far it is, and a dot each."""

    title: str
    text: str
    dots: tuple[DotView, ...]


@dataclass(frozen=True, slots=True)
class RingView:
    """The progress ring: how full it is, 0…1, how much of that is still on its way to the disk, and what stands in it.

    ``turn_deg`` is the angle of the arrow that shows how far to turn the part, 0 for none, negative to turn it back.
    """

    kept: float
    saving: float
    text: str
    detail: str
    turn_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class GateView:
    """One quality gate of the newest look: what it is, what was found, and what to do when it is not passed."""

    gate: str
    tone: Tone
    sign: Sign
    title: str
    found: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class CaptureTile:
    """One small view: as the operator's, with the look whose picture and mask are drawn instead of the live ones.

    ``faulty`` marks a view that a gate finds wanting.
    """

    tile: TileView
    look_id: str | None = None
    faulty: bool = False


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason to choose by its key."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """The session's part of the page."""

    class_title: str
    class_detail: str
    ring: RingView
    plan: tuple[PlanRow, ...]
    gates: tuple[GateView, ...]
    gates_title: str
    tiles: tuple[CaptureTile, ...]
    balance: tuple[BalanceBar, ...]
    reasons: tuple[ReasonView, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCell:
    """One capture of the grid: what lies below its picture, and a sign where something is to be known of it."""

    title: str
    detail: str
    sign: Sign | None = None
    tone: Tone = Tone.IDLE


@dataclass(frozen=True, slots=True)
class FactView:
    """One thing that is known of a capture; a ``tone`` other than idle is worth a look."""

    title: str
    text: str
    tone: Tone = Tone.IDLE


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The review's part of the page; its cells are asked for row by row, for there may be a hundred thousand.

    ``version`` is another one when the rows are other ones, ``count`` how many are known so far. ``marked`` is the
    row that commands are for, -1 for none. ``filters`` are the texts of the three choices of what is shown, by
    command. ``tiles`` are the views of the capture that is opened, empty while none is.
    """

    version: int
    count: int
    marked: int
    empty: str
    filters: tuple[tuple[CaptureCommand, str], ...]
    facts_title: str
    facts: tuple[FactView, ...]
    tiles: tuple[TileView, ...] = ()
    masks: bool = True


@dataclass(frozen=True, slots=True)
class CaptureView:
    """The whole page at one instant; equal views need no redraw."""

    step: CaptureStep
    tone: Tone
    sign: Sign
    headline: str
    detail: str
    message: MessageView | None
    session: SessionView | None = None
    review: ReviewView | None = None
    form_trouble: str = ""
    """Why the new class was not made; what was typed stays."""
    busy: bool = False
    allowed: frozenset[CaptureCommand] = frozenset()
