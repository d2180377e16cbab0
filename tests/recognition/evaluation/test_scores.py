from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.evaluation.conformal import calibrate, covered, least_captures, set_lengths
from recognition.evaluation.scores import (
    calibration_curve,
    expected_calibration_error,
    false_positives_at,
    ranks_of_truth,
    rate,
    selective_risk,
)


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def drawn(count: int, classes: int, seed: int, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and truths that were drawn from them: a model that is right about itself."""
    rng = np.random.default_rng(seed)
    probabilities = softmax(rng.normal(0.0, 2.0, (count, classes)))
    labels = np.array([rng.choice(classes, p=p) for p in probabilities])
    return softmax(np.log(probabilities) * sharpness), labels


def test_a_rate_has_wilsons_interval() -> None:
    found = rate([True] * 95 + [False] * 5)
    assert (found.share, found.count) == (0.95, 100)
    assert (found.low, found.high) == (pytest.approx(0.8882, abs=1e-4), pytest.approx(0.9785, abs=1e-4))
    assert rate([True] * 10).low < 1.0
    assert math.isnan(rate([]).share)


@given(st.integers(1, 300), st.integers(0, 300))
def test_an_interval_holds_its_share(count: int, hits: int) -> None:
    found = rate([index < hits for index in range(count)])
    assert 0.0 <= found.low <= found.share <= found.high <= 1.0


def test_the_rank_of_the_truth() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    assert ranks_of_truth(probabilities, np.array([1, 0])).tolist() == [1, 2]


def test_a_model_that_is_right_about_itself_is_calibrated_and_a_boaster_is_not() -> None:
    for sharpness, low, high in ((1.0, 0.0, 0.02), (3.0, 0.15, 0.6)):
        probabilities, labels = drawn(20_000, 6, 1, sharpness)
        correct = probabilities.argmax(axis=1) == labels
        curve = calibration_curve(probabilities.max(axis=1), correct)
        assert low <= expected_calibration_error(curve) <= high
        assert sum(one.count for one in curve) == 20_000


def test_the_surest_answers_are_wrong_more_seldom() -> None:
    probabilities, labels = drawn(5000, 5, 3)
    sure, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    curve = selective_risk(sure, correct)
    assert curve.risk[-1] == pytest.approx(1.0 - correct.mean())
    assert curve.coverage[-1] == 1.0
    assert curve.area < curve.risk[-1]
    assert np.interp(0.3, curve.coverage, curve.risk) < np.interp(0.9, curve.coverage, curve.risk)


def test_equally_sure_answers_have_one_point_whatever_their_order() -> None:
    sure, correct = np.full(4, 0.7), np.array([True, False, True, True])
    for order in ([0, 1, 2, 3], [1, 0, 3, 2]):
        curve = selective_risk(sure, correct[order])
        assert curve.coverage.tolist() == [1.0]
        assert curve.risk.tolist() == [0.25]


def test_false_alarms_when_most_strangers_are_found() -> None:
    known, unknown = list(range(100)), list(range(50, 150))
    assert false_positives_at(known, unknown) == pytest.approx(0.45)
    assert false_positives_at([0.0], [1.0]) == 0.0
    assert math.isnan(false_positives_at([], [1.0]))


@pytest.mark.parametrize(("coverage", "needed"), [(0.995, 199), (0.9, 9), (0.5, 1)])
def test_a_promise_needs_so_many_captures(coverage: float, needed: int) -> None:
    probabilities, labels = drawn(needed, 4, 2)
    assert least_captures(coverage) == needed
    assert calibrate(probabilities, labels, coverage).floor > 0.0
    fewer = calibrate(probabilities[1:], labels[1:], coverage)
    assert fewer.floor == 0.0
    assert set_lengths(probabilities, fewer).tolist() == [4] * needed


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("coverage", [0.9, 0.995])
def test_sets_hold_the_truth_as_often_as_they_promise_whatever_the_model(coverage: float, sharpness: float) -> None:
    held: list[float] = []
    for seed in range(40):
        probabilities, labels = drawn(1200, 10, seed, sharpness)
        conformal = calibrate(probabilities[:400], labels[:400], coverage)
        held.append(float(covered(probabilities[400:], labels[400:], conformal).mean()))
    # The promise is about the mean over calibrations; its scatter over forty is three standard errors.
    error = 3 * float(np.std(held)) / math.sqrt(len(held))
    assert np.mean(held) >= coverage - error


def test_the_sets_of_a_sure_model_are_short() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 20, 600)
    logits = rng.normal(0.0, 1.0, (600, 20))
    logits[np.arange(600), labels] += 9.0
    probabilities = softmax(logits)
    conformal = calibrate(probabilities[:300], labels[:300], 0.99)
    assert set_lengths(probabilities[300:], conformal).mean() < 1.6
