"""From what the heads say, the weight and the size to calibrated probabilities and a verdict on the unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from recognition.classes import Fits
from recognition.crops.cache import LIGHTEST_KG

Scores = NDArray[np.float64]
"""One number per class, (C,)."""
Penalties = NDArray[np.float64]
"""(2, C), at most zero: how much worse each class's relief fits at its best turn than the best of the classes that it
is confused with, and than the best of all classes; see ``confidence.turning``."""

PICTURES_LIMIT, WEIGHT_LIMIT, SIZE_LIMIT = 2.5, 3.5, 3.0
"""What lies farther from a class than so many usual deviations does not fit it."""
FREEDOM = 4.0
"""Degrees of freedom of the Student t that takes the place of a normal curve: one odd measurement must not decide."""
HEAVIEST_KG = 30.0
"""Nothing heavier is put on the scale."""


@dataclass(frozen=True, slots=True)
class Expert:
    """Weights of the sources under one condition, fitted on validation captures.

    The logarithm of a class's probability is, up to a constant, ``fused``·(logits from everything) + ``visual``·(logits
    from the pictures) + ``weight``·(log-likelihood of the weight) + ``size``·(that of the size) + ``turned``·(how much
    worse its relief fits at its best turn than those of the classes it is confused with) + ``relief``·(the same against
    all classes; 0 in models that were fitted before that was thought of). ``threshold`` is the unknown score above
    which a part is unknown; classes down to the probability ``floor`` belong to the prediction set, 0 where too few
    captures were there to promise anything.
    """

    fused: float
    visual: float
    weight: float
    size: float
    turned: float
    threshold: float
    floor: float = 0.0
    relief: float = 0.0


@dataclass(frozen=True, slots=True)
class Confidence:
    """Calibration of a model: one expert per condition, and the spreads of what is measured.

    Conditions are named after what is known beside the pictures: ``weight+size``, ``weight``, ``size``, ``pictures``.
    ``visual_spread`` is the usual distance (1 − cosine) of a known part to its likest training capture, ``level`` the
    share of prediction sets that hold the truth, ``wrong_weight`` how often the scale is expected to weigh something
    else than the part alone (0 in models that were fitted before that was thought of), ``view_temperature`` what the
    logits of single views are divided by, ``captures`` on how many captures it was fitted.
    """

    experts: Mapping[str, Expert]
    weight_spread: float
    size_spread: float
    size_noise_m: float
    visual_spread: float
    weight_limit: float = WEIGHT_LIMIT
    size_limit: float = SIZE_LIMIT
    level: float = 0.995
    wrong_weight: float = 0.0
    view_temperature: float = 1.0
    captures: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; a threshold that no capture set is ``null``, JSON has no number for it."""
        data = asdict(self)
        for expert in data["experts"].values():
            expert["threshold"] = expert["threshold"] if math.isfinite(expert["threshold"]) else None
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Confidence:
        """Rebuild it; raises KeyError, TypeError or ValueError on a wrong one."""
        experts = {str(name): Expert(**{k: _read(k, v) for k, v in e.items()}) for name, e in data["experts"].items()}
        rest = {str(name): float(value) for name, value in data.items() if name != "experts"}
        if set(experts) != set(CONDITIONS):
            raise ValueError(f"experts for {', '.join(sorted(experts))}")
        return Confidence(experts=experts, **rest)


def _read(name: str, value: Any) -> float:
    return math.inf if value is None and name == "threshold" else float(cast(float, value))


CONDITIONS = ("weight+size", "weight", "size", "pictures")


def condition(weight_known: bool, size_known: bool) -> str:
    """Return the name of the condition."""
    if weight_known and size_known:
        return "weight+size"
    return "weight" if weight_known else "size" if size_known else "pictures"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one part: logits (C,), distances to the classes (C,), deviations (C,) or ``None``.

    ``turned`` (2, C) are the penalties of ``confidence.turning``. ``fused_without_weight`` (C,) are the logits from
    everything but the weight, ``None`` where they were not asked for; ``weight_sigma`` is the spread of the logarithm
    of this weight.
    """

    fused: Scores
    visual: Scores
    distance: Scores
    turned: Penalties
    weight: Scores | None
    size: Scores | None
    fused_without_weight: Scores | None = None
    weight_sigma: float = 1.0

    @property
    def condition(self) -> str:
        """Name of the condition under which it was found."""
        return condition(self.weight is not None, self.size is not None)

    def without_weight(self) -> Evidence | None:
        """Return what is known when the weight is put aside, ``None`` where that is not known or the same."""
        if self.weight is None or self.fused_without_weight is None:
            return None
        return replace(self, fused=self.fused_without_weight, weight=None, fused_without_weight=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Calibrated probabilities (C,), and how strange the part is against the threshold.

    ``trust`` is the probability that the scale weighs the part and nothing else, ``None`` without a weight;
    ``members`` are the numbers of the classes of the prediction set, likeliest first.
    """

    probabilities: Scores
    unknown_score: float
    unknown: bool
    trust: float | None
    members: NDArray[np.int64]


def log_student(deviation: Scores) -> Scores:
    """Return the log-density of Student's t at a deviation, up to a constant."""
    return -0.5 * (FREEDOM + 1.0) * np.log1p(deviation**2 / FREEDOM)


def evidence(
    fused: Scores,
    visual: Scores,
    distance: Scores,
    turned: Penalties,
    fits: Fits,
    weight_kg: float | None,
    size_m: Any,
    fused_without_weight: Scores | None = None,
) -> Evidence:
    """Gather what is known of a part."""
    return Evidence(
        fused=fused,
        visual=visual,
        distance=distance,
        turned=turned,
        weight=None if weight_kg is None else fits.weight(weight_kg),
        size=None if size_m is None else fits.size(size_m),
        fused_without_weight=fused_without_weight,
        weight_sigma=1.0 if weight_kg is None else fits.weight_sigma(weight_kg),
    )


def log_scores(found: Evidence, expert: Expert) -> Scores:
    """Return the unnormalised log-probabilities (C,) of a product of experts."""
    total = expert.fused * found.fused + expert.visual * found.visual
    total = total + expert.turned * found.turned[0] + expert.relief * found.turned[1]
    if found.weight is not None:
        total = total + expert.weight * log_student(found.weight)
    if found.size is not None:
        total = total + expert.size * log_student(found.size)
    return total


def misfits(found: Evidence, visual_spread: float) -> dict[str, Scores]:
    """Return how badly every class explains the pictures, the weight and the size: −2 · log-density, each (C,)."""
    parts = {"pictures": -2.0 * log_student(found.distance / visual_spread)}
    if found.weight is not None:
        parts["weight"] = -2.0 * log_student(found.weight)
    if found.size is not None:
        parts["size"] = -2.0 * log_student(found.size)
    return parts


def misfit(found: Evidence, visual_spread: float) -> Scores:
    """Return how badly every class explains all that is known, (C,)."""
    return np.sum(list(misfits(found, visual_spread).values()), axis=0)


def limit_score(name: str) -> float:
    """Return the unknown score of a part of which one source is at its limit and each other at one usual deviation.

    The condition ``name`` says what the sources are beside the pictures.
    """
    limits = {"weight": WEIGHT_LIMIT, "size": SIZE_LIMIT}
    deviations = sorted((PICTURES_LIMIT, *(limit for source, limit in limits.items() if source in name)))
    return float(-2.0 * log_student(np.array([*(1.0 for _ in deviations[1:]), deviations[-1]])).sum())


def unknown_score(found: Evidence, visual_spread: float) -> float:
    """Return how badly even the best fitting known class explains the part: −2 · the sum of the log-densities.

    A class explains a part when the pictures look like its training captures, and the weight and the size fit too.
    """
    return float(misfit(found, visual_spread).min())


def weight_trust(found: Evidence, without: Scores, wrong_weight: float) -> float:
    """Return the probability that the weight is that of the part, after Bayes.

    A right weight scatters round that of the class (a normal curve of its logarithm), weighed by how likely the class
    is ``without`` the weight (C,), zero for classes that do not come into question without it; a wrong one is anywhere
    between the lightest and the heaviest that is ever weighed.
    """
    if found.weight is None:
        return 1.0
    right = float((without * np.exp(-0.5 * found.weight**2)).sum()) / (found.weight_sigma * np.sqrt(2.0 * np.pi))
    right, wrong = (1.0 - wrong_weight) * right, wrong_weight / np.log(HEAVIEST_KG / LIGHTEST_KG)
    return right / (right + wrong)


def judge(found: Evidence, confidence: Confidence) -> Verdict:
    """Return probabilities, the prediction set and whether the part is unknown.

    The answer is a mixture of two: with the weight, where it is that of the part, and without it, where it is not. So a
    weight that is wrong costs what no weight at all costs, and little more.
    """
    expert = confidence.experts[found.condition]
    probabilities = softmax(log_scores(found, expert))
    floor, trust = expert.floor, None if found.weight is None else 1.0
    blind = found.without_weight() if confidence.wrong_weight > 0.0 else None
    if blind is not None:
        second = confidence.experts[blind.condition]
        without = softmax(log_scores(blind, second))
        speaking = np.where(_speaks(blind, without, second, confidence), without, 0.0)
        trust = weight_trust(found, speaking, confidence.wrong_weight)
        probabilities = trust * probabilities + (1.0 - trust) * without
        if trust < 0.5:
            # what is said is the answer without the weight: its promise is kept, and the other one too
            floor = min(floor, second.floor)
    score = unknown_score(found, confidence.visual_spread)
    members = prediction_set(probabilities, floor, confidence.level)
    return Verdict(probabilities, score, score > expert.threshold, trust, members)


def _speaks(blind: Evidence, without: Scores, expert: Expert, confidence: Confidence) -> NDArray[np.bool_]:
    """Return which classes may speak for a weight, by what is known but the weight.

    Among many classes nearly every weight is that of some class. So only those speak that come into question without
    it, or that explain the rest as well as a known part is explained. Where no class explains the rest, the size may be
    what is wrong, and all of them speak.
    """
    explained = misfit(blind, confidence.visual_spread) <= expert.threshold
    if not explained.any():
        return ~explained
    explained[prediction_set(without, expert.floor, confidence.level)] = True
    return explained


def prediction_set(probabilities: Scores, floor: float, level: float) -> NDArray[np.int64]:
    """Return the numbers of the classes that come into question, likeliest first, at least one.

    With a conformal ``floor`` those that reach it; without one (0) the shortest head of the ranking whose
    probabilities sum up to ``level``, which promises no more than the probabilities themselves.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    if floor > 0.0:
        return order[: max(1, int((ranked >= floor).sum()))]
    return order[: 1 + int(np.searchsorted(np.cumsum(ranked), level))]


def softmax(scores: Scores) -> Scores:
    """Return the probabilities of unnormalised log-probabilities (C,)."""
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()
