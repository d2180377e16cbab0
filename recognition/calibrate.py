"""Fitting of the confidence on validation captures, and on nothing else."""

# scipy has no annotations
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recognition.classes import ClassProfile, Fits
from recognition.confidence import (
    CONDITIONS,
    Confidence,
    Evidence,
    Expert,
    condition,
    evidence,
    log_student,
    unknown_score,
)

FALSE_UNKNOWN = 0.03
"""Share of known validation parts that the threshold may call unknown; the promise is five percent."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the model said of N validation captures with known classes.

    ``fused`` by condition and ``visual`` are logits (N, C), ``distance`` (N, C) is 1 − cosine to the likest training
    capture of each class, ``turned`` (N, C) the penalties of ``recognition.turning``, ``labels`` (N,), ``weights_kg``
    (N,) and ``sizes_m`` (N, 3) with NaN where unknown.
    """

    fused: dict[str, NDArray[np.float64]]
    visual: NDArray[np.float64]
    distance: NDArray[np.float64]
    turned: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights_kg: NDArray[np.float64]
    sizes_m: NDArray[np.float64]


def fit_confidence(outputs: Outputs, profiles: Sequence[ClassProfile]) -> Confidence:
    """Fit spreads, the weights of the experts and the thresholds."""
    rough = Confidence({}, weight_spread=0.006, size_spread=0.01, size_noise_m=0.003, visual_spread=0.1)
    rough = _with_spreads(rough, outputs, profiles)
    experts = {name: _fit_expert(gather(outputs, profiles, rough, name), rough) for name in CONDITIONS}
    return replace(rough, experts=experts)


def gather(
    outputs: Outputs, profiles: Sequence[ClassProfile], confidence: Confidence, name: str
) -> list[tuple[Evidence, int]]:
    """Return evidence and label of every capture under the condition ``name``; captures that lack it are left out."""
    fits = Fits(profiles, confidence.weight_spread, confidence.size_spread, confidence.size_noise_m)
    wants_weight, wants_size = "weight" in name, "size" in name
    found: list[tuple[Evidence, int]] = []
    for row, label in enumerate(outputs.labels):
        weight, size = float(outputs.weights_kg[row]), outputs.sizes_m[row]
        if condition(wants_weight and not np.isnan(weight), wants_size and not np.isnan(size).any()) != name:
            continue
        found.append(
            (
                evidence(
                    outputs.fused[name][row],
                    outputs.visual[row],
                    outputs.distance[row],
                    outputs.turned[row],
                    fits,
                    weight if wants_weight else None,
                    size if wants_size else None,
                ),
                int(label),
            )
        )
    return found


def _with_spreads(start: Confidence, outputs: Outputs, profiles: Sequence[ClassProfile]) -> Confidence:
    """Measure how far validation captures lie from their own class's training captures."""
    deviations: list[float] = []
    nearest: list[NDArray[np.float64]] = []
    for row, label in enumerate(outputs.labels):
        own = profiles[int(label)]
        weight, size = float(outputs.weights_kg[row]), outputs.sizes_m[row]
        if own.weight_kg is not None and weight > 0.02:
            deviations.append(float(np.log(weight / own.weight_kg)))
        if own.sizes and not np.isnan(size).any():
            apart = np.abs(np.array(own.sizes) - size)
            nearest.append(apart[int((apart**2).sum(axis=1).argmin())])
    own_distance = outputs.distance[np.arange(len(outputs.labels)), outputs.labels]
    # robust spreads: a rare lying pose that no training capture shows must not widen them
    return replace(
        start,
        weight_spread=max(0.003, _spread(np.array(deviations))) if deviations else start.weight_spread,
        size_noise_m=max(0.001, _spread(np.concatenate(nearest))) if nearest else start.size_noise_m,
        visual_spread=max(0.01, float(np.quantile(own_distance, 0.80))),
    )


def _spread(values: NDArray[np.float64]) -> float:
    """Return the standard deviation of a normal curve with the same 80 % quantile of absolute values."""
    return float(np.quantile(np.abs(values), 0.80) / 1.2816)


def _fit_expert(found: list[tuple[Evidence, int]], confidence: Confidence) -> Expert:
    """Minimise the cross-entropy over the five weights, drawn a little towards their plain values."""
    prior = np.array([0.5, 0.5, 1.0, 1.0, 10.0])
    if not found:
        return Expert(*(float(v) for v in prior), threshold=float("inf"))
    labels = np.array([label for _, label in found])
    zero = np.zeros_like(found[0][0].fused)
    terms = np.stack(
        [
            np.stack(
                [
                    e.fused,
                    e.visual,
                    zero if e.weight is None else log_student(e.weight),
                    zero if e.size is None else log_student(e.size),
                    e.turned,
                ]
            )
            for e, _ in found
        ]
    )

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = np.einsum("k,nkc->nc", weights, terms)
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        nll = -np.log(np.maximum(p[rows, labels], 1e-12)).mean()
        p[rows, labels] -= 1.0
        gradient = np.einsum("nc,nkc->k", p, terms) / len(labels)
        pull = 1e-3 * (weights - prior)
        return float(nll + 0.5 * (pull * (weights - prior)).sum()), gradient + pull

    best = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0.0, 8.0)] * 4 + [(0.0, 80.0)])
    scores = np.array([unknown_score(e, confidence.visual_spread) for e, _ in found])
    threshold = float(np.quantile(scores, 1.0 - FALSE_UNKNOWN))
    return Expert(*(float(v) for v in best.x), threshold=threshold)
