"""Sentences of the calibration: cameras by their place, reasons, advice and findings, in the user's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from calibration.acceptance import Doubt, DoubtKind
from calibration.findings import Finding, FindingKind
from calibration.solution import RigSolution
from ui.presenters.tiles import role_label
from ui.presenters.wording import NO_VALUE, Wording

MOST_NAMED = 5
"""More cameras or pictures than this are counted instead of named."""


def listed(names: Sequence[str], words: Wording) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return words.translate("Calibration", "{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])


def cameras_named(roles: Sequence[str], words: Wording) -> str:
    """Return ``camera 3`` or ``cameras 1, 3 and 7``."""
    translate = words.translate
    one, several = translate("Calibration", "camera {names}"), translate("Calibration", "cameras {names}")
    text = one if len(roles) == 1 else several
    return text.format(names=listed([role_label(role) for role in roles], words))


def picture_named(placement: str, words: Wording) -> str:
    """Return how people call a placement: ``Picture 7``, or the plate."""
    translate = words.translate
    number = placement.rsplit("-", 1)[-1].rsplit("_", 1)[-1].lstrip("0")
    if number.isdecimal():
        return translate("Calibration", "Picture {number}").format(number=number)
    return translate("Calibration", "The plate") if placement == "plate" else placement


def pictures_counted(count: int, words: Wording) -> str:
    """Return ``1 picture`` or ``7 pictures``."""
    one, several = words.translate("Calibration", "1 picture"), words.translate("Calibration", "{count} pictures")
    return (one if count == 1 else several).format(count=count)


def moment(at: str | datetime, words: Wording) -> str:
    """Return a date and time of the day here; ``at`` may be ISO text, which is given back when it is none."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return str(at)
    return at.astimezone().strftime(words.translate("Calibration", "%Y-%m-%d %H:%M"))


def refusal_words(refusal: str, words: Wording) -> tuple[str, str]:
    """Return a word for the tile and a sentence with the remedy for why a found board cannot be used."""
    translate = words.translate
    known = {
        "tiny": (
            translate("Calibration", "Too small"),
            translate("Calibration", "The board looks too small: hold it nearer to this camera."),
        ),
        "cut off": (
            translate("Calibration", "Cut off"),
            translate("Calibration", "The board reaches the picture's border: hold it wholly inside."),
        ),
        "grazing": (
            translate("Calibration", "Too slanted"),
            translate("Calibration", "The board is seen too flat: turn it towards this camera."),
        ),
        "blurred": (
            translate("Calibration", "Blurred"),
            translate("Calibration", "The picture is blurred: hold the board still, or clean the lens."),
        ),
    }
    return known.get(refusal.split(":", 1)[0], (translate("Calibration", "Not usable"), refusal))


def finding_sentence(finding: Finding, solution: RigSolution, words: Wording) -> str:
    """Return a finding as a sentence with camera places and picture names."""
    translate = words.translate
    cameras = _some_cameras(finding.roles, words)
    pictures = _some_pictures(finding, words)
    texts = {
        FindingKind.BLIND: translate("Findings", "{cameras}: no picture of the board. Not solved."),
        FindingKind.TOO_LITTLE: translate(
            "Findings", "{cameras}: too few pictures in common with the others. Not solved."
        ),
        FindingKind.APART: translate(
            "Findings", "No picture ties {cameras} to the rest. Hold the board where cameras of both groups see it."
        ),
        FindingKind.WEAK: translate(
            "Findings", "{cameras}: {views}, sure to {mm} mm. Show the board there more often."
        ),
        FindingKind.TURNED: translate(
            "Findings", "{pictures}: {cameras} read the board turned. It was used the right way round."
        ),
        FindingKind.FOREIGN: translate(
            "Findings", "{pictures}: what {cameras} saw does not fit the others. It was left out."
        ),
        FindingKind.GROSS_CORNERS: translate(
            "Findings", "{pictures}: some corners of {cameras} are far off. They were left out."
        ),
        FindingKind.MOVED: translate(
            "Findings", "No longer where the calibration says: {cameras}. Calibrate all cameras anew."
        ),
        FindingKind.INTRINSICS_DOUBTED: translate(
            "Findings",
            "The pictures contradict the given focal lengths, most of all of {cameras}: by {change}.",
        ),
        FindingKind.NOISY: translate(
            "Findings", "The board moved while it was photographed, or the cameras are not in step. Hold it still."
        ),
        FindingKind.SQUARES: translate(
            "Findings", "The board's squares are {change} off the stated size. Measure the ruler on the sheet."
        ),
        FindingKind.UNSTATED: translate(
            "Findings", "Nothing says how sure these stand: {cameras}. Calibrate all cameras anew."
        ),
        FindingKind.SECOND_OPINION: translate(
            "Findings", "OpenCV's own solve puts {cameras} elsewhere. Take more pictures and solve again."
        ),
    }
    change = ""
    first = solution.cameras.get(finding.roles[0]) if finding.roles else None
    views = pictures_counted(first.views if first else 0, words)
    mm = words.number(first.position_mm, 2) if first else NO_VALUE
    if finding.kind is FindingKind.INTRINSICS_DOUBTED and solution.evidence is not None:
        focal = solution.evidence.focal_change
        worst = max(focal, key=lambda role: abs(focal[role]))
        cameras, change = cameras_named((worst,), words), words.percent(abs(focal[worst]))
    if finding.kind is FindingKind.SQUARES:
        change = ", ".join(words.percent(abs(one.change)) for one in solution.scales if one.doubted)
    text = texts[finding.kind].format(cameras=cameras, pictures=pictures, change=change, views=views, mm=mm)
    return text[:1].upper() + text[1:]


def doubts_sentence(against: Sequence[Doubt], solution: RigSolution, words: Wording) -> str:
    """Return what speaks against a result, and how it is accepted all the same."""
    told = [doubt_sentence(one, solution, words) for one in against]
    return " ".join([*told, words.translate("Doubts", "Enter again accepts it even so.")])


def doubt_sentence(doubt: Doubt, solution: RigSolution, words: Wording) -> str:
    """Return one reason against a result."""
    if doubt.finding is not None:
        return finding_sentence(doubt.finding, solution, words)
    translate = words.translate
    texts = {
        DoubtKind.LOST: translate("Doubts", "The calibration in use has {cameras}, this one does not."),
        DoubtKind.UNSURE: translate("Doubts", "{cameras}: sure to {mm} mm only."),
    }
    text = texts[doubt.kind].format(cameras=_some_cameras(doubt.roles, words), mm=words.number(doubt.bound_mm, 2))
    return text[:1].upper() + text[1:]


def sheet_sentence(sheets: int, path: Path, words: Wording) -> str:
    """Return what to do with the board's sheet that was written."""
    translate = words.translate
    text = translate("Calibration", "{path} is written. Print it without scaling and measure the ruler.")
    if sheets > 1:
        text = translate("Calibration", "{path}: {count} sheets. Print without scaling, join them at the cut marks.")
    return text.format(path=path, count=sheets)


def _some_cameras(roles: Sequence[str], words: Wording) -> str:
    if len(roles) > MOST_NAMED:
        return words.translate("Calibration", "{count} cameras").format(count=len(roles))
    return cameras_named(roles, words)


def _some_pictures(finding: Finding, words: Wording) -> str:
    placements = sorted({placement for placement, _ in finding.views})
    if len(placements) > MOST_NAMED:
        return pictures_counted(len(placements), words)
    return listed([picture_named(placement, words) for placement in placements], words)
