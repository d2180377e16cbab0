from __future__ import annotations

import numpy as np
import pytest

from recognition.calibrate import Outputs, fit_confidence, gather
from recognition.classes import ClassProfile, Fits
from recognition.confidence import CONDITIONS, Confidence, Expert, condition, evidence, judge, log_scores

PARTS = (
    ClassProfile("nut", "1", "nut", 0.050, ((0.030, 0.026, 0.015),)),
    ClassProfile("bolt", "2", "bolt", 0.051, ((0.100, 0.026, 0.026), (0.100, 0.026, 0.024))),
    ClassProfile("pin", "3", "pin", None, ((0.012, 0.003, 0.003),)),
)
FITS = Fits(PARTS, weight_spread=0.005, size_spread=0.01, size_noise_m=0.002)


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
    verdict = judge(evidence(even, even, near, even, FITS, 0.0500, None), confidence)
    assert verdict.probabilities.argmax() == 0
    assert verdict.probabilities.sum() == pytest.approx(1.0)
    assert not verdict.unknown


def test_a_part_that_fits_nothing_is_unknown() -> None:
    sure = np.array([30.0, 0.0, 0.0])
    confidence = confident(Expert(0.5, 0.5, 1.0, 1.0, 10.0, threshold=20.0))
    verdict = judge(
        evidence(sure, sure, np.array([0.9, 1.2, 1.1]), np.zeros(3), FITS, 0.300, (0.2, 0.1, 0.1)), confidence
    )
    assert verdict.unknown
    assert verdict.probabilities[0] > 0.9  # the ranking is given all the same


def test_one_odd_measurement_does_not_overrule_all_others() -> None:
    pictures = np.array([12.0, 0.0, 0.0])
    found = evidence(pictures, pictures, np.array([0.1, 1.0, 1.0]), np.zeros(3), FITS, 0.050, (0.099, 0.026, 0.025))
    assert int(log_scores(found, Expert(0.5, 0.5, 1.0, 1.0, 10.0, 20.0)).argmax()) == 0


def synthetic_outputs(captures: int = 600) -> Outputs:
    """Return outputs of a fair model: logits whose softmax is right, weights with 0.4 % spread."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, captures)
    signal = rng.normal(0.0, 1.0, (captures, 3))
    signal[np.arange(captures), labels] += 2.0
    distance = np.full((captures, 3), 1.0)
    distance[np.arange(captures), labels] = np.abs(rng.normal(0.0, 0.1, captures))
    weights = np.array([PARTS[label].weight_kg or 0.0 for label in labels]) * np.exp(rng.normal(0, 0.004, captures))
    sizes = np.array([PARTS[label].sizes[0] for label in labels]) + rng.normal(0, 0.002, (captures, 3))
    return Outputs(dict.fromkeys(CONDITIONS, signal), signal, distance, np.zeros((captures, 3)), labels, weights, sizes)


def test_the_fit_finds_the_spreads_and_calibrates() -> None:
    outputs = synthetic_outputs()
    confidence = fit_confidence(outputs, PARTS)
    assert confidence.weight_spread == pytest.approx(0.004, rel=0.3)
    assert set(confidence.experts) == set(CONDITIONS)
    found = gather(outputs, PARTS, confidence, "pictures")
    verdicts = [(judge(e, confidence), label) for e, label in found]
    top = np.array([v.probabilities.max() for v, _ in verdicts])
    right = np.array([int(v.probabilities.argmax()) == label for v, label in verdicts])
    assert abs(top.mean() - right.mean()) < 0.05
    assert np.mean([v.unknown for v, _ in verdicts]) == pytest.approx(0.03, abs=0.01)
    assert Confidence.from_json(confidence.to_json()) == confidence
