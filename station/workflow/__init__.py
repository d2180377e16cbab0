"""The work at one part: trigger, state machine, answers."""

from station.workflow.status import Answer, CapturedPart, Outcome, PartState, PartStatus, Verdict

__all__ = ["Answer", "CapturedPart", "Outcome", "PartState", "PartStatus", "Verdict"]
