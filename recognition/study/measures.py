"""What is measured of a trained model on captures it has never seen, as shares by name.

The answer is the fused head's alone: a study compares networks, not what is put on top of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from recognition.crops.cache import CropCache
from recognition.evaluation.encoded import EncodedCaptures
from recognition.evaluation.scores import Floats, ranks_of_truth
from recognition.models.multiview import MultiViewModel

CAMERAS = 10
DRAWS = 5
"""Random subsets of the cameras that every number of views is measured with."""
WRONG = (0.025, 0.05, 0.075, 0.10, 0.15, 0.20)
"""Parts by which a weight is made wrong, up for one half of the captures and down for the other."""


def measure(
    model: MultiViewModel,
    test: CropCache,
    labels: Sequence[int],
    *,
    weight: bool,
    size: bool,
    device: torch.device | str = "cpu",
) -> dict[str, float]:
    """Return the shares by name on the captures of ``test`` whose class number is not negative.

    ``weight`` and ``size`` say what the model is told. ``captures`` counts them. ``top1_views_k`` is the mean over
    draws of k cameras, ``top1_missing_k`` the same of 10 − k.
    """
    rows = [row for row, label in enumerate(labels) if label >= 0]
    truth = np.array([labels[row] for row in rows], dtype=np.int64)
    encoded = EncodedCaptures(model, test, rows, device=device)
    told = _Told(encoded, weight, size)
    found = {"captures": float(len(rows)), **_tops(told.ask(), truth)}
    found |= _views_alone(encoded, truth)
    rng = np.random.default_rng(20)
    for count in range(1, CAMERAS):
        shares = [_tops(told.ask(_subset(len(rows), count, rng)), truth) for _ in range(DRAWS)]
        found |= {f"{key}_views_{count}": float(np.mean([s[key] for s in shares])) for key in ("top1", "top5")}
    found |= {f"{key}_missing_{k}": found[f"{key}_views_{10 - k}"] for key in ("top1", "top5") for k in range(1, 10)}
    if model.config.streams == "rgbd":
        dark = _Told(EncodedCaptures(model, test, rows, depth=False, device=device), weight, size)
        found |= _named(_tops(dark.ask(), truth), "no_depth")
    if weight:
        found |= _named(_tops(told.ask(weight=False), truth), "no_weight")
        for part in WRONG:
            found |= _named(_tops(told.ask(wrong=part), truth), f"weight_{part * 100:g}")
    if size:
        found |= _named(_tops(told.ask(size=False), truth), "no_size")
    if weight and size:
        found |= _named(_tops(told.ask(weight=False, size=False), truth), "pictures")
    return found


class _Told:
    """Asks encoded captures with what the model is told in this study."""

    def __init__(self, encoded: EncodedCaptures, weight: bool, size: bool) -> None:
        self._encoded = encoded
        self._weight = encoded.weights_kg if weight else np.full_like(encoded.weights_kg, np.nan)
        self._size = encoded.sizes_m if size else np.full_like(encoded.sizes_m, np.nan)

    def ask(
        self, mask: NDArray[np.bool_] | None = None, *, weight: bool = True, size: bool = True, wrong: float = 0.0
    ) -> Floats:
        sign = np.where(np.arange(len(self._weight)) % 2 == 0, 1.0, -1.0)
        weights = (self._weight * (1.0 + sign * wrong)).astype(np.float32)
        return self._encoded.ask(
            mask,
            weights if weight else np.full_like(self._weight, np.nan),
            self._size if size else np.full_like(self._size, np.nan),
        ).logits.astype(np.float64)


def _subset(captures: int, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which of the cameras are there, (N, 10): ``count`` of them, drawn for every capture."""
    order = rng.permuted(np.tile(np.arange(CAMERAS), (captures, 1)), axis=1)
    return order < count


def _tops(logits: Floats, truth: NDArray[np.int64]) -> dict[str, float]:
    ranks = ranks_of_truth(logits, truth)
    return {f"top{k}": float((ranks < k).mean()) for k in (1, 3, 5)}


def _named(shares: Mapping[str, float], suffix: str) -> dict[str, float]:
    return {f"{key}_{suffix}": value for key, value in shares.items()}


def _views_alone(encoded: EncodedCaptures, truth: NDArray[np.int64]) -> dict[str, float]:
    """Return how good single views are, and how much of one mind.

    ``consistency`` is the mean over the captures of the variance over the views of the true class's softmax, and
    ``agreement`` the mean share of views that vote for the class that most of them vote for.
    """
    views, there = encoded.views.astype(np.float64), encoded.view_mask
    shares = np.exp(views - views.max(axis=2, keepdims=True))
    shares /= shares.sum(axis=2, keepdims=True)
    of_truth = np.where(there, shares[np.arange(len(truth)), :, truth], np.nan)
    votes = np.where(there, views.argmax(axis=2), -1)
    agreed = [np.bincount(row[row >= 0]).max() / (row >= 0).sum() for row in votes if (row >= 0).any()]
    return {
        "view_top1": float((votes == truth[:, None])[there].mean()),
        "consistency": float(np.nanvar(of_truth, axis=1).mean()),
        "agreement": float(np.mean(agreed)),
    }
