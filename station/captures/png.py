"""PNG files: written fast, and read with their check sums so that a damaged file is told from a good one."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from station.errors import DatasetError

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
"""Decoded pixels: (H, W) or (H, W, 3), uint8 or uint16."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_png(path: Path, channels: int, bits: int) -> Pixels | None:
    """Read a PNG of the wanted kind as a read-only array, colour as RGB; ``None`` when absent, damaged or another kind.

    OpenCV hands out half a picture for a truncated file and prints to the console, so the chunks are checked first.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not _intact(content):
        return None
    flag = cv2.IMREAD_COLOR_RGB if channels == 3 else cv2.IMREAD_UNCHANGED
    try:
        # OpenCV's stubs leave out the None it returns for what it cannot decode
        pixels = cast(NDArray[np.uint8] | None, cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flag))
    except cv2.error:
        return None
    wanted = np.uint8 if bits == 8 else np.uint16
    if pixels is None or pixels.dtype != wanted or pixels.ndim != (3 if channels == 3 else 2):
        return None
    pixels.flags.writeable = False
    return cast(Pixels, pixels)


def _intact(content: bytes) -> bool:
    """Whether every chunk up to IEND is there and carries its own check sum."""
    if not content.startswith(_SIGNATURE):
        return False
    view, position = memoryview(content), len(_SIGNATURE)
    while position + 12 <= len(view):
        end = position + 12 + int.from_bytes(view[position : position + 4], "big")
        if end > len(view) or zlib.crc32(view[position + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            return False
        if content[position + 4 : position + 8] == b"IEND":
            return True
        position = end
    return False


def encode_png(pixels: Pixels) -> bytes:
    """Return pixels as a PNG, colour given as RGB: fast rather than small, and read by anything that reads PNG.

    One fixed filter suits each kind best; trying all of them at each row costs twice the time for a tenth of the
    bytes. Colour and masks look for runs alone: a sensor's noise holds nothing that repeats, so searching for it costs
    a third more time, and blanked surroundings are runs. Raises DatasetError when the picture cannot be coded.
    """
    filtered, strategy = cv2.IMWRITE_PNG_FILTER_NONE, cv2.IMWRITE_PNG_STRATEGY_RLE
    if pixels.ndim == 3:
        pixels, filtered = cast(Pixels, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)), cv2.IMWRITE_PNG_FILTER_SUB
    elif pixels.dtype == np.uint16:
        filtered, strategy = cv2.IMWRITE_PNG_FILTER_UP, cv2.IMWRITE_PNG_STRATEGY_DEFAULT
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, filtered]
    done, data = cv2.imencode(".png", pixels, [*options, cv2.IMWRITE_PNG_STRATEGY, strategy])
    if not done:
        raise DatasetError("A picture could not be coded as PNG.", todo="Check the memory of this machine.")
    return data.tobytes()
