"""What the answers hang on: cameras that are missing, a wrong weight, and depth, weight or size left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.answers import Answered, Summary, summary, within
from recognition.evaluation.asking import Station, ViewMask
from recognition.evaluation.intervals import Figure, difference
from recognition.evaluation.scores import Floats, Rate, rate, rate_of
from station.frames import ROLES

WEIGHT_ERRORS_PERCENT = (0.0, 2.5, 5.0, 7.5, 10.0, 15.0, 20.0)

Answers = Sequence[Answered | None]
"""Answers to N captures, ``None`` where no view was left."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Figures under a condition, and by how much top-1 and top-5 of the same captures fell against the plain ones."""

    figures: Summary
    top1_lost: Figure
    top5_lost: Figure


@dataclass(frozen=True, slots=True)
class Missing:
    """Without ``cameras`` cameras; every capture counts once, with its mean over ``draws`` choices of cameras.

    The intervals are those of so many captures: the same capture drawn again is no new one. ``worst_top1`` is the top-1
    of the worst draw.
    """

    cameras: int
    draws: int
    top1: Rate
    top5: Rate
    called_unknown: Rate
    worst_top1: float


@dataclass(frozen=True, slots=True)
class WrongWeight:
    """A weight that is wrong by ``percent``: ``sign`` -1 too light, 1 too heavy, 0 both together.

    ``named`` is how often the answer says that the weight does not fit the class on top, ``noticed`` how often it says
    so or that the part is unknown.
    """

    percent: float
    sign: int
    named: Rate
    noticed: Rate
    cost: Cost


def cost(before: Answers, after: Answers) -> Cost:
    """Compare answers to the same captures; those without an answer on either side are left out."""
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b is not None and a is not None]
    first, second = [b for b, _ in pairs], [a for _, a in pairs]
    return Cost(
        summary(second),
        difference(within(first, 1), within(second, 1)),
        difference(within(first, 5), within(second, 5)),
    )


def kept_at_random(present: ViewMask, most: int, rng: np.random.Generator) -> ViewMask:
    """Return masks (N, 10) with at most ``most`` of the views that there are, drawn for each capture by itself."""
    order = np.where(present, rng.random(present.shape), np.inf).argsort(axis=1).argsort(axis=1)
    return present & (order < most)


def missing_cameras(
    station: Station,
    plain: Answers,
    without: Sequence[Answers],
    alone: Sequence[Answers],
    seed: int,
    draws: int,
    done: Callable[[], None],
) -> tuple[Missing, ...]:
    """Return the figures without 0 to 9 cameras, drawn anew for each capture and draw.

    There are only ten ways to miss one camera or nine: their answers, ``without`` each and with each ``alone``, are
    taken as the draws.
    """
    rows: list[Missing] = []
    drawn: Sequence[Answers]
    for cameras in range(len(ROLES)):
        if cameras in (0, 1, len(ROLES) - 1):
            drawn = [plain] if cameras == 0 else without if cameras == 1 else alone
        else:
            rng = np.random.default_rng([seed, cameras])
            drawn = list[Answers]()
            for _ in range(draws):
                drawn.append(station.answers(kept_at_random(station.present, len(ROLES) - cameras, rng)))
                done()
        rows.append(_missing(cameras, drawn))
    return tuple(rows)


def _missing(cameras: int, drawn: Sequence[Answers]) -> Missing:
    top1, top5, unknown = (_hits(drawn, wanted) for wanted in (_right, _nearly_right, _called_unknown))
    by_draw = [float(within(given, 1).mean()) for answers in drawn if (given := _given(answers))]
    return Missing(
        cameras,
        len(drawn),
        _mean_rate(top1),
        _mean_rate(top5),
        _mean_rate(unknown),
        min(by_draw, default=math.nan),
    )


def _given(answers: Answers) -> list[Answered]:
    return [answer for answer in answers if answer is not None]


def _hits(drawn: Sequence[Answers], wanted: Callable[[Answered], bool]) -> Floats:
    """Return 1 for a hit, 0 for a miss, NaN for no answer, (draws, N)."""
    return np.array([[math.nan if a is None else float(wanted(a)) for a in answers] for answers in drawn])


def _right(answer: Answered) -> bool:
    return answer.rank == 0


def _nearly_right(answer: Answered) -> bool:
    return answer.rank is not None and answer.rank < 5


def _called_unknown(answer: Answered) -> bool:
    return answer.unknown


def _mean_rate(hits: Floats) -> Rate:
    """Return the rate over captures of hits (draws, N), NaN where a draw has no answer to a capture."""
    asked = hits[:, ~np.isnan(hits).all(axis=0)]
    return rate_of(float(np.nanmean(asked, axis=0).mean()), asked.shape[1]) if asked.size else rate([])


def wrong_weights(station: Station, plain: Answers, done: Callable[[], None]) -> tuple[WrongWeight, ...]:
    """Return what weights cost that are wrong by given percentages, in captures whose weight was measured."""
    weights = station.encoded.weights_kg
    weighed: list[int] = np.flatnonzero(~np.isnan(weights)).tolist()
    before = [plain[row] for row in weighed]
    rows: list[WrongWeight] = []
    for percent in WEIGHT_ERRORS_PERCENT if weighed else ():
        if not percent:
            rows.append(_wrong_weight(percent, 0, before, before))
            continue
        signed: list[WrongWeight] = []
        for sign in (-1, 1):
            answers = station.answers(weights_kg=weights * np.float32(1.0 + sign * percent / 100.0))
            signed.append(_wrong_weight(percent, sign, before, [answers[row] for row in weighed]))
            done()
        rows += [*signed, _both_ways(*signed)]
    return tuple(rows)


def _both_ways(light: WrongWeight, heavy: WrongWeight) -> WrongWeight:
    """Join the figures of both signs; their intervals stay those of so many captures, which are the same ones."""

    def rates(one: Rate, other: Rate) -> Rate:
        return rate_of((one.share + other.share) / 2.0, one.count)

    def figures(one: Figure, other: Figure) -> Figure:
        middle = ((a + b) / 2.0 for a, b in ((one.value, other.value), (one.low, other.low), (one.high, other.high)))
        return Figure(*middle, count=one.count)

    first, second = light.cost.figures, heavy.cost.figures
    return WrongWeight(
        light.percent,
        0,
        rates(light.named, heavy.named),
        rates(light.noticed, heavy.noticed),
        Cost(
            Summary(
                rates(first.top1, second.top1),
                rates(first.top3, second.top3),
                rates(first.top5, second.top5),
                rates(first.called_unknown, second.called_unknown),
                rates(first.set_covers, second.set_covers),
                figures(first.set_length, second.set_length),
            ),
            figures(light.cost.top1_lost, heavy.cost.top1_lost),
            figures(light.cost.top5_lost, heavy.cost.top5_lost),
        ),
    )


def _wrong_weight(percent: float, sign: int, before: Answers, after: Answers) -> WrongWeight:
    given = _given(after)
    return WrongWeight(
        percent,
        sign,
        rate([a.weight_fits is False for a in given]),
        rate([a.weight_fits is False or a.unknown for a in given]),
        cost(before, after),
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Figures without something that the station usually has; ``what`` names it."""

    what: str
    cost: Cost


def left_out(station: Station, depthless: Station, plain: Answers, done: Callable[[], None]) -> tuple[LeftOut, ...]:
    """Return what it costs to leave depth, weight and size out; ``depthless`` has the same captures without depth."""
    no_weight = np.full_like(station.encoded.weights_kg, np.nan)
    no_size = np.full_like(station.encoded.sizes_m, np.nan)
    asked: list[tuple[str, Station, NDArray[np.float32] | None, NDArray[np.float32] | None]] = [
        ("weight", station, no_weight, None),
        ("size", station, None, no_size),
        ("weight and size", station, no_weight, no_size),
        ("depth", depthless, None, None),
        ("depth and size", depthless, None, no_size),
        ("depth, weight and size", depthless, no_weight, no_size),
    ]
    rows: list[LeftOut] = []
    for what, where, weights, sizes in asked:
        rows.append(LeftOut(what, cost(plain, where.answers(weights_kg=weights, sizes_m=sizes))))
        done()
    return tuple(rows)
