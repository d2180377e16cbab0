"""The part as a relief seen from straight above, true to scale: its outline, its height and the edges on it.

All views together give it: the masks carve a solid, depth from above says how high each place of it is, and colour is
looked up there. A part that lies as before differs from its relief of then by a shift and a turn alone, whatever the
cameras saw of its sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.squares import largest_component, mask_box
from station.frames import Frame, MaskImage
from station.geometry import CameraCalibration, WorkVolume

CELLS = 56
"""Edge of a relief in cells."""
_COARSE_M, _SLICE_M = 0.010, 0.014
"""Cell and slice of the first carving, which finds where the part lies."""
_BORDER_M = 0.012
_SLICES = 20
_LEAST_VIEWS = 3
_INSIDE, _BEYOND = 255, 128
"""What a mask says of the part's pixels, and what is said beyond its picture."""
_STEEP = 0.5
"""Cameras that look down with at least this cosine see the upper side well enough to say where its edges are."""
_SAMPLES = 5000
"""Pixels of a view whose depth is used."""
_SLACK_M = 0.004
"""Depth may say so much more than the carved solid allows."""

ANGLES, RADII = 90, 28
"""A signature's polar grid."""
_REACH = 2.2
"""How far it reaches, in radii of a circle of the part's area."""
_STEP_M = 0.015
"""A height that differs so much from the part's median is one unit of relief."""
_QUANTUM = 127.0

Map = NDArray[np.float32]
Signature = NDArray[np.int8]
"""Outline, height and edges of a relief in polar form, (3, angles, radii); zero where there is no relief."""
_Heights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Relief:
    """Maps (CELLS, CELLS) over x and y of the world, float32.

    ``cover`` is 1 where the part is, ``height`` metres above the plate as measured and ``carved`` as the masks alone
    say, both 0 beside the part, ``edges`` from 0 to 1.5 how steep the picture is there.
    """

    cover: Map
    height: Map
    carved: Map
    edges: Map


def relief_of(
    frames: Mapping[str, Frame],
    cameras: Mapping[str, CameraCalibration],
    masks: Mapping[str, MaskImage],
    volume: WorkVolume | None = None,
) -> Relief | None:
    """Return the relief of a part from its masks (H, W) by role; ``None`` where too few views show it.

    Views whose camera is not known or has another picture size say nothing.
    """
    outlines = {
        role: _cleaned(mask)
        for role, mask in masks.items()
        if role in frames
        and role in cameras
        and mask.any()
        and _fits(cameras[role], mask)
        and _fits_frame(frames[role], mask)
    }
    if len(outlines) < _LEAST_VIEWS:
        return None
    views = [_View(cameras[role], frames[role], mask) for role, mask in outlines.items()]
    grid = _found(views, volume or WorkVolume())
    if grid is None:
        return None
    solid = _carved(views, grid)
    cover: NDArray[np.bool_] = np.asarray(solid.any(axis=0))
    if not cover.any():
        return None
    top = grid.z[len(grid.z) - 1 - np.argmax(solid[::-1], axis=0)]
    carved = np.where(cover, top, np.float32(0.0))
    height = np.where(cover, _measured(views, grid, carved), np.float32(0.0))
    return Relief(cover.astype(np.float32), height, carved, _edges(views, grid, height, cover))


def signature_shape() -> tuple[int, int, int]:
    """Return the shape of a signature: (features, angles, radii)."""
    return 3, ANGLES, RADII


def signature(relief: Relief | None, *, depth: bool = True) -> Signature:
    """Return the signature (3, angles, radii) of a relief round the middle of its ground plan.

    Without ``depth`` its heights are those that the masks alone say.
    """
    if relief is None:
        return np.zeros(signature_shape(), np.int8)
    cover, height = relief.cover, relief.height if depth else relief.carved
    moments = cv2.moments(cover)
    center = (moments["m10"] / moments["m00"], moments["m01"] / moments["m00"])
    reach = _REACH * float(np.sqrt(cover.sum() / np.pi))
    usual = float(np.median(height[cover > 0]))
    steps = np.clip((height - usual) / _STEP_M, -2.0, 2.0) * cover
    polar = [
        cv2.warpPolar(feature, (RADII, ANGLES), center, reach, cv2.INTER_LINEAR | cv2.WARP_FILL_OUTLIERS)
        for feature in (cover, steps.astype(np.float32), relief.edges)
    ]
    # rings count by their length, as pixels do
    stacked = np.stack(polar) * np.sqrt((np.arange(RADII) + 0.5) / RADII)
    stacked -= stacked.mean(axis=(1, 2), keepdims=True)
    largest = np.abs(stacked).max(axis=(1, 2), keepdims=True)
    return np.rint(stacked / np.maximum(largest, 1e-6) * _QUANTUM).astype(np.int8)


@dataclass(frozen=True, slots=True)
class _View:
    camera: CameraCalibration
    frame: Frame
    mask: MaskImage

    @property
    def steepness(self) -> float:
        """Cosine between where the camera looks and straight down."""
        return float(-self.camera.pose.rotation[2, 2])


@dataclass(frozen=True, slots=True)
class _Grid:
    """Places of cells and slices, metres of the world: (X,), (Y,), (Z,) float32."""

    x: Map
    y: Map
    z: Map


def _cleaned(mask: MaskImage) -> MaskImage:
    """Return the largest piece of a mask; it is looked for inside the mask's box alone."""
    x0, y0, x1, y1 = (int(v) for v in mask_box(mask))
    clean = np.zeros_like(mask)
    clean[y0:y1, x0:x1] = largest_component(np.ascontiguousarray(mask[y0:y1, x0:x1]))
    return clean


def _fits(camera: CameraCalibration, mask: MaskImage) -> bool:
    return (camera.model.height, camera.model.width) == mask.shape


def _fits_frame(frame: Frame, mask: MaskImage) -> bool:
    return frame.color.shape[:2] == mask.shape == frame.depth.shape


def _found(views: Sequence[_View], volume: WorkVolume) -> _Grid | None:
    """Return a grid round the part, square and centred on its ground plan."""
    x, y, z = (
        np.arange(low + step / 2.0, high, step, dtype=np.float32)
        for (low, high), step in ((volume.x, _COARSE_M), (volume.y, _COARSE_M), (volume.z, _SLICE_M))
    )
    solid = _carved(views, _Grid(x, y, z))
    across, along = np.nonzero(solid.any(axis=0))
    if len(across) == 0:
        return None
    at_x, at_y = x[across], y[along]
    middle = float(at_x.mean()), float(at_y.mean())
    reach = float(np.hypot(at_x - middle[0], at_y - middle[1]).max()) + _BORDER_M
    highest = float(z[np.flatnonzero(solid.any(axis=(1, 2)))[-1]]) + _SLICE_M
    steps = np.linspace(-reach, reach, CELLS, dtype=np.float32)
    return _Grid(middle[0] + steps, middle[1] + steps, np.linspace(0.001, highest, _SLICES, dtype=np.float32))


def _carved(views: Sequence[_View], grid: _Grid) -> NDArray[np.bool_]:
    """Return which voxels (Z, X, Y) several masks hold and none denies; beyond its picture a view says nothing."""
    shape = (len(grid.z), len(grid.x), len(grid.y))
    solid, holding = np.ones(shape, np.bool_), np.zeros(shape, np.uint8)
    places = grid.x[None, :, None], grid.y[None, None, :], grid.z[:, None, None]
    for view in views:
        u, v = _projected(view.camera, *places)
        flat = (shape[0] * shape[1], shape[2])
        said = cv2.remap(
            view.mask, u.reshape(flat), v.reshape(flat), cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT, borderValue=(_BEYOND,),
        )  # fmt: skip
        said = said.reshape(shape)
        solid &= said > 0
        holding += said == _INSIDE
    return solid & (holding >= _LEAST_VIEWS)


def _projected(camera: CameraCalibration, x: Map, y: Map, z: Map) -> tuple[Map, Map]:
    """Return the pixels of points of the world whose coordinates broadcast; far outside where they lie behind."""
    turn, move = camera.pose.rotation.astype(np.float32), camera.pose.translation.astype(np.float32)
    right, down, away = (turn[row, 0] * x + turn[row, 1] * y + (turn[row, 2] * z + move[row]) for row in range(3))
    behind = away < 1e-3
    away = np.where(behind, np.float32(1.0), away)
    right, down = right / away, down / away
    model = camera.model
    if model.distorted:
        k1, k2, p1, p2, k3 = (np.float32(value) for value in model.distortion)
        square = right * right + down * down
        radial = 1.0 + square * (k1 + square * (k2 + square * k3))
        right, down = (
            right * radial + 2.0 * p1 * right * down + p2 * (square + 2.0 * right * right),
            down * radial + p1 * (square + 2.0 * down * down) + 2.0 * p2 * right * down,
        )
    u = np.where(behind, np.float32(-1e6), right * np.float32(model.fx) + np.float32(model.cx))
    v = np.where(behind, np.float32(-1e6), down * np.float32(model.fy) + np.float32(model.cy))
    return u.astype(np.float32), v.astype(np.float32)


def _measured(views: Sequence[_View], grid: _Grid, top: _Heights) -> _Heights:
    """Return the height of each cell: the mean of the depth that falls into it, else the carved solid's."""
    total, count = np.zeros(top.size), np.zeros(top.size)
    step = float(grid.x[1] - grid.x[0])
    for view in views:
        if view.steepness < _STEEP:
            continue
        points = _points(view)
        cells = np.rint((points[:, :2] - (grid.x[0], grid.y[0])) / step).astype(np.int64)
        inside = ((cells >= 0) & (cells < CELLS)).all(axis=1) & (points[:, 2] > -_SLACK_M)
        place = cells[inside, 0] * CELLS + cells[inside, 1]
        total += np.bincount(place, points[inside, 2], top.size)
        count += np.bincount(place, minlength=top.size)
    mean = (total / np.maximum(count, 1.0)).reshape(top.shape).astype(np.float32)
    return np.where(count.reshape(top.shape) > 0, np.minimum(mean, top + np.float32(_SLACK_M)), top)


def _points(view: _View) -> NDArray[np.float64]:
    """Return points of the part's inside as the view's depth says, (N, 3) metres of the world."""
    x0, y0, x1, y1 = (int(v) for v in mask_box(view.mask))
    inner = cv2.erode(view.mask[y0:y1, x0:x1], np.ones((3, 3), np.uint8), borderValue=0)
    depth = view.frame.depth[y0:y1, x0:x1]
    rows, columns = np.nonzero((inner > 0) & (depth > 0))
    thin = max(1, len(rows) // _SAMPLES)
    rows, columns = rows[::thin], columns[::thin]
    model, pose = view.camera.model, view.camera.pose
    z = depth[rows, columns] * view.frame.depth_scale
    u, v = columns + x0, rows + y0
    if model.distorted and len(u):
        pixels = np.stack([u, v], axis=1).astype(np.float64)[:, None]
        straight = cv2.undistortPoints(pixels, model.matrix, model.dist_coeffs)[:, 0]
        x, y = straight[:, 0], straight[:, 1]
    else:
        x, y = (u - model.cx) / model.fx, (v - model.cy) / model.fy
    return np.asarray((np.stack([x * z, y * z, z], axis=1) - pose.translation) @ pose.rotation)


def _edges(views: Sequence[_View], grid: _Grid, height: _Heights, cover: NDArray[np.bool_]) -> Map:
    """Return how steep the picture is over the part, as a part of what is usual on it; the mean over the views."""
    total, count = np.zeros(cover.shape, np.float32), 0
    inner = cv2.erode(cover.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not inner.any():
        return total
    for view in views:
        if view.steepness < _STEEP:
            continue
        u, v = _projected(view.camera, grid.x[:, None], grid.y[None, :], height)
        picture = _looked_up(view.frame, u, v)
        steep = np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1))
        usual = float(np.quantile(steep[inner], 0.9)) + 1e-3
        total += np.minimum(steep / usual, 1.5) * cover
        count += 1
    return total / np.float32(max(count, 1))


def _looked_up(frame: Frame, u: Map, v: Map) -> Map:
    """Return the smoothed grey of a picture at pixels (CELLS, CELLS)."""
    height, width = frame.color.shape[:2]
    left, top = max(0, int(u.min()) - 4), max(0, int(v.min()) - 4)
    right, bottom = min(width, int(u.max()) + 5), min(height, int(v.max()) + 5)
    if right - left < 2 or bottom - top < 2:
        return np.zeros(u.shape, np.float32)
    grey = cv2.cvtColor(np.ascontiguousarray(frame.color[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.2)
    found = cv2.remap(smooth, u - left, v - top, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)
