"""Figures of a model's answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.results import Recognition


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer beside its truth; ``rank`` is 0 for the right class on top, ``None`` for a class the model lacks."""

    truth: str
    rank: int | None
    unknown: bool
    unknown_score: float
    covered: bool
    set_length: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1 over the answers to parts of known classes; NaN where there were none."""

    parts: int
    top1: float
    top5: float
    false_unknown: float
    set_covers: float
    set_length: float


def answered(recognition: Recognition, truth: str) -> Answered:
    """Compare an answer with the true class."""
    order = [ranked.class_id for ranked in recognition.ranked]
    return Answered(
        truth=truth,
        rank=order.index(truth) if truth in order else None,
        unknown=recognition.unknown,
        unknown_score=recognition.unknown_score,
        covered=truth in recognition.prediction_set,
        set_length=len(recognition.prediction_set),
    )


def figures(answers: Sequence[Answered]) -> Figures:
    """Return the figures over the parts whose class the model knows."""
    known = [a for a in answers if a.rank is not None]
    if not known:
        return Figures(0, *[float("nan")] * 5)
    ranks = np.array([a.rank for a in known])
    return Figures(
        parts=len(known),
        top1=float((ranks < 1).mean()),
        top5=float((ranks < 5).mean()),
        false_unknown=float(np.mean([a.unknown for a in known])),
        set_covers=float(np.mean([a.covered for a in known])),
        set_length=float(np.mean([a.set_length for a in known])),
    )
