"""What the operator page shows, as frozen values that say nothing of how it is drawn."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from station.results import Square


class Tone(enum.StrEnum):
    """How a thing is meant; drawn as a sign and a colour, never as a colour alone."""

    IDLE = "idle"
    WORKING = "working"
    GOOD = "good"
    UNKNOWN = "unknown"
    WARNING = "warning"
    ERROR = "error"


class Sign(enum.StrEnum):
    """The drawn signs."""

    PLATE = "plate"
    BUSY = "busy"
    PART = "part"
    CHECK = "check"
    QUESTION = "question"
    WARNING = "warning"
    CROSS = "cross"
    DASH = "dash"
    CAMERA_OFF = "camera_off"
    NO_DEPTH = "no_depth"
    UNLIKE = "unlike"
    SEVERAL = "several"
    INFO = "info"
    BOARD = "board"
    CAMERA = "camera"


class Fit(enum.StrEnum):
    """Whether something measured agrees with what the class should have."""

    FITS = "fits"
    DIFFERS = "differs"
    UNCHECKED = "unchecked"


class Command(enum.StrEnum):
    """What the operator may do; each has a key and a button."""

    CONFIRM = "confirm"
    CHOOSE = "choose"
    SEARCH = "search"
    NEW_PART = "new_part"
    UNDO = "undo"


class Step(enum.StrEnum):
    """Where the part is on its journey."""

    EMPTY = "empty"
    SETTLING = "settling"
    CAPTURED = "captured"
    RECOGNISED = "recognised"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class FitView:
    """One reason on a card: weight or size, and whether it fits; ``numbers`` is the long form as a tool tip."""

    fit: Fit
    text: str
    numbers: str = ""


@dataclass(frozen=True, slots=True)
class CardView:
    """One of the five results; ``key`` is the key that chooses it, ``in_question`` whether it may well be the part."""

    key: str
    class_id: str
    number: str
    name: str
    probability: float
    probability_text: str
    weight: FitView
    size: FitView
    chosen: bool = False
    in_question: bool = True


class TileState(enum.StrEnum):
    """State of one camera as the operator needs it."""

    LIVE = "live"
    NO_DEPTH = "no_depth"
    WAITING = "waiting"
    MISSING = "missing"


class Vote(enum.StrEnum):
    """What one view says alone, beside the answer."""

    NONE = "none"
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TileView:
    """One live view: label, state in a word and the squares of the parts in pixels of the colour image.

    ``vote`` is drawn as a sign, ``vote_text`` its long form as a tool tip.
    """

    role: str
    label: str
    state: TileState
    state_text: str
    squares: tuple[Square, ...] = ()
    vote: Vote = Vote.NONE
    vote_text: str = ""


@dataclass(frozen=True, slots=True)
class BannerView:
    """What is written large: ``step`` is the place on the way, ``ring`` 0…1 how full the ring is, ``None`` without."""

    tone: Tone
    sign: Sign
    headline: str
    detail: str
    step: int
    ring: float | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A sentence for the operator with its next step."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class OperatorView:
    """The whole operator page at one instant; equal views need no redraw."""

    capture_id: str | None
    step: Step
    tone: Tone
    sign: Sign
    headline: str
    detail: str
    weight_text: str
    weight_note: str
    weight_tone: Tone
    size_text: str
    cards: tuple[CardView, ...] = ()
    cards_title: str = ""
    rest_title: str = ""
    """Stands over the cards that do not come into question; empty where all cards are alike."""
    tiles: tuple[TileView, ...] = ()
    message: MessageView | None = None
    confirms_first: bool = False
    """Whether Enter confirms the first card; otherwise it confirms "unknown" or nothing."""
    allowed: frozenset[Command] = field(default_factory=frozenset[Command])


class StatusTone(enum.StrEnum):
    """State of one part of the station in the status strip."""

    OK = "good"
    BUSY = "working"
    WARNING = "warning"
    ERROR = "error"
    OFF = "idle"


@dataclass(frozen=True, slots=True)
class StatusCell:
    """One cell of the status strip: what it is about, how it is, and the long form as a tool tip."""

    key: str
    title: str
    text: str
    tone: StatusTone
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class FoundPart:
    """One line of the search's results."""

    class_id: str
    number: str
    name: str
    tags: str
