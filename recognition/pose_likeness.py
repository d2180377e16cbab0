"""Whether a part lies as it lay before.

The cameras stand still: a part that was not turned gives the very same pictures, up to their noise. So the part's
square in one capture is compared with the same pixels of the other, view by view, by normalised correlation, which
a change of the light's strength does not touch. Turned by 30 degrees, only parts that are round about the upright axis
look so much alike.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.squares import mask_box, square_around
from station.captures.pose import Pose, PoseView
from station.frames import ColorImage, MaskImage

_STORED = 48
"""Edge of a stored view in pixels."""
_COMPARED = 24
_LEAST_PIXELS = 50
"""A view that sees less of the part says nothing of how it lies."""
_LEAST_OVERLAP = 0.5
"""Where two squares have less in common than this share of both together, the part lies elsewhere."""
_LEAST_CONTRAST = 1.0
"""Grey levels; below that there is nothing but noise to compare."""


class PictureLikeness:
    """Compares poses by the pictures of the cameras, which must not have moved (``PoseLikeness``)."""

    def pose(self, colors: Mapping[str, ColorImage], masks: Mapping[str, MaskImage]) -> Pose:
        """Return how the part lies; takes about a millisecond a view."""
        found = {role: _view(colors[role], mask) for role, mask in masks.items() if role in colors}
        return Pose({role: view for role, view in found.items() if view is not None})

    def likeness(self, one: Pose, other: Pose) -> float:
        """Return the median over the views of both of the correlation of their pictures; 0 without a common view."""
        common = one.views.keys() & other.views.keys()
        values = [_correlation(one.views[role], other.views[role]) for role in common]
        return statistics.median(values) if values else 0.0


def _view(color: ColorImage, mask: MaskImage) -> PoseView | None:
    if np.count_nonzero(mask) < _LEAST_PIXELS:
        return None
    height, width = mask.shape
    x0, y0, x1, y1 = square_around(mask_box(mask))
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    grey = cv2.cvtColor(np.ascontiguousarray(color[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(grey, (_STORED, _STORED), interpolation=cv2.INTER_AREA), np.uint8)
    return PoseView((left / width, top / width, right / width, bottom / width), small)


def _correlation(one: PoseView, other: PoseView) -> float:
    """Return the correlation of the pixels that both views show, 0 where they show hardly the same place."""
    left, top = max(one.box[0], other.box[0]), max(one.box[1], other.box[1])
    right, bottom = min(one.box[2], other.box[2]), min(one.box[3], other.box[3])
    if right <= left or bottom <= top:
        return 0.0
    common = (right - left) * (bottom - top)
    if common < _LEAST_OVERLAP * (_area(one) + _area(other) - common):
        return 0.0
    a, b = (_sampled(view, (left, top, right, bottom)) for view in (one, other))
    spread = float(a.std() * b.std())
    if spread < _LEAST_CONTRAST**2:
        return 0.0
    product: NDArray[np.float32] = (a - a.mean()) * (b - b.mean())
    return float(product.mean()) / spread


def _area(view: PoseView) -> float:
    left, top, right, bottom = view.box
    return (right - left) * (bottom - top)


def _sampled(view: PoseView, box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """Return what a view shows in a box inside its own, (24, 24)."""
    left, top, right, bottom = view.box
    steps = (np.arange(_COMPARED) + 0.5) / _COMPARED
    across = (box[0] + steps * (box[2] - box[0]) - left) / (right - left) * _STORED - 0.5
    down = (box[1] + steps * (box[3] - box[1]) - top) / (bottom - top) * _STORED - 0.5
    columns, rows = np.meshgrid(across.astype(np.float32), down.astype(np.float32))
    smooth = cv2.GaussianBlur(view.grey.astype(np.float32), (0, 0), 1.0)
    return np.asarray(cv2.remap(smooth, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
