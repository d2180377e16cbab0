"""Depth and change of one view joined to one word per pixel: part, background or unknown."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.depth import BACKGROUND, PART, UNKNOWN, DepthView, Labels, around, middle
from recognition.roi.empty_plate import Change

_AROUND = 9
_LEAST_AROUND = 6
_THIN_M = 0.012
"""Heights beyond are those of the part that throws the shadow."""
_MEASURED_SHARE = 0.45
"""Dark rubber is hardly measured, a plate in shadow as well as elsewhere."""
_LEAST_BODY = 10
_GREY_SHARE = 0.35
"""A part of which less could be shadow by its colour is not mistaken for one."""
_DARK_BODY = 0.8
"""A raised part that is darker than this share of the plate may be mistaken for its own shadow."""
_FLAT_M = 0.002
"""A mean height of less is the plate."""
_GAP = np.ones((5, 5), np.uint8)
_RIM = np.ones((5, 5), np.uint8)


def coarse_labels(seen: DepthView | None, changed: NDArray[np.bool_] | None) -> Labels | None:
    """Label a whole view for the search: anything raised or changed is part. ``None`` when the view shows neither."""
    if seen is None:
        return None if changed is None else np.where(changed, np.uint8(PART), np.uint8(BACKGROUND))
    if changed is None:
        return seen.label
    label = seen.label.copy()
    label[changed & seen.may_be_plate] = PART
    label[(label == UNKNOWN) & ~changed] = BACKGROUND
    return label


def fine_labels(seen: DepthView | None, change: Change | None, raised: bool) -> Labels | None:
    """Label a window of a view for carving. ``None`` when the view shows neither depth nor change.

    ``raised`` says that depth sees the part stand above the plate. Then what looks like a shadow is one, as far as
    depth agrees; a flat part throws next to none, and all that changed is part.
    """
    if change is None:
        return None if seen is None else seen.label
    part = change.changed
    if seen is not None:
        part = part & seen.may_be_plate
    part = _without_gaps(part)
    if seen is None:
        label = np.where(part, np.uint8(PART), np.uint8(BACKGROUND))
        if raised:
            label[part & change.shadow] = UNKNOWN
        return label
    high = (seen.label == PART).astype(np.uint8)
    label = np.where(high > 0, np.uint8(UNKNOWN), np.uint8(BACKGROUND))
    label[cv2.erode(high, _RIM) > 0] = PART
    label[part] = PART
    if raised:
        shadow = change.shadow & (high == 0) & (change.ratio > _darkest_shadow(change, high))
        on_plate, measured = _lies_on_plate(seen, part)
        label[part & shadow & ~measured] = UNKNOWN
        label[shadow & on_plate] = BACKGROUND
    return label


def _darkest_shadow(change: Change, high: NDArray[np.uint8]) -> float:
    """Return the brightness ratio below which a dark part, known from its raised pixels, is likelier than a shadow."""
    raised = (high > 0) & change.changed
    like_shadow = raised & change.shadow
    if np.count_nonzero(like_shadow) < max(_LEAST_BODY, _GREY_SHARE * np.count_nonzero(raised)):
        return 0.0
    own = middle(change.ratio[like_shadow])
    return 0.5 * (1.0 + own) if own < _DARK_BODY else 0.0


def _lies_on_plate(seen: DepthView, part: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell where the changed pixels around are on average as low as the plate, and where enough are measured."""
    height = seen.height
    near = part & (seen.depth > 0) & (np.abs(height) < _THIN_M)
    count = around(near.view(np.uint8), _AROUND)
    total = cv2.boxFilter(height * near, -1, (_AROUND, _AROUND), normalize=False)
    changed = around(part.view(np.uint8), _AROUND)
    measured = count >= np.maximum(np.float32(_LEAST_AROUND), np.float32(_MEASURED_SHARE) * changed)
    return measured & (total < np.float32(_FLAT_M) * count), measured


def _without_gaps(part: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close small gaps where a part happens to look like the plate behind it, and drop lone pixels."""
    mask = part.view(np.uint8)
    mask = mask & (around(mask, 3) >= 4)
    mask = cv2.copyMakeBorder(mask, 4, 4, 4, 4, cv2.BORDER_REPLICATE)
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _GAP)[4:-4, 4:-4] > 0
