"""Likeness of a part's relief to those of training captures over every turn on the plate, never mirrored.

Left- and right-handed parts weigh and measure the same, and a dozen captures teach a network little about the
difference. But a part that lies as in a training capture differs from it, seen from straight above, only by a turn: a
shift in the angle of the relief's polar form. Its mirror image fits at no angle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.confidence.priors import Priors
from recognition.confidence.relief import ANGLES, Signature

_CONFUSABLE = 0.03


@dataclass(frozen=True, slots=True)
class TurnGallery:
    """Signatures (N, 3, angles, radii) of the training captures of classes that weight and size confuse.

    ``labels`` (N,) are class numbers, ``groups`` (C,) the number of the group of confusable classes, -1 for classes
    that have none.
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


class Turns:
    """Compares a part with the gallery at every turn."""

    def __init__(self, gallery: TurnGallery) -> None:
        """Transform the gallery once."""
        self._labels, self._groups = gallery.labels, gallery.groups
        self._spectra = np.conj(_spectra(gallery.signatures)) if len(gallery.labels) else None

    def penalties(self, found: Signature) -> NDArray[np.float64]:
        """Return how much worse each class fits at its best turn than the best of its group, (C,), at most zero.

        ``found`` is the part's signature (3, angles, radii). A class of no group has zero.
        """
        penalties = np.zeros(len(self._groups))
        if self._spectra is None or not found.any():
            return penalties
        # summing over features before the inverse transform: the sum of correlations is that of the whole
        product = np.einsum("car,ncar->na", _spectra(found[None])[0], self._spectra, optimize=True)
        likeness = np.full(len(self._groups), -np.inf)
        np.maximum.at(likeness, self._labels, np.fft.irfft(product, n=ANGLES, axis=1).max(axis=1))
        for group in np.unique(self._groups[self._groups >= 0]):
            members = np.flatnonzero((self._groups == group) & np.isfinite(likeness))
            if len(members):
                penalties[members] = likeness[members] - likeness[members].max()
        return penalties


def _spectra(quantised: NDArray[np.int8]) -> NDArray[np.complex64]:
    """Return the transform along the angle of signatures (N, 3, angles, radii) of unit length per feature."""
    values = quantised.astype(np.float32)
    length = np.sqrt((values**2).sum(axis=(2, 3), keepdims=True))
    return np.fft.rfft(values / np.maximum(length, 1.0), axis=2).astype(np.complex64)
