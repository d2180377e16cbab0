"""Pictures of kept captures, made small for the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from station.captures.png import read_png
from station.frames import ROLES, MaskImage
from ui.presenters.capture_source import CapturePicture

_AROUND = 1.5
"""A thumbnail is so many times as wide as the part in it."""


def read_pictures(folder: Path) -> Iterator[CapturePicture]:
    """Yield the views of the capture in ``folder`` that can be read, in full size, in the order of the roles."""
    for role in ROLES:
        number = role[-2:]
        color = read_png(folder / role / f"{number}_rgb.png", channels=3, bits=8)
        if color is not None:
            mask = read_png(folder / role / f"{number}_rgb_mask_gen.png", channels=1, bits=8)
            fits = mask is not None and mask.shape == color.shape[:2]
            yield CapturePicture(role, cast(Any, color), cast(Any, mask) if fits else None)


def small_picture(picture: CapturePicture, width: int) -> CapturePicture:
    """Return the view ``width`` pixels wide, its mask with it."""
    return _resized(picture, width, max(1, round(picture.color.shape[0] * width / picture.color.shape[1])))


def cut_picture(picture: CapturePicture, width: int) -> CapturePicture:
    """Return the part and what is around it, 4:3; the picture's middle where no mask says where the part is."""
    rows, columns = picture.color.shape[:2]
    x0, y0, x1, y1 = _box(picture.mask) or (0, 0, columns, rows)
    wide = min(columns, rows * 4 // 3, max(16, round(max(x1 - x0, (y1 - y0) * 4 / 3) * _AROUND)))
    high = wide * 3 // 4
    left = min(max((x0 + x1 - wide) // 2, 0), columns - wide)
    top = min(max((y0 + y1 - high) // 2, 0), rows - high)
    there = slice(top, top + high), slice(left, left + wide)
    mask = None if picture.mask is None else picture.mask[there]
    return _resized(CapturePicture(picture.role, picture.color[there], mask), width, width * 3 // 4)


def _box(mask: MaskImage | None) -> tuple[int, int, int, int] | None:
    """Return the box of what is masked, (x0, y0, x1, y1), ``None`` where nothing is."""
    if mask is None or not mask.any():
        return None
    rows: NDArray[np.intp] = np.flatnonzero(mask.any(axis=1))
    columns: NDArray[np.intp] = np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _resized(picture: CapturePicture, width: int, height: int) -> CapturePicture:
    color = cv2.resize(picture.color, (width, height), interpolation=cv2.INTER_AREA)
    mask = picture.mask
    if mask is not None:
        mask = cast(Any, cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST))
    return CapturePicture(picture.role, cast(Any, np.ascontiguousarray(color)), mask)
