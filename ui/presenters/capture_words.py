"""What a capture session says, in words short enough to be read in passing."""

from __future__ import annotations

from dataclasses import dataclass

from station.captures.place import Place
from station.captures.quality_report import Gate, GateResult
from station.captures.session_values import Ask, SessionSnapshot, Step
from station.workflow.status import CapturedPart, Outcome
from ui.presenters.operator_view import Sign, Tone
from ui.presenters.tiles import role_label
from ui.presenters.wording import NO_VALUE, Wording


@dataclass(frozen=True, slots=True)
class Said:
    """The headline, which is what to do, and the line below it."""

    tone: Tone
    sign: Sign
    headline: str
    detail: str = ""


def prompt_words(snapshot: SessionSnapshot, words: Wording) -> Said:
    """Return what is asked of the person at the plate, spoken-length, and how it stands."""
    translate = words.translate
    if snapshot.step is Step.PREPARING:
        detail = translate("Capture", "Reading what the class has.")
        return Said(Tone.WORKING, Sign.BUSY, translate("Capture", "One moment …"), detail)
    if snapshot.step is Step.JUDGING:
        detail = translate("Capture", "The look is being judged.")
        return Said(Tone.WORKING, Sign.BUSY, translate("Capture", "Hands off, please."), detail)
    headline, detail = _ask(snapshot, words)
    found, look = snapshot.quality, snapshot.look
    if snapshot.step is Step.REFUSED and found is not None and look is not None and found.refusing:
        if found.refusing[0].gate is Gate.WHOLE:
            headline = not_whole(look, words)[1]
        detail = translate(
            "Capture", "Not taken. It is looked at again by itself when it was moved; Space looks at once."
        )
    if snapshot.resumed and snapshot.step is Step.PAUSED:
        headline = translate("Capture", "This session was interrupted.")
    tone, sign = {
        Step.REFUSED: (Tone.ERROR, Sign.CROSS),
        Step.DOUBTFUL: (Tone.WARNING, Sign.QUESTION),
        Step.FAILED: (Tone.ERROR, Sign.WARNING),
        Step.PAUSED: (Tone.IDLE, Sign.DASH),
        Step.DONE: (Tone.GOOD, Sign.CHECK),
    }.get(snapshot.step, (Tone.GOOD, Sign.CHECK) if snapshot.taken else (Tone.WORKING, Sign.PART))
    return Said(tone, sign, headline, detail)


def hint_words(snapshot: SessionSnapshot, words: Wording) -> str:
    """Return the line below the session: what has just happened, and the key that takes it back or goes on."""
    translate = words.translate
    if snapshot.resumed and snapshot.step is Step.PAUSED:
        return translate("Capture", "{kept} captures are there, whole. P goes on, Esc ends the session.").format(
            kept=snapshot.kept
        )
    if snapshot.saving:
        return translate("Capture", "It is being written and does not count yet. The next may be laid already.")
    if snapshot.last is not None and snapshot.can_undo:
        return translate("Capture", "Kept: {place}. Z takes it back.").format(
            place=place_words(snapshot.last.place, words)
        )
    if snapshot.can_redo:
        return translate("Capture", "Taken back. Y does it again.")
    if snapshot.can_undo:
        return translate("Capture", "Z takes the last step back.")
    return ""


def _ask(snapshot: SessionSnapshot, words: Wording) -> tuple[str, str]:
    translate, ask = words.translate, snapshot.prompt.ask
    place = place_words(snapshot.prompt.place, words)
    if ask is Ask.TURN:
        degrees = shorter_turn(snapshot.prompt.turn_deg)
        text = translate("Capture", "Turn the part by {degrees}°.")
        if degrees < 0.0:
            text = translate("Capture", "Turn the part back by {degrees}°.")
        return text.format(degrees=words.number(abs(degrees), 0)), place
    texts = {
        Ask.PUT: translate("Capture", "Put the part on the plate."),
        Ask.LAY_OTHERWISE: translate("Capture", "Lay it on another side."),
        Ask.LAY_ANEW: translate("Capture", "Lift it and lay it down anew."),
        Ask.MEND: translate("Capture", "Not taken. See below."),
        Ask.DECIDE: translate("Capture", "Keep it? Or lay it better."),
        Ask.TAKE: translate("Capture", "Not kept."),
        Ask.RESUME: translate("Capture", "Paused."),
        Ask.END: translate("Capture", "All captures are there."),
    }
    details = {
        Ask.DECIDE: translate("Capture", "K keeps it and asks why; moved, it is looked at again."),
        Ask.TAKE: translate("Capture", "Space takes it again when that is mended."),
        Ask.RESUME: translate("Capture", "P goes on where it stopped."),
        Ask.END: translate("Capture", "Esc ends the session, K goes on with another position of the part."),
    }
    return texts.get(ask, translate("Capture", "One moment …")), details.get(ask, place)


def shorter_turn(degrees: float) -> float:
    """Return a turn of 0…360° by the shorter way, -180…180°, negative where that goes back."""
    return degrees - 360.0 if degrees > 180.0 else degrees


def split_words(split: str, words: Wording) -> str:
    """Return the name of a split."""
    translate = words.translate
    return {
        "train": translate("Capture", "Training"),
        "valid": translate("Capture", "Validation"),
        "test": translate("Capture", "Test"),
    }.get(split, split)


def place_words(place: Place | None, words: Wording) -> str:
    """Return a place of the plan in words, empty for none."""
    if place is None:
        return ""
    if place.position is not None and place.rotation is not None:
        text = words.translate("Capture", "Training, position {position}, rotation {rotation} of 12")
        return text.format(position=place.position + 1, rotation=place.rotation + 1)
    return f"{split_words(place.split, words)} {(place.number or 0) + 1}"


def short_place(place: Place, words: Wording) -> str:
    """Return a place of the plan in as few signs as name it."""
    if place.position is None or place.rotation is None:
        return place_words(place, words)
    return f"{split_words(place.split, words)} {place.position + 1} · {place.rotation + 1}"


def gate_title(gate: Gate, words: Wording) -> str:
    """Return the name of a gate."""
    translate = words.translate
    return {
        Gate.WHOLE: translate("Capture", "One whole part"),
        Gate.VIEWS: translate("Capture", "All views"),
        Gate.SKEW: translate("Capture", "Same instant"),
        Gate.SHARPNESS: translate("Capture", "Sharpness"),
        Gate.BURNT: translate("Capture", "Too bright"),
        Gate.DARK: translate("Capture", "Too dark"),
        Gate.SHARE: translate("Capture", "Large enough"),
        Gate.INSIDE: translate("Capture", "Inside the picture"),
        Gate.DEPTH: translate("Capture", "Depth"),
        Gate.STABLE: translate("Capture", "Scale at rest"),
        Gate.WEIGHT: translate("Capture", "Weight of the class"),
        Gate.DUPLICATE: translate("Capture", "New pose"),
        Gate.CALIBRATION: translate("Capture", "Calibration"),
    }[gate]


def not_whole(look: CapturedPart, words: Wording) -> tuple[str, str]:
    """Return why a look shows no one whole part, and what to do about it."""
    translate, location = words.translate, look.location
    if look.outcome is Outcome.OUTSIDE and location is not None and location.too_high:
        return translate("Capture", "too high"), translate("Capture", "Lay it flat: it stands out of what is watched.")
    texts = {
        Outcome.EMPTY: (translate("Capture", "no part"), translate("Capture", "Put the part on the plate.")),
        Outcome.OUTSIDE: (
            translate("Capture", "beyond the plate"),
            translate("Capture", "Move it to the middle of the plate."),
        ),
        Outcome.SEVERAL_PARTS: (
            translate("Capture", "several parts"),
            translate("Capture", "Leave one part only on the plate."),
        ),
        Outcome.REACHED_INTO: (
            translate("Capture", "reached into"),
            translate("Capture", "Take hands, sleeves and cables away."),
        ),
    }
    failed = (translate("Capture", "not seen"), translate("Capture", "The look failed. Space looks again."))
    return texts.get(look.outcome, failed)


def gate_found(result: GateResult, words: Wording) -> str:
    """Return what a gate measured against its limit, a dash where there is nothing to measure."""
    translate = words.translate
    value, limit = result.value, result.limit
    if result.gate in (Gate.STABLE, Gate.WHOLE):
        return translate("Capture", "yes") if result.passed else translate("Capture", "no")
    if value is None:
        return NO_VALUE
    if result.gate in (Gate.VIEWS, Gate.INSIDE, Gate.DEPTH):
        texts = {
            Gate.VIEWS: translate("Capture", "{count} missing"),
            Gate.INSIDE: translate("Capture", "{count} cut"),
            Gate.DEPTH: translate("Capture", "{count} without"),
        }
        return texts[result.gate].format(count=words.number(value, 0))
    if result.gate is Gate.SKEW:
        text = f"{words.number(value, 0)} ms"
        return text if limit is None else f"{text} / {words.number(limit, 0)} ms"
    if result.gate is Gate.CALIBRATION:
        return translate("Capture", "yes") if result.passed else translate("Capture", "no")
    return words.percent(value) if limit is None else f"{words.percent(value)} / {words.percent(limit)}"


def gate_todo(result: GateResult, words: Wording) -> str:
    """Return what to do about a gate that is not passed; empty when it is."""
    if result.passed:
        return ""
    translate = words.translate
    if result.gate is Gate.DUPLICATE and result.symmetric:
        return translate("Capture", "It looks the same however it is turned. Keep it, or skip the place.")
    todo = {
        Gate.WHOLE: translate("Capture", "Leave one part in the middle, and take everything else away."),
        Gate.VIEWS: translate("Capture", "Wait until the cameras are back; the health page (F9) says why."),
        Gate.SKEW: translate("Capture", "Look again; if it stays, see the health page (F9)."),
        Gate.SHARPNESS: translate("Capture", "Let it lie still. Clean the lens, or focus the camera."),
        Gate.BURNT: translate("Capture", "Turn it out of the glare, or lower the exposure."),
        Gate.DARK: translate("Capture", "Give more light, or raise the exposure."),
        Gate.SHARE: translate("Capture", "The part is very small here. Keep it if that is so."),
        Gate.INSIDE: translate("Capture", "Move it to the middle of the plate."),
        Gate.DEPTH: translate("Capture", "Turn it a little; a black or shiny part may have none."),
        Gate.STABLE: translate("Capture", "Hands off the plate until the weight is still."),
        Gate.WEIGHT: translate("Capture", "Is this the right part? Zero the empty scale."),
        Gate.DUPLICATE: translate("Capture", "It lies as it lay before. Turn it."),
        Gate.CALIBRATION: translate("Capture", "A camera was moved. Calibrate it (F4)."),
    }[result.gate]
    if not result.roles:
        return todo
    views = ", ".join(role_label(role) for role in result.roles)
    return translate("Capture", "Camera {views}: {todo}").format(views=views, todo=todo)
