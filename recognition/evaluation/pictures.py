"""Small pictures of captures for a report, inlined as data URIs."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np

from recognition.crops.cutting import cut, square_of_mask
from station.captures.mvip import load_masks
from station.captures.png import read_png

_EDGE, _QUALITY = 168, 82


def clearest_view(capture: Path) -> str | None:
    """Return the role of the view in which the part is largest, ``None`` where no mask shows it."""
    areas = {role: int((mask > 0).sum()) for role, mask in load_masks(capture).items()}
    best = max(areas, key=lambda role: areas[role], default=None)
    return best if best is not None and areas[best] else None


def picture(capture: Path, role: str) -> str | None:
    """Return the part in one view as the data URI of a JPEG, ``None`` where the view cannot be read or shows none."""
    color = read_png(capture / role / f"{role[-2:]}_rgb.png", channels=3, bits=8)
    mask = load_masks(capture).get(role)
    square = None if mask is None else square_of_mask(mask)
    if color is None or square is None:
        return None
    small = cut(color, square, _EDGE, nearest=False, outside=cv2.BORDER_REPLICATE)
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(small[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii") if done else None
