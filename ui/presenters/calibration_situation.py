"""Where a calibration stands, in one headline, one line of detail and one hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calibration.collecting.result import SolvedRig
from calibration.collecting.snapshot import CollectSnapshot, Stage
from station.geometry import RigCalibration
from ui.presenters.calibration_advice import advice_sentence
from ui.presenters.calibration_collect import lacking
from ui.presenters.calibration_result import held_out_sentence, result_tone, worst_mm
from ui.presenters.calibration_view import CalibrationStep, CollectView, SightState, StartView
from ui.presenters.calibration_words import cameras_named
from ui.presenters.operator_view import Sign, Tone
from ui.presenters.wording import Wording

STEPS = {
    Stage.PLATE: CalibrationStep.PLATE,
    Stage.BOARD: CalibrationStep.BOARD,
    Stage.SOLVING: CalibrationStep.SOLVING,
    Stage.SOLVED: CalibrationStep.RESULT,
    Stage.ACCEPTED: CalibrationStep.ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class CalibrationSituation:
    """The state in words."""

    step: CalibrationStep
    tone: Tone
    sign: Sign
    headline: str
    detail: str
    hint: str = ""


def step_names(words: Wording) -> tuple[str, ...]:
    """Return the names of the way that leads through the page; the last step has no name of its own."""
    translate = words.translate
    return (
        translate("Calibration", "Begin"),
        translate("Calibration", "Plate"),
        translate("Calibration", "Board"),
        translate("Calibration", "Solve"),
        translate("Calibration", "Result"),
    )


def step_index(step: CalibrationStep) -> int:
    """Return the place of a step among the names."""
    return min(list(CalibrationStep).index(step), 4)


def at_start(start: StartView, words: Wording) -> CalibrationSituation:
    """Return what the page says before a calibration was begun."""
    translate = words.translate
    return CalibrationSituation(
        CalibrationStep.START,
        start.active_tone,
        Sign.CAMERA if start.active_tone is Tone.IDLE else Sign.WARNING,
        start.active_title,
        start.active_detail,
        translate(
            "Calibration", "Empty the plate, have the printed board at hand: Enter begins. It takes five minutes."
        ),
    )


def under_way(
    snapshot: CollectSnapshot, roles: Sequence[str], collect: CollectView | None, words: Wording
) -> CalibrationSituation:
    """Return what the page says of a running calibration; ``collect`` is what its tiles show."""
    translate = words.translate
    tiles = collect.tiles if collect is not None else ()
    taken = collect.taken if collect is not None else ""
    usable = sum(tile.state is SightState.USABLE for tile in tiles)
    if snapshot.stage is Stage.PLATE:
        sees = translate("Calibration", "{usable} of {count} cameras see the frame on the plate.")
        hint = translate("Calibration", "The picture is taken by itself. Space takes it now.")
        return CalibrationSituation(
            CalibrationStep.PLATE,
            Tone.WORKING,
            Sign.PLATE,
            advice_sentence(snapshot, words),
            sees.format(usable=usable, count=len(roles)),
            hint,
        )
    if snapshot.stage is Stage.BOARD:
        return _board(snapshot, taken, words)
    if snapshot.stage is Stage.SOLVED and snapshot.result is not None:
        return solved(snapshot.result, roles, words)
    percent = words.number(snapshot.progress * 100, 0)
    return CalibrationSituation(
        CalibrationStep.SOLVING,
        Tone.WORKING,
        Sign.BUSY,
        translate("Calibration", "The cameras’ places are being solved"),
        translate("Calibration", "{percent} % done").format(percent=percent),
        translate("Calibration", "You can put the board away meanwhile. Esc cancels; the pictures are kept."),
    )


def _board(snapshot: CollectSnapshot, taken: str, words: Wording) -> CalibrationSituation:
    translate = words.translate
    wanting = lacking(snapshot)
    if snapshot.complete:
        detail = translate("Calibration", "Every camera has what it needs.")
        hint = translate("Calibration", "Enter solves. More pictures do no harm.")
    elif wanting and len(wanting) < len(snapshot.coverage):
        detail = translate("Calibration", "Still wanted: {cameras}.").format(cameras=cameras_named(wanting, words))
        hint = translate("Calibration", "Hold the board still until the ring is full. Space takes the picture now.")
    else:
        detail = translate("Calibration", "Every camera still needs pictures.")
        hint = translate("Calibration", "Hold the board still until the ring is full. Space takes the picture now.")
    good = bool(taken) or snapshot.complete
    return CalibrationSituation(
        CalibrationStep.BOARD,
        Tone.GOOD if good else Tone.WORKING,
        Sign.CHECK if good else Sign.BOARD,
        advice_sentence(snapshot, words),
        taken or detail,
        hint,
    )


def solved(result: SolvedRig, roles: Sequence[str], words: Wording) -> CalibrationSituation:
    """Return what the page says of a result."""
    translate = words.translate
    tone = result_tone(result, roles)
    worst = words.number(worst_mm(result), 2)
    missing = [role for role in roles if role not in result.calibration.cameras]
    if missing:
        headline = translate("Result", "{count} of {all} cameras are solved, sure to {mm} mm").format(
            count=len(roles) - len(missing), all=len(roles), mm=worst
        )
        hint = translate("Result", "Not solved: {cameras}. M takes more pictures. Enter accepts it without them.")
        hint = hint.format(cameras=cameras_named(missing, words))
    else:
        headline = translate("Result", "Every camera’s place is sure to {mm} mm").format(mm=worst)
        hint = translate("Result", "Enter accepts it. M takes more pictures.")
        if result.comparison is not None:
            hint = translate("Result", "Enter accepts it. You can go back to today’s calibration at any time.")
        if tone is not Tone.GOOD:
            hint = translate("Result", "Read what was found before you accept. M takes more pictures.")
    sign = Sign.CHECK if tone is Tone.GOOD else Sign.WARNING
    return CalibrationSituation(CalibrationStep.RESULT, tone, sign, headline, held_out_sentence(result, words), hint)


def accepted(calibration: RigCalibration, words: Wording) -> CalibrationSituation:
    """Return what the page says once a calibration was accepted."""
    translate = words.translate
    detail = translate("Calibration", "Calibration {id} with {count} cameras is active: parts are recognised with it.")
    return CalibrationSituation(
        CalibrationStep.ACCEPTED,
        Tone.GOOD,
        Sign.CHECK,
        translate("Calibration", "The station is calibrated"),
        detail.format(id=calibration.id, count=len(calibration.cameras)),
        translate("Calibration", "Leave the plate empty a moment: it is learned anew. Enter goes back to the parts."),
    )
