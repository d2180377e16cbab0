"""The plate's plane as a camera's depth sees it, on the printed frame where nothing hides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from calibration.frame_corners import frame_corners
from calibration.watch.plate_view import PlateView
from calibration.watch.verdicts import DepthState, DepthVerdict
from station.boards import FrameBoard
from station.frames import Frame
from station.geometry import Array, CameraModel

BASELINE_M = 0.055
"""Distance of the two infrared imagers of a D415, metres; a D435's is 0.050, near enough for a limit."""
BIAS_PX = 0.5
"""Disparity error from which depth counts as biased: the makers' self-calibration asks for better than 0.35 px."""
NOISE_PX = 0.5
"""Disparity noise from which depth counts as noisy; 0.08 px is usual on a surface with texture."""

DEAD_FILL = 0.3
"""A camera that measures less than this share of the visible frame counts as without depth."""
TILT_DEG = 2.0
"""Tilt of the seen plane beyond which depth is wrong in a way that no offset mends."""

_STEP_M = 0.005
_SHADOW_SQUARES = 0.75
"""Only what lies so near to a seen corner counts: where no corner is seen, a part may hide the frame."""
_LEAST_POINTS = 60
_LEAST_MEASURED = 30


@dataclass(frozen=True, slots=True)
class DepthReading:
    """One picture's depth on the frame; ``distance_m`` is the mean distance. Without depth only ``fill`` counts."""

    bias_m: float
    tilt_rad: float
    fill: float
    noise_m: float
    distance_m: float
    measured: bool


def check_depth(frame: Frame, model: CameraModel, view: PlateView, board: FrameBoard) -> DepthReading | None:
    """Compare depth (H, W) in the colour geometry with the plate as the colour picture itself places it.

    So a knocked camera is not blamed for its depth. ``None`` when too little of the frame is visible.
    """
    points, around = _ring_points(board)
    points = points[around[:, view.corners.index].any(axis=1)]
    if len(points) < _LEAST_POINTS:
        return None
    seen = view.pose.apply(points)
    pixels = np.rint(model.project(seen)).astype(int)
    height, width = frame.depth.shape
    inside = ((pixels >= 0) & (pixels < [width, height])).all(axis=1)
    if inside.sum() < _LEAST_POINTS:
        return None
    pixels, points, far = pixels[inside], points[inside], seen[inside][:, 2]
    depth = frame.depth[pixels[:, 1], pixels[:, 0]].astype(np.float64) * frame.depth_scale
    there = depth > 0
    fill = float(there.mean())
    if there.sum() < _LEAST_MEASURED:
        return DepthReading(0.0, 0.0, fill, 0.0, float(far.mean()), measured=False)
    error = (depth - far)[there]
    bias = float(np.median(error))
    noise, slope = _plane(points[there], error)
    # Along the rays a plane seen at a slant looks less tilted than it is.
    ray = seen[inside][there] / far[there, None]
    lift = -(ray @ view.pose.rotation[:, 2])
    height_slope = slope * float(np.median(lift))
    return DepthReading(
        bias, float(np.arctan(np.linalg.norm(height_slope))), fill, noise, float(far.mean()), measured=True
    )


def judge_depth(role: str, readings: Sequence[DepthReading], model: CameraModel) -> DepthVerdict:
    """Say how a camera's depth is over its last pictures: the medians against what a stereo camera can do.

    A disparity error of d px at distance z is a depth error of z²·d / (f·B); with B the imagers' distance and f the
    focal length of the depth picture, taken as the colour picture's scaled to its size.
    """
    if not readings:
        return DepthVerdict(role, DepthState.UNCHECKED)
    fill = float(np.median([one.fill for one in readings]))
    if fill < DEAD_FILL:
        return DepthVerdict(role, DepthState.DEAD, fill=fill)
    usable = [one for one in readings if one.measured]
    if not usable:
        return DepthVerdict(role, DepthState.UNCHECKED, fill=fill)
    distance = float(np.median([one.distance_m for one in usable]))
    a_pixel = distance**2 / (model.fx * BASELINE_M)
    bias = float(np.median([one.bias_m for one in usable]))
    tilt = float(np.degrees(np.median([one.tilt_rad for one in usable])))
    noise = float(np.median([one.noise_m for one in usable]))
    state = DepthState.OK
    if abs(bias) > BIAS_PX * a_pixel:
        state = DepthState.BIASED
    elif tilt > TILT_DEG:
        state = DepthState.TILTED
    elif noise > NOISE_PX * a_pixel:
        state = DepthState.NOISY
    return DepthVerdict(role, state, 1e3 * bias, tilt, fill, 1e3 * noise, 1e3 * BIAS_PX * a_pixel)


@lru_cache(maxsize=8)
def _ring_points(board: FrameBoard) -> tuple[Array, NDArray[np.bool_]]:
    """Return a grid over the printed squares, (N, 3) world metres, and which corners each is near to, (N, K)."""
    across, up = np.meshgrid(
        np.arange(_STEP_M / 2, board.width_m, _STEP_M), np.arange(_STEP_M / 2, board.height_m, _STEP_M)
    )
    ring = board.ring * board.square_m
    cut = (across > ring) & (across < board.width_m - ring) & (up > ring) & (up < board.height_m - ring)
    points = np.stack([across[~cut], up[~cut], np.zeros(int((~cut).sum()))], axis=1)
    apart = np.abs(points[:, None, :2] - frame_corners(board).points[None, :, :2]).max(axis=2)
    return points, apart <= _SHADOW_SQUARES * board.square_m


def _plane(points: Array, error: Array) -> tuple[float, Array]:
    """Return the spread around a robust plane through ``error`` (N,) over x and y, and its slope (2,).

    Least squares repeated with Tukey's weights; the spread is 1.48 times the median absolute distance.
    """
    basis = np.column_stack([np.ones(len(points)), points[:, :2] - points[:, :2].mean(axis=0)])
    left = error - np.median(error)
    solution = np.zeros(3)
    for _ in range(10):
        scale = max(1.4826 * float(np.median(np.abs(left))), 1e-4)
        weight = np.clip(1.0 - (left / (4.685 * scale)) ** 2, 0.0, None) ** 2
        root = weight[:, None] * basis
        solution = np.linalg.lstsq(root.T @ basis, root.T @ error, rcond=None)[0]
        left = error - basis @ solution
    return 1.4826 * float(np.median(np.abs(left))), np.asarray(solution[1:], dtype=np.float64)
