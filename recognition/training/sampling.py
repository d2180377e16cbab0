"""Which captures and which of their views a batch is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ViewOrder = Literal["random", "fixed"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How batches are drawn; shares that end in ``_p`` are probabilities for each capture or view.

    ``fewest_views`` to ``most_views`` are drawn of each capture's. With ``view_order`` of ``random`` their slots are
    drawn, too; ``fixed`` leaves each camera its own. ``mix_views_p`` is the share of captures whose views are drawn
    from all captures of their class. A batch is drawn in chunks of ``chunk`` captures; processes that train together
    share them out.
    """

    batch: int = 24
    chunk: int = 8
    fewest_views: int = 3
    most_views: int = 5
    view_order: ViewOrder = "random"
    mix_views_p: float = 0.0
    painted_out_p: float = 0.05
    view_drop_p: float = 0.08
    depth_drop_p: float = 0.0
    color_drop_p: float = 0.0
    weight_drop_p: float = 0.25
    size_drop_p: float = 0.25
    focus: float = 0.0
    """Captures that weight and size cannot tell apart come up to (1 + ``focus``) times as often as the others."""
    balance: float = 0.0
    """0 shows every capture once an epoch, 1 every class as often as any other, what lies between a part of that."""
    prior_p: float = 0.0
    """Share of captures whose view-wise and picture heads are told what weight and size say."""
    label_smoothing: float = 0.05

    def shares(self, hard: NDArray[np.float64], labels: Sequence[int]) -> NDArray[np.float64] | None:
        """Return how often each capture comes, as shares of one, or ``None`` where each comes once an epoch.

        ``hard`` says how hard a capture is, 0…1, ``labels`` its class.
        """
        if self.focus <= 0.0 and self.balance <= 0.0:
            return None
        _, inverse, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
        share = (1.0 + self.focus * hard) * counts[inverse].astype(np.float64) ** -self.balance
        return share / share.sum()


@dataclass(frozen=True, slots=True)
class Drawn:
    """Views of B captures, V each: whose they are, which they are, which count, and their slots; all (B, V)."""

    captures: NDArray[np.int64]
    views: NDArray[np.int64]
    mask: NDArray[np.bool_]
    slots: NDArray[np.int64]


def draw_captures(
    rows: Sequence[int], shares: NDArray[np.float64] | None, seed: int, epoch: int, place: int, batch: int
) -> list[int]:
    """Return the captures of batch ``place`` of an epoch: each comes once in it, or as often as its share says."""
    rng = np.random.default_rng([seed, 1, epoch])
    order = rng.permutation(len(rows)) if shares is None else rng.choice(len(rows), size=len(rows), p=shares)
    return [rows[i] for i in order[place * batch : (place + 1) * batch]]


def draw_views(
    there: NDArray[np.bool_],
    picked: Sequence[int],
    of_class: Mapping[int, Sequence[int]],
    labels: Sequence[int],
    count: int,
    sampling: Sampling,
    chooser: np.random.Generator,
) -> Drawn:
    """Draw ``count`` views for each of the captures ``picked``.

    ``there`` (N, 10) says which views every capture has; one with fewer than ``count`` shows some of them twice.
    ``of_class`` lists the captures of a class, ``labels`` the class of every capture.
    """
    cameras = there.shape[1]
    captures = np.repeat(np.asarray(picked, dtype=np.int64)[:, None], count, axis=1)
    views = np.zeros((len(picked), count), dtype=np.int64)
    slots = np.zeros((len(picked), count), dtype=np.int64)
    for row, capture in enumerate(picked):
        usable = chooser.permutation(np.flatnonzero(there[capture]))
        views[row] = np.resize(usable, count) if len(usable) else 0
        if chooser.random() < sampling.mix_views_p:
            captures[row] = chooser.choice(np.asarray(of_class[labels[capture]]), size=count)
        drawn = chooser.permutation(max(cameras, count))[:count]
        slots[row] = drawn if sampling.view_order == "random" else views[row]
    mask = there[captures, views]
    dropped = chooser.random(mask.shape) < sampling.view_drop_p
    dropped[:, 0] = False  # the views are drawn in random order, so any may be the one that stays
    return Drawn(captures, views, mask & ~dropped, slots)
