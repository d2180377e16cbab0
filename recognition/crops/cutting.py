"""Square crops of the views: the one way in which training and inference cut pictures; knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi import largest_component, square_around
from station.frames import ROLES, Frame, MaskImage
from station.geometry import CameraCalibration
from station.hha import hha_part
from station.results import Square


@dataclass(frozen=True, slots=True)
class Crops:
    """Crops of V views at one size S.

    ``color`` is (V, S, S, 4) uint8: red, green, blue and the part's mask; ``depth_mm`` (V, S, S) uint16 in
    millimetres, 0 where nothing was measured. ``hha`` (V, S, S, 3) uint8 is depth as :func:`station.hha.hha_image`
    codes it, where that was asked for.
    """

    roles: tuple[str, ...]
    color: NDArray[np.uint8]
    depth_mm: NDArray[np.uint16]
    hha: NDArray[np.uint8] | None = None


def square_of_mask(mask: MaskImage) -> Square | None:
    """Return the square crop round the largest connected piece of a mask (H, W), ``None`` for an empty mask."""
    largest = largest_component(mask)
    return square_around(largest) if largest.any() else None


def whole_square(width: int, height: int) -> Square:
    """Return the square that shows the whole of an image of ``width`` × ``height`` pixels, with room at two sides."""
    edge = max(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    return left, top, left + edge, top + edge


def widened(square: Square, factor: float) -> Square:
    """Return the square with the same centre and ``factor`` times the edge."""
    x0, y0, x1, y1 = square
    edge = round((x1 - x0) * factor)
    left, top = round((x0 + x1 - edge) / 2.0), round((y0 + y1 - edge) / 2.0)
    return left, top, left + edge, top + edge


def visible_share(square: Square, width: int, height: int) -> float:
    """Return how much of a square lies inside an image of ``width`` × ``height`` pixels, 0…1."""
    x0, y0, x1, y1 = square
    inside = max(0, min(x1, width) - max(x0, 0)) * max(0, min(y1, height) - max(y0, 0))
    return inside / max(1, (x1 - x0) * (y1 - y0))


def cut(image: NDArray[Any], square: Square, size: int, *, nearest: bool, outside: int) -> NDArray[Any]:
    """Cut ``square`` out of an image (H, W[, C]) and bring it to (size, size[, C]).

    Beyond the image the border is repeated (``outside`` is an OpenCV border type). Colours are averaged when the crop
    shrinks; depth is never mixed with "no measurement": ask for ``nearest``.
    """
    x0, y0, x1, y1 = square
    height, width = image.shape[:2]
    left, top, right, bottom = (min(max(v, 0), limit) for v, limit in zip(square, (width, height) * 2, strict=True))
    inner = image[top:bottom, left:right]
    if inner.size == 0:
        return np.zeros((size, size, *image.shape[2:]), dtype=image.dtype)
    if (left, top, right, bottom) != square:
        inner = cv2.copyMakeBorder(inner, top - y0, y1 - bottom, left - x0, x1 - right, outside, value=(0, 0, 0, 0))
    if nearest:
        return cv2.resize(inner, (size, size), interpolation=cv2.INTER_NEAREST)
    shrinks = inner.shape[0] > size
    return cv2.resize(inner, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def crop_views(
    frames: Mapping[str, Frame],
    squares: Mapping[str, Square],
    masks: Mapping[str, MaskImage],
    size: int,
    cameras: Mapping[str, CameraCalibration] | None = None,
) -> Crops:
    """Cut every view that has a frame and a square; a view without a mask gets an empty one.

    With ``cameras`` depth is coded as HHA, too; a view whose camera is not among them has no depth.
    """
    roles = tuple(role for role in ROLES if role in frames and role in squares)
    color = np.zeros((len(roles), size, size, 4), dtype=np.uint8)
    depth = np.zeros((len(roles), size, size), dtype=np.uint16)
    hha = None if cameras is None else np.zeros((len(roles), size, size, 3), dtype=np.uint8)
    for index, role in enumerate(roles):
        frame, square = frames[role], squares[role]
        color[index, :, :, :3] = cut(frame.color, square, size, nearest=False, outside=cv2.BORDER_REPLICATE)
        raw = cut(frame.depth, square, size, nearest=True, outside=cv2.BORDER_CONSTANT)
        millimetres = raw.astype(np.float32) * (frame.depth_scale * 1000.0)
        depth[index] = np.rint(np.clip(millimetres, 0.0, 65535.0)).astype(np.uint16)
        if role in masks:
            color[index, :, :, 3] = cut(masks[role], square, size, nearest=True, outside=cv2.BORDER_CONSTANT)
        if hha is not None and cameras is not None:
            camera = cameras.get(role)
            if camera is not None and (camera.model.height, camera.model.width) == frame.depth.shape:
                hha[index] = _cut_hha(frame, camera, square, size)
            else:
                depth[index] = 0
    return Crops(roles=roles, color=color, depth_mm=depth, hha=hha)


def _cut_hha(frame: Frame, camera: CameraCalibration, square: Square, size: int) -> NDArray[np.uint8]:
    """Return the crop of the view's HHA: coded at the camera's own resolution, of the square's part alone."""
    height, width = frame.depth.shape
    x0, y0, x1, y1 = square
    part = (max(0, x0), max(0, y0), min(width, x1), min(height, y1))
    if part[0] >= part[2] or part[1] >= part[3]:
        return np.zeros((size, size, 3), dtype=np.uint8)
    coded = hha_part(frame.depth, frame.depth_scale, camera.model, camera.pose, part)
    moved = (x0 - part[0], y0 - part[1], x1 - part[0], y1 - part[1])
    return cut(coded, moved, size, nearest=True, outside=cv2.BORDER_CONSTANT)
