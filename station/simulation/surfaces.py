"""What parts are made of and what wear, dirt and rust do to them; the shading of a G-buffer."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.simulation.lighting import Environment, look_up
from station.simulation.renderer import Floats, GBuffer, transform

Rgb = tuple[float, float, float]

_TILE = 512
_TILE_M = 0.256
"""Edge of one repeat of the procedural texture."""


@dataclass(frozen=True, slots=True)
class Surface:
    """How a surface looks; colours are linear reflectances.

    ``metal`` 0…1, ``rough`` 0.05…0.8, ``bump`` how far grain tilts the normals, ``grain`` and ``tone`` the fine and
    coarse variation of brightness, ``marks`` machining marks, ``scratch`` their density, ``stain`` the covered share
    by a second, dull layer (rust, dirt, grease, worn paint) of ``stain_color`` that hides up to ``cover`` of the first,
    ``offset`` where in the endless texture this instance begins (m), ``infrared`` how much of the projector's pattern
    comes back (0…1).
    """

    color: Rgb
    metal: float
    rough: float
    bump: float = 0.02
    grain: float = 0.05
    tone: float = 0.06
    marks: float = 0.0
    scratch: float = 0.0
    stain: float = 0.0
    stain_color: Rgb = (0.1, 0.08, 0.06)
    stain_metal: float = 0.0
    cover: float = 0.9
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    infrared: float = 0.8


_COLOURS: dict[str, Rgb] = {
    "black": (0.018, 0.018, 0.02),
    "white": (0.72, 0.72, 0.69),
    "red": (0.42, 0.035, 0.03),
    "blue": (0.03, 0.09, 0.34),
    "green": (0.03, 0.19, 0.07),
    "yellow": (0.64, 0.43, 0.03),
    "orange": (0.62, 0.17, 0.02),
    "grey": (0.21, 0.22, 0.23),
}

_MATERIALS: dict[str, Surface] = {
    "steel": Surface((0.50, 0.49, 0.47), 1.0, 0.36, 0.035, 0.08, 0.08, 0.10),
    "steel_black": Surface((0.045, 0.043, 0.045), 0.55, 0.42, 0.04, 0.08, 0.08, infrared=0.25),
    "stainless": Surface((0.60, 0.59, 0.57), 1.0, 0.22, 0.02, 0.05, 0.05, 0.08),
    "chrome": Surface((0.66, 0.67, 0.68), 1.0, 0.07, 0.006, 0.02, 0.03, infrared=0.45),
    "brass": Surface((0.70, 0.51, 0.19), 1.0, 0.26, 0.025, 0.06, 0.07, 0.08),
    "bronze": Surface((0.50, 0.31, 0.15), 1.0, 0.33, 0.03, 0.07, 0.09, 0.06),
    "copper": Surface((0.74, 0.36, 0.23), 1.0, 0.28, 0.025, 0.06, 0.09, 0.05),
    "aluminium": Surface((0.72, 0.72, 0.73), 1.0, 0.42, 0.03, 0.06, 0.05, 0.10),
    "aluminium_black": Surface((0.035, 0.035, 0.038), 0.5, 0.40, 0.03, 0.06, 0.06, infrared=0.3),
    "cast_iron": Surface((0.15, 0.145, 0.14), 0.55, 0.62, 0.15, 0.16, 0.15),
    "zinc": Surface((0.56, 0.57, 0.58), 0.85, 0.45, 0.05, 0.09, 0.16),
    "rubber": Surface((0.025, 0.025, 0.026), 0.0, 0.75, 0.05, 0.08, 0.08, infrared=0.2),
}
_RUST: Rgb = (0.19, 0.075, 0.03)
_DIRT: Rgb = (0.085, 0.074, 0.06)
_RUSTY = ("steel", "cast_iron", "painted", "zinc", "steel_black")


def nominal_surface(material: str) -> Surface:
    """Return the clean surface of a material; unknown names look like steel."""
    if material in _MATERIALS:
        return _MATERIALS[material]
    kind, _, colour = material.partition("_")
    color = _COLOURS.get(colour, _COLOURS["grey"])
    infrared = 0.15 + 0.65 * min(1.0, 4.0 * max(color))
    if kind == "painted":
        return Surface(color, 0.0, 0.42, 0.03, 0.04, 0.06, infrared=infrared)
    if kind == "plastic":
        return Surface(color, 0.0, 0.38, 0.02, 0.03, 0.03, infrared=infrared)
    return _MATERIALS["steel"]


def draw_surface(material: str, rng: np.random.Generator) -> Surface:
    """Draw one instance of a material: its own shade, gloss and texture, and the wear, dirt and rust of this day."""
    base = nominal_surface(material)
    shade = float(np.exp(rng.normal(0.0, 0.10)))
    tint = np.exp(rng.normal(0.0, 0.025, size=3)) * shade
    finish = float(np.exp(rng.normal(0.0, 0.22)))
    offset = rng.uniform(0.0, 10.0, size=3)
    wear, condition, amount = float(rng.random()), float(rng.random()), float(rng.random())
    hue = np.exp(rng.normal(0.0, 0.15, size=3))
    surface = replace(
        base,
        color=_rgb(np.minimum(np.asarray(base.color) * tint, 0.9)),
        rough=float(np.clip(base.rough * finish, 0.05, 0.8)),
        bump=base.bump * float(rng.uniform(0.7, 1.4)),
        marks=base.marks * float(rng.uniform(0.2, 1.6)),
        scratch=0.35 * wear**2 if base.rough < 0.6 else 0.1 * wear,
        offset=(float(offset[0]), float(offset[1]), float(offset[2])),
    )
    if material.startswith(_RUSTY) and condition < 0.22:
        return replace(surface, stain=0.04 + 0.4 * amount**1.5, stain_color=_rgb(np.asarray(_RUST) * hue))
    if condition < 0.55:
        cover = 0.35 + 0.5 * wear
        return replace(surface, stain=0.03 + 0.4 * amount**1.5, stain_color=_rgb(np.asarray(_DIRT) * hue), cover=cover)
    if material.startswith("painted") and condition < 0.8:
        return replace(surface, stain=0.02 + 0.1 * amount, stain_color=(0.4, 0.39, 0.38), stain_metal=1.0)
    return surface


def _rgb(values: NDArray[np.float64]) -> Rgb:
    """Return three floats as a colour."""
    return float(values[0]), float(values[1]), float(values[2])


def _fractal(rng: np.random.Generator, smallest: float, octaves: int) -> Floats:
    """Return tileable fractal noise (512, 512), rank-equalised to 0…1."""
    spectrum = np.fft.fft2(rng.standard_normal((_TILE, _TILE)))
    fx = np.fft.fftfreq(_TILE)[:, None]
    fy = np.fft.fftfreq(_TILE)[None, :]
    frequency = np.sqrt(fx**2 + fy**2)
    low = smallest / 2.0**octaves
    band = np.where(frequency > 0, 1.0 / np.maximum(frequency, low) ** 1.4, 0.0)
    band *= np.exp(-((frequency / smallest) ** 2))
    field = np.real(np.fft.ifft2(spectrum * band)).reshape(-1)
    ranks = np.empty(field.size, np.float32)
    ranks[np.argsort(field, kind="stable")] = np.linspace(0.0, 1.0, field.size, dtype=np.float32)
    return ranks.reshape(_TILE, _TILE)


_LEVELS = 4
"""Sizes of the shared texture, each half the one before."""


@functools.cache
def _textures() -> tuple[Floats, ...]:
    """Return the texture all surfaces share, at 512² texels and at halves of it.

    Each level is (n·n, 6): three fine channels, coarse, marks and scratches.
    """
    rng = np.random.default_rng(7)
    fine = [np.asarray(cv2.GaussianBlur(rng.standard_normal((_TILE, _TILE)), (0, 0), 0.8)) for _ in range(3)]
    fine = [field / field.std() for field in fine]
    marks = cv2.GaussianBlur(rng.standard_normal((_TILE, _TILE)), (0, 0), sigmaX=12.0, sigmaY=0.7)
    scratches = np.zeros((_TILE, _TILE), np.float32)
    for _ in range(260):
        x, y = rng.integers(0, _TILE, 2)
        dx, dy = rng.normal(0.0, 45.0, 2)
        cv2.line(scratches, (int(x), int(y)), (int(x + dx), int(y + dy)), float(rng.uniform(-1.0, 1.0)), 1, cv2.LINE_AA)
    layers = [*fine, _fractal(rng, 0.06, 4), np.asarray(marks / marks.std(), np.float32), scratches]
    stacked = np.stack(layers, axis=-1).astype(np.float32)
    levels: list[Floats] = []
    for level in range(_LEVELS):
        step = 2**level
        smaller = stacked.reshape(_TILE // step, step, _TILE // step, step, 6).mean(axis=(1, 3))
        levels.append(np.ascontiguousarray(smaller.reshape(-1, 6), dtype=np.float32))
    return tuple(levels)


def _sample(points: Floats, normals: Floats, offset: tuple[float, float, float], level: int) -> Floats:
    """Read the shared texture at object points (N, 3) through the face of a cube that the normal points out of."""
    tile = _TILE >> level
    scaled = ((points + np.asarray(offset, np.float32)) * np.float32(tile / _TILE_M)).astype(np.int32)
    size = np.abs(normals)
    along_x = (size[:, 0] > size[:, 1]) & (size[:, 0] > size[:, 2])
    along_z = (size[:, 2] >= size[:, 1]) & ~along_x
    u = np.where(along_x, scaled[:, 1], scaled[:, 0]) & (tile - 1)
    v = np.where(along_z, scaled[:, 1], scaled[:, 2]) & (tile - 1)
    return _textures()[level].take(v * tile + u, axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Shaded:
    """A shaded region: ``color`` (h, w, 3) linear light, ``holes`` (h, w) chance that stereo finds nothing there."""

    color: Floats
    holes: Floats


def shade(
    buffer: GBuffer,
    world: Floats,
    eye: Floats,
    rotation: Floats,
    origin: Floats,
    surfaces: tuple[Surface, ...],
    light: Environment,
    pixel_m: float,
) -> Shaded:
    """Shade a G-buffer.

    ``world`` (h, w, 3) are the pixels' world points, ``eye`` (3,) the camera centre, ``rotation`` and ``origin``
    carry the part's own frame into the world, ``pixel_m`` is a pixel's width on the part (m). Diffuse light
    and a mirrored lobe come from the light's tables, weighted by Schlick's approximation of Fresnel's law; corners are
    darkened where the plate or the part is near.
    """
    height, width = buffer.depth.shape
    chosen = np.flatnonzero(buffer.coverage.reshape(-1) > 0)
    normals = buffer.normals.reshape(-1, 3)[chosen]
    points = world.reshape(-1, 3)[chosen]
    zone = buffer.zone.reshape(-1)[chosen] if buffer.zone is not None else None
    crevice = _crevices(buffer).reshape(-1)[chosen]
    level = int(np.clip(np.rint(np.log2(max(pixel_m, 1e-6) / (_TILE_M / _TILE))), 0, _LEVELS - 1))
    color = np.zeros((len(chosen), 3), np.float32)
    holes = np.zeros(len(chosen), np.float32)
    for number, surface in enumerate(surfaces):
        part = slice(None) if zone is None else np.flatnonzero(zone == number)
        if zone is not None and (not isinstance(part, slice)) and not len(part):
            continue
        color[part], holes[part] = _shade_points(
            points[part], normals[part], crevice[part], eye, rotation, origin, surface, light, level
        )
        if zone is None:
            break
    whole = np.zeros((height * width, 3), np.float32)
    whole[chosen] = color
    chance = np.zeros(height * width, np.float32)
    chance[chosen] = holes
    return Shaded(whole.reshape(height, width, 3), chance.reshape(height, width))


def _crevices(buffer: GBuffer) -> Floats:
    """Return how open each pixel is, 0.45…1: what lies behind its surroundings gets less light."""
    size = max(3, min(buffer.depth.shape) // 8) | 1
    covered = np.asarray(cv2.boxFilter(buffer.coverage, -1, (size, size)), np.float32)
    around = np.asarray(cv2.boxFilter(buffer.depth * buffer.coverage, -1, (size, size)), np.float32)
    behind = buffer.depth - around / np.maximum(covered, 1e-3)
    return np.clip(1.0 - np.maximum(behind, 0.0) * 45.0, 0.45, 1.0).astype(np.float32)


def _shade_points(
    points: Floats,
    normals: Floats,
    crevice: Floats,
    eye: Floats,
    rotation: Floats,
    origin: Floats,
    surface: Surface,
    light: Environment,
    level: int,
) -> tuple[Floats, Floats]:
    """Shade points of one surface: linear colour (N, 3) and the chance of a hole in depth (N,)."""
    own = transform(points - origin, rotation.T, np.zeros(3))
    texture = _sample(own, transform(normals, rotation.T, np.zeros(3)), surface.offset, level)
    fine, coarse, marks, scratches = texture[:, :3], texture[:, 3], texture[:, 4], texture[:, 5] * surface.scratch
    bump = np.float32(surface.bump)
    normals = normals + fine * bump
    normals[:, 2] += marks * np.float32(surface.marks * 0.25)
    normals += (scratches * np.float32(0.5))[:, None]
    normals /= np.sqrt(np.einsum("ij,ij->i", normals, normals))[:, None]
    view = eye - points
    view /= np.sqrt(np.einsum("ij,ij->i", view, view))[:, None]
    facing = np.einsum("ij,ij->i", normals, view)
    away = facing < 0.02
    normals[away] -= view[away] * (facing[away] - 0.02)[:, None]
    facing = np.maximum(facing, np.float32(0.02))
    mirrored = normals * (2.0 * facing)[:, None] - view
    diffuse = look_up(light.diffuse, normals)
    gloss = look_up(light.gloss(surface.rough), mirrored)

    tone = 1.0 + surface.tone * 2.0 * (coarse - 0.5) + surface.grain * 0.5 * fine[:, 0] + scratches
    albedo = np.asarray(surface.color, np.float32) * np.maximum(tone, 0.2)[:, None]
    fresnel = (1.0 - facing) ** 5
    head = 0.04 * (1.0 - surface.metal) + albedo * surface.metal
    mirror = head + np.maximum(1.0 - surface.rough - head, 0.0) * fresnel[:, None] * np.float32(1.0 - surface.rough)
    color = albedo * np.float32(1.0 - surface.metal) * diffuse + mirror * gloss
    # Real metal is never only a mirror: grain and oxide scatter a part of the light.
    color += albedo * np.float32(0.22 * surface.metal) * diffuse
    if surface.stain > 0:
        edge = np.float32(1.0 - surface.stain)
        layer = np.clip((coarse + 0.04 * fine[:, 1] - edge) * 6.0 + 0.4, 0.0, surface.cover)
        layer = np.maximum(layer, 0.35 * surface.stain)[:, None]
        dull = np.asarray(surface.stain_color, np.float32) * (1.0 + 0.25 * fine[:, 2:3])
        stained = np.maximum(dull, 0.0) * (
            diffuse * np.float32(1.0 - 0.6 * surface.stain_metal) + gloss * np.float32(0.02 + 0.6 * surface.stain_metal)
        )
        color += (stained - color) * layer
    near_plate = np.clip(points[:, 2] / 0.03, 0.0, 1.0)
    downwards = np.clip(0.6 - normals[:, 2], 0.0, 1.0)
    color *= (crevice * (1.0 - 0.5 * downwards * (1.0 - near_plate)))[:, None]

    shine = np.float32(surface.metal * max(0.0, 0.5 - surface.rough)) * gloss[:, 1]
    grazing = np.clip((0.30 - facing) / 0.30, 0.0, 1.0)
    holes = 0.01 + 0.9 * grazing**2 + np.clip(shine * 0.8, 0.0, 0.5) + 0.55 * (1.0 - surface.infrared) ** 2
    return color.astype(np.float32), np.clip(holes, 0.0, 0.97).astype(np.float32)
