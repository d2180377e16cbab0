"""Fitting of the confidence on validation captures, and on nothing else.

A promise made on the captures that the confidence was fitted to would be too good. So the captures are split into five
folds, every class spread over all of them; the confidence is fitted five times, each time without one fold, and that
fold is judged by it. The thresholds, the floors of the prediction sets and all figures come from these judgements of
captures that had no part in their own judgement; the spreads and the weights of the experts, seven figures a condition,
are then fitted on all captures together. This is cross-conformal prediction (Vovk, arXiv 1208.0806): it wastes no
capture, and the fits of four fifths and of all hardly differ, so the sets hold the truth about as often as stated
(exchangeable captures; in the worst case twice as many are missed, Barber et al., arXiv 1905.02928).
"""

# scipy has no annotations
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp

from recognition.classes import ClassProfile, Fits
from recognition.confidence.experts import (
    CONDITIONS,
    Confidence,
    Evidence,
    Expert,
    condition,
    evidence,
    judge,
    limit_score,
    log_student,
)
from recognition.evaluation.conformal import calibrate, least_captures

FALSE_UNKNOWN = 0.03
"""Share of known validation parts that the threshold may call unknown; the promise is five percent."""
WRONG_WEIGHT = 0.02
"""One weight in fifty is not that of the part alone: a tray left on, a hand, a screw that is missing. Not fitted."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the model said of N validation captures with known classes.

    ``fused`` by condition and ``visual`` are logits (N, C), ``distance`` (N, C) is 1 − cosine to the likest training
    capture of each class, ``turned`` (N, 2, C) the penalties of ``confidence.turning``, ``labels`` (N,), ``weights_kg``
    (N,) and ``sizes_m`` (N, 3) with NaN where unknown. ``views`` (N, V, C) are logits of single views, NaN for a view
    that was missing.
    """

    fused: dict[str, NDArray[np.float64]]
    visual: NDArray[np.float64]
    distance: NDArray[np.float64]
    turned: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights_kg: NDArray[np.float64]
    sizes_m: NDArray[np.float64]
    views: NDArray[np.float64]

    def some(self, rows: NDArray[np.int64]) -> Outputs:
        """Return those of the captures ``rows``."""
        return Outputs(
            fused={name: logits[rows] for name, logits in self.fused.items()},
            visual=self.visual[rows],
            distance=self.distance[rows],
            turned=self.turned[rows],
            labels=self.labels[rows],
            weights_kg=self.weights_kg[rows],
            sizes_m=self.sizes_m[rows],
            views=self.views[rows],
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """N captures of one condition, each judged by a fit that it had no part in.

    ``probabilities`` (N, C), ``scores`` (N,) of the unknown, ``labels`` (N,) and ``folds`` (N,).
    """

    probabilities: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]

    def without(self, fold: int) -> Judged:
        """Return the captures that are not in ``fold``."""
        return self._of(self.folds != fold)

    def only(self, fold: int) -> Judged:
        """Return the captures of ``fold``."""
        return self._of(self.folds == fold)

    def _of(self, kept: NDArray[np.bool_]) -> Judged:
        return Judged(self.probabilities[kept], self.scores[kept], self.labels[kept], self.folds[kept])

    def floor(self, coverage: float) -> float:
        """Return the probability that the classes of a prediction set reach, 0 where nothing can be promised."""
        return calibrate(self.probabilities, self.labels, coverage).floor

    def threshold(self, name: str) -> float:
        """Return the score above which a part is unknown under the condition ``name``; infinite without captures.

        The highest score of a few captures says little of the next one's: half of all are above a single one's. So with
        fewer than a promise of ``FALSE_UNKNOWN`` needs, a part at the limit of what fits is not unknown either.
        """
        if not len(self.scores):
            return float("inf")
        found = float(np.quantile(self.scores, 1.0 - FALSE_UNKNOWN))
        return found if len(self.scores) >= least_captures(1.0 - FALSE_UNKNOWN) else max(found, limit_score(name))


def fit_confidence(outputs: Outputs, profiles: Sequence[ClassProfile]) -> tuple[Confidence, dict[str, Judged]]:
    """Fit spreads, experts, thresholds and floors; return them, and by condition the captures as they were judged."""
    folds = stratified_folds(outputs.labels)
    judged: dict[str, list[Judged]] = {name: [] for name in CONDITIONS}
    for fold in np.unique(folds):
        rest = np.flatnonzero(folds != fold)
        # a single capture has to be its own judge
        confidence = _fitted(outputs.some(rest) if len(rest) else outputs, profiles)
        own = outputs.some(np.flatnonzero(folds == fold))
        for name in CONDITIONS:
            judged[name].append(_judged(gather(own, profiles, confidence, name), len(profiles), confidence, fold))
    held = {name: _joined(parts) for name, parts in judged.items()}
    whole = _fitted(outputs, profiles)
    for name in CONDITIONS:
        whole = _with_limits(whole, name, held[name])
    return replace(whole, captures=float(len(outputs.labels))), held


def stratified_folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fold of every capture (N,): the captures of a class go to the folds in turn."""
    folds = np.zeros(len(labels), np.int64)
    begin = 0
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        folds[rows] = (begin + np.arange(len(rows))) % FOLDS
        begin += len(rows)
    return folds


def _fitted(outputs: Outputs, profiles: Sequence[ClassProfile]) -> Confidence:
    """Fit spreads and experts on all of the captures; thresholds and floors are those of the very same captures.

    They promise nothing, but say which classes speak for a weight (:func:`recognition.confidence.experts.judge`).
    """
    rough = Confidence({}, weight_spread=0.006, size_spread=0.01, size_noise_m=0.003, visual_spread=0.1)
    rough = replace(
        _with_spreads(rough, outputs, profiles),
        wrong_weight=WRONG_WEIGHT,
        view_temperature=_view_temperature(outputs.views, outputs.labels),
    )
    found = {name: gather(outputs, profiles, rough, name) for name in CONDITIONS}
    fitted = replace(rough, experts={name: _fit_expert(known) for name, known in found.items()})
    for name in sorted(CONDITIONS, key=lambda name: "weight" in name):  # a weight is held against the rest
        fitted = _with_limits(fitted, name, _judged(found[name], len(profiles), fitted, 0))
    return fitted


def _with_limits(confidence: Confidence, name: str, judged: Judged) -> Confidence:
    """Return it with the threshold and the floor of one condition taken from captures as they were judged."""
    expert = replace(confidence.experts[name], threshold=judged.threshold(name), floor=judged.floor(confidence.level))
    return replace(confidence, experts={**confidence.experts, name: expert})


def _judged(found: list[tuple[Evidence, int]], classes: int, confidence: Confidence, fold: int) -> Judged:
    verdicts = [judge(one, confidence) for one, _ in found]
    return Judged(
        np.array([v.probabilities for v in verdicts]).reshape(len(found), classes),
        np.array([v.unknown_score for v in verdicts]),
        np.array([label for _, label in found], np.int64),
        np.full(len(found), fold, np.int64),
    )


def _joined(parts: Sequence[Judged]) -> Judged:
    return Judged(
        np.concatenate([p.probabilities for p in parts]),
        np.concatenate([p.scores for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.folds for p in parts]),
    )


def gather(
    outputs: Outputs, profiles: Sequence[ClassProfile], confidence: Confidence, name: str
) -> list[tuple[Evidence, int]]:
    """Return evidence and label of every capture under the condition ``name``; captures that lack it are left out."""
    fits = Fits(profiles, confidence.weight_spread, confidence.size_spread, confidence.size_noise_m)
    wants_weight, wants_size = "weight" in name, "size" in name
    blind = outputs.fused[condition(False, wants_size)] if wants_weight else None
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
                    None if blind is None else blind[row],
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


def _view_temperature(views: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the temperature of least cross-entropy for the logits (N, V, C) of single views; 1 without any."""
    there = np.isfinite(views).all(axis=2)
    logits, truths = views[there], np.broadcast_to(labels[:, None], there.shape)[there]
    if not len(logits):
        return 1.0

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(truths)), truths]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded", options={"xatol": 0.01}).x))


def _fit_expert(found: list[tuple[Evidence, int]]) -> Expert:
    """Minimise the cross-entropy over the six weights, drawn a little towards their plain values.

    The weights are the temperature too: twice as large, they halve it.
    """
    prior = np.array([0.5, 0.5, 1.0, 1.0, 10.0, 4.0])
    if not found:
        return _expert(prior)
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
                    *e.turned,
                ]
            )
            for e, _ in found
        ],
        axis=1,
    )
    flat = terms.reshape(len(prior), -1)
    rows = np.arange(len(labels))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = (weights @ flat).reshape(terms.shape[1:])
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        nll = -np.log(np.maximum(p[rows, labels], 1e-12)).mean()
        p[rows, labels] -= 1.0
        gradient = flat @ p.ravel() / len(labels)
        pull = 1e-3 * (weights - prior)
        return float(nll + 0.5 * (pull * (weights - prior)).sum()), gradient + pull

    best = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0.0, 8.0)] * 4 + [(0.0, 80.0)] * 2)
    return _expert(best.x)


def _expert(weights: NDArray[np.float64]) -> Expert:
    """Return an expert without a threshold from its six weights."""
    fused, visual, weight, size, turned, relief = (float(value) for value in weights)
    return Expert(fused, visual, weight, size, turned, threshold=float("inf"), relief=relief)
