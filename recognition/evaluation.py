"""Figures of a model's answers, and the control that shows it only what surrounds the part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from station.frames import DepthImage, Frame, MaskImage
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


def auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Return the probability that an unknown part scores higher than a known one, ties counted half.

    This is the area under the ROC curve (Mann and Whitney's U over the number of pairs); NaN without pairs.
    """
    if not known or not unknown:
        return float("nan")
    ranks = cast(NDArray[np.float64], rankdata([*known, *unknown]))
    above = float(ranks[len(known) :].sum()) - len(unknown) * (len(unknown) + 1) / 2.0
    return above / (len(known) * len(unknown))


def painted_out(frame: Frame, mask: MaskImage, rng: np.random.Generator, rim: int = 7) -> Frame:
    """Return the frame with the part painted in the colour of what surrounds it, and without depth there.

    ``mask`` (H, W) is 255 on the part; ``rim`` pixels round it, with its shadow's edge, are painted too.
    """
    kernel = np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)
    covered = cv2.dilate(mask, kernel) > 0
    ring = (cv2.dilate(mask, np.ones((6 * rim + 1, 6 * rim + 1), np.uint8)) > 0) & ~covered
    color = np.array(frame.color)
    around = frame.color[ring] if ring.any() else frame.color.reshape(-1, 3)
    grain = rng.normal(0.0, 4.0, (int(covered.sum()), 3))
    color[covered] = np.clip(np.median(around, axis=0) + grain, 0, 255).astype(np.uint8)
    depth = np.where(covered, np.uint16(0), frame.depth)
    color.flags.writeable = False
    depth.flags.writeable = False
    return replace(frame, color=color, depth=cast(DepthImage, depth))
