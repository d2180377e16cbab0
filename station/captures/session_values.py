"""What a capture session says of itself: one immutable snapshot, replaced as a whole; the window words it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from station.captures.place import Place
from station.captures.quality_report import Gate, QualityReport
from station.captures.record import Split
from station.workflow.status import CapturedPart


class Step(enum.StrEnum):
    """What the session is at."""

    IDLE = "idle"
    """No session runs."""
    PREPARING = "preparing"
    """What the class has already is read from the disk."""
    WAITING = "waiting"
    """A person's hand is asked for, as the prompt says, or the part comes to rest."""
    JUDGING = "judging"
    """A look is held against the gates."""
    REFUSED = "refused"
    """The last look was not taken: a hard gate refuses it."""
    DOUBTFUL = "doubtful"
    """The last look is not taken yet: soft gates warn, and a reason or another look is awaited."""
    FAILED = "failed"
    """The last capture was not kept, ``trouble`` says why; its place is open again."""
    PAUSED = "paused"
    DONE = "done"
    """Every place of the plan holds a capture or was skipped."""


class Ask(enum.StrEnum):
    """What is asked of the person at the plate."""

    NOTHING = "nothing"
    PUT = "put"
    """Put the part on the plate."""
    TURN = "turn"
    """Turn the part by ``turn_deg`` and take the hand away."""
    LAY_OTHERWISE = "lay_otherwise"
    """The next position begins: lay the part on another side or elsewhere on the plate."""
    LAY_ANEW = "lay_anew"
    """Lift the part and lay it down anew, as it comes: what it will be judged by."""
    MEND = "mend"
    """Do what the refusing gates say; the part is looked at again by itself, or with ``take_now``."""
    DECIDE = "decide"
    """Give a reason to keep the look in spite of its warnings, or lay the part otherwise."""
    TAKE = "take"
    """Mend what ``trouble`` says, then ``take_now``."""
    RESUME = "resume"
    END = "end"
    """The plan is full: end the session, or begin another position."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to do next; ``place`` is the one that the next capture fills.

    ``turn_deg`` is the angle between two rotations, 0 where nothing is to be turned.
    """

    ask: Ask = Ask.NOTHING
    place: Place | None = None
    turn_deg: float = 0.0


class PlaceState(enum.StrEnum):
    """How a place of the plan stands."""

    OPEN = "open"
    NEXT = "next"
    SAVING = "saving"
    """A capture is on its way to the disk; it does not count yet."""
    KEPT = "kept"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class PlannedPlace:
    """One place of the plan; ``capture_id`` is the capture that lies or is being written there."""

    place: Place
    state: PlaceState
    capture_id: str | None = None


@dataclass(frozen=True, slots=True)
class SplitProgress:
    """How far one split of the plan is; ``in_class`` counts all its captures in the class, planned or not."""

    split: Split
    wanted: int
    kept: int
    skipped: int
    saving: int
    in_class: int


@dataclass(frozen=True, slots=True)
class KeptCapture:
    """A capture that lies on the disk, acknowledged."""

    capture_id: str
    place: Place


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """A capture session at one instant; ``sequence`` grows with every change.

    ``plan`` lists the places in the order in which they are filled. ``look`` is the newest look at the part and
    ``quality`` what the gates say of it, both ``None`` after the plate changed for good or before the first; ``taken``
    says that this very look was taken. ``last`` is the newest acknowledged capture of this session. ``overrides`` are
    the reasons that hold for every further capture of the session, by gate. ``trouble`` is the sentence of what failed
    last, empty while all is well; ``passed_over`` counts looks that came while too much was still to be written.
    ``resumed`` says that an earlier program's session goes on.
    """

    sequence: int = 0
    step: Step = Step.IDLE
    class_id: str = ""
    prompt: Prompt = Prompt()
    plan: tuple[PlannedPlace, ...] = ()
    progress: tuple[SplitProgress, ...] = ()
    look: CapturedPart | None = None
    quality: QualityReport | None = None
    taken: bool = False
    last: KeptCapture | None = None
    can_undo: bool = False
    can_redo: bool = False
    can_skip: bool = False
    can_override: bool = False
    overrides: Mapping[Gate, str] = field(default_factory=dict[Gate, str])
    trouble: str = ""
    passed_over: int = 0
    resumed: bool = False

    @property
    def running(self) -> bool:
        """Whether a session runs, paused or not: looks at parts belong to it."""
        return self.step is not Step.IDLE

    @property
    def saving(self) -> int:
        """How many captures are on their way to the disk."""
        return sum(one.state is PlaceState.SAVING for one in self.plan)

    @property
    def wanted(self) -> int:
        """How many captures the plan asks for, without those that are skipped."""
        return sum(one.state is not PlaceState.SKIPPED for one in self.plan)

    @property
    def kept(self) -> int:
        """How many places of the plan hold an acknowledged capture."""
        return sum(one.state is PlaceState.KEPT for one in self.plan)
