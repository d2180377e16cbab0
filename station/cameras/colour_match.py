"""Exposure, gain and white balance that show what a reference camera shows by itself, for all cameras alike.

The colour sensor of a D400 does not tell what its automatic modes have chosen, so the values are found by measuring:
the settings are locked and changed until the picture is as bright and as warm as the automatic one was.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from station.cameras.device_access import DEVICE_ACCESS
from station.cameras.frame_colour import EXPOSURE_STEP_US
from station.cameras.options import LockedColour
from station.cameras.realsense import RealSenseCamera
from station.errors import CameraError
from station.frames import ColorImage, Frame

_SETTLING_FRAMES = 5
"""A sensor takes over new settings two or three pictures later."""
_STEPS = 10
_WHITE_STEP_K = 10.0
_TOO_DARK = 0.9
"""An exposure step of 100 µs may miss the brightness by so much; what is darker gets more gain."""
_CALM = 0.01
"""Automatic exposure has settled when the brightness changes by less than this from look to look."""
_DARK, _BRIGHT = 20.0, 235.0
_FRAME_S = 5.0
_SETTLE_S = 20.0


@dataclass(frozen=True, slots=True)
class Look:
    """Mean grey level of a picture's middle, and how warm it is: red over blue."""

    brightness: float
    warmth: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a camera with the locked colour differs from the reference: 0.1 is ten per cent brighter or warmer."""

    brightness: float
    warmth: float


def look_at(color: ColorImage) -> Look:
    """Measure the middle third of an RGB picture (H, W, 3)."""
    height, width = color.shape[:2]
    middle = color[height // 3 : height - height // 3, width // 3 : width - width // 3].reshape(-1, 3)
    red, green, blue = (float(value) for value in np.mean(middle, axis=0))
    return Look((red + green + blue) / 3.0, max(red, 1.0) / max(blue, 1.0))


class ColourEye:
    """An open camera whose pictures are measured a few frames after its settings were changed."""

    def __init__(self, camera: RealSenseCamera) -> None:
        self.camera = camera
        self._arrived = threading.Condition()
        self._newest: Frame | None = None
        self._count = 0

    def __enter__(self) -> ColourEye:
        """Open the camera; raises CameraError."""
        self.camera.start(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.camera.stop()

    def _take(self, frame: Frame) -> None:
        with self._arrived:
            self._newest = frame
            self._count += 1
            self._arrived.notify_all()

    def frame(self) -> Frame:
        """Wait until the settings act and return the frame; raises CameraError when none comes."""
        with self._arrived:
            wanted = self._count + _SETTLING_FRAMES
            if not self._arrived.wait_for(lambda: self._count >= wanted, _FRAME_S):
                raise self.camera.fault or CameraError(
                    f"No frames came within {_FRAME_S:g} s.", where=self.camera.where
                )
            assert self._newest is not None
            return self._newest

    def look(self) -> Look:
        """Measure such a frame; raises CameraError when none comes."""
        return look_at(self.frame().color)

    def settled_look(self) -> Look:
        """Wait until the automatic modes have settled and measure; raises CameraError when they do not."""
        until = time.monotonic() + _SETTLE_S
        before = self.look()
        while time.monotonic() < until:
            now = self.look()
            if (
                abs(_ratio(now.brightness, before.brightness)) < _CALM
                and abs(_ratio(now.warmth, before.warmth)) < _CALM
            ):
                return now
            before = now
        raise CameraError(
            f"The picture did not become calm within {_SETTLE_S:g} s.",
            where=self.camera.where,
            todo="Keep hands and changing light away from the plate.",
        )

    def locked_look(self, colour: LockedColour) -> Look:
        """Lock the colour and measure what it gives."""
        with DEVICE_ACCESS.held_by(self.camera.role):
            self.camera.options.lock_colour(colour)
        return self.look()


def match_colour(eye: ColourEye, fps: float) -> tuple[LockedColour, Deviation]:
    """Find the locked colour of an open, automatic reference camera, and what is left between the two pictures.

    ``fps`` limits the exposure to a frame period; what is dark then gets more gain. Raises CameraError when the
    picture is too dark or too bright to be measured, or does not become calm.
    """
    wanted = eye.settled_look()
    if not _DARK <= wanted.brightness <= _BRIGHT:
        raise CameraError(
            f"The middle of its picture has a mean grey level of {wanted.brightness:.0f}; 20 to 235 can be measured.",
            where=eye.camera.where,
            todo="Light the empty plate as in daily work.",
        )
    allowed = eye.camera.options.colour_range
    low, high = allowed.exposure_us
    high = min(high, 1e6 / fps)
    gain = allowed.usual_gain
    exposure, kelvin = low, math.sqrt(allowed.white_balance_k[0] * allowed.white_balance_k[1])

    def brightness_at(exposure_us: float) -> float:
        return eye.locked_look(LockedColour(exposure_us, gain, kelvin)).brightness

    def brightness_with(more: float) -> float:
        return eye.locked_look(LockedColour(exposure, more, kelvin)).brightness

    def warmth_at(white_balance_k: float) -> float:
        return eye.locked_look(LockedColour(exposure, gain, white_balance_k)).warmth

    exposure = _bisected(brightness_at, wanted.brightness, low, high)
    kelvin = _stepped(_bisected(warmth_at, wanted.warmth, *allowed.white_balance_k), _WHITE_STEP_K)
    # The white balance changes the brightness a little.
    exposure = _stepped(_bisected(brightness_at, wanted.brightness, low, high), EXPOSURE_STEP_US)
    if brightness_at(exposure) < wanted.brightness * _TOO_DARK:
        gain = float(round(_bisected(brightness_with, wanted.brightness, max(gain, 1.0), allowed.gain[1])))
    colour = LockedColour(exposure, gain, kelvin)
    return colour, deviation(eye.locked_look(colour), wanted)


def deviation(look: Look, wanted: Look) -> Deviation:
    """Return how one look differs from another."""
    return Deviation(_ratio(look.brightness, wanted.brightness), _ratio(look.warmth, wanted.warmth))


def _ratio(value: float, reference: float) -> float:
    return value / max(reference, 1e-6) - 1.0


def _stepped(value: float, step: float) -> float:
    return round(value / step) * step


def _bisected(measure: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Return where the rising ``measure`` is nearest to ``wanted``, halving the range (low, high) by ratios."""
    for _ in range(_STEPS):
        middle = math.sqrt(low * high)
        if measure(middle) < wanted:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)
