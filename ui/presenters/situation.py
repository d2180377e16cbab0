"""What is going on with the part, in one headline, one line of detail and one hint."""

from __future__ import annotations

from dataclasses import dataclass, replace

from station.workflow.status import CapturedPart, Outcome, PartState, PartStatus, Purpose, Rest
from ui.presenters.operator_view import Sign, Step, Tone
from ui.presenters.part_names import PartNames
from ui.presenters.wording import Wording

_STEPS = {
    PartState.EMPTY: Step.EMPTY,
    PartState.SETTLING: Step.SETTLING,
    PartState.CAPTURED: Step.CAPTURED,
    PartState.RECOGNISED: Step.RECOGNISED,
    PartState.ANSWERED: Step.ANSWERED,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """The part's state in words; ``hint`` is the next step, empty when the detail says it already."""

    step: Step
    tone: Tone
    sign: Sign
    headline: str
    detail: str
    hint: str = ""
    cards_title: str = ""


def situation(status: PartStatus, names: PartNames, words: Wording) -> Situation:
    """Return what the banner says about this snapshot."""
    part = status.part
    if status.rest is not None:
        return _resting(status.rest, words)
    if status.purpose is Purpose.CAPTURES:
        return _captures(words)
    if status.state is PartState.ANSWERED and status.answer is not None:
        return _answered(status, names, words)
    if status.state is PartState.RECOGNISED and part is not None and part.recognition is not None:
        said = _unknown(words) if part.recognition.unknown else _recognised(part, names, words)
        return said if part.whole else _beyond(said, part, words)
    if status.outcome is Outcome.REACHED_INTO:
        return _reached_into(words)
    if status.state is PartState.CAPTURED:
        return _captured(status, words)
    return _waiting(status, words)


def _resting(rest: Rest, words: Wording) -> Situation:
    translate = words.translate
    if rest is Rest.CHECKING:
        return Situation(
            Step.EMPTY,
            Tone.WORKING,
            Sign.BOARD,
            translate("Situation", "The cameras are being checked"),
            translate("Situation", "Parts are recognised again when the check is ended."),
        )
    if rest is Rest.CALIBRATING:
        return Situation(
            Step.EMPTY,
            Tone.WORKING,
            Sign.BOARD,
            translate("Situation", "The rig is being calibrated"),
            translate("Situation", "Parts are recognised again when the calibration is ended."),
        )
    return Situation(
        Step.EMPTY,
        Tone.WARNING,
        Sign.WARNING,
        translate("Situation", "Not calibrated"),
        translate("Situation", "Nothing is recognised until the rig is calibrated: open the calibration page (F4)."),
    )


def _captures(words: Wording) -> Situation:
    translate = words.translate
    return Situation(
        Step.EMPTY,
        Tone.WORKING,
        Sign.CAMERA,
        translate("Situation", "A capture session runs"),
        translate("Situation", "Nothing is recognised meanwhile. F12 leads there."),
    )


def _waiting(status: PartStatus, words: Wording) -> Situation:
    translate = words.translate
    if status.state is PartState.EMPTY:
        return Situation(
            Step.EMPTY,
            Tone.IDLE,
            Sign.PLATE,
            translate("Situation", "Put a part on the plate"),
            translate("Situation", "The station is ready."),
        )
    return Situation(
        _STEPS[status.state],
        Tone.WORKING,
        Sign.BUSY,
        translate("Situation", "One moment …"),
        translate("Situation", "Hands off the plate until the picture and the weight are still."),
    )


def _captured(status: PartStatus, words: Wording) -> Situation:
    translate = words.translate
    step = Step.CAPTURED
    if status.outcome is Outcome.SEVERAL_PARTS:
        return Situation(
            step,
            Tone.WARNING,
            Sign.SEVERAL,
            translate("Situation", "Several parts on the plate"),
            translate("Situation", "The pictures show which. Leave only one of them on the plate."),
        )
    if status.outcome is Outcome.ERROR:
        return Situation(
            step,
            Tone.ERROR,
            Sign.WARNING,
            translate("Situation", "This part could not be recognised"),
            translate("Situation", "F5 looks again. F2 finds the part by name or number."),
            hint=status.part.error if status.part and status.part.error else status.message,
        )
    return Situation(
        step,
        Tone.WORKING,
        Sign.PART,
        translate("Situation", "Recognising …"),
        translate("Situation", "The pictures are taken."),
    )


def _recognised(part: CapturedPart, names: PartNames, words: Wording) -> Situation:
    translate = words.translate
    recognition = part.recognition
    if recognition is None or not recognition.ranked:
        return _unknown(words)
    best = recognition.ranked[0]
    number, name = names.title(best.class_id)
    detail = f"{number}  ·  {words.percent(best.probability)}"
    title = translate("Situation", "Most likely parts")
    rivals = len(recognition.prediction_set)
    if rivals <= 1:
        hint = translate("Situation", "Enter confirms. Is it another part? Press 2–5, or F2 to search.")
        if best.weight_fits is False or best.size_fits is False:
            hint = translate("Situation", "Weight or size does not fit this part: look twice before you confirm.")
            return Situation(Step.RECOGNISED, Tone.WARNING, Sign.QUESTION, name, detail, hint, title)
        return Situation(Step.RECOGNISED, Tone.GOOD, Sign.CHECK, name, detail, hint, title)
    hint = translate("Situation", "{count} parts come into question: compare, then press the number of the right one.")
    return Situation(
        Step.RECOGNISED, Tone.WORKING, Sign.QUESTION, name, detail, hint.format(count=rivals), title
    )


def _beyond(said: Situation, part: CapturedPart, words: Wording) -> Situation:
    """Mark the answer for a part that was not seen whole."""
    mark = words.translate("Situation", "reaches beyond the plate")
    hint = words.translate(
        "Situation",
        "The part reaches beyond the plate: move it to the middle for a surer answer. Answered as it lies, it is "
        "not kept as an example to learn from.",
    )
    if part.location is not None and part.location.too_high:
        mark = words.translate("Situation", "higher than the work volume")
        hint = words.translate(
            "Situation",
            "The part is higher than what the cameras watch: lay it flat for a surer answer. Answered as it stands, it "
            "is not kept as an example to learn from.",
        )
    return replace(
        said,
        tone=Tone.WARNING,
        sign=Sign.WARNING,
        detail=f"{said.detail}  ·  {mark}",
        hint=hint,
    )


def _reached_into(words: Wording) -> Situation:
    translate = words.translate
    return Situation(
        Step.SETTLING,
        Tone.WORKING,
        Sign.BUSY,
        translate("Situation", "Something reaches over the plate"),
        translate("Situation", "Take hands, sleeves and cables away from the plate; the station waits."),
    )


def _unknown(words: Wording) -> Situation:
    translate = words.translate
    return Situation(
        Step.RECOGNISED,
        Tone.UNKNOWN,
        Sign.QUESTION,
        translate("Situation", "Unknown part"),
        translate("Situation", "It is none of the parts that the model has learned."),
        translate("Situation", "Enter confirms “unknown”, N declares a new part. Known after all? Press 1–5 or F2."),
        translate("Situation", "Most similar known parts"),
    )


def _answered(status: PartStatus, names: PartNames, words: Wording) -> Situation:
    translate = words.translate
    answer = status.answer
    kind = answer.kind if answer else ""
    take_off = translate("Situation", "Take the part off the plate. Ctrl+Z takes the answer back.")
    if answer is not None and answer.class_id is not None:
        number, name = names.title(answer.class_id)
        detail = (
            translate("Situation", "{number}  ·  confirmed")
            if kind == "confirm"
            else translate("Situation", "{number}  ·  corrected")
        )
        return Situation(
            Step.ANSWERED, Tone.GOOD, Sign.CHECK, name, detail.format(number=number), take_off,
            translate("Situation", "Most likely parts"),
        )
    headline = translate("Situation", "Noted as unknown")
    if kind == "new_part":
        headline = translate("Situation", "Noted as a new part")
    return Situation(
        Step.ANSWERED,
        Tone.UNKNOWN,
        Sign.CHECK,
        headline,
        translate("Situation", "The answer is kept."),
        take_off,
        translate("Situation", "Most similar known parts"),
    )
