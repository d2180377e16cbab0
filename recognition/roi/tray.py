"""A tray that was tared: what one view's depth sees of it, so that it is not taken for a part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from recognition.roi.depth import BACKGROUND, PART, DepthView, PlateFit, read_depth
from recognition.roi.rays import Floats, ViewRays, Window
from station.frames import Frame

_FAR_M = np.float32(1e3)
_AROUND = np.ones((5, 5), np.uint8)
"""Stereo's edges wander by so many pixels from frame to frame, and it leaves holes."""


@dataclass(frozen=True, slots=True, eq=False)
class Tray:
    """Depth of a tray on a view's working grid (h, w), metres, 0 where there is none; the nearest of those around."""

    depth: Floats

    @staticmethod
    def seen(rays: ViewRays, frame: Frame, fit: PlateFit) -> Tray:
        """Take what stands on the plate in a frame for the tray; arguments as those of ``read_depth``."""
        height, width = rays.shape
        seen = read_depth(rays, frame, fit, Window(0, 0, width, height))
        body = np.where((seen.label == PART) & (seen.depth > 0), seen.depth, _FAR_M)
        nearest = np.asarray(cv2.erode(body, _AROUND), dtype=np.float32)
        return Tray(np.where(nearest < _FAR_M, nearest, np.float32(0)))

    def taken_off(self, seen: DepthView, fit: PlateFit, window: Window) -> DepthView:
        """Return a window of a view with the tray as background: all that is no nearer than it, but for the noise."""
        tray = self.depth[window.rows, window.columns]
        still_there = (tray > 0) & (seen.depth > tray - np.float32(fit.threshold_m)) & (seen.label == PART)
        return replace(seen, label=np.where(still_there, np.uint8(BACKGROUND), seen.label))
