"""Likeness of a part's relief to those of training captures over every turn on the plate, never mirrored.

Left- and right-handed parts weigh and measure the same, and a dozen captures teach a network little about the
difference. But a part that lies as in a training capture differs from it, seen from straight above, only by a turn: a
shift in the angle of the relief's polar form. Its mirror image fits at no angle. What helps with twins helps with all
classes where the weight is wrong or not known: the relief sees outline, heights and edges that crops of pictures, each
as large as its part, show at ten slants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.confidence.experts import Penalties
from recognition.confidence.priors import Priors
from recognition.confidence.relief import ANGLES, Signature

_CONFUSABLE = 0.03
_MOST = 4096
"""A gallery holds no more signatures of classes without a group: 31 MB in the file, 127 MB in memory."""
_FEWEST = 3
"""Signatures of each of these classes, however many classes there are."""


@dataclass(frozen=True, slots=True)
class TurnGallery:
    """Signatures (N, 3, angles, radii) of training captures.

    ``labels`` (N,) are class numbers, ``groups`` (C,) the number of the group of classes that weight and size confuse,
    -1 for classes that have none. An older model has signatures of classes with a group alone.
    """

    signatures: NDArray[np.int8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]


def groups_of(priors: Priors, weights_kg: NDArray[np.float32], sizes_m: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the group (C,) of classes that weight and size confuse, from each class's weight (C,) and edges (C, 3)."""
    likely = np.exp(priors.log_prior(weights_kg, sizes_m)) > _CONFUSABLE
    linked = likely | likely.T
    groups = np.full(len(linked), -1, np.int64)
    for start in range(len(linked)):
        if groups[start] < 0 and linked[start].sum() > 1:
            reached, frontier = {start}, [start]
            while frontier:
                new = set(np.flatnonzero(linked[frontier.pop()]).tolist()) - reached
                reached |= new
                frontier += sorted(new)
            groups[sorted(reached)] = start
    return groups


def chosen_rows(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which of N captures with class numbers ``labels`` (N,) a gallery holds.

    Of classes with a group all; of each other one as many as there is room for, spread evenly over its captures.
    """
    room = max(_FEWEST, _MOST // max(1, len(groups)))
    kept: list[NDArray[np.int64]] = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if groups[label] < 0 and len(rows) > room:
            rows = rows[np.linspace(0, len(rows) - 1, room).round().astype(np.int64)]
        kept.append(rows)
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, np.int64)


class Turns:
    """Compares a part with the gallery at every turn."""

    def __init__(self, gallery: TurnGallery) -> None:
        """Transform the gallery once."""
        self._labels, self._groups = gallery.labels, gallery.groups
        self._has_most = 2 * len(np.unique(gallery.labels)) > len(gallery.groups)
        self._spectra = np.ascontiguousarray(_spectra(gallery.signatures).transpose(1, 0, 2))

    def penalties(self, found: Signature) -> Penalties:
        """Return how much worse each class fits than the best of its group and than the best of all.

        ``found`` is the part's signature (3, angles, radii). In the first row a class of no group has zero. The
        second is zero where the gallery holds twins alone; a class of which no capture gave a relief, as of parts too
        small for one, has the median there. Both are zero where the part has no relief.
        """
        penalties = np.zeros((2, len(self._groups)))
        if not len(self._labels) or not found.any():
            return penalties
        # summing over features before the inverse transform: the sum of correlations is that of the whole
        own_real, own_imaginary = np.split(_spectra(found[None])[0], 2, axis=1)
        # not a product of matrices: on a busy machine the threads of that wait for one another at every frequency
        real = np.einsum("fnc,fc->fn", self._spectra, np.hstack([own_real, own_imaginary]))
        imaginary = np.einsum("fnc,fc->fn", self._spectra, np.hstack([own_imaginary, -own_real]))
        likeness = np.full(len(self._groups), -np.inf)
        np.maximum.at(likeness, self._labels, np.fft.irfft(real + 1j * imaginary, n=ANGLES, axis=0).max(axis=0))
        for group in np.unique(self._groups[self._groups >= 0]):
            members = np.flatnonzero((self._groups == group) & np.isfinite(likeness))
            if len(members):
                penalties[0, members] = likeness[members] - likeness[members].max()
        if self._has_most:
            known = np.isfinite(likeness)
            penalties[1] = np.where(known, likeness, np.median(likeness[known])) - likeness.max()
        return penalties


def _spectra(quantised: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the transform along the angle of signatures (N, 3, angles, radii), each feature of unit length before.

    Of the result (N, frequencies, 6 x radii) the first half is the real part.
    """
    values = quantised.astype(np.float32)
    length = np.sqrt((values**2).sum(axis=(2, 3), keepdims=True))
    turned = np.fft.rfft(values / np.maximum(length, 1.0), axis=2).transpose(0, 2, 1, 3)
    flat = turned.reshape(*turned.shape[:2], turned.shape[2] * turned.shape[3])
    return np.concatenate([flat.real, flat.imag], axis=2).astype(np.float32)
