"""Do the views of a capture say the same, and is the answer right where they do?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.answers import Answered, within
from recognition.evaluation.intervals import Figure, mean_figure
from recognition.evaluation.scores import Floats, Rate, rate


@dataclass(frozen=True, slots=True)
class Band:
    """Captures with a figure of the views between ``low`` and ``high``, and how often the answer to them is right."""

    low: float
    high: float
    top1: Rate


@dataclass(frozen=True, slots=True)
class Consistency:
    """Do the views of a capture say the same?

    ``variance`` is the mean over captures of the variance over views of the true class's softmax, ``by_variance`` the
    station's top-1 in four parts of equal size, from the most alike to the least. ``agreement`` is the mean share of
    views whose own first class is the station's answer, ``by_agreement`` the top-1 by that share.
    """

    variance: Figure
    variance_right: Figure
    variance_wrong: Figure
    by_variance: tuple[Band, ...]
    agreement: Figure
    by_agreement: tuple[Band, ...]


def consistency(
    views: NDArray[np.float32],
    present: NDArray[np.bool_],
    labels: NDArray[np.int64],
    answers: Sequence[Answered],
    answered_labels: NDArray[np.int64],
) -> Consistency:
    """Relate what the views say, logits (N, 10, C), to the answers; captures with one view alone are left out.

    ``labels`` (N,) are the numbers of the true classes, ``answered_labels`` (N,) those of the classes answered.
    """
    several: list[int] = np.flatnonzero(present.sum(axis=1) > 1).tolist()
    variances, shares = np.zeros(len(several)), np.zeros(len(several))
    for place, row in enumerate(several):
        said = _softmax(views[row][present[row]].astype(np.float64))
        variances[place] = said[:, labels[row]].var()
        shares[place] = (said.argmax(axis=1) == answered_labels[row]).mean()
    right = within([answers[row] for row in several], 1)
    return Consistency(
        variance=mean_figure(variances),
        variance_right=mean_figure(variances[right]),
        variance_wrong=mean_figure(variances[~right]),
        by_variance=_quarters(variances, right),
        agreement=mean_figure(shares),
        by_agreement=_bands(shares, right, (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)),
    )


def _softmax(logits: Floats) -> Floats:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def _quarters(values: Floats, right: NDArray[np.bool_]) -> tuple[Band, ...]:
    parts = np.array_split(np.argsort(values, kind="stable"), 4)
    return tuple(
        Band(float(values[part].min()), float(values[part].max()), rate(right[part])) for part in parts if len(part)
    )


def _bands(values: Floats, right: NDArray[np.bool_], edges: Sequence[float]) -> tuple[Band, ...]:
    """Return bands from one edge up to the next, the last one with its end."""
    places = np.minimum(np.searchsorted(np.array(edges), values, side="right") - 1, len(edges) - 2)
    found: list[Band] = []
    for place in range(len(edges) - 1):
        there = places == place
        if there.any():
            found.append(Band(edges[place], edges[place + 1], rate(right[there])))
    return tuple(found)
