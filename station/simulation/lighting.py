"""The light of one capture: what shines from where, as tables by direction that surfaces look up."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_COARSE = 32
_SHARP = 64
LOBES: tuple[float, ...] = (0.18, 0.35, 0.65)
"""Roughness of the blurred tables; sharper surfaces look into the unblurred one."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """One area light: unit direction towards it, angular half width (rad) and radiance (R, G, B)."""

    direction: tuple[float, float, float]
    width: float
    radiance: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Lighting:
    """The light of one capture.

    ``lamps`` are the ceiling lights and windows, ``sky`` the radiance of ceiling and walls, ``floor`` that of what
    lies below the horizon, ``wall`` the direction (rad) of the brighter wall, ``shadow`` how dark shadows get (0…1).
    """

    lamps: tuple[Lamp, ...]
    sky: float
    floor: float
    wall: float
    shadow: float


def draw_lighting(room_rng: np.random.Generator, rng: np.random.Generator | None = None) -> Lighting:
    """Draw a room's light from ``room_rng``; with ``rng`` the light of one capture in it, which differs a little."""
    lamps: list[Lamp] = []
    count = int(room_rng.integers(2, 5))
    start = float(room_rng.uniform(0.0, 2.0 * math.pi))
    for number in range(count):
        azimuth = start + 2.0 * math.pi * number / count + float(room_rng.uniform(-0.5, 0.5))
        elevation = float(room_rng.uniform(0.5, 1.3))
        width = float(room_rng.uniform(0.12, 0.4))
        power = float(room_rng.uniform(2.0, 5.0))
        warm = float(room_rng.uniform(-0.06, 0.06))
        if rng is not None:
            azimuth += float(rng.normal(0.0, 0.25))
            elevation = min(elevation + float(rng.normal(0.0, 0.08)), 1.5)
            power *= float(np.exp(rng.normal(0.0, 0.25)))
        flat = math.cos(elevation)
        lamps.append(
            Lamp(
                (flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation)),
                width,
                (power * (1.0 + warm), power, power * (1.0 - warm)),
            )
        )
    sky, floor = float(room_rng.uniform(0.35, 0.6)), float(room_rng.uniform(0.06, 0.14))
    wall, shadow = float(room_rng.uniform(0.0, 2.0 * math.pi)), float(room_rng.uniform(0.75, 1.0))
    if rng is not None:
        sky *= float(np.exp(rng.normal(0.0, 0.15)))
    return Lighting(tuple(lamps), sky, floor, wall, shadow)


def octahedral(directions: Floats, size: int = _SHARP) -> tuple[Floats, Floats]:
    """Return table coordinates (column, row) of unit directions (N, 3), as ``cv2.remap`` takes them."""
    x, y, z = directions[:, 0], directions[:, 1], directions[:, 2]
    total = np.abs(x) + np.abs(y) + np.abs(z) + np.float32(1e-9)
    u, v = x / total, y / total
    below = z < 0
    folded_u = (1.0 - np.abs(v)) * np.where(u >= 0, np.float32(1), np.float32(-1))
    folded_v = (1.0 - np.abs(u)) * np.where(v >= 0, np.float32(1), np.float32(-1))
    half = np.float32(size / 2.0)
    column = np.where(below, folded_u, u) * half + (half - np.float32(0.5))
    row = np.where(below, folded_v, v) * half + (half - np.float32(0.5))
    return column, row


@functools.cache
def _directions(size: int) -> Floats:
    """Return the unit direction of every cell of an octahedral table, (size², 3)."""
    axis = (np.arange(size, dtype=np.float64) + 0.5) / size * 2.0 - 1.0
    u, v = np.meshgrid(axis, axis)
    z = 1.0 - np.abs(u) - np.abs(v)
    x = np.where(z < 0, (1.0 - np.abs(v)) * np.sign(u), u)
    y = np.where(z < 0, (1.0 - np.abs(u)) * np.sign(v), v)
    d = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return (d / np.linalg.norm(d, axis=1, keepdims=True)).astype(np.float32)


@functools.cache
def _kernels() -> tuple[Floats, ...]:
    """Return the blur of every lobe and, last, the cosine convolution: matrices that act on a coarse table."""
    d = _directions(_COARSE).astype(np.float64)
    cosine = d @ d.T
    area = 1.0 / np.abs(d).sum(axis=1) ** -3.0  # solid angle of an octahedral cell, up to a constant
    kernels: list[Floats] = []
    for roughness in LOBES:
        weight = np.exp((cosine - 1.0) / (0.5 * roughness**2 + 0.004)) * area
        kernels.append((weight / weight.sum(axis=1, keepdims=True)).astype(np.float32))
    weight = np.maximum(cosine, 0.0) * area
    kernels.append((weight / weight.sum(axis=1, keepdims=True)).astype(np.float32))
    return tuple(kernels)


def _radiance(light: Lighting, directions: Floats) -> Floats:
    """Return what shines from each direction (N, 3) → (N, 3): lamps, ceiling, walls, the plate from below."""
    z = directions[:, 2]
    azimuth = np.arctan2(directions[:, 1], directions[:, 0])
    wall = 0.5 + 0.5 * np.cos(azimuth - light.wall)
    upper = light.sky * (0.55 + 0.45 * z) * (0.6 + 0.8 * wall * (1.0 - z))
    # Dark shapes and bright windows along the horizon give metal something to reflect.
    shapes = np.sin(3.0 * azimuth + 5.0 * light.wall) * np.sin(7.0 * azimuth + 2.0 * light.wall)
    upper = upper * (1.0 - 0.45 * np.exp(-((z / 0.35) ** 2)) * (shapes > 0.1))
    level = np.where(z > 0, upper, light.floor + 0.12 * light.sky * (1.0 + 2.0 * np.minimum(-z, 1.0)))
    result = np.repeat(level[:, None], 3, axis=1)
    for lamp in light.lamps:
        cosine = directions @ np.asarray(lamp.direction, np.float32)
        inside = 0.5 + 0.5 * np.tanh((cosine - math.cos(lamp.width)) * 30.0)
        result += inside[:, None] * np.asarray(lamp.radiance, np.float32)
    return result.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """Tables by direction, each (64, 64, 3) float32: ``sharp``, blurred by each of ``LOBES``, and ``diffuse``."""

    sharp: Floats
    lobes: tuple[Floats, ...]
    diffuse: Floats

    def gloss(self, roughness: float) -> Floats:
        """Return the table a surface of this roughness mirrors, blended between the two nearest."""
        levels = (0.06, *LOBES)
        tables = (self.sharp, *self.lobes)
        if roughness <= levels[0]:
            return tables[0]
        for lower, upper, first, second in zip(levels, levels[1:], tables, tables[1:], strict=False):
            if roughness <= upper:
                share = np.float32((roughness - lower) / (upper - lower))
                return first * (1 - share) + second * share
        return tables[-1]


def environment(light: Lighting) -> Environment:
    """Work out the tables of a light; some milliseconds.

    OpenCV multiplies, because its result does not depend on how many threads a process may use.
    """
    coarse = _radiance(light, _directions(_COARSE))
    nothing = np.zeros_like(coarse)
    blurred = [
        np.asarray(
            cv2.resize(
                np.asarray(cv2.gemm(kernel, coarse, 1.0, nothing, 0.0), np.float32).reshape(_COARSE, _COARSE, 3),
                (_SHARP, _SHARP),
                interpolation=cv2.INTER_LINEAR,
            ),
            np.float32,
        )
        for kernel in _kernels()
    ]
    sharp = _radiance(light, _directions(_SHARP)).reshape(_SHARP, _SHARP, 3)
    return Environment(sharp, tuple(blurred[:-1]), blurred[-1])


def look_up(table: Floats, directions: Floats) -> Floats:
    """Read a table at unit directions (N, 3), bilinear; returns (N, 3)."""
    count = len(directions)
    columns, rows = octahedral(directions, table.shape[0])
    padded = -(-count // 256) * 256
    grid = np.zeros((2, padded), np.float32)
    grid[0, :count], grid[1, :count] = columns, rows
    found = cv2.remap(
        table, grid[0].reshape(-1, 256), grid[1].reshape(-1, 256), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found, np.float32).reshape(-1, 3)[:count]
