"""What single cameras are worth: each view alone, each view taken away, and whether one dominates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from recognition.evaluation.answers import within
from recognition.evaluation.asking import Station
from recognition.evaluation.disturbing import Answers
from recognition.evaluation.intervals import Figure, difference
from recognition.evaluation.scores import Rate, rate
from station.frames import ROLES

_DOMINATES = 0.02
"""A view may dominate when at least this share of the answers is lost without it,"""
_TIMES = 2.0
"""at least so many times what is lost without any other view,"""
_CHANCE = 0.05 / len(ROLES)
"""and when that is not chance: two-sided sign test on the captures whose answer changed, for ten views at once."""


@dataclass(frozen=True, slots=True)
class Camera:
    """What one camera is worth, over the captures that it sees.

    ``own_head`` is the top-1 of the view's own prediction; ``alone`` and ``without`` are the station's top-1 with this
    view alone and with all others, ``lost`` what is lost without it. ``pictures_…`` is the same where neither weight
    nor size is told, so that they cannot make up for what the pictures lack.
    """

    role: str
    own_head: Rate
    alone: Rate
    without: Rate
    lost: Figure
    pictures_alone: Rate
    pictures_without: Rate
    pictures_lost: Figure


@dataclass(frozen=True, slots=True)
class Cameras:
    """All ten, whether one dominates, and the sentence that says so; with the answers that were asked for it."""

    rows: tuple[Camera, ...]
    dominant: str | None
    sentence: str
    alone: tuple[Answers, ...]
    without: tuple[Answers, ...]


def cameras(station: Station, plain: Answers, labels: NDArray[np.int64], done: Callable[[], None]) -> Cameras:
    """Ask with each view alone and with each view taken away, with and without weight and size."""
    no_weight = np.full_like(station.encoded.weights_kg, np.nan)
    no_size = np.full_like(station.encoded.sizes_m, np.nan)
    pictures = station.answers(weights_kg=no_weight, sizes_m=no_size)
    done()
    rows: list[Camera] = []
    changed: list[tuple[int, int]] = []
    alone: list[Answers] = []
    without: list[Answers] = []
    for slot, role in enumerate(ROLES):
        shown = np.zeros_like(station.present)
        shown[:, slot] = True
        alone.append(station.answers(shown))
        without.append(station.answers(~shown))
        pictures_alone = station.answers(shown, no_weight, no_size)
        pictures_without = station.answers(~shown, no_weight, no_size)
        done()
        seen: list[int] = np.flatnonzero(station.present[:, slot]).tolist()
        own = station.encoded.views[seen, slot].argmax(axis=1) == labels[seen]
        (kept, left), (kept_pictures, left_pictures) = (
            _both(before, after, seen) for before, after in ((plain, without[-1]), (pictures, pictures_without))
        )
        rows.append(
            Camera(
                role,
                rate(own),
                rate(_hits(alone[-1], seen)),
                rate(left),
                difference(kept, left),
                rate(_hits(pictures_alone, seen)),
                rate(left_pictures),
                difference(kept_pictures, left_pictures),
            )
        )
        changed.append((int((kept_pictures & ~left_pictures).sum()), int((~kept_pictures & left_pictures).sum())))
    dominant, sentence = dominance(rows, changed)
    return Cameras(tuple(rows), dominant, sentence, tuple(alone), tuple(without))


def _hits(answers: Answers, rows: Sequence[int]) -> NDArray[np.bool_]:
    return within([a for row in rows if (a := answers[row]) is not None], 1)


def _both(before: Answers, after: Answers, rows: Sequence[int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return hits before and after, of the captures that have an answer on both sides."""
    pairs = [(b, a) for row in rows if (b := before[row]) is not None and (a := after[row]) is not None]
    return within([b for b, _ in pairs], 1), within([a for _, a in pairs], 1)


def dominance(rows: Sequence[Camera], changed: Sequence[tuple[int, int]]) -> tuple[str | None, str]:
    """Return the role of the view that dominates, if one does, and the sentence that says it.

    ``changed`` are, for each view, the captures whose answer from the pictures is wrong, and right, only without it.
    """
    measured = [place for place, row in enumerate(rows) if row.pictures_lost.count]
    if len(measured) < 2:
        return None, "There are not enough views to say whether one of them dominates."
    order = sorted(measured, key=lambda place: -rows[place].pictures_lost.value)
    first, second = rows[order[0]], rows[order[1]]
    lost, won = changed[order[0]]
    loss, next_loss = first.pictures_lost.value, max(0.0, second.pictures_lost.value)
    by_chance = float(binomtest(lost, lost + won).pvalue) if lost + won else 1.0
    if loss >= _DOMINATES and loss >= _TIMES * next_loss and by_chance < _CHANCE:
        return first.role, (
            f"{first.role} dominates: without it the answers from pictures alone lose {100 * loss:.1f} points of "
            f"top-1, without any other view at most {100 * next_loss:.1f} points ({second.role})."
        )
    if loss <= 0.0:
        return None, "No view dominates: whichever is taken away, the answers from pictures alone lose nothing."
    return None, (
        f"No view dominates: the one that is missed most, {first.role}, costs {100 * loss:.1f} points of top-1 from "
        f"pictures alone, the next, {second.role}, {100 * second.pictures_lost.value:.1f} points."
    )
