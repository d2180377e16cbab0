"""From what the heads say, the weight and the size to calibrated probabilities and a verdict on the unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.classes import Fits

Scores = NDArray[np.float64]
"""One number per class, (C,)."""

FREEDOM = 4.0
"""Degrees of freedom of the Student t that takes the place of a normal curve: one odd measurement must not decide."""


@dataclass(frozen=True, slots=True)
class Expert:
    """Weights of the sources under one condition, fitted on validation captures.

    The logarithm of a class's probability is, up to a constant, ``fused``·(logits from everything) + ``visual``·(logits
    from the pictures) + ``weight``·(log-likelihood of the weight) + ``size``·(that of the size) + ``turned``·(how much
    worse it fits at its best turn than the classes it is confused with). ``threshold`` is the unknown score above which
    a part is unknown.
    """

    fused: float
    visual: float
    weight: float
    size: float
    turned: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Confidence:
    """Calibration of a model: one expert per condition, and the spreads of what is measured.

    Conditions are named after what is known beside the pictures: ``weight+size``, ``weight``, ``size``, ``pictures``.
    ``visual_spread`` is the usual distance (1 − cosine) of a known part to its likest training capture.
    """

    experts: Mapping[str, Expert]
    weight_spread: float
    size_spread: float
    size_noise_m: float
    visual_spread: float
    weight_limit: float = 3.5
    size_limit: float = 3.0
    level: float = 0.995

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Confidence:
        """Rebuild it; raises KeyError, TypeError or ValueError on a wrong one."""
        experts = {str(name): Expert(**{k: float(v) for k, v in e.items()}) for name, e in data["experts"].items()}
        rest = {str(name): float(value) for name, value in data.items() if name != "experts"}
        if set(experts) != set(CONDITIONS):
            raise ValueError(f"experts for {', '.join(sorted(experts))}")
        return Confidence(experts=experts, **rest)


CONDITIONS = ("weight+size", "weight", "size", "pictures")


def condition(weight_known: bool, size_known: bool) -> str:
    """Return the name of the condition."""
    if weight_known and size_known:
        return "weight+size"
    return "weight" if weight_known else "size" if size_known else "pictures"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one part: logits (C,), distances to the classes (C,), deviations (C,) or ``None``.

    ``turned`` (C,) are the penalties of ``recognition.turning``.
    """

    fused: Scores
    visual: Scores
    distance: Scores
    turned: Scores
    weight: Scores | None
    size: Scores | None

    @property
    def condition(self) -> str:
        """Name of the condition under which it was found."""
        return condition(self.weight is not None, self.size is not None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Calibrated probabilities (C,), and how strange the part is against the threshold."""

    probabilities: Scores
    unknown_score: float
    unknown: bool


def log_student(deviation: Scores) -> Scores:
    """Return the log-density of Student's t at a deviation, up to a constant."""
    return -0.5 * (FREEDOM + 1.0) * np.log1p(deviation**2 / FREEDOM)


def evidence(
    fused: Scores,
    visual: Scores,
    distance: Scores,
    turned: Scores,
    fits: Fits,
    weight_kg: float | None,
    size_m: Any,
) -> Evidence:
    """Gather what is known of a part."""
    return Evidence(
        fused=fused,
        visual=visual,
        distance=distance,
        turned=turned,
        weight=None if weight_kg is None else fits.weight(weight_kg),
        size=None if size_m is None else fits.size(size_m),
    )


def log_scores(found: Evidence, expert: Expert) -> Scores:
    """Return the unnormalised log-probabilities (C,) of a product of experts."""
    total = expert.fused * found.fused + expert.visual * found.visual + expert.turned * found.turned
    if found.weight is not None:
        total = total + expert.weight * log_student(found.weight)
    if found.size is not None:
        total = total + expert.size * log_student(found.size)
    return total


def unknown_score(found: Evidence, visual_spread: float) -> float:
    """Return how badly even the best fitting known class explains the part: −2 · the sum of the log-densities.

    A class explains a part when the pictures look like its training captures, and the weight and the size fit too.
    """
    misfit = -2.0 * log_student(found.distance / visual_spread)
    if found.weight is not None:
        misfit = misfit - 2.0 * log_student(found.weight)
    if found.size is not None:
        misfit = misfit - 2.0 * log_student(found.size)
    return float(misfit.min())


def judge(found: Evidence, confidence: Confidence) -> Verdict:
    """Return probabilities and whether the part is unknown."""
    expert = confidence.experts[found.condition]
    scores = log_scores(found, expert)
    weights = np.exp(scores - scores.max())
    score = unknown_score(found, confidence.visual_spread)
    return Verdict(weights / weights.sum(), score, score > expert.threshold)
