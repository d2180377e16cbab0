"""What the probabilities are worth: calibration, selective risk, prediction sets, and what tells unknown parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.answers import Answered, within
from recognition.evaluation.conformal import Conformal, calibrate, covered, set_lengths
from recognition.evaluation.intervals import Figure, bootstrapped, mean_figure
from recognition.evaluation.scores import (
    CalibrationBin,
    Floats,
    Rate,
    auroc,
    calibration_curve,
    expected_calibration_error,
    false_positives_at,
    rate,
    selective_risk,
)

COVERAGES = (0.5, 0.8, 0.9, 0.95, 1.0)
LEVELS = (0.9, 0.95, 0.99, 0.995)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error, how often right and how sure on average, and the curve."""

    error: Figure
    accuracy: Rate
    confidence: Figure
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class SelectiveRisk:
    """Errors among the surest answers; ``at`` holds the rate of wrong ones among a share of them, the surest first."""

    area: Figure
    at: tuple[tuple[float, Rate], ...]
    coverage: tuple[float, ...]
    risk: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class UnknownDetection:
    """How well the unknown score tells parts of classes that the model does not know from those that it knows.

    ``found`` and ``false_alarms`` are the shares called unknown, of unknown and of known parts, at the model's own
    threshold. ``known_scores`` and ``unknown_scores`` are the scores themselves.
    """

    condition: str
    auroc: Figure
    false_positives_at_95: Figure
    found: Rate
    false_alarms: Rate
    known_scores: tuple[float, ...]
    unknown_scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SetFigures:
    """Prediction sets that promise ``stated`` coverage: how many hold the truth, and how long they are.

    ``calibrated_on`` is the number of captures behind the promise, ``promised`` whether they were enough for one.
    """

    stated: float
    calibrated_on: int
    promised: bool
    covers: Rate
    length: Figure


def calibration(confidence: Floats, correct: NDArray[np.bool_]) -> Calibration:
    """Return the calibration of answers with these confidences (N,), right or wrong (N,)."""

    def error(rows: NDArray[np.int64]) -> float:
        return expected_calibration_error(calibration_curve(confidence[rows], correct[rows]))

    return Calibration(
        error=bootstrapped(error, len(correct)),
        accuracy=rate(correct),
        confidence=mean_figure(confidence),
        bins=calibration_curve(confidence, correct),
    )


def risk_of_answers(confidence: Floats, correct: NDArray[np.bool_]) -> SelectiveRisk:
    """Return what is wrong among the surest answers."""
    curve = selective_risk(confidence, correct)
    order = np.argsort(-confidence, kind="stable")
    return SelectiveRisk(
        area=bootstrapped(lambda rows: selective_risk(confidence[rows], correct[rows]).area, len(correct)),
        at=tuple((share, rate(~correct[order[: round(share * len(order))]])) for share in COVERAGES),
        coverage=tuple(curve.coverage.tolist()),
        risk=tuple(curve.risk.tolist()),
    )


def unknown_detection(condition: str, known: Sequence[Answered], strangers: Sequence[Answered]) -> UnknownDetection:
    """Return how well parts of known and unknown classes are told apart."""
    scores = np.array([a.unknown_score for a in (*known, *strangers)], dtype=np.float64)

    def split(rows: NDArray[np.int64]) -> tuple[list[float], list[float]]:
        picked: list[float] = scores[rows].tolist()
        return picked[: len(known)], picked[len(known) :]

    return UnknownDetection(
        condition=condition,
        auroc=bootstrapped(lambda rows: auroc(*split(rows)), len(known), len(strangers)),
        false_positives_at_95=bootstrapped(lambda rows: false_positives_at(*split(rows)), len(known), len(strangers)),
        found=rate([a.unknown for a in strangers]),
        false_alarms=rate([a.unknown for a in known]),
        known_scores=tuple(scores[: len(known)].tolist()),
        unknown_scores=tuple(scores[len(known) :].tolist()),
    )


def stated_sets(answers: Sequence[Answered], level: float, captures: int, promised: bool) -> SetFigures:
    """Return what the prediction sets hold that the station itself gives."""
    known = [answer for answer in answers if answer.rank is not None]
    return SetFigures(
        level,
        captures,
        promised,
        rate([answer.covered for answer in known]),
        mean_figure(np.array([answer.set_length for answer in known])),
    )


def conformal_sets(
    held_out: tuple[Floats, NDArray[np.int64]], probabilities: Floats, labels: NDArray[np.int64]
) -> tuple[SetFigures, ...]:
    """Return what sets hold whose floors were calibrated on the probabilities and labels ``held_out``."""
    rows: list[SetFigures] = []
    for level in LEVELS:
        floor: Conformal = calibrate(*held_out, coverage=level)
        rows.append(
            SetFigures(
                level,
                floor.captures,
                floor.floor > 0.0,
                rate(covered(probabilities, labels, floor)),
                mean_figure(set_lengths(probabilities, floor)),
            )
        )
    return tuple(rows)


def confidences(answers: Sequence[Answered]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return how sure the answers were (N,) and whether they were right (N,)."""
    return np.array([answer.confidence for answer in answers], dtype=np.float64), within(answers, 1)
