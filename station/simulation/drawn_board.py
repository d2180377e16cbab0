"""What a camera sees of a held board, exact to a hundredth of a pixel."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from station.geometry import CameraCalibration, CameraModel
from station.simulation.held_board import MARGIN_SQUARES, HandBoard, HeldBoard, print_corner
from station.simulation.lighting import Environment, look_up
from station.simulation.renderer import NEAR_M, Floats, Region, rays

_TEXEL_M = 0.0003
_MOST_TEXELS = 3000
"""A texel's edge, and most texels along a side: huge boards are drawn coarser."""
_PAPER, _INK, _BACK = 0.78, 0.018, 0.34
"""Linear reflectances of white paper, of ink, and of the plate's bare back."""
_AMBIENT = 0.35
"""Share of the light that does not depend on how the board is turned: what the bright room throws at it."""
_FARTHEST_M = 50.0
_SAMPLE_BUDGET = 3_000_000
"""Most samples a board is drawn with; larger pictures of it get fewer samples a pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnBoard:
    """What one camera sees of a held board inside ``region``.

    ``coverage`` (h, w) float32 in 0…1, ``light`` (h, w, 3) linear colour where covered, ``depth`` (h, w) metres of the
    board's plane at each pixel's middle, ``holes`` the chance that stereo finds nothing there.
    """

    region: Region
    coverage: Floats
    light: Floats
    depth: Floats
    holes: float


@dataclass(frozen=True, slots=True, eq=False)
class _Sheet:
    """The print with its margin: ``texture`` (rows, columns, 2) float32, reflectance and 1 for paper.

    ``left`` and ``top`` are the board coordinates of its outer corner, ``texel`` a texel's edge, metres.
    """

    texture: Floats
    left: float
    top: float
    texel: float


def see_board(
    held: HeldBoard, camera: CameraCalibration, tables: Environment, *, most_samples: int = 4
) -> DrawnBoard | None:
    """Draw a held board for one camera; ``None`` when none of it is in the picture.

    Every pixel's ray is cut with the board's plane, so that perspective and lens distortion are those of the camera
    model; between pixel centres the plane's coordinates are interpolated, ``most_samples`` a side.
    """
    region = _region(held, camera)
    if region is None:
        return None
    sheet = _sheet(held.board)
    x0, y0, x1, y1 = region
    in_camera = camera.pose @ held.pose
    normal, offset = in_camera.rotation[:, 2], in_camera.translation
    away = float(normal @ offset)
    if abs(away) < 1e-6:
        return None
    # One pixel more all round, so that the interpolation has something to both sides everywhere.
    x, y = rays(camera.model, (x0 - 1, y0 - 1, x1 + 1, y1 + 1))
    slope = (x * np.float32(normal[0]) + y * np.float32(normal[1]) + np.float32(normal[2])) / np.float32(away)
    # Beyond the plane's horizon the board is nowhere: as far away as it gets.
    depth = np.float32(1.0) / np.maximum(slope, np.float32(1.0 / _FARTHEST_M))
    across, down = (
        (
            (x * depth - np.float32(offset[0])) * np.float32(axis[0])
            + (y * depth - np.float32(offset[1])) * np.float32(axis[1])
            + (depth - np.float32(offset[2])) * np.float32(axis[2])
        )
        for axis in (in_camera.rotation[:, 0], in_camera.rotation[:, 1])
    )
    columns = (across - np.float32(sheet.left)) / np.float32(sheet.texel) - np.float32(0.5)
    rows = (down - np.float32(sheet.top)) / np.float32(sheet.texel) - np.float32(0.5)
    samples = _samples(columns.shape, most_samples)
    fine = (columns.shape[1] * samples, columns.shape[0] * samples)
    found = cv2.remap(
        sheet.texture,
        cv2.resize(columns, fine, interpolation=cv2.INTER_LINEAR),
        cv2.resize(rows, fine, interpolation=cv2.INTER_LINEAR),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0.0,
    )
    shrunk = np.asarray(cv2.resize(found, columns.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)[1:-1, 1:-1]
    coverage = np.ascontiguousarray(shrunk[..., 1])
    if not coverage.any():
        return None
    facing = away > 0.0
    print_light = shrunk[..., 0] / np.maximum(coverage, np.float32(1e-6))
    reflectance = print_light if facing else np.full_like(coverage, _BACK)
    steepness = abs(away) / float(np.linalg.norm(offset))
    return DrawnBoard(
        region,
        coverage,
        reflectance[..., None] * _light(held, facing, tables),
        np.ascontiguousarray(depth[1:-1, 1:-1]),
        float(np.clip(0.01 + 2.0 * (0.25 - steepness), 0.01, 0.6)),
    )


def _light(held: HeldBoard, facing: bool, tables: Environment) -> Floats:
    """Return the light on the side that is seen, (3,): less the more it is turned away from lamps and ceiling."""
    outward = held.pose.rotation[:, 2] * (-1.0 if facing else 1.0)
    directions = np.array([outward, [0.0, 0.0, 1.0]], np.float32)
    turned, upward = look_up(tables.diffuse, directions)
    return np.asarray(turned * np.float32(1.0 - _AMBIENT) + upward * np.float32(_AMBIENT), np.float32)


def _samples(shape: tuple[int, ...], most: int) -> int:
    for samples in (4, 3, 2):
        if samples <= most and shape[0] * shape[1] * samples * samples <= _SAMPLE_BUDGET:
            return samples
    return 1


def _region(held: HeldBoard, camera: CameraCalibration) -> Region | None:
    """Return the pixels that hold the plate, its edges bent by the lens; ``None`` when it is outside the picture."""
    model: CameraModel = camera.model
    corners = held.outline
    steps = np.linspace(0.0, 1.0, 9)[:, None, None]
    edges = (corners + steps * (np.roll(corners, -1, axis=0) - corners)).reshape(-1, 3)
    seen = camera.pose.apply(edges)
    if (seen[:, 2] <= NEAR_M).all():
        return None
    if (seen[:, 2] <= NEAR_M).any():
        return 0, 0, model.width, model.height
    pixels = model.project(seen)
    low, high = np.floor(pixels.min(axis=0)).astype(int) - 1, np.ceil(pixels.max(axis=0)).astype(int) + 2
    x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
    x1, y1 = min(int(high[0]), model.width), min(int(high[1]), model.height)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


@functools.lru_cache(maxsize=4)
def _sheet(board: HandBoard) -> _Sheet:
    per_square = max(16, min(round(board.square_m / _TEXEL_M), _MOST_TEXELS // max(board.columns, board.rows)))
    texel = board.square_m / per_square
    margin = round(MARGIN_SQUARES * per_square)
    picture = np.pad(board.picture(per_square), margin, constant_values=255).astype(np.float32) / np.float32(255.0)
    texture = np.ones((*picture.shape, 2), np.float32)
    texture[..., 0] = np.float32(_INK) + np.float32(_PAPER - _INK) * picture
    left, top = print_corner(board)
    return _Sheet(texture, left - margin * texel, top - margin * texel, texel)
