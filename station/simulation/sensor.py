"""What a depth camera makes of a scene: exposure, white balance, blur and noise; stereo's noise, steps and holes."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.simulation.renderer import FAR_M, Floats
from station.simulation.rig import BASELINE_M

DISPARITY_NOISE_PX = 0.08
"""Standard deviation of the disparity of a D415-like stereo pair."""

_LONGEST_M = 6.0
"""Stereo reports nothing farther away."""

_SPARE = 96
"""Noise tiles are so much larger than the picture; a random cut of one is one frame's noise."""
_NOISE_LEVELS = (1.0, 1.8, 2.8)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How one camera takes one capture: brightness and white balance factors, blur (px), noise level (0…2).

    ``depth_scale_error`` is the relative error all its depths carry.
    """

    gain: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: float = 0.4
    noise: int = 1
    depth_scale_error: float = 0.0


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """Draw one camera's exposure for one capture."""
    red, blue = np.exp(rng.normal(0.0, 0.05, size=2))
    return Exposure(
        gain=float(np.exp(rng.normal(0.0, 0.22))),
        balance=(float(red), 1.0, float(blue)),
        blur=float(rng.uniform(0.25, 0.55)),
        noise=int(rng.integers(0, len(_NOISE_LEVELS))),
        depth_scale_error=float(rng.normal(0.0, 0.001)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class CleanView:
    """A view before one frame's noise; a picture that stands still is kept like this.

    ``color`` (H, W, 3) uint8 RGB, exposed and blurred; ``depth_mm`` and ``sigma_mm`` (H, W) float32, measured
    millimetres and their standard deviation; ``level`` (H, W) uint8: a pixel fails when the frame's failure tile
    reaches it (255 never, 0 always); ``mask`` (H, W) uint8, 255 on parts; ``noise`` the colour noise level.
    """

    color: NDArray[np.uint8]
    depth_mm: Floats
    sigma_mm: Floats
    level: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    noise: int


@dataclass(frozen=True, slots=True, eq=False)
class RenderedView:
    """One frame of one camera: ``color`` (H, W, 3) uint8 RGB, ``depth`` (H, W) uint16 mm, ``mask`` (H, W) uint8."""

    color: NDArray[np.uint8]
    depth: NDArray[np.uint16]
    mask: NDArray[np.uint8]


@functools.cache
def _color_tile(height: int, width: int, level: int) -> NDArray[np.uint8]:
    """Return colour noise around 128, larger than the picture."""
    rng = np.random.default_rng([11, level])
    shape = (height + _SPARE, width + _SPARE, 3)
    noise = rng.standard_normal(shape, dtype=np.float32)
    # Demosaicing and compression leave part of the noise in blotches of two pixels.
    soft = cv2.GaussianBlur(noise, (0, 0), 0.8)
    mixed = (0.6 * noise + 0.8 * soft / soft.std()) * np.float32(_NOISE_LEVELS[level])
    return np.clip(np.rint(mixed + 128.0), 0, 255).astype(np.uint8)


@functools.cache
def _depth_tile(height: int, width: int) -> Floats:
    """Return depth noise of unit deviation, correlated over the stereo matcher's window."""
    rng = np.random.default_rng(12)
    noise = rng.standard_normal((height + _SPARE, width + _SPARE), dtype=np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.6)
    return np.asarray(soft / soft.std(), np.float32)


@functools.cache
def _failure_tile(height: int, width: int) -> NDArray[np.uint8]:
    """Return blotches with equally frequent values 0…254; where they reach a pixel's level, matching fails."""
    rng = np.random.default_rng(13)
    noise = rng.standard_normal((height + _SPARE, width + _SPARE), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=2.2, sigmaY=1.5), np.float32).reshape(-1)
    ranks = np.empty(soft.size, np.float32)
    ranks[np.argsort(soft, kind="stable")] = np.linspace(0.0, 254.99, soft.size, dtype=np.float32)
    return ranks.reshape(noise.shape).astype(np.uint8)


@functools.cache
def wobble(height: int, width: int) -> tuple[Floats, Floats]:
    """Return pixel coordinates (H, W) that wander by about a pixel: the ragged edges of stereo depth."""
    rng = np.random.default_rng(14)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    dx, dy = (cv2.GaussianBlur(rng.standard_normal((height, width), dtype=np.float32), (0, 0), 2.5) for _ in range(2))
    return x + np.float32(1.3) * dx / dx.std(), y + np.float32(0.8) * dy / dy.std()


def sigma_z(depth_m: Floats, focal_px: float) -> Floats:
    """Return stereo's depth noise in metres: σ_z = z²·σ_d / (f·B)."""
    return depth_m * depth_m * np.float32(DISPARITY_NOISE_PX / (focal_px * BASELINE_M))


def stereo_shadow(depth_m: Floats, focal_px: float) -> NDArray[np.bool_]:
    """Return where the second imager cannot see what the first does: left of everything nearer than its background.

    ``depth_m`` is (H, W); pixel u appears at u − f·B/z in the second imager and is hidden when something to its
    right appears at or left of it.
    """
    columns = np.arange(depth_m.shape[1], dtype=np.float32)
    there = columns - np.float32(focal_px * BASELINE_M) / np.maximum(depth_m, np.float32(0.05))
    nearest = np.minimum.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    hidden = np.zeros(depth_m.shape, np.bool_)
    hidden[:, :-1] = there[:, :-1] > nearest[:, 1:] + 1.0
    return hidden


def blind_band(depth_m: Floats, focal_px: float) -> NDArray[np.bool_]:
    """Return the left band (H, W) that lies outside the second imager's picture, which looks a little past ours."""
    columns = np.arange(depth_m.shape[1], dtype=np.float32)
    return columns < np.float32(0.5 * focal_px * BASELINE_M) / np.maximum(depth_m, np.float32(0.15))


def expose(color: NDArray[np.uint8], exposure: Exposure) -> NDArray[np.uint8]:
    """Blur and expose an encoded picture (H, W, 3)."""
    steps = np.arange(256, dtype=np.float64)
    table = np.empty((1, 256, 3), np.uint8)
    for channel, balance in enumerate(exposure.balance):
        factor = (exposure.gain * balance) ** (1.0 / 2.2)
        table[0, :, channel] = np.clip(np.rint(steps * factor), 0, 255).astype(np.uint8)
    blurred = cv2.GaussianBlur(color, (3, 3), exposure.blur)
    return np.asarray(cv2.LUT(blurred, table), np.uint8)


def measured(
    depth_m: Floats, holes: Floats, focal_px: float, exposure: Exposure
) -> tuple[Floats, Floats, NDArray[np.uint8]]:
    """Return what stereo will measure of a region: millimetres, their deviation, and the level of failure."""
    z = np.minimum(depth_m, np.float32(FAR_M))
    level = np.clip(255.0 * (1.0 - holes), 0.0, 255.0).astype(np.uint8)
    level[z > _LONGEST_M] = 0
    return z * np.float32(1000.0 * (1.0 + exposure.depth_scale_error)), sigma_z(z, focal_px) * 1000.0, level


def read_frame(view: CleanView, rng: np.random.Generator, *, depth_dead: bool = False) -> RenderedView:
    """Take one frame of a view: fresh noise on colour and depth; about 2 ms at 640×480.

    With ``depth_dead`` nearly all depth is missing, as from a stream that died.
    """
    height, width = view.depth_mm.shape
    a, b, c, d, e, f = (int(v) for v in rng.integers(0, _SPARE, size=6))
    tile = _color_tile(height, width, view.noise)[a : a + height, b : b + width]
    color = cv2.addWeighted(view.color, 1.0, tile, 1.0, -128.0)
    noise = _depth_tile(height, width)[c : c + height, d : d + width]
    depth = np.asarray(cv2.add(view.depth_mm, cv2.multiply(view.sigma_mm, noise), dtype=cv2.CV_16U), np.uint16)
    failure = _failure_tile(height, width)[e : e + height, f : f + width]
    level = view.level // 20 if depth_dead else view.level
    alive = cv2.compare(failure, level, cv2.CMP_LT)
    depth = np.asarray(cv2.bitwise_and(depth, depth, mask=alive), np.uint16)
    result = (np.asarray(color, np.uint8), depth, view.mask)
    for array in result:
        array.flags.writeable = False
    return RenderedView(*result)
