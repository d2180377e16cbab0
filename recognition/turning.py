"""Likeness of a part seen from above to training captures over every turn on the plate, never mirrored.

Left- and right-handed parts weigh and measure the same, and a dozen captures teach a network little about the
difference. But a part that lies as in a training capture differs from it, seen from above, only by a turn: a shift in
the angle of the picture's polar form. Its mirror image fits at no angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.priors import Priors
from station.frames import ROLES

FROM_ABOVE: tuple[str, ...] = ("cam_06", "cam_07", "cam_08", "cam_09", "cam_10")
"""The views that look down steeply enough for a turn on the plate to be about a turn of the picture."""
_ANGLES, _RADII, _REACH = 90, 20, 2.2
_CONFUSABLE = 0.03
_QUANTUM = 127.0

Signatures = NDArray[np.int8]
"""Polar signatures (N, views, 3, angles, radii); zero where a view is missing."""


@dataclass(frozen=True, slots=True)
class TurnGallery:
    """Signatures of the training captures of classes that weight and size confuse.

    ``labels`` (N,) are class numbers, ``groups`` (C,) the number of the group of confusable classes, -1 for classes
    that have none.
    """

    signatures: Signatures
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]


def signature_shape() -> tuple[int, int, int, int]:
    """Return the shape of one capture's signatures: (views, features, angles, radii)."""
    return len(FROM_ABOVE), 3, _ANGLES, _RADII


def signatures(color: NDArray[np.uint8], depth_mm: NDArray[np.uint16], roles: Sequence[str]) -> Signatures:
    """Return the signatures (views, 3, angles, radii) of one capture's crops (V, S, S, 4) and depth (V, S, S)."""
    found = np.zeros((len(FROM_ABOVE), 3, _ANGLES, _RADII), np.int8)
    for slot, role in enumerate(FROM_ABOVE):
        if role in roles:
            row = list(roles).index(role)
            found[slot] = _signature(color[row], depth_mm[row])
    return found


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

    def penalties(self, found: Signatures) -> NDArray[np.float64]:
        """Return how much worse each class fits at its best turn than the best of its group, (C,), at most zero.

        ``found`` are the part's signatures (views, 3, angles, radii). A class of no group has zero.
        """
        return self.compared(self.likeness(found))

    def likeness(self, found: Signatures) -> NDArray[np.float64]:
        """Return how like each class is in each view at the best turn, (C, views); -inf for a class without signatures.

        A view that is missing has likeness 0 to every class that has signatures.
        """
        likeness = np.full((len(self._groups), len(found)), -np.inf)
        if self._spectra is not None:
            # summing over features before the inverse transform: the sum of correlations is that of the whole
            product = np.einsum("vcar,nvcar->nva", _spectra(found[None])[0], self._spectra, optimize=True)
            np.maximum.at(likeness, self._labels, np.fft.irfft(product, n=_ANGLES, axis=2).max(axis=2))
        return likeness

    def compared(self, likeness: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the penalties (C,) that follow from likenesses (C, views)."""
        penalties = np.zeros(len(self._groups))
        best = likeness.max(axis=1)
        for group in np.unique(self._groups[self._groups >= 0]):
            members = np.flatnonzero((self._groups == group) & np.isfinite(best))
            if len(members):
                penalties[members] = best[members] - best[members].max()
        return penalties


def cache_signatures(color: NDArray[np.uint8], depth_mm: NDArray[np.uint16], present: NDArray[np.bool_]) -> Signatures:
    """Return the signatures of one capture of the crop cache: (10, S, S, 4), (10, S, S), (10,)."""
    rows = np.flatnonzero(present)
    return signatures(color[rows], depth_mm[rows], [ROLES[row] for row in rows])


def _spectra(quantised: Signatures) -> NDArray[np.complex64]:
    """Return the transform along the angle of signatures (N, views, 3, angles, radii) of unit length per feature."""
    values = quantised.astype(np.float32)
    length = np.sqrt((values**2).sum(axis=(3, 4), keepdims=True))
    return np.fft.rfft(values / np.maximum(length, 1.0), axis=3).astype(np.complex64)


def _signature(color: NDArray[np.uint8], depth_mm: NDArray[np.uint16]) -> Signatures:
    """Return outline, edges and height of the part in polar form round its centroid, (3, angles, radii)."""
    mask = _largest(color[:, :, 3])
    area = int(mask.sum())
    if area < 40:
        return np.zeros((3, _ANGLES, _RADII), np.int8)
    moments = cv2.moments(mask, True)
    center = (moments["m10"] / moments["m00"], moments["m01"] / moments["m00"])
    reach = _REACH * float(np.sqrt(area / np.pi))
    polar = [
        cv2.warpPolar(feature, (_RADII, _ANGLES), center, reach, cv2.INTER_LINEAR | cv2.WARP_FILL_OUTLIERS)
        for feature in (mask.astype(np.float32), _edges(color, mask), _height(depth_mm, mask))
    ]
    # rings count by their length, as pixels do
    stacked = np.stack(polar) * np.sqrt((np.arange(_RADII) + 0.5) / _RADII)
    stacked -= stacked.mean(axis=(1, 2), keepdims=True)
    largest = np.abs(stacked).max(axis=(1, 2), keepdims=True)
    return np.rint(stacked / np.maximum(largest, 1e-6) * _QUANTUM).astype(np.int8)


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
    if count < 2:
        return np.zeros(mask.shape, np.uint8)
    return (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)


def _edges(color: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.GaussianBlur(cv2.cvtColor(color[:, :, :3], cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.0)
    steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    usual = float(np.quantile(steep[mask > 0], 0.9)) + 1e-3
    return (np.minimum(steep / usual, 1.5) * mask).astype(np.float32)


def _height(depth_mm: NDArray[np.uint16], mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    measured = (depth_mm > 0) & (cv2.erode(mask, np.ones((3, 3), np.uint8)) > 0)
    if int(measured.sum()) < 20:
        return np.zeros(mask.shape, np.float32)
    depth = depth_mm.astype(np.float32)
    nearer = np.where(measured, np.clip((np.median(depth[measured]) - depth) / 15.0, -2.0, 2.0), 0.0)
    share = cv2.GaussianBlur(measured.astype(np.float32), (0, 0), 1.5) + 0.2
    return (cv2.GaussianBlur(nearer.astype(np.float32), (0, 0), 1.5) / share * mask).astype(np.float32)
