"""Conformal prediction sets: the shortest head of the ranking that holds the truth as often as it promises.

Split conformal prediction with one floor for the probability of every class: of all sets with the promised coverage it
has the least mean length (Sadinle, Lei and Wasserman, arXiv 1609.00451). If captures to come are like those it was
calibrated on, the truth is in the set with at least the stated probability, whatever the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.scores import Floats, ranks_of_truth


@dataclass(frozen=True, slots=True)
class Conformal:
    """Classes down to the probability ``floor`` are shown; the truth is among them with the share ``coverage``.

    ``captures`` is how many it was calibrated on; with too few of them nothing can be promised, and ``floor`` is 0:
    the set is the whole ranking.
    """

    coverage: float
    floor: float
    captures: int


def least_captures(coverage: float) -> int:
    """Return how many captures a promise of this coverage needs: one of them more must be allowed to be missed."""
    return math.ceil(coverage / (1.0 - coverage) - 1e-9)


def calibrate(probabilities: Floats, labels: NDArray[np.int64], coverage: float = 0.995) -> Conformal:
    """Return the floor for held-out probabilities (N, C) with their true classes (N,)."""
    count = len(labels)
    if count < least_captures(coverage):
        return Conformal(coverage, 0.0, count)
    of_truth = np.sort(probabilities[np.arange(count), labels])[::-1]
    return Conformal(coverage, float(of_truth[math.ceil((count + 1) * coverage - 1e-9) - 1]), count)


def set_lengths(probabilities: Floats, conformal: Conformal) -> NDArray[np.int64]:
    """Return how many classes of each ranking (N, C) belong to its set, at least one."""
    return np.maximum(1, (probabilities >= conformal.floor).sum(axis=1)).astype(np.int64)


def covered(probabilities: Floats, labels: NDArray[np.int64], conformal: Conformal) -> NDArray[np.bool_]:
    """Return whether each truth (N,) is in its set."""
    return ranks_of_truth(probabilities, labels) < set_lengths(probabilities, conformal)
