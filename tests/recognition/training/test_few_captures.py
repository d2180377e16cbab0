"""What a model of few captures, of one class, or of captures that were never weighed still says honestly."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.classes import ClassProfile
from recognition.confidence.experts import CONDITIONS, limit_score
from recognition.confidence.fitting import Judged, Outputs, fit_confidence
from recognition.confidence.judgement import Heads, Judgement
from recognition.registry import load_model
from station.frames import ROLES

EDGES = (0.188, 0.155, 0.140)


def scored(scores: list[float]) -> Judged:
    count = len(scores)
    return Judged(np.ones((count, 1)), np.array(scores), np.zeros(count, np.int64), np.arange(count))


def test_one_score_is_no_threshold() -> None:
    assert scored([0.5]).threshold("pictures") == limit_score("pictures")
    assert scored([90.0]).threshold("pictures") == 90.0
    assert math.isinf(scored([]).threshold("weight"))
    enough = scored([0.01 * number for number in range(100)])
    assert enough.threshold("weight+size") == pytest.approx(np.quantile(enough.scores, 0.97))


def test_the_limit_by_hand() -> None:
    # −2 log t4(d) = 5 log(1 + d²/4), up to a constant
    usual, at = 5 * math.log(1.25), [5 * math.log(1 + d**2 / 4) for d in (2.5, 3.0, 3.5)]
    assert limit_score("pictures") == pytest.approx(at[0])
    assert limit_score("size") == pytest.approx(at[1] + usual)
    assert limit_score("weight") == pytest.approx(at[2] + usual)
    assert limit_score("weight+size") == pytest.approx(at[2] + 2 * usual)


def test_a_confidence_of_one_capture_of_one_class_can_be_fitted() -> None:
    outputs = Outputs(
        fused={name: np.zeros((1, 1)) for name in CONDITIONS},
        visual=np.array([[7.0]]),
        distance=np.array([[0.02]]),
        turned=np.zeros((1, 2, 1)),
        labels=np.zeros(1, np.int64),
        weights_kg=np.array([np.nan]),
        sizes_m=np.array([EDGES]),
        views=np.zeros((1, 10, 1)),
    )
    confidence, judged = fit_confidence(outputs, [ClassProfile("part", "", "", None, (EDGES,), weighed=False)])
    assert confidence.experts["size"].threshold == limit_score("size")
    assert confidence.experts["size"].floor == 0.0  # nothing can be promised
    assert len(judged["size"].labels) == len(judged["pictures"].labels) == 1
    assert not len(judged["weight"].labels)


def test_a_model_that_never_saw_a_weight_is_not_told_one(model_folder: Path) -> None:
    folder = load_model(model_folder)
    classes = tuple(replace(known, weight_kg=None, weighed=False) for known in folder.classes)
    count = len(classes)
    rng = torch.Generator().manual_seed(4)
    heads = Heads(
        logits=torch.randn(count, generator=rng) * 9.0,  # what an embedding that was never learned makes of a weight
        visual_logits=torch.zeros(count),
        view_logits=torch.zeros(10, count),
        embedding=folder.gallery.embeddings[0],
        logits_without_weight=torch.arange(count, dtype=torch.float32),
    )
    blind = replace(heads, logits=torch.arange(count, dtype=torch.float32), logits_without_weight=None)
    judgement = Judgement(replace(folder, classes=classes))
    told = judgement.judged(heads, ROLES, np.zeros(count), 4.712, EDGES)
    plain = judgement.judged(blind, ROLES, np.zeros(count), None, EDGES)
    assert [line.class_id for line in told.ranked] == [line.class_id for line in plain.ranked]
    assert [line.probability for line in told.ranked] == pytest.approx([line.probability for line in plain.ranked])
    assert told.unknown_score == pytest.approx(plain.unknown_score)
    assert told.weight_kg == 4.712  # it is shown, and that nothing follows from it
    assert all(line.weight_fits is None for line in told.ranked)
    assert told.weight_trust is None
