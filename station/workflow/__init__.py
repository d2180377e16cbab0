"""The work at one part: trigger, state machine, answers."""

from station.workflow.status import Answer, CapturedPart, Outcome, PartState, PartStatus, Purpose, Rest, Verdict
from station.workflow.workflow import AnswerRefusedError, Workflow

__all__ = [
    "Answer",
    "AnswerRefusedError",
    "CapturedPart",
    "Outcome",
    "PartState",
    "PartStatus",
    "Purpose",
    "Rest",
    "Verdict",
    "Workflow",
]
