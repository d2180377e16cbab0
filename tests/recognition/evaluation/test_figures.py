"""Figures of an evaluation that can be counted by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.evaluation import words
from recognition.evaluation.answers import Answered
from recognition.evaluation.by_class import (
    class_figures,
    confusion,
    head_rate,
    super_class_figures,
    super_classes_of,
)
from recognition.evaluation.intervals import bootstrapped, difference, mean_figure
from recognition.evaluation.plots import Axis, Point, Series, chart, percent_axis
from recognition.evaluation.scores import rate
from recognition.evaluation.worth import calibration, conformal_sets, risk_of_answers, unknown_detection


def answer(truth: str, said: str, confidence: float = 0.9, **given: Any) -> Answered:
    usual: dict[str, Any] = {
        "rank": 0 if said == truth else 2,
        "unknown": False,
        "unknown_score": 1.0,
        "covered": True,
        "set_length": 1,
        "weight_fits": None,
        "size_fits": None,
    }
    return Answered(truth=truth, answer=said, confidence=confidence, **{**usual, **given})


ANSWERS = [
    answer("bolt", "bolt", 0.8),
    answer("bolt", "nut", 0.6),
    answer("bolt", "nut", 0.7),
    answer("nut", "nut", 0.99),
    answer("motor", "motor", 0.95),
]
SUPER = {"bolt": ("Fastener", "Screw"), "nut": ("Fastener", "Nut"), "motor": ("Electrical",)}


def test_a_difference_is_that_of_the_same_captures() -> None:
    before = np.array([True] * 8 + [False] * 2)
    after = np.array([True] * 5 + [False] * 3 + [True, False])
    found = difference(before, after)
    assert (found.value, found.count) == (pytest.approx(0.2), 10)
    # three lost, one won, half a capture added to each of the four cells
    spread = 1.959964 * math.sqrt(3.5 + 1.5 - 2.0**2 / 12.0) / 12.0
    assert (found.low, found.high) == (pytest.approx(2.0 / 12.0 - spread), pytest.approx(2.0 / 12.0 + spread))
    same = difference(before, before)
    assert same.value == 0.0
    assert same.low < 0.0 < same.high
    assert math.isnan(difference(before[:0], after[:0]).value)


def test_a_mean_has_the_normal_interval() -> None:
    found = mean_figure(np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.value == 2.5
    assert found.high - found.value == pytest.approx(1.959964 * math.sqrt(5.0 / 3.0) / 2.0)
    assert math.isnan(mean_figure(np.array([3.0])).low)
    assert mean_figure(np.array([3.0])).value == 3.0


@given(st.lists(st.floats(0.0, 1.0), min_size=5, max_size=40))
def test_a_resampled_mean_is_about_the_mean(values: list[float]) -> None:
    data = np.array(values)
    found = bootstrapped(lambda rows: float(data[rows].mean()), len(data), resamples=60)
    assert found.value == pytest.approx(data.mean())
    assert data.min() - 1e-9 <= found.low <= found.high <= data.max() + 1e-9


def test_classes_with_most_mistakes_come_first() -> None:
    rows = class_figures(ANSWERS, {"bolt": "Bolt M8"}, SUPER)
    assert [row.class_id for row in rows] == ["bolt", "motor", "nut"]
    worst = rows[0]
    assert (worst.name, worst.taken_for, worst.top1.share, worst.top1.count) == ("Bolt M8", "nut", 1 / 3, 3)
    assert worst.top5.share == 1.0
    assert worst.confidence.value == pytest.approx(0.7)
    assert rows[1].taken_for == ""


def test_an_answer_may_be_wrong_and_stay_in_its_super_class() -> None:
    found = super_class_figures(ANSWERS, SUPER, None)
    rows = {row.name: row for row in found.rows}
    assert (rows["Fastener"].top1.share, rows["Fastener"].kept.share, rows["Fastener"].classes) == (0.5, 1.0, 2)
    assert rows["Screw"].kept.share == pytest.approx(1 / 3)
    assert found.kept.share == 0.6
    assert found.head is None


def test_the_super_class_head_is_measured_where_it_can_know_the_truth() -> None:
    said = np.array([[2.0, 1.0], [0.0, 3.0], [5.0, 0.0]], np.float32)
    families = ["Electrical", "Fastener/Nut"]
    found = head_rate(said, families, [("Electrical",), ("Electrical",), ("Fastener", "Screw")])
    assert found is not None
    assert (found.share, found.count) == (0.5, 2)
    assert head_rate(None, families, []) is None


def test_super_classes_are_read_from_the_classes(tmp_path: Path) -> None:
    for name, said in (("a", '{"super_class": ["X", "Y"]}'), ("b", '{"super_class": "Z"}'), ("c", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "meta.json").write_text(said)
    assert super_classes_of({name: tmp_path / name for name in "abc"}) == {"a": ("X", "Y"), "b": ("Z",), "c": ()}


def test_confused_pairs_are_counted_with_their_surest_example() -> None:
    found = confusion(ANSWERS)
    (pair,) = found.pairs
    assert (pair.truth, pair.answer, pair.count, pair.of, pair.example) == ("bolt", "nut", 2, 3, 2)
    assert found.classes == ("bolt", "motor", "nut")
    assert ("bolt", "nut", 2) in found.cells
    assert sum(count for _, _, count in found.cells) == len(ANSWERS)


def test_unknown_parts_by_hand() -> None:
    known = [answer("a", "a", unknown_score=score, unknown=score > 3.5) for score in (1.0, 2.0, 3.0, 4.0)]
    strange = [answer("?", "a", rank=None, unknown_score=score, unknown=score > 3.5) for score in (2.5, 5.0)]
    found = unknown_detection("all", known, strange)
    assert (found.auroc.value, found.auroc.count) == (6 / 8, 6)
    assert found.false_positives_at_95.value == 0.5
    assert (found.found.share, found.false_alarms.share) == (0.5, 0.25)
    assert 0.0 <= found.auroc.low <= 0.75 <= found.auroc.high <= 1.0


def test_risk_counts_the_surest_answers() -> None:
    sure = np.array([0.99, 0.95, 0.9, 0.7, 0.6])
    found = risk_of_answers(sure, np.array([True, True, True, False, True]))
    assert {share: one.share for share, one in found.at}[0.8] == 0.25
    assert {share: one.count for share, one in found.at}[0.5] == 2
    assert found.area.value == pytest.approx(0.2 * (0.25 + 0.2))


def test_calibration_of_a_model_that_is_always_sure() -> None:
    found = calibration(np.ones(10), np.array([True] * 7 + [False] * 3))
    assert found.error.value == pytest.approx(0.3)
    assert (found.accuracy.share, found.confidence.value) == (0.7, 1.0)
    assert found.error.low < 0.3 < found.error.high


def test_sets_promise_only_what_their_captures_allow() -> None:
    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.full(5, 0.4), 400)
    labels = np.array([rng.choice(5, p=p) for p in probabilities])
    rows = conformal_sets((probabilities[:150], labels[:150]), probabilities[150:], labels[150:])
    assert [(row.stated, row.promised) for row in rows] == [(0.9, True), (0.95, True), (0.99, True), (0.995, False)]
    assert rows[-1].length.value == 5.0
    assert rows[0].length.value < rows[1].length.value
    assert rows[0].covers.high > 0.9


@given(st.floats(0.0, 0.98), st.floats(0.001, 1.0))
def test_axes_hold_what_they_are_given(low: float, span: float) -> None:
    high = min(1.0, low + span)
    axis = percent_axis("right", low, high)
    assert axis.low <= low + 1e-9
    assert axis.high >= high - 1e-9
    assert 2 <= len(axis.ticks) <= 9
    assert len({text for _, text in axis.ticks}) == len(axis.ticks)


def test_plots_escape_what_they_are_told() -> None:
    axis = Axis("a < b", 0.0, 1.0, ((0.0, "<0>"),))
    drawn = chart('"quoted"', axis, axis, [Series("x & y", 1, (Point(0.5, 0.5, 0.2, 0.8, "<here>"),))])
    assert "<here>" not in drawn
    assert "&lt;here&gt;" in drawn
    assert 'aria-label="&quot;quoted&quot;"' in drawn
    assert drawn.count("<svg") == drawn.count("</svg>") == 1


def test_figures_are_said_with_interval_and_count() -> None:
    assert words.of_rate(rate([True] * 3 + [False])) == "75.0 % (30.1 to 95.4, n 4)"
    assert words.of_rate(rate([])) == "– (none)"
    assert words.points(-0.012) == "−1.2"
    assert words.points(-0.0001) == "0.0"
    assert words.interval(mean_figure(np.array([2.0]))) == "n 1"
    assert words.interval_of_shares(mean_figure(np.array([0.25, 0.75]))) == "1.0 to 99.0, n 2"


def test_a_figure_that_does_not_exist_is_null_in_json() -> None:
    from recognition.evaluation.report import _plain

    plain = _plain({"a": math.nan, "b": (1.0, math.inf), "c": [{"d": 0.12345678}]})
    assert json.dumps(plain, allow_nan=False) == '{"a": null, "b": [1.0, null], "c": [{"d": 0.123457}]}'
