"""What the answers hang on, on captures whose heads say exactly what is planned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from recognition.confidence.judgement import Judgement
from recognition.evaluation.answers import Answered
from recognition.evaluation.asking import Station
from recognition.evaluation.consistency import consistency
from recognition.evaluation.disturbing import kept_at_random, left_out, missing_cameras, wrong_weights
from recognition.evaluation.encoded import Asked
from recognition.evaluation.views import Camera, cameras, dominance
from recognition.registry import load_model
from tests.recognition.small_tree import BOXES

Array = np.ndarray[Any, np.dtype[Any]]
IDS = [box.class_id for box in BOXES]
COUNT = 12


class Planned:
    """Stands for encoded captures: the heads say the truth where ``knows(shown)`` (N,) is true, else the next class."""

    def __init__(self, knows: Callable[[Array], Array]) -> None:
        self.labels = np.arange(COUNT) % len(BOXES)
        self.view_mask = np.ones((COUNT, 10), np.bool_)
        self.weights_kg = np.array([BOXES[label].weight_kg for label in self.labels], np.float32)
        self.sizes_m = np.array([sorted(BOXES[label].edges, reverse=True) for label in self.labels], np.float32)
        self.views = np.zeros((COUNT, 10, len(BOXES)), np.float32)
        self._knows = knows

    def ask(self, view_mask: Array | None = None, weight_kg: Any = None, size_m: Any = None) -> Asked:
        shown = self.view_mask if view_mask is None else view_mask & self.view_mask
        said = np.where(self._knows(shown), self.labels, (self.labels + 1) % len(BOXES))
        logits = np.zeros((COUNT, len(BOXES)), np.float32)
        logits[np.arange(COUNT), said] = 60.0
        embedding = np.zeros((COUNT, 32), np.float32)
        embedding[:, 0] = 1.0
        return Asked(logits, logits, embedding)


@pytest.fixture
def judgement(model_folder: Path) -> Judgement:
    return Judgement(load_model(model_folder))


def station(judgement: Judgement, planned: Planned) -> Station:
    penalties = np.zeros((COUNT, 2, len(BOXES)))
    return Station(judgement, cast(Any, planned), penalties, [IDS[label] for label in planned.labels])


def nothing() -> None:
    """Count no questions."""


def test_a_view_that_alone_knows_the_answer_dominates(judgement: Judgement) -> None:
    planned = Planned(lambda shown: shown[:, 2])
    asked = station(judgement, planned)
    plain = asked.answers()
    found = cameras(asked, plain, planned.labels, nothing)
    assert found.dominant == "cam_03"
    assert found.sentence.startswith("cam_03 dominates: without it the answers from pictures alone lose 100.0 points")
    third = found.rows[2]
    assert (third.pictures_alone.share, third.pictures_without.share, third.pictures_lost.value) == (1.0, 0.0, 1.0)
    for row in (*found.rows[:2], *found.rows[3:]):
        assert (row.pictures_alone.share, row.pictures_without.share, row.pictures_lost.value) == (0.0, 1.0, 0.0)
        assert row.pictures_lost.low < 0.0 < row.pictures_lost.high  # twelve captures prove little
        assert row.own_head.count == COUNT


def test_missing_cameras_are_counted_in_captures_and_drawn_from_a_seed(judgement: Judgement) -> None:
    planned = Planned(lambda shown: shown[:, 2])
    asked = station(judgement, planned)
    plain = asked.answers()
    found = cameras(asked, plain, planned.labels, nothing)
    rows = missing_cameras(asked, plain, found.without, found.alone, 7, 30, nothing)
    assert [row.cameras for row in rows] == list(range(10))
    assert [row.draws for row in rows] == [1, 10, *[30] * 7, 10]
    assert all(row.top1.count == COUNT for row in rows)
    expected = [1.0 - k / 10.0 for k in range(10)]
    assert rows[1].top1.share == pytest.approx(expected[1])
    assert rows[9].top1.share == pytest.approx(expected[9])
    for row, share in zip(rows, expected, strict=True):
        assert row.top1.share == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / (30 * COUNT)) + 1e-9)
        assert row.worst_top1 <= row.top1.share
    again = missing_cameras(asked, plain, found.without, found.alone, 7, 30, nothing)
    assert again == rows


def test_a_wrong_weight_is_named_and_costs_nothing_where_pictures_decide(judgement: Judgement) -> None:
    asked = station(judgement, Planned(lambda shown: shown.any(axis=1)))
    asked.encoded.weights_kg[5] = np.nan
    plain = asked.answers()
    rows = wrong_weights(asked, plain, nothing)
    assert [(row.percent, row.sign) for row in rows[:4]] == [(0.0, 0), (2.5, -1), (2.5, 1), (2.5, 0)]
    assert (rows[0].named.share, rows[0].named.count) == (0.0, COUNT - 1)
    worst = rows[-1]
    assert (worst.percent, worst.sign, worst.named.share, worst.named.count) == (20.0, 0, 1.0, COUNT - 1)
    assert (worst.cost.figures.top1.share, worst.cost.top1_lost.value) == (1.0, 0.0)
    asked.encoded.weights_kg[:] = np.nan
    assert wrong_weights(asked, plain, nothing) == ()


def test_what_is_left_out_is_not_told(judgement: Judgement) -> None:
    asked = station(judgement, Planned(lambda shown: shown.any(axis=1)))
    blind = station(judgement, Planned(lambda shown: np.zeros(COUNT, np.bool_)))
    plain = asked.answers()
    rows = {row.what: row.cost for row in left_out(asked, blind, plain, nothing)}
    assert rows["weight and size"].top1_lost.value == 0.0
    assert rows["depth, weight and size"].top1_lost.value == 1.0
    assert rows["depth, weight and size"].top5_lost.value == 0.0
    answers = [a for a in asked.answers(weights_kg=np.full(COUNT, np.nan, np.float32)) if a is not None]
    assert {a.weight_fits for a in answers} == {None}
    assert {a.size_fits for a in answers} == {True}


def test_a_capture_without_the_view_gives_no_answer(judgement: Judgement) -> None:
    planned = Planned(lambda shown: shown.any(axis=1))
    planned.view_mask[3, 4] = False
    asked = station(judgement, planned)
    alone = np.zeros((COUNT, 10), np.bool_)
    alone[:, 4] = True
    answers = asked.answers(alone)
    assert [row for row, answer in enumerate(answers) if answer is None] == [3]
    assert cameras(asked, asked.answers(), planned.labels, nothing).rows[4].alone.count == COUNT - 1


def test_views_are_drawn_from_those_that_there_are() -> None:
    rng = np.random.default_rng(1)
    present = rng.random((200, 10)) < 0.6
    kept = kept_at_random(present, 4, rng)
    assert not (kept & ~present).any()
    assert np.array_equal(kept.sum(axis=1), np.minimum(4, present.sum(axis=1)))


def test_chance_is_no_dominance() -> None:
    from recognition.evaluation.intervals import Figure
    from recognition.evaluation.scores import rate

    def row(role: str, lost: float) -> Camera:
        none, loss = rate([True] * 50), Figure(lost, 0.0, 1.0, 50)
        return Camera(role, none, none, none, loss, none, none, loss)

    rows = [row("cam_01", 0.06), row("cam_02", 0.0)]
    few, enough = [(4, 1), (1, 1)], [(30, 0), (1, 1)]
    assert dominance(rows, few)[0] is None
    assert dominance(rows, few)[1].startswith("No view dominates: the one that is missed most, cam_01, costs 6.0")
    assert dominance(rows, enough)[0] == "cam_01"
    assert dominance([row("cam_01", 0.06), row("cam_02", 0.04)], enough)[0] is None
    assert "lose nothing" in dominance([row("cam_01", 0.0), row("cam_02", -0.02)], [(0, 0), (0, 1)])[1]


def test_consistency_by_hand() -> None:
    labels = np.array([0, 0, 1])
    views = np.zeros((3, 10, 2), np.float32)
    views[0, :, 0] = 50.0  # all ten views are sure of the truth
    views[1, :5, 0] = 50.0  # five are sure of it, five of the other class
    views[1, 5:, 1] = 50.0
    present = np.ones((3, 10), np.bool_)
    present[2, 1:] = False  # one view agrees with itself alone: left out
    answers = [
        Answered("a", said, 0 if said == "a" else 1, 0.9, False, 0.0, True, 1, None, None) for said in ("a", "b", "b")
    ]
    found = consistency(views, present, labels, answers, np.array([0, 1, 1]))
    assert (found.variance.count, found.variance.value) == (2, pytest.approx(0.125))
    assert found.variance_right.value == pytest.approx(0.0)
    assert found.variance_wrong.value == pytest.approx(0.25)
    assert found.agreement.value == pytest.approx(0.75)
    assert [(b.low, b.high, b.top1.share) for b in found.by_agreement] == [(0.5, 0.75, 0.0), (0.9, 1.0, 1.0)]
    assert [b.top1.share for b in found.by_variance] == [1.0, 0.0]
