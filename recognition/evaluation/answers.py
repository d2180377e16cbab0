"""Answers of the station beside the truth, and how many of them are right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.intervals import Figure, mean_figure
from recognition.evaluation.scores import Rate, rate
from station.results import Recognition


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer beside its truth.

    ``rank`` is 0 for the right class on top, ``None`` for a class the model lacks; ``confidence`` is the probability of
    the class on top, ``answer``; ``covered`` says whether the truth is in the prediction set.
    """

    truth: str
    answer: str
    rank: int | None
    confidence: float
    unknown: bool
    unknown_score: float
    covered: bool
    set_length: int
    weight_fits: bool | None
    size_fits: bool | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures over the parts of known classes."""

    top1: Rate
    top3: Rate
    top5: Rate
    called_unknown: Rate
    set_covers: Rate
    set_length: Figure


def answered(recognition: Recognition, truth: str) -> Answered:
    """Compare an answer with the true class."""
    order = [ranked.class_id for ranked in recognition.ranked]
    best = recognition.ranked[0]
    return Answered(
        truth=truth,
        answer=best.class_id,
        rank=order.index(truth) if truth in order else None,
        confidence=best.probability,
        unknown=recognition.unknown,
        unknown_score=recognition.unknown_score,
        covered=truth in recognition.prediction_set,
        set_length=len(recognition.prediction_set),
        weight_fits=best.weight_fits,
        size_fits=best.size_fits,
    )


def within(answers: Iterable[Answered], places: int) -> NDArray[np.bool_]:
    """Return of each answer (N,) whether the truth is among its first ``places`` classes."""
    return np.array([a.rank is not None and a.rank < places for a in answers], dtype=np.bool_)


def summary(answers: Sequence[Answered]) -> Summary:
    """Return the figures over the parts whose class the model knows."""
    known = [a for a in answers if a.rank is not None]
    return Summary(
        top1=rate(within(known, 1)),
        top3=rate(within(known, 3)),
        top5=rate(within(known, 5)),
        called_unknown=rate([a.unknown for a in known]),
        set_covers=rate([a.covered for a in known]),
        set_length=mean_figure(np.array([a.set_length for a in known], dtype=np.int64)),
    )
