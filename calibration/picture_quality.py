"""Why a found board is not good enough to measure with: tiny, cut off, grazing or blurred."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station.geometry import Array

GreyImage = NDArray[np.uint8]
"""Grey picture (H, W)."""

LEAST_SPACING_PX = 8.0
LEAST_BORDER_PX = 2.0
STEEPEST_TILT_DEG = 70.0
"""A board seen flatter than this gives corners that are long in one direction."""

STEEPEST_FRAME_TILT_DEG = 80.0
"""The plate's frame is large and does not move: the low side cameras see it flatter, and it still ties them down."""

MOST_EDGE_WIDTH_PX = 5.0

_EDGES_LOOKED_AT = 50


def weakness(
    grey: GreyImage, points_m: Array, pixels: Array, square_m: float, steepest_deg: float = STEEPEST_TILT_DEG
) -> str | None:
    """Return why corners (N, 2) of a board's points (N, 3) are unfit, or ``None``.

    Size and tilt come from the affine map that carries the board nearest to its picture.
    """
    design = np.hstack([points_m[:, :2], np.ones((len(points_m), 1))])
    affine = np.linalg.lstsq(design, pixels, rcond=None)[0][:2]
    largest, smallest = (float(v) for v in np.linalg.svd(affine, compute_uv=False))
    if largest * square_m < LEAST_SPACING_PX:
        return f"tiny: a square is only {largest * square_m:.0f} px wide, {LEAST_SPACING_PX:.0f} are needed"
    size = np.array([grey.shape[1] - 1, grey.shape[0] - 1])
    border = float(np.minimum(pixels, size - pixels).min())
    if border < LEAST_BORDER_PX:
        return "cut off: the board reaches the picture's border"
    tilt = float(np.degrees(np.arccos(smallest / largest)))
    if tilt > steepest_deg:
        return f"grazing: the board is seen under a tilt of about {tilt:.0f}°, {steepest_deg:.0f}° is the limit"
    if smallest * square_m < LEAST_SPACING_PX / 2:
        return f"tiny: a square is only {smallest * square_m:.0f} px high, {LEAST_SPACING_PX / 2:.0f} are needed"
    width = edge_width_px(grey, pixels, smallest * square_m)
    if width > MOST_EDGE_WIDTH_PX:
        return f"blurred: edges are {width:.1f} px wide, {MOST_EDGE_WIDTH_PX:.0f} is the limit"
    return None


def edge_width_px(grey: GreyImage, pixels: Array, spacing_px: float) -> float:
    """Return the median width of the edges that meet at corners (N, 2): contrast over steepest slope, px.

    Some fifty corners, evenly chosen, are enough for a median.
    A step blurred by a Gaussian of standard deviation s is √(2π)·s wide.
    """
    reach = int(np.clip(0.4 * spacing_px, 3, 12))
    widths: list[float] = []
    for x, y in np.rint(pixels[:: max(1, len(pixels) // _EDGES_LOOKED_AT)]).astype(int).tolist():
        patch = grey[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].astype(np.float64)
        if min(patch.shape) < 4:
            continue
        low, high = np.quantile(patch, [0.05, 0.95])
        slope = np.hypot(
            cv2.Sobel(patch, cv2.CV_64F, 1, 0, ksize=3) / 8.0, cv2.Sobel(patch, cv2.CV_64F, 0, 1, ksize=3) / 8.0
        )
        widths.append(float(high - low) / max(float(slope.max()), 1e-6))
    return float(np.median(widths)) if widths else float("inf")
