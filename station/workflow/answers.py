"""The operator's answers: which part each one belongs to, what the journal is told, what can be undone."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from station.errors import StationError
from station.journal import Entry, EntryKind
from station.journal_writer import JournalState
from station.results import Recognition
from station.workflow.status import Answer, CapturedPart, Outcome, Verdict

_UNDO_DEPTH = 100
_SHOWN = 5


class AnswerRefusedError(StationError):
    """The answer is for a part that is not, or not any more, the one on the plate."""


class AnswerJournal(Protocol):
    """Where entries go; ``station.journal_writer.JournalWriter`` is one."""

    @property
    def state(self) -> JournalState:
        """How the writing goes now."""
        ...

    def append(self, entry: Entry) -> None:
        """Take an entry at once; raises StorageError when it is not taken."""
        ...


@dataclass(frozen=True, slots=True)
class _Given:
    answer: Answer
    entry_id: str
    before: Answer | None
    """The answer that this one replaced, for the same capture."""


class AnswerDesk:
    """Takes answers for the part in question and writes them down; a part's answers never pass to another part."""

    def __init__(self, journal: AnswerJournal | None) -> None:
        self._journal = journal
        self._given: deque[_Given] = deque(maxlen=_UNDO_DEPTH)
        self._answer: Answer | None = None

    @property
    def answer(self) -> Answer | None:
        """The answer that holds for the part in question."""
        return self._answer

    @property
    def can_undo(self) -> bool:
        """Whether there is an answer to take back, of this part or of an earlier one."""
        return bool(self._given)

    def next_part(self) -> None:
        """The part in question is another one now: no answer holds for it yet."""
        self._answer = None

    def note(self, part: CapturedPart, model_id: str) -> None:
        """Write a look at a part down; raises StorageError when the journal does not take it."""
        if self._journal is not None:
            self._journal.append(
                Entry(EntryKind.RECOGNITION, part.capture_id, part.taken_at, body=_body(part, model_id))
            )

    def give(self, part: CapturedPart, verdict: str | Verdict, operator: str) -> Answer:
        """Take an answer for ``part``; raises AnswerRefusedError or StorageError, and then nothing has changed."""
        kind, class_id, rank = _judge(part, verdict)
        entry = Entry(kind, part.capture_id, datetime.now(UTC), class_id, rank, operator)
        answer = Answer(part.capture_id, kind.value, class_id, rank, operator, entry.at)
        if self._journal is not None:
            self._journal.append(entry)
        self._given.append(_Given(answer, entry.entry_id, self._answer))
        self._answer = answer
        return answer

    def undo(self, operator: str) -> tuple[Answer, Answer | None]:
        """Take the last answer back; return it, and the one of the same capture that holds again.

        Raises AnswerRefusedError when there is none to take back.
        """
        if not self._given:
            raise AnswerRefusedError("There is no answer to take back.")
        last = self._given[-1]
        if self._journal is not None:
            self._journal.append(
                Entry(
                    EntryKind.UNDO,
                    last.answer.capture_id,
                    datetime.now(UTC),
                    operator=operator,
                    refers_to=last.entry_id,
                )
            )
        self._given.pop()
        if self._answer is last.answer:
            self._answer = last.before
        return last.answer, last.before


def _judge(part: CapturedPart, verdict: str | Verdict) -> tuple[EntryKind, str | None, int | None]:
    if isinstance(verdict, Verdict):
        return EntryKind(verdict.value), None, None
    if not verdict:
        raise AnswerRefusedError("The answer names no part class.", todo="Choose a class, unknown or new part.")
    ranked = part.recognition.ranked if part.recognition else ()
    rank = next((n for n, line in enumerate(ranked, 1) if line.class_id == verdict), None)
    kind = EntryKind.CONFIRM if rank is not None and rank <= _SHOWN else EntryKind.CORRECT
    return kind, verdict, rank


def _body(part: CapturedPart, model_id: str) -> dict[str, Any]:
    recognition, location = part.recognition, part.location
    return {
        "outcome": part.outcome.value,
        "message": part.message,
        "whole": part.whole,
        "weight_kg": part.weight_kg,
        "scale_kg": part.scale_kg,
        "size_m": [float(edge) for edge in location.size_m] if location and location.size_m else None,
        "views_used": list(recognition.views_used) if recognition else [],
        "views_missing": list(part.views_missing),
        "views_without_depth": list(location.views_without_depth) if location else [],
        "skew_ms": float(part.frameset.skew_ms),
        "unknown": bool(recognition.unknown) if recognition else None,
        "unknown_score": float(recognition.unknown_score) if recognition else None,
        "ranked": [[c.class_id, float(c.probability)] for c in recognition.ranked[:_SHOWN]] if recognition else [],
        **(_evidence(recognition) if recognition else {}),
        "timings_ms": {stage: round(float(ms), 2) for stage, ms in part.timings_ms.items()},
        "model": model_id,
        "calibration": part.calibration_id,
        "calibration_warnings": list(part.calibration_warnings),
    }


def _evidence(recognition: Recognition) -> dict[str, Any]:
    """Return what the answer rests on; deviations are in the usual spreads between instances."""
    return {
        "prediction_set": list(recognition.prediction_set),
        "set_coverage": recognition.set_coverage,
        "nearest": recognition.nearest,
        "strange": [clue.value for clue in recognition.strange],
        "weight_trust": recognition.weight_trust,
        "weight_fits": [c.weight_fits for c in recognition.ranked[:_SHOWN]],
        "weight_off": [c.weight and round(c.weight.deviation, 2) for c in recognition.ranked[:_SHOWN]],
        "size_fits": [c.size_fits for c in recognition.ranked[:_SHOWN]],
        "size_off": [c.size and round(c.size.deviation, 2) for c in recognition.ranked[:_SHOWN]],
        "votes": {role: [said.class_id, round(said.probability, 4)] for role, said in recognition.per_view.items()},
    }


def may_be_answered(part: CapturedPart) -> bool:
    """Whether a person may answer for a look: a part was seen, recognised or not."""
    seen = part.location is not None and part.location.roi
    return part.outcome in (Outcome.OK, Outcome.OUTSIDE) or (part.outcome is Outcome.ERROR and bool(seen))
