"""The long form of a camera's line: what is to be said of it beyond its figures."""

from __future__ import annotations

from calibration.watch.verdicts import CameraVerdict
from station.acquisition.rig_figures import CameraFigures
from station.cameras.supervisor import CameraStatus
from ui.presenters.wording import Wording


def trouble(status: CameraStatus, verdict: CameraVerdict | None) -> str:
    """Return why a camera gives no pictures or could not be checked, in the station's own words, English."""
    problem = verdict.problem if verdict is not None else ""
    return "\n".join(text for text in (status.reason, problem) if text)


def details(figures: CameraFigures | None, words: Wording) -> str:
    """Return what else is known of a camera that has no column."""
    return "\n".join(text for text in (_colour_line(figures, words), _useless_line(figures, words)) if text)


def _colour_line(figures: CameraFigures | None, words: Wording) -> str:
    """Return with what its pictures are taken, as far as that is known."""
    told = figures.told if figures else None
    if told is None:
        return ""
    translate = words.translate
    known = (
        (translate("Health", "exposure {value} ms"), None if told.exposure_us is None else told.exposure_us / 1e3, 1),
        (translate("Health", "gain {value}"), told.gain, 0),
        (translate("Health", "white balance {value} K"), told.white_balance_k, 0),
    )
    parts = [text.format(value=words.number(value, digits)) for text, value, digits in known if value is not None]
    return translate("Health", "Colour: {parts}.").format(parts=", ".join(parts)) if parts else ""


def _useless_line(figures: CameraFigures | None, words: Wording) -> str:
    """Return how many of its pictures came in vain or found no memory; nothing while none did."""
    if figures is None:
        return ""
    translate = words.translate
    misses = figures.told.misses if figures.told else 0
    known = (
        (translate("Health", "{count} came twice or late"), figures.repeated),
        (translate("Health", "{count} fitted no others"), figures.unmatched),
        (translate("Health", "{count} found no free memory"), misses),
    )
    parts = [text.format(count=count) for text, count in known if count]
    return translate("Health", "Of its pictures {parts}.").format(parts=", ".join(parts)) if parts else ""
