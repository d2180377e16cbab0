"""What probabilities are worth: calibration, selective risk, unknown detection, and rates with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

Floats = NDArray[np.float64]
Z_95 = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval (Wilson's score interval), and of how many; NaN where there were none."""

    share: float
    low: float
    high: float
    count: int


def rate(hits: Sequence[bool] | NDArray[np.bool_]) -> Rate:
    """Return the share of hits."""
    return rate_of(float(np.mean(hits)) if len(hits) else math.nan, len(hits))


def rate_of(share: float, count: int) -> Rate:
    """Return a share of ``count`` with its interval; E. B. Wilson, "Probable inference", JASA 22 (1927)."""
    if not count:
        return Rate(math.nan, math.nan, math.nan, 0)
    spread = 1.0 + Z_95**2 / count
    middle = (share + Z_95**2 / (2 * count)) / spread
    # Rounding must not push the share itself out of its interval.
    half = Z_95 * math.sqrt(share * (1.0 - share) / count + Z_95**2 / (4 * count**2)) / spread
    return Rate(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)), count)


def ranks_of_truth(probabilities: Floats, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each true class in its ranking, from 0; (N,) of probabilities (N, C) and labels (N,)."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return cast("NDArray[np.int64]", np.argmax(order == labels[:, None], axis=1))


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Answers of like confidence: how sure they were on average, how often right, and how many."""

    confidence: float
    accuracy: float
    count: int


def calibration_curve(confidence: Floats, correct: NDArray[np.bool_], bins: int = 15) -> tuple[CalibrationBin, ...]:
    """Return bins of equal width in confidence, empty ones left out."""
    places = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    found: list[CalibrationBin] = []
    for place in range(bins):
        there = places == place
        if there.any():
            found.append(
                CalibrationBin(float(confidence[there].mean()), float(correct[there].mean()), int(there.sum()))
            )
    return tuple(found)


def expected_calibration_error(curve: Sequence[CalibrationBin]) -> float:
    """Return the mean distance of confidence from accuracy, weighted by the bins' counts (Guo et al., 1706.04599)."""
    total = sum(one.count for one in curve)
    return sum(abs(one.confidence - one.accuracy) * one.count for one in curve) / total if total else math.nan


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """Error rate over the surest answers: ``risk[i]`` at ``coverage[i]``, and the area below (AURC)."""

    coverage: Floats
    risk: Floats
    area: float


def selective_risk(confidence: Floats, correct: NDArray[np.bool_]) -> RiskCurve:
    """Return what is wrong among the surest answers, from one to all (Geifman and El-Yaniv, 1705.08500).

    Answers that are equally sure are taken together: their order says nothing.
    """
    order = np.argsort(-confidence, kind="stable")
    sure, wrong = confidence[order], ~correct[order]
    counts = np.arange(1, len(order) + 1)
    last_of_equals = np.diff(sure, append=-np.inf) != 0.0
    coverage: Floats = counts[last_of_equals] / max(1, len(order))
    risk: Floats = np.cumsum(wrong)[last_of_equals] / counts[last_of_equals]
    widths = np.diff(coverage, prepend=0.0)
    return RiskCurve(coverage, risk, float((risk * widths).sum()) if len(order) else math.nan)


def auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Return the probability that an unknown part scores higher than a known one, ties counted half.

    This is the area under the ROC curve (Mann and Whitney's U over the number of pairs); NaN without pairs.
    """
    if not known or not unknown:
        return float("nan")
    ranks = cast(NDArray[np.float64], rankdata([*known, *unknown]))
    above = float(ranks[len(known) :].sum()) - len(unknown) * (len(unknown) + 1) / 2.0
    return above / (len(known) * len(unknown))


def false_positives_at(known: Sequence[float], unknown: Sequence[float], found: float = 0.95) -> float:
    """Return the share of known parts called unknown when ``found`` of the unknown ones are; NaN without either."""
    if not known or not unknown:
        return math.nan
    ordered = sorted(unknown, reverse=True)
    threshold = ordered[max(0, math.ceil(found * len(ordered) - 1e-9) - 1)]
    return sum(score >= threshold for score in known) / len(known)
