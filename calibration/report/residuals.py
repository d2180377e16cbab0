"""The views that fit worst: their corners as found and as the solved rig expects them, and the pictures cut out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.report.schema import WorstView
from calibration.solution import RigSolution
from calibration.views import BoardView
from station.geometry import Array

PictureOf = Callable[[str, str], NDArray[np.uint8] | None]
"""The picture of a placement and role, (H, W, 3) RGB or (H, W) grey; ``None`` when it was not kept."""

_MARGIN = 0.15
"""Room around the corners, as a share of their extent."""

_WIDEST_PX = 800
_JPEG_QUALITY = 85


def worst_views(
    solution: RigSolution, views: Sequence[BoardView], picture_of: PictureOf | None
) -> tuple[list[WorstView], dict[str, bytes]]:
    """Return the views in the given order with their corners, and the cut-out pictures (JPEG) by file name."""
    found: list[WorstView] = []
    pictures: dict[str, bytes] = {}
    for number, view in enumerate(views, 1):
        expected = expected_corners(solution, view)
        model = solution.cameras[view.role].model
        region = _region(np.concatenate([view.pixels, expected]), model.width, model.height)
        image = None if picture_of is None else picture_of(view.placement, view.role)
        name = ""
        if image is not None:
            name = f"worst_{number:02d}.jpg"
            pictures[name] = _cut(image, region)
        found.append(
            WorstView(
                placement=view.placement,
                role=view.role,
                rms_px=solution.view_rms_px[view.placement, view.role],
                detected=_points(view.pixels),
                expected=_points(expected),
                region=region,
                picture=name,
            )
        )
    return found, pictures


def expected_corners(solution: RigSolution, view: BoardView) -> Array:
    """Return where the solved rig expects a view's corners, (N, 2) px, in the reading that fits best."""
    camera = solution.cameras[view.role]
    to_camera = camera.pose @ solution.boards[view.placement]
    readings = [camera.model.project(to_camera.apply(view.read_as(r))) for r in range(len(view.turns) + 1)]
    # The median, for single corners of a used view may be far off.
    return min(readings, key=lambda pixels: float(np.median(np.linalg.norm(pixels - view.pixels, axis=1))))


def _points(pixels: Array) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in pixels)


def _region(pixels: Array, width: int, height: int) -> tuple[int, int, int, int]:
    """Return x, y, width and height of the whole pixels around the points, inside the picture."""
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    room = _MARGIN * (high - low).max()
    left, top = (int(v) for v in np.floor(np.clip(low - room, 0, [width - 2, height - 2])))
    right, bottom = (int(v) for v in np.ceil(np.clip(high + room, [left + 1, top + 1], [width - 1, height - 1])))
    return left, top, right - left + 1, bottom - top + 1


def _cut(image: NDArray[np.uint8], region: tuple[int, int, int, int]) -> bytes:
    left, top, width, height = region
    part = image[top : top + height, left : left + width]
    if part.ndim == 3:
        part = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2BGR), dtype=np.uint8)
    if width > _WIDEST_PX:
        size = _WIDEST_PX, max(1, round(height * _WIDEST_PX / width))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(part), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(np.asarray(encoded, dtype=np.uint8))
