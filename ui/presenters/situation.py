"""What is going on with the part, in one headline, one line of detail and one hint."""

from __future__ import annotations

from dataclasses import dataclass, replace

from station.results import Clue, RankedClass, Recognition
from station.workflow.status import CapturedPart, Outcome, PartState, PartStatus, Purpose, Rest
from ui.presenters.cards import CARDS
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
    rest_title: str = ""


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
        recognition = part.recognition
        said = _unknown(recognition, names, words) if recognition.unknown else _recognised(recognition, names, words)
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


def _recognised(recognition: Recognition, names: PartNames, words: Wording) -> Situation:
    translate = words.translate
    if not recognition.ranked:
        return _unknown(recognition, names, words)
    best = recognition.ranked[0]
    number, name = names.title(best.class_id)
    said = Situation(
        Step.RECOGNISED,
        Tone.GOOD,
        Sign.CHECK,
        name,
        f"{number}  ·  {words.percent(best.probability)}{_votes(recognition, words)}",
        translate("Situation", "Enter confirms. Is it another part? Press 2–5, or F2 to search."),
        translate("Situation", "The answer"),
        translate("Situation", "Unlikely"),
    )
    rivals = len(recognition.prediction_set)
    if rivals > 1:
        hint = translate(
            "Situation", "{count} parts come into question: compare, then press the number of the right one."
        )
        title = _one_of_these(rivals, recognition.set_coverage, words)
        rest = said.rest_title if rivals < CARDS else ""
        said = replace(
            said,
            tone=Tone.WORKING,
            sign=Sign.QUESTION,
            hint=hint.format(count=rivals),
            cards_title=title,
            rest_title=rest,
        )
    if best.weight_fits is False or best.size_fits is False:
        said = replace(said, tone=Tone.WARNING, sign=Sign.QUESTION, hint=_misfit(best, words))
    return said


def _one_of_these(count: int, coverage: float | None, words: Wording) -> str:
    """Return the heading over the parts that come into question; how sure it is where that was promised."""
    translate = words.translate
    if count > CARDS:
        text = translate("Situation", "One of {count}: the {shown} likeliest, the others with F2")
    else:
        text = translate("Situation", "One of these {count}")
    text = text.format(count=count, shown=CARDS)
    if coverage is None:
        return text
    sure = translate("Situation", "{text}  ·  right {share} of the time")
    return sure.format(text=text, share=f"{words.number(coverage * 100.0, 1)} %")


def _votes(recognition: Recognition, words: Wording) -> str:
    """Return how many views alone name the first class too; nothing where no view was asked.

    Where most views alone say something else, what the answer rests on is said beside it.
    """
    count = len(recognition.per_view)
    if not count:
        return ""
    best = recognition.ranked[0]
    same = sum(said.class_id == best.class_id for said in recognition.per_view.values())
    text = words.translate("Situation", "{same} of {count} views agree")
    if 2 * same < count and best.weight_fits and best.size_fits:
        text = words.translate("Situation", "weight and size say so, {same} of {count} views agree")
    return "  ·  " + text.format(same=same, count=count)


def _misfit(best: RankedClass, words: Wording) -> str:
    translate = words.translate
    if best.weight_fits is False and best.size_fits is False:
        return translate("Situation", "Weight and size do not fit this part: look twice before you confirm.")
    if best.weight_fits is False:
        return translate(
            "Situation", "The weight does not fit this part: does something else lie on the scale, is a piece missing?"
        )
    return translate("Situation", "The size does not fit this part: look twice before you confirm.")


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


def _unknown(recognition: Recognition, names: PartNames, words: Wording) -> Situation:
    translate = words.translate
    return Situation(
        Step.RECOGNISED,
        Tone.UNKNOWN,
        Sign.QUESTION,
        translate("Situation", "Unknown part"),
        _why_unknown(recognition, names, words),
        translate("Situation", "Enter confirms “unknown”, N declares a new part. Known after all? Press 1–5 or F2."),
        translate("Situation", "Most similar known parts"),
    )


def _why_unknown(recognition: Recognition, names: PartNames, words: Wording) -> str:
    """Return what tells the part from the known one that explains it best, where the pictures do not."""
    translate = words.translate
    texts = {
        (Clue.WEIGHT,): translate("Situation", "It looks like {name}, but does not have its weight."),
        (Clue.SIZE,): translate("Situation", "It looks like {name}, but does not have its size."),
        (Clue.WEIGHT, Clue.SIZE): translate("Situation", "It looks like {name}, but is of another weight and size."),
    }
    text = texts.get(recognition.strange)
    if text is None or recognition.nearest is None:
        return translate("Situation", "It is none of the parts that the model has learned.")
    return text.format(name=names.title(recognition.nearest)[1])


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
        recognition = status.part.recognition if status.part else None
        before = None if recognition is None or recognition.unknown else _recognised(recognition, names, words)
        return Situation(
            Step.ANSWERED,
            Tone.GOOD,
            Sign.CHECK,
            name,
            detail.format(number=number),
            take_off,
            before.cards_title if before else translate("Situation", "Most similar known parts"),
            before.rest_title if before else "",
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
