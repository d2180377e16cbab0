"""Pictures of the empty plate, and where a new picture differs from them by more than noise, exposure or shadow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.depth import middle
from recognition.roi.rays import COARSE_STRIDE, Floats, ViewRays, Window
from station.frames import ColorImage, Frame

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
    """Where a picture differs in the view's coarse window (h, w), and the exposure it was compared at."""

    exposure: Exposure
    changed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Factors (R, G, B) that bring a picture to the reference's exposure, and the noise left then, grey levels."""

    gain: tuple[float, float, float]
    noise: float

    @property
    def levels(self) -> Floats:
        """Every grey level brought to the reference's exposure, as a table for ``cv2.LUT`` (1, 256, 3)."""
        return (np.arange(256, dtype=np.float32)[:, None] * np.array(self.gain, np.float32)).reshape(1, 256, 3)


class EmptyView:
    """The empty plate as one camera sees it: a running mean on the view's working grid."""

    def __init__(self, rays: ViewRays, frame: Frame) -> None:
        """Start with one picture."""
        self.shape = frame.color.shape
        self._count = 1
        self._take(rays, working_picture(rays, frame).astype(np.float32))

    def _take(self, rays: ViewRays, mean: Floats) -> None:
        self._mean, self._smoothed, self._small = mean, _smooth(mean), _halved(mean)
        rows, columns = _halved_slices(rays)
        self._coarse = np.ascontiguousarray(self._small[rows, columns])

    def learn(self, rays: ViewRays, frame: Frame) -> None:
        """Take one more picture of the empty plate into the mean."""
        picture = working_picture(rays, frame)
        exposure = self._exposure(rays, _halved(picture))
        if max(abs(float(np.log(gain))) for gain in exposure.gain) > _OTHER_LIGHT:
            self._count = 1
            self._take(rays, picture.astype(np.float32))
        else:
            self._count = min(self._count + 1, _MEMORY)
            step = (picture - self._mean) / np.float32(self._count)
            self._take(rays, np.add(self._mean, step, dtype=np.float32))

    def compare(self, rays: ViewRays, picture: ColorImage) -> CoarseChange | None:
        """Compare a working picture with the reference; ``None`` when light or camera changed too much to compare."""
        small = _halved(picture)
        exposure = self._exposure(rays, small)
        if exposure.noise > _MAX_NOISE:
            return None
        rows, columns = _halved_slices(rays)
        table = np.clip(np.rint(exposure.levels), 0, 255).astype(np.uint8)
        step = _largest(cv2.absdiff(cv2.LUT(small[rows, columns], table), self._coarse))
        # Grey levels are whole numbers.
        changed = step > np.uint8(max(_LEAST_STEP, _NOISE_FACTOR * exposure.noise))
        on_plate = max(1, np.count_nonzero(rays.coarse_plate))
        if np.count_nonzero(changed & rays.coarse_plate) > _TRUSTED_SHARE * on_plate:
            return None
        return CoarseChange(exposure, changed)

    def _exposure(self, rays: ViewRays, small: ColorImage) -> Exposure:
        index = rays.plate.color_index
        now, then = small.reshape(-1, 3)[index], self._small.reshape(-1, 3)[index]
        # Neither black nor clipped pixels tell a factor; a grey plate is told by its green.
        useful = (then[:, 1] > 30) & (then[:, 1] < 235) & (now[:, 1] > 20) & (now[:, 1] < 245)
        if np.count_nonzero(useful) < 50:
            return Exposure((1.0, 1.0, 1.0), 1e3)
        now, then = (np.ascontiguousarray(picture[useful].T, dtype=np.float32) for picture in (now, then))
        ratio = then / np.maximum(now, np.float32(1.0))
        gain = (middle(ratio[0]), middle(ratio[1]), middle(ratio[2]))
        noise = 1.4826 * middle(np.abs(now[1] * np.float32(gain[1]) - then[1]))
        return Exposure(gain, max(noise, _MIN_NOISE))

    def change(self, picture: ColorImage, exposure: Exposure, window: Window) -> Change:
        """Return where a window of a working picture shows something else than the empty plate."""
        rows, columns = window.rows, window.columns
        now = _smooth(cv2.LUT(np.ascontiguousarray(picture[rows, columns]), exposure.levels))
        if window.stride == 1:
            then = self._smoothed[rows, columns]
        else:
            then = _smooth(np.ascontiguousarray(self._mean[rows, columns]))
        step = _largest(cv2.absdiff(now, then))
        strongest = cv2.dilate(step, np.ones((5, 5), np.uint8))
        least = max(_LEAST_STEP, _NOISE_FACTOR * exposure.noise * _SMOOTHED_NOISE)
        changed = step > np.maximum(np.float32(least), np.float32(_EDGE_SHARE) * strongest)
        red, green, blue = cv2.split((now + _DARK_OFFSET) / (then + _DARK_OFFSET))
        grey = (red + green + blue) / np.float32(3.0)
        tint = cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)
        shadow = (grey > _SHADOW_RATIO[0]) & (grey < _SHADOW_RATIO[1]) & (tint < _SHADOW_TINT * grey)
        return Change(changed=changed, shadow=shadow, ratio=grey)


def working_picture(rays: ViewRays, frame: Frame) -> ColorImage:
    """Return a frame's colours on its view's working grid (h, w, 3)."""
    if rays.step == 1:
        return frame.color
    height, width = rays.shape
    return np.asarray(cv2.resize(frame.color, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _smooth(picture: object) -> Floats:
    return np.asarray(cv2.GaussianBlur(np.asarray(picture, np.float32), (3, 3), 0.7), np.float32)


def _halved(picture: ColorImage | Floats) -> ColorImage:
    height, width = picture.shape[:2]
    half = cv2.resize(picture, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(np.rint(half), 0, 255) if half.dtype != np.uint8 else half, dtype=np.uint8)


def _halved_slices(rays: ViewRays) -> tuple[slice, slice]:
    """Return rows and columns of the view's coarse window in its halved picture."""
    top, left = rays.coarse.top // COARSE_STRIDE, rays.coarse.left // COARSE_STRIDE
    height, width = rays.coarse.shape
    return slice(top, top + height), slice(left, left + width)


def _largest(picture: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """Return the largest of a picture's three channels (h, w)."""
    first, second, third = cv2.split(picture)
    return cv2.max(cv2.max(first, second), third)
