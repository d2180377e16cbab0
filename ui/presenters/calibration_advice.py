"""What to do next, in the user's language: the sentences of ``calibration.collecting.advice`` by their codes."""

from __future__ import annotations

from collections.abc import Mapping

from calibration.collecting.snapshot import CollectSnapshot
from ui.presenters.calibration_words import refusal_words
from ui.presenters.wording import Wording


def advice_sentence(snapshot: CollectSnapshot, words: Wording) -> str:
    """Return what to do next; a code that has no words here is said in English."""
    if snapshot.advice_code == "reading" and not snapshot.pictures and not snapshot.plate:
        return words.translate("Advice", "One moment …")
    sentence = advice_texts(words).get(snapshot.advice_code)
    if sentence is None:
        return snapshot.advice
    values = dict(snapshot.advice_values)
    if "reason" in values:
        values["reason"] = _reason(values["reason"], words)
    if "part" in values:
        values["part"] = _parts(words).get(values["part"], values["part"])
    try:
        return sentence.format(**values)
    except KeyError:
        return snapshot.advice


def advice_texts(words: Wording) -> Mapping[str, str]:
    """Return the sentences by code, with their places to fill."""
    translate = words.translate
    return {
        "reading": translate("Advice", "Reading the pictures that were taken before."),
        "no_pictures": translate("Advice", "No pictures come from the cameras."),
        "plate_hidden": translate(
            "Advice", "Camera {a} does not see the plate's frame ({reason}). Clear it, or take the picture without."
        ),
        "plate_still": translate("Advice", "Leave the plate empty: its frame is being photographed."),
        "hold_still": translate("Advice", "Hold it still."),
        "one_camera": translate("Advice", "Only camera {a} sees the board: hold it so that another one sees it too."),
        "too_close": translate("Advice", "Too close to camera {a}."),
        "too_far": translate("Advice", "Too far from camera {a}."),
        "too_steep": translate("Advice", "Tilt the board towards camera {a}."),
        "not_sharp": translate("Advice", "Camera {a} cannot see the board sharply."),
        "refused": translate("Advice", "Camera {a} cannot use the board: {reason}."),
        "between": translate("Advice", "Hold the board between camera {a} and camera {b}."),
        "between_tilted": translate(
            "Advice", "Hold the board between camera {a} and camera {b}, tilted towards camera {a}."
        ),
        "show": translate("Advice", "Show the board to camera {a}."),
        "tilt": translate("Advice", "Tilt the board more before camera {a}."),
        "nearer": translate("Advice", "Hold the board nearer to camera {a}."),
        "farther": translate("Advice", "Hold the board farther from camera {a}."),
        "part": translate("Advice", "Hold the board where camera {a} sees it at the {part} of its picture."),
        "enough": translate("Advice", "Enough pictures: press Solve."),
        "solving": translate("Advice", "Solving."),
        "solved": translate("Advice", "Look at the result, then accept it or take more pictures."),
        "accepted": translate("Advice", "The calibration is in use."),
    }


def _reason(reason: str, words: Wording) -> str:
    """Return a reason as it stands within a sentence."""
    if reason == "no picture came":
        return words.translate("Advice", "no picture came")
    text, sentence = refusal_words(reason, words)
    return reason if sentence == reason else text[:1].lower() + text[1:]


def _parts(words: Wording) -> Mapping[str, str]:
    translate = words.translate
    return {
        "upper left": translate("Advice", "upper left"),
        "upper right": translate("Advice", "upper right"),
        "left": translate("Advice", "left"),
        "right": translate("Advice", "right"),
        "lower left": translate("Advice", "lower left"),
        "lower right": translate("Advice", "lower right"),
    }
