"""What the workflow says about the part on the plate: one immutable snapshot, replaced as a whole."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from station.frames import FrameSet, WeightReading
from station.results import PartLocation, Recognition


class PartState(enum.StrEnum):
    """How far one part has come."""

    EMPTY = "empty"
    SETTLING = "settling"
    """Something moves, or lies there and is not yet still; also the state before the first look."""
    CAPTURED = "captured"
    """A frameset is taken; its recognition runs, or ended without an answer (see ``PartStatus.outcome``)."""
    RECOGNISED = "recognised"
    ANSWERED = "answered"


class Outcome(enum.StrEnum):
    """What the last look at the plate gave."""

    EMPTY = "empty"
    OK = "ok"
    SEVERAL_PARTS = "several_parts"
    OUTSIDE = "outside"
    """Recognised and marked: the part reaches beyond the plate or the work volume."""
    REACHED_INTO = "reached_into"
    """A hand, an arm or a cable reaches over the plate; it is waited for."""
    ERROR = "error"


class Verdict(enum.StrEnum):
    """An operator's answer that names no class."""

    UNKNOWN = "unknown"
    NEW_PART = "new_part"


class Rest(enum.StrEnum):
    """Why the station does not look at its plate."""

    UNCALIBRATED = "uncalibrated"
    CALIBRATING = "calibrating"
    CHECKING = "checking"
    """The cameras are held against their calibration."""


class Purpose(enum.StrEnum):
    """What the looks at parts are for."""

    RECOGNITION = "recognition"
    CAPTURES = "captures"
    """They belong to a capture session: nothing is recognised, asked or written into the journal."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that holds for a capture: a class, or a verdict without one.

    ``kind`` is the journal's word: ``confirm`` (one of the first five), ``correct`` (another class),
    ``unknown`` or ``new_part``. ``rank`` is the class's place in the ranking, from 1; ``None`` when it has none.
    """

    capture_id: str
    kind: str
    class_id: str | None
    rank: int | None
    operator: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the scale says at the moment of a look, above the empty plate.

    ``usable_kg`` is for the model: stable, and heavy enough to tell parts apart, else ``None``. ``load_kg`` is the
    newest reading, ``None`` without a working scale; ``stable`` says whether it lies where the scale last came to rest.
    ``step_kg`` is the scale's smallest step.
    """

    usable_kg: float | None
    load_kg: float | None
    stable: bool
    step_kg: float

    @staticmethod
    def given(kg: float | None, step_kg: float) -> Weighed:
        """Return a weight that was told and not weighed now, ``None`` without one."""
        return Weighed(kg, kg, kg is not None, step_kg)


@dataclass(frozen=True, slots=True, eq=False)
class CapturedPart:
    """One look at the plate: what was taken and what was made of it.

    The depth of ``frameset`` lies in the colour images' geometry; ``location`` holds squares and masks by role.
    ``weight_kg`` is what the model was given (``None`` without a usable weight); ``scale_kg`` the load above the
    empty plate as the scale saw it, at rest (``weight_stable``) or not, in steps of ``scale_step_kg``. ``timings_ms``
    holds ``match``, ``roi``, the recogniser's own stages and ``total``. ``error`` is the sentence of a locator or
    recogniser that failed, else empty. ``calibration_warnings`` are what was known against the calibration then, as a
    camera that was knocked: the answer is to be doubted. ``purpose`` is what
    the look was made for.
    """

    capture_id: str
    taken_at: datetime
    frameset: FrameSet
    calibration_id: str
    outcome: Outcome
    message: str
    weight_kg: float | None
    scale_kg: float | None
    location: PartLocation | None = None
    recognition: Recognition | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict[str, float])
    error: str = ""
    calibration_warnings: tuple[str, ...] = ()
    weight_stable: bool = False
    scale_step_kg: float | None = None
    purpose: Purpose = Purpose.RECOGNITION

    @property
    def views_missing(self) -> tuple[str, ...]:
        """Roles without a frame in this capture."""
        return self.frameset.missing

    @property
    def whole(self) -> bool:
        """Whether one whole part was seen: only such a look may become a capture to learn from."""
        return self.outcome is Outcome.OK


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer was given, replaced or taken back; ``holds`` is what holds for the capture now.

    ``part`` is the look that is answered, ``None`` where it is not the one on the plate any more.
    """

    capture_id: str
    holds: Answer | None
    part: CapturedPart | None


@dataclass(frozen=True, slots=True)
class PartStatus:
    """Snapshot of the workflow; ``sequence`` grows with every change.

    ``message`` is the sentence for the operator, ``troubles`` one sentence for each thing that is broken now
    (scale, cameras, journal), ``scale_trouble`` the one of the scale. ``weight`` is the newest reading, ``load_kg``
    the same above the empty plate's zero; both ``None`` without a working scale. ``part`` stays until the plate
    changes; ``answerable`` says whether
    ``Workflow.answer`` takes an answer for ``part.capture_id`` at this moment. ``answers_waiting`` counts journal
    entries that are kept in memory because the disk refuses them. ``calibration_id`` is that of the calibration with
    which parts are looked at, empty without one; ``calibration_doubts`` is what is known against it and stands among
    the troubles, too. ``rest`` is there while nothing is looked at, and ``state`` is ``SETTLING`` then. ``purpose``
    says what looks are for.
    """

    sequence: int
    state: PartState
    outcome: Outcome
    message: str
    weight: WeightReading | None = None
    load_kg: float | None = None
    part: CapturedPart | None = None
    answerable: bool = False
    answer: Answer | None = None
    can_undo: bool = False
    troubles: tuple[str, ...] = ()
    scale_trouble: str = ""
    answers_waiting: int = 0
    calibration_id: str = ""
    calibration_doubts: tuple[str, ...] = ()
    rest: Rest | None = None
    purpose: Purpose = Purpose.RECOGNITION

    @property
    def capture_id(self) -> str | None:
        """Id of the capture that is shown, if there is one."""
        return self.part.capture_id if self.part else None
