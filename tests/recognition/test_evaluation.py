from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recognition.evaluation.answers import Answered, figures
from recognition.evaluation.controls import painted_out
from recognition.evaluation.scores import auroc
from station.captures.mvip import find_captures, load_frameset, load_masks


def test_figures_count_only_known_classes() -> None:
    answers = [
        Answered("a", 0, False, 1.0, True, 1),
        Answered("b", 3, True, 9.0, True, 4),
        Answered("stranger", None, True, 30.0, False, 2),
    ]
    found = figures(answers)
    assert (found.parts, found.top1, found.top5, found.false_unknown) == (2, 0.5, 1.0, 0.5)
    assert found.set_length == 2.5
    assert np.isnan(figures([]).top1)


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
