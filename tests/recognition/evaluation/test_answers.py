from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recognition.evaluation.answers import Answered, summary
from recognition.evaluation.controls import painted_out
from recognition.evaluation.scores import auroc
from station.captures.mvip import find_captures, load_frameset, load_masks


def answer(truth: str, rank: int | None, **given: Any) -> Answered:
    top = truth if rank == 0 else "another"
    return Answered(truth, top, rank, **{**USUAL, **given})


USUAL: dict[str, Any] = {
    "confidence": 0.9,
    "unknown": False,
    "unknown_score": 1.0,
    "covered": True,
    "set_length": 1,
    "weight_fits": True,
    "size_fits": None,
}


def test_a_summary_counts_only_known_classes() -> None:
    answers = [
        answer("a", 0),
        answer("b", 3, unknown=True, unknown_score=9.0, set_length=4),
        answer("stranger", None, unknown=True, unknown_score=30.0, covered=False, set_length=2),
    ]
    found = summary(answers)
    assert (found.top1.count, found.top1.share, found.top3.share, found.top5.share) == (2, 0.5, 0.5, 1.0)
    assert (found.called_unknown.share, found.set_covers.share) == (0.5, 1.0)
    assert (found.set_length.value, found.set_length.count) == (2.5, 2)
    assert np.isnan(summary([]).top1.share)


def test_auroc_by_hand() -> None:
    assert auroc([1.0, 2.0], [3.0, 4.0]) == 1.0
    assert auroc([1.0, 3.0], [2.0, 3.0]) == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    assert np.isnan(auroc([], [1.0]))


def test_painting_out_leaves_no_trace_of_the_part(tree: Path) -> None:
    path = find_captures(tree / "sets" / "red_block")[0].path
    frame = load_frameset(path)[0].frames["cam_01"]
    mask = load_masks(path)["cam_01"]
    clean = painted_out(frame, mask, np.random.default_rng(0))
    part = mask > 0
    assert clean.color[part].mean(axis=0) == pytest.approx((150, 150, 150), abs=4)
    assert not clean.depth[part].any()
    far = np.zeros_like(part)
    far[:20] = True
    assert np.array_equal(clean.color[far & ~part], frame.color[far & ~part])
