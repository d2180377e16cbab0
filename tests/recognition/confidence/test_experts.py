from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.classes import ClassProfile, Fits
from recognition.confidence import fitting
from recognition.confidence.experts import (
    CONDITIONS,
    Confidence,
    Evidence,
    Expert,
    condition,
    evidence,
    judge,
    log_scores,
    prediction_set,
    softmax,
    weight_trust,
)
from recognition.confidence.fitting import Judged, Outputs, fit_confidence, gather, stratified_folds

PARTS = (
    ClassProfile("nut", "1", "nut", 0.050, ((0.030, 0.026, 0.015),)),
    ClassProfile("bolt", "2", "bolt", 0.051, ((0.100, 0.026, 0.026), (0.100, 0.026, 0.024))),
    ClassProfile("pin", "3", "pin", None, ((0.012, 0.003, 0.003),)),
)
NO_RELIEF = np.zeros((2, 3))
FITS = Fits(PARTS, weight_spread=0.005, size_spread=0.01, size_noise_m=0.002)
HEAVY_BOLT = Fits((PARTS[0], replace(PARTS[1], weight_kg=0.060), PARTS[2]), 0.005, 0.01, 0.002)


def test_weight_deviates_in_spreads_between_instances() -> None:
    nut, bolt, _ = FITS.weight(0.050)
    assert nut == pytest.approx(0.0, abs=1e-9)
    assert bolt == pytest.approx(np.log(51 / 50) / np.hypot(0.005, 1.5e-4 / 0.050), rel=1e-3)


def test_a_class_too_light_for_the_scale_fits_only_light_weights() -> None:
    assert FITS.weight(0.0021)[2] < 1.0
    assert FITS.weight(0.050)[2] > 30.0


def test_size_deviates_from_the_likest_lying_pose_whatever_the_order_of_edges() -> None:
    assert FITS.size((0.026, 0.100, 0.024))[1] == pytest.approx(0.0)
    nut, bolt, pin = FITS.size((0.100, 0.026, 0.026))
    assert bolt < 0.1 < nut
    assert pin > 10.0


def test_conditions_are_named_after_what_is_known() -> None:
    assert [condition(w, s) for w, s in ((True, True), (True, False), (False, True), (False, False))] == list(
        CONDITIONS
    )


def confident(expert: Expert) -> Confidence:
    return Confidence(dict.fromkeys(CONDITIONS, expert), 0.005, 0.01, 0.002, visual_spread=0.2)


def test_weight_decides_where_pictures_hesitate() -> None:
    even = np.zeros(3)
    confidence = confident(Expert(0.5, 0.5, 1.0, 1.0, 10.0, threshold=20.0))
    near = np.array([0.1, 0.1, 0.1])
    verdict = judge(evidence(even, even, near, NO_RELIEF, FITS, 0.0500, None), confidence)
    assert verdict.probabilities.argmax() == 0
    assert verdict.probabilities.sum() == pytest.approx(1.0)
    assert not verdict.unknown


def test_a_part_that_fits_nothing_is_unknown() -> None:
    sure = np.array([30.0, 0.0, 0.0])
    confidence = confident(Expert(0.5, 0.5, 1.0, 1.0, 10.0, threshold=20.0))
    verdict = judge(
        evidence(sure, sure, np.array([0.9, 1.2, 1.1]), NO_RELIEF, FITS, 0.300, (0.2, 0.1, 0.1)), confidence
    )
    assert verdict.unknown
    assert verdict.probabilities[0] > 0.9  # the ranking is given all the same


def test_one_odd_measurement_does_not_overrule_all_others() -> None:
    pictures = np.array([12.0, 0.0, 0.0])
    found = evidence(pictures, pictures, np.array([0.1, 1.0, 1.0]), NO_RELIEF, FITS, 0.050, (0.099, 0.026, 0.025))
    assert int(log_scores(found, Expert(0.5, 0.5, 1.0, 1.0, 10.0, 20.0)).argmax()) == 0


def synthetic_outputs(captures: int = 600, seed: int = 5) -> Outputs:
    """Return outputs of a fair model: logits whose softmax is right, weights with 0.4 % spread."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, captures)
    signal = rng.normal(0.0, 1.0, (captures, 3))
    signal[np.arange(captures), labels] += 2.0
    distance = np.full((captures, 3), 1.0)
    distance[np.arange(captures), labels] = np.abs(rng.normal(0.0, 0.1, captures))
    weights = np.array([PARTS[label].weight_kg or 0.0 for label in labels]) * np.exp(rng.normal(0, 0.004, captures))
    sizes = np.array([PARTS[label].sizes[0] for label in labels]) + rng.normal(0, 0.002, (captures, 3))
    return Outputs(
        dict.fromkeys(CONDITIONS, signal),
        signal,
        distance,
        np.zeros((captures, 2, 3)),
        labels,
        weights,
        sizes,
        views=np.repeat(3.0 * signal[:, None], 2, axis=1),
    )


def test_the_fit_finds_the_spreads_and_calibrates() -> None:
    confidence, judged = fit_confidence(synthetic_outputs(), PARTS)
    assert confidence.weight_spread == pytest.approx(0.004, rel=0.3)
    assert set(confidence.experts) == set(judged) == set(CONDITIONS)
    held = judged["pictures"]
    top, right = held.probabilities.max(axis=1), held.probabilities.argmax(axis=1) == held.labels
    assert abs(top.mean() - right.mean()) < 0.05
    assert np.mean(held.scores > confidence.experts["pictures"].threshold) == pytest.approx(0.03, abs=0.01)
    assert confidence.captures == 600
    assert Confidence.from_json(confidence.to_json()) == confidence


def test_single_views_that_are_too_sure_are_cooled_down() -> None:
    confidence, _ = fit_confidence(synthetic_outputs(), PARTS)
    # the views say three times what the pictures say, which is right as it is (Bayes: two units apart, unit spread)
    assert confidence.view_temperature == pytest.approx(3.0 / 2.0, rel=0.25)


def test_every_capture_is_judged_once_by_a_fit_that_it_had_no_part_in() -> None:
    outputs = synthetic_outputs(200)
    folds = stratified_folds(outputs.labels)
    assert np.bincount(folds).tolist() == [40] * 5
    for label in np.unique(outputs.labels):
        per_fold = np.bincount(folds[outputs.labels == label], minlength=5)
        assert per_fold.max() - per_fold.min() <= 1
    _, judged = fit_confidence(outputs, PARTS)
    for held in judged.values():
        assert len(held.labels) == 200
        assert np.bincount(held.folds).tolist() == [40] * 5
    # what a fold says of its captures does not hang on their labels
    swapped = replace(outputs, labels=np.where(folds == 2, 1 - outputs.labels, outputs.labels))
    again = fit_confidence_with(swapped, folds)
    np.testing.assert_array_equal(again["pictures"].only(2).probabilities, judged["pictures"].only(2).probabilities)


def fit_confidence_with(outputs: Outputs, folds: np.ndarray) -> dict[str, Judged]:
    """Fit with these folds, whatever the labels say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "stratified_folds", lambda labels: folds)
        return fit_confidence(outputs, PARTS)[1]


def test_sets_hold_the_truth_of_new_captures_as_often_as_they_promise() -> None:
    confidence, _ = fit_confidence(synthetic_outputs(600), PARTS)
    confidence = replace(confidence, wrong_weight=0.0)
    fresh = synthetic_outputs(4000, seed=6)
    covered = [
        label in judge(found, confidence).members for found, label in gather(fresh, PARTS, confidence, "pictures")
    ]
    # 600 captures pin the share down to ± 0.3 points
    assert np.mean(covered) == pytest.approx(0.995, abs=0.006)


def test_too_few_captures_promise_nothing_and_the_set_falls_back_to_the_probabilities() -> None:
    confidence, _ = fit_confidence(synthetic_outputs(120), PARTS)
    assert {expert.floor for expert in confidence.experts.values()} == {0.0}
    assert prediction_set(np.array([0.2, 0.799, 0.001]), 0.0, 0.995).tolist() == [1, 0]
    assert prediction_set(np.array([0.2, 0.799, 0.001]), 0.0005, 0.995).tolist() == [1, 0, 2]
    assert prediction_set(np.array([0.2, 0.799, 0.001]), 0.9, 0.995).tolist() == [1]


def test_a_fit_of_one_capture_without_a_weight_is_a_fit_and_can_be_written() -> None:
    weightless = replace(synthetic_outputs(1), weights_kg=np.array([np.nan]))
    confidence, judged = fit_confidence(weightless, PARTS)
    assert confidence.experts["weight"].threshold == np.inf
    assert Confidence.from_json(json.loads(json.dumps(confidence.to_json(), allow_nan=False))) == confidence
    assert np.isfinite(confidence.visual_spread)
    assert len(judged["pictures"].labels) == 1


def test_an_older_models_confidence_is_read_and_judges_as_it_did() -> None:
    plain = confident(Expert(0.5, 0.5, 1.0, 1.0, 10.0, threshold=20.0)).to_json()
    for expert in plain["experts"].values():
        del expert["floor"]
    for late in ("wrong_weight", "view_temperature", "captures"):
        del plain[late]
    confidence = Confidence.from_json(plain)
    found = weighed(0.060, without=np.array([9.0, 0.0, 0.0]))
    verdict = judge(found, confidence)
    assert verdict.trust == 1.0
    np.testing.assert_allclose(verdict.probabilities, softmax(log_scores(found, confidence.experts["weight+size"])))


def weighed(weight_kg: float, without: np.ndarray, fits: Fits = FITS) -> Evidence:
    """A nut that looks and measures like a nut; what the head says of everything follows the weight to the bolt."""
    return evidence(
        np.array([0.0, 14.0, 0.0]), without, np.array([0.1, 1.0, 1.0]), NO_RELIEF, fits, weight_kg,
        (0.030, 0.026, 0.015), fused_without_weight=without,
    )  # fmt: skip


SEEN = replace(confident(Expert(1.0, 0.0, 1.0, 1.0, 10.0, threshold=20.0)), wrong_weight=0.02)


def test_a_wrong_weight_is_put_aside() -> None:
    nut = np.array([9.0, 0.0, 0.0])
    fooled = judge(weighed(0.060, nut), replace(SEEN, wrong_weight=0.0))
    seen_through = judge(weighed(0.060, nut), SEEN)
    assert fooled.probabilities[0] < 0.5
    assert seen_through.trust is not None
    assert seen_through.trust < 0.01
    blind = weighed(0.060, nut).without_weight()
    assert blind is not None
    np.testing.assert_allclose(seen_through.probabilities, judge(blind, SEEN).probabilities, atol=0.02)


def test_a_class_that_does_not_come_into_question_is_not_brought_back_by_a_weight_alone() -> None:
    confidence = limited(threshold=20.0)
    # the bolt weighs just this, but the head that does not know the weight gives it one in ten thousand
    verdict = judge(weighed(0.060, np.array([9.2, 0.0, 0.0]), HEAVY_BOLT), confidence)
    assert verdict.trust == pytest.approx(0.0, abs=1e-12)
    assert verdict.probabilities[0] > 0.99


def test_where_no_class_explains_the_rest_every_class_speaks_for_the_weight() -> None:
    confidence = limited(threshold=-1.0)
    verdict = judge(weighed(0.060, np.array([9.2, 0.0, 0.0]), HEAVY_BOLT), confidence)
    assert verdict.trust is not None
    assert verdict.trust > 1e-6


def limited(threshold: float) -> Confidence:
    """Return a confidence whose sets end at one in a thousand, with this threshold where the weight is put aside."""
    experts = dict(SEEN.experts)
    experts["size"] = replace(experts["size"], floor=0.001, threshold=threshold)
    return replace(SEEN, experts=experts)


def test_a_right_weight_is_trusted() -> None:
    verdict = judge(weighed(0.050, np.array([1.0, 1.0, 0.0])), SEEN)
    assert verdict.trust is not None
    assert verdict.trust > 0.99


@given(st.floats(0.003, 20.0), st.floats(0.001, 0.5))
def test_trust_is_a_probability_and_falls_as_wrong_weights_grow_common(weight_kg: float, share: float) -> None:
    found = weighed(weight_kg, np.zeros(3))
    even = np.full(3, 1 / 3)
    one, other = weight_trust(found, even, share), weight_trust(found, even, share / 2)
    assert 0.0 <= one <= other <= 1.0


def test_the_set_of_a_distrusted_weight_keeps_the_promise_of_the_answer_without_it() -> None:
    experts = dict(SEEN.experts)
    experts["weight+size"] = replace(experts["weight+size"], floor=0.5)
    experts["size"] = replace(experts["size"], floor=1e-9)
    confidence = replace(SEEN, experts=experts)
    hesitant = np.array([2.0, 1.0, 0.0])
    assert len(judge(weighed(0.060, hesitant), confidence).members) == 3
