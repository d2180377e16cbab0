"""The workflow's snapshot, put together from what each side knows."""

from __future__ import annotations

from collections.abc import Sequence

from station.journal_writer import JournalState
from station.workflow.answers import AnswerDesk
from station.workflow.cycle import PartCycle
from station.workflow.geometry_in_use import GeometryInUse
from station.workflow.look import REACHED_INTO
from station.workflow.status import CapturedPart, Outcome, PartState, PartStatus, Purpose, Rest

_RESTS = {
    Rest.UNCALIBRATED: "The station is not calibrated and recognises nothing. Calibrate it on the calibration page, or "
    "with: station calibrate collect.",
    Rest.CALIBRATING: "The rig is being calibrated.",
    Rest.CHECKING: "The cameras are being checked.",
}


def snapshot(
    sequence: int,
    cycle: PartCycle,
    part: CapturedPart | None,
    desk: AnswerDesk,
    geometry: GeometryInUse,
    *,
    troubles: Sequence[str],
    scale_trouble: str,
    doubts: Sequence[str],
    journal: JournalState | None,
    purpose: Purpose,
) -> PartStatus:
    """Return the snapshot; ``troubles`` may hold empty ones, ``doubts`` are against the calibration in use."""
    newest = geometry.newest
    remarks = (*newest.remarks, *doubts)
    return PartStatus(
        sequence=sequence,
        state=cycle.state,
        outcome=part.outcome if part else Outcome.REACHED_INTO if cycle.reached_into else Outcome.EMPTY,
        message=_message(cycle, part, desk, geometry.rest),
        weight=cycle.weight,
        load_kg=cycle.load_kg,
        part=part,
        answerable=part is not None and cycle.answerable,
        answer=desk.answer,
        can_undo=desk.can_undo,
        troubles=(*(trouble for trouble in troubles if trouble), *remarks),
        answers_waiting=journal.waiting if journal and journal.trouble else 0,
        calibration_id=newest.calibration_id,
        calibration_doubts=remarks,
        rest=geometry.rest,
        scale_trouble=scale_trouble,
        purpose=purpose,
    )


def _message(cycle: PartCycle, part: CapturedPart | None, desk: AnswerDesk, rest: Rest | None) -> str:
    if rest is not None:
        return _RESTS[rest]
    if part is None and cycle.reached_into:
        return REACHED_INTO
    if cycle.state is PartState.EMPTY:
        return "Put a part on the plate."
    if cycle.state is PartState.SETTLING:
        return "Wait until the part lies still."
    if part is None:
        return "Looking at the part."
    if cycle.state is PartState.ANSWERED and desk.answer is not None:
        said = desk.answer.class_id or desk.answer.kind.replace("_", " ")
        return f"Answered: {said}. Take the part away."
    return part.message
