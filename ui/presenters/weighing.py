"""The weight in words: the figure, whether it can be trusted, and whether the model uses it."""

from __future__ import annotations

from dataclasses import dataclass

from station.workflow.status import PartState, PartStatus
from ui.presenters.operator_view import Tone
from ui.presenters.wording import NO_VALUE, Wording


@dataclass(frozen=True, slots=True)
class Weighing:
    """Figure, note and tone of the weight panel."""

    text: str
    note: str
    tone: Tone


def weighing(status: PartStatus, words: Wording, *, has_scale: bool) -> Weighing:
    """Return what the weight panel shows."""
    translate = words.translate
    if not has_scale:
        return Weighing(NO_VALUE, translate("Weighing", "No scale at this station"), Tone.IDLE)
    if status.weight is None or status.load_kg is None:
        return Weighing(NO_VALUE, translate("Weighing", "The scale does not answer"), Tone.ERROR)
    text = words.weight(status.load_kg)
    if not status.weight.stable:
        return Weighing(text, translate("Weighing", "Not still yet"), Tone.WORKING)
    part = status.part
    if status.state in (PartState.RECOGNISED, PartState.ANSWERED) and part is not None and part.weight_kg is None:
        return Weighing(text, translate("Weighing", "Too light to be used"), Tone.IDLE)
    return Weighing(text, translate("Weighing", "Stable"), Tone.GOOD)
