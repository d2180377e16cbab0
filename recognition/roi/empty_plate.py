"""Pictures of the empty plate, and where a new picture differs from them by more than noise, exposure or shadow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.depth import Window
from recognition.roi.rays import Floats, ViewRays
from station.frames import Frame

_MEMORY = 6
"""So many pictures the running mean reaches back."""
_OTHER_LIGHT = 0.25
"""A change of exposure (natural logarithm) beyond which the old pictures are forgotten instead of averaged."""
_MIN_NOISE = 1.0
_MAX_NOISE = 12.0
_NOISE_FACTOR = 4.5
_SMOOTHED_NOISE = 1.2
"""Noise of a smoothed pixel of the working grid in terms of that of a halved one."""
_LEAST_STEP = 7.0
"""Grey levels by which a pixel must differ, whatever the noise."""
_EDGE_SHARE = 0.45
"""The edge of a change lies where it falls below this share of the strongest change next to it."""
_TRUSTED_SHARE = 0.45
"""A view in which more than this share of the plate changed saw the light change, not a part."""
_SHADOW_RATIO = (0.5, 1.0)
_SHADOW_TINT = 0.07
_DARK_OFFSET = np.float32(6.0)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """How a window (h, w) differs from the empty plate.

    ``changed`` is where it does, ``shadow`` where a shadow would explain it, ``ratio`` brightness now over that then.
    """

    changed: NDArray[np.bool_]
    shadow: NDArray[np.bool_]
    ratio: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CoarseChange:
    """Where a whole picture differs, at half the working grid (h, w), and the exposure it was compared at."""

    exposure: Exposure
    changed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Factors (R, G, B) that bring a picture to the reference's exposure, and the noise left then, grey levels."""

    gain: tuple[float, float, float]
    noise: float


class EmptyView:
    """The empty plate as one camera sees it: a running mean on the view's working grid."""

    def __init__(self, rays: ViewRays, frame: Frame) -> None:
        """Start with one picture."""
        self.shape = frame.color.shape
        self._mean = _working(rays, frame).astype(np.float32)
        self._small = _halved(self._mean)
        self._count = 1

    def learn(self, rays: ViewRays, frame: Frame) -> None:
        """Take one more picture of the empty plate into the mean."""
        picture = _working(rays, frame)
        exposure = self._exposure(rays, _halved(picture))
        if max(abs(float(np.log(gain))) for gain in exposure.gain) > _OTHER_LIGHT:
            self._mean, self._count = picture.astype(np.float32), 1
        else:
            self._count = min(self._count + 1, _MEMORY)
            self._mean += (picture - self._mean) / np.float32(self._count)
        self._small = _halved(self._mean)

    def compare(self, rays: ViewRays, frame: Frame) -> CoarseChange | None:
        """Compare a whole picture with the reference; ``None`` when light or camera changed too much to compare."""
        picture = _halved(_working(rays, frame))
        exposure = self._exposure(rays, picture)
        if exposure.noise > _MAX_NOISE:
            return None
        levelled = cv2.LUT(picture, _gain_table(exposure.gain))
        step = _largest(cv2.absdiff(levelled, self._small))
        changed = step > max(_LEAST_STEP, _NOISE_FACTOR * exposure.noise)
        if float(changed[rays.on_plate[::2, ::2]].mean()) > _TRUSTED_SHARE:
            return None
        return CoarseChange(exposure, changed)

    def _exposure(self, rays: ViewRays, small: NDArray[np.uint8]) -> Exposure:
        plate = rays.on_plate[::8, ::8]
        now, then = small[::4, ::4][plate], self._small[::4, ::4][plate]
        # Neither black nor clipped pixels tell a factor; a grey plate is told by its green.
        useful = (then[:, 1] > 30) & (then[:, 1] < 235) & (now[:, 1] > 20) & (now[:, 1] < 245)
        if int(useful.sum()) < 50:
            return Exposure((1.0, 1.0, 1.0), 1e3)
        now, then = now[useful].astype(np.float32), then[useful].astype(np.float32)
        gain = [float(np.median(then[:, k] / np.maximum(now[:, k], 1.0))) for k in range(3)]
        noise = 1.4826 * float(np.median(np.abs(now[:, 1] * gain[1] - then[:, 1])))
        return Exposure((gain[0], gain[1], gain[2]), max(noise, _MIN_NOISE))

    def change(self, rays: ViewRays, frame: Frame, exposure: Exposure, window: Window) -> Change:
        """Return where a window of a new picture shows something else than the empty plate."""
        rows, columns = window.rows, window.columns
        now = _smooth(_working(rays, frame)[rows, columns]) * np.array(exposure.gain, np.float32)
        then = _smooth(self._mean[rows, columns])
        step = _largest(cv2.absdiff(now, then))
        strongest = cv2.dilate(step, np.ones((5, 5), np.uint8))
        least = max(_LEAST_STEP, _NOISE_FACTOR * exposure.noise * _SMOOTHED_NOISE)
        changed = step > np.maximum(np.float32(least), np.float32(_EDGE_SHARE) * strongest)
        red, green, blue = cv2.split((now + _DARK_OFFSET) / (then + _DARK_OFFSET))
        grey = (red + green + blue) / np.float32(3.0)
        tint = cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)
        shadow = (grey > _SHADOW_RATIO[0]) & (grey < _SHADOW_RATIO[1]) & (tint < _SHADOW_TINT * grey)
        return Change(changed=changed, shadow=shadow, ratio=grey)


def _smooth(picture: NDArray[np.generic]) -> Floats:
    return np.asarray(cv2.GaussianBlur(np.asarray(picture, np.float32), (3, 3), 0.7), np.float32)


def _working(rays: ViewRays, frame: Frame) -> NDArray[np.uint8]:
    """Return the picture on the view's working grid (h, w, 3)."""
    if rays.step == 1:
        return frame.color
    height, width = rays.shape
    return np.asarray(cv2.resize(frame.color, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _halved(picture: NDArray[np.uint8] | Floats) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    half = cv2.resize(picture, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(np.rint(half), 0, 255) if half.dtype != np.uint8 else half, dtype=np.uint8)


def _gain_table(gain: tuple[float, float, float]) -> NDArray[np.uint8]:
    levels = np.arange(256, dtype=np.float32)[:, None] * np.array(gain, np.float32)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8).reshape(1, 256, 3)


def _largest(picture: cv2.typing.MatLike) -> Floats:
    """Return the largest of a picture's three channels (h, w)."""
    first, second, third = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(first, second), third), dtype=np.float32)
