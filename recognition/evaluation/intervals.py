"""Figures with their 95 % intervals, where a figure is more than a share of hits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.scores import Z_95, Floats

_RESAMPLES = 1000
_SEED = 20
"""Of the resampling; the same captures give the same interval."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval, and of how many captures; NaN where there were none."""

    value: float
    low: float
    high: float
    count: int

    def turned(self) -> Figure:
        """Return it with the other sign, as a change where this is a loss."""
        return Figure(-self.value, -self.high, -self.low, self.count)


NO_FIGURE = Figure(math.nan, math.nan, math.nan, 0)


def mean_figure(values: Floats | NDArray[np.int64]) -> Figure:
    """Return the mean of values (N,) with the normal curve's interval."""
    count = len(values)
    if not count:
        return NO_FIGURE
    mean = float(np.mean(values))
    half = Z_95 * float(np.std(values, ddof=1)) / math.sqrt(count) if count > 1 else math.nan
    return Figure(mean, mean - half, mean + half, count)


def difference(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Figure:
    """Return by how much the share of hits of the same captures fell, positive for a loss.

    The interval is Wald's with half a capture added to each cell of the table (Agresti and Min, "Simple improved
    confidence intervals for comparing matched proportions", Statistics in Medicine 24, 2005), so that it does not
    vanish where nothing changed.
    """
    count = len(before)
    if not count:
        return NO_FIGURE
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    middle = (lost - won) / (count + 2.0)
    half = Z_95 * math.sqrt(lost + won + 1.0 - (lost - won) ** 2 / (count + 2.0)) / (count + 2.0)
    value = (lost - won) / count
    return Figure(value, min(value, middle - half), max(value, middle + half), count)


def bootstrapped(
    measure: Callable[[NDArray[np.int64]], float], count: int, others: int | None = None, resamples: int = _RESAMPLES
) -> Figure:
    """Return ``measure`` of all captures with the percentile interval of resampled ones (Efron, 1979).

    ``measure`` is given the numbers of the captures that count, some of them several times. With ``others`` there are
    two kinds of captures, each resampled for itself; those of the second kind are numbered from ``count``.
    """
    total = count + (others or 0)
    if not count or others == 0:
        return NO_FIGURE
    rng = np.random.default_rng(_SEED)
    drawn: list[float] = []
    for _ in range(resamples):
        rows = rng.integers(0, count, count)
        if others:
            rows = np.concatenate([rows, count + rng.integers(0, others, others)])
        drawn.append(measure(rows))
    low, high = (float(v) for v in np.quantile(np.array(drawn), [0.025, 0.975]))
    return Figure(measure(np.arange(total)), low, high, total)
