"""What weight and size alone say of a capture, so that training can spend itself on what only pictures can tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recognition.classes import ClassProfile, Fits
from recognition.confidence.experts import log_student

_WEIGHT_SPREAD, _SIZE_SPREAD, _SIZE_NOISE_M = 0.005, 0.01, 0.003
_WORST = -20.0
"""Log-densities end here: a class is made very unlikely, never impossible."""


class Priors:
    """Log-likelihoods of weight and size under each of C classes."""

    def __init__(self, profiles: Sequence[ClassProfile]) -> None:
        """Take the classes' weights and sizes from their training captures."""
        self.classes = len(profiles)
        self._fits = Fits(profiles, _WEIGHT_SPREAD, _SIZE_SPREAD, _SIZE_NOISE_M)

    def log_prior(self, weights_kg: NDArray[np.float32], sizes_m: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return log-probabilities (B, C) of weights (B,) and edges (B, 3); NaN says nothing."""
        rows = np.zeros((len(weights_kg), self.classes))
        for row, (weight, size) in enumerate(zip(weights_kg, sizes_m, strict=True)):
            if not np.isnan(weight):
                rows[row] += log_student(self._fits.weight(float(weight)))
            if not np.isnan(size).any():
                rows[row] += log_student(self._fits.size(size))
        rows = np.maximum(rows - rows.max(axis=1, keepdims=True), _WORST)
        rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
        return rows.astype(np.float32)

    def hardness(
        self, weights_kg: NDArray[np.float32], sizes_m: NDArray[np.float32], labels: Sequence[int]
    ) -> NDArray[np.float64]:
        """Return for each capture how likely weight and size alone would miss its class, (B,) from 0 to 1."""
        own = self.log_prior(weights_kg, sizes_m)[np.arange(len(labels)), np.asarray(labels)]
        return 1.0 - np.exp(own.astype(np.float64))
