"""One look at the plate: locate, recognise, and put what came of it into a sentence."""

from __future__ import annotations

import logging
import math
import secrets
import time
from dataclasses import dataclass
from datetime import UTC

import structlog

from station.errors import ModelError, StationError
from station.frames import FrameSet
from station.geometry import RigCalibration
from station.results import PartLocation, PlateState, Recognition
from station.workflow.protocols import PartLocator, Recognizer
from station.workflow.status import CapturedPart, Outcome, Weighed

_log = logging.getLogger(__name__)

REACHED_INTO = "Something reaches over the plate, as a hand or a cable: take it away."
"""What is said while nothing is looked at because of it."""
_SENTENCES = {
    PlateState.EMPTY: "No camera sees a part on the plate.",
    PlateState.SEVERAL_PARTS: "Several parts lie on the plate; leave only one.",
    PlateState.OUTSIDE: "The part reaches beyond the plate; move it to the middle.",
    PlateState.REACHED_INTO: REACHED_INTO,
}
_OUTCOMES = {
    PlateState.OK: Outcome.OK,
    PlateState.EMPTY: Outcome.EMPTY,
    PlateState.SEVERAL_PARTS: Outcome.SEVERAL_PARTS,
    PlateState.OUTSIDE: Outcome.OUTSIDE,
    PlateState.REACHED_INTO: Outcome.REACHED_INTO,
}


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks: the locator, the recogniser, and the geometry that both are given.

    Without a recogniser the part is looked for and not recognised.
    """

    locator: PartLocator
    recognizer: Recognizer | None
    calibration: RigCalibration


def capture_id(frameset: FrameSet) -> str:
    """Return a new id for a capture: its UTC time to the millisecond and four random hex digits."""
    taken = frameset.taken_at.astimezone(UTC)
    return f"{taken:%Y%m%dT%H%M%S}{taken.microsecond // 1000:03d}Z-{secrets.token_hex(2)}"


def look(eyes: Eyes, frameset: FrameSet, weighed: Weighed, matched_ms: float) -> CapturedPart:
    """Locate and recognise the part in a frameset; never raises for what the locator or the recogniser do.

    ``matched_ms`` is the time from the trigger to the frameset.
    """
    name = capture_id(frameset)
    with structlog.contextvars.bound_contextvars(capture_id=name):
        return _look(eyes, name, frameset, weighed, matched_ms)


def _look(eyes: Eyes, name: str, frameset: FrameSet, weighed: Weighed, matched_ms: float) -> CapturedPart:
    started = time.perf_counter()
    timings = {"match": matched_ms}
    location: PartLocation | None = None
    recognition: Recognition | None = None
    error = ""
    try:
        location = eyes.locator.locate(frameset, eyes.calibration)
        timings["roi"] = (time.perf_counter() - started) * 1000.0
        if eyes.recognizer is not None and location.state in (PlateState.OK, PlateState.OUTSIDE):
            answer = eyes.recognizer.recognize(frameset, location, weighed.usable_kg)
            if not all(math.isfinite(n) for n in (answer.unknown_score, *(c.probability for c in answer.ranked))):
                raise ModelError(
                    f"Model {answer.model_id} answered with numbers that are none.", todo="Install the model again."
                )
            recognition = answer
            timings.update(recognition.timings_ms)
    except StationError as failure:
        _log.warning("A look at the plate failed: %s", failure)
        error = str(failure)
    except Exception as failure:
        # A fault in the model or in a vision library must not end the station: it becomes this part's sentence.
        _log.exception("A look at the plate failed")
        error = f"The {'recognition' if location else 'search for the part'} failed: {failure!r}."
    timings["total"] = matched_ms + (time.perf_counter() - started) * 1000.0
    outcome = Outcome.ERROR if error or location is None else _OUTCOMES[location.state]
    return CapturedPart(
        capture_id=name,
        taken_at=frameset.taken_at,
        frameset=frameset,
        calibration_id=eyes.calibration.id,
        outcome=outcome,
        message=error or _sentence(location, recognition, weighed.load_kg),
        weight_kg=weighed.usable_kg,
        scale_kg=weighed.load_kg,
        location=location,
        recognition=recognition,
        timings_ms=timings,
        error=error,
        weight_stable=weighed.stable,
        scale_step_kg=None if weighed.load_kg is None else weighed.step_kg,
    )


def _sentence(location: PartLocation | None, recognition: Recognition | None, scale_kg: float | None) -> str:
    if location is None:
        return ""
    if recognition is None or location.state is PlateState.OUTSIDE:
        message = location.message or _SENTENCES.get(location.state, "")
        if location.state is PlateState.EMPTY and scale_kg is not None:
            message += f" The scale feels {scale_kg * 1000.0:.1f} g: check the plate, or zero the scale."
        return message
    if recognition.unknown or not recognition.ranked:
        return "This part is unknown."
    best = recognition.ranked[0]
    return f"{best.class_id}, {best.probability:.0%}."
