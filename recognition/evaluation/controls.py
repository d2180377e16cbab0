"""Controls: pictures from which the part is gone, so that a model that answers all the same has learned the room."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from station.frames import DepthImage, Frame, MaskImage


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
