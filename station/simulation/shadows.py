"""Soft shadows on the plate: the parts' silhouettes thrown along the lamps' directions and blurred."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from station.simulation.lighting import Lighting
from station.simulation.renderer import FAR_M, Floats

CELL_M = 0.002
ORIGIN_M = (-0.16, -0.16)
CELLS = (400, 352)
"""The shadow map: cells of 2 mm, its corner in the world and its columns and rows."""


@dataclass(frozen=True, slots=True, eq=False)
class ShadowMap:
    """How much light reaches the plate: ``light`` (rows, columns) float32 in 0…1 and the world box that is darkened.

    ``box`` is (x0, y0, x1, y1) in metres, or ``None`` when nothing throws a shadow.
    """

    light: Floats
    box: tuple[float, float, float, float] | None

    def at(self, plane: Floats) -> Floats:
        """Return the light that reaches plate points (h, w, 2), metres; 1 outside the map."""
        x = (plane[..., 0] - np.float32(ORIGIN_M[0])) / np.float32(CELL_M) - np.float32(0.5)
        y = (plane[..., 1] - np.float32(ORIGIN_M[1])) / np.float32(CELL_M) - np.float32(0.5)
        found = cv2.remap(self.light, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
        return np.asarray(found, np.float32)


def _silhouette(points: Floats) -> Floats:
    """Fill the triangles of plate points (3F, 2): (rows, columns) float32, 1 inside."""
    columns, rows = CELLS
    depth = np.full((rows, columns), FAR_M, np.float32)
    view = np.empty((len(points), 3), np.float32)
    focal = rows / 2.0
    view[:, 0] = ((points[:, 0] - ORIGIN_M[0]) / CELL_M - columns / 2.0) / focal
    view[:, 1] = -((points[:, 1] - ORIGIN_M[1]) / CELL_M - rows / 2.0) / focal
    view[:, 2] = -1.0
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    index = np.arange(len(points), dtype=np.int32).reshape(-1, 1, 3)
    cv2.triangleRasterizeDepth(
        view.reshape(-1, 1, 3), index, depth, np.eye(4, dtype=np.float32), math.pi / 2.0, 0.1, FAR_M, settings
    )
    return (depth < FAR_M).astype(np.float32)


def _blurred(image: Floats, sigma_m: float) -> Floats:
    """Blur by a Gaussian of ``sigma_m`` metres."""
    sigma = max(sigma_m / CELL_M, 0.4)
    if sigma > 4.0:  # wide blurs at a quarter of the resolution
        small = cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), sigma / 4.0)
        return np.asarray(cv2.resize(small, (image.shape[1], image.shape[0])), np.float32)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def shadow_map(bodies: Sequence[Floats], light: Lighting, hanging: Sequence[Floats] = ()) -> ShadowMap:
    """Return the shadow of bodies on the plate, and of others ``hanging`` over it, by world corners (3F, 3) each.

    Every lamp throws a silhouette whose edge is as soft as the lamp is wide and the body high; below and beside the
    body the sky is hidden too.
    """
    columns, rows = CELLS
    reach = np.ones((rows, columns), np.float32)
    if not bodies and not hanging:
        return ShadowMap(reach, None)
    corners = np.concatenate([*bodies, *hanging])
    height = np.maximum(corners[:, 2], 0.0)
    top = float(height.max())
    power = [sum(lamp.radiance) * lamp.width**2 * lamp.direction[2] for lamp in light.lamps]
    ambient = 3.0 * light.sky * 0.45
    total = sum(power) + ambient
    dark = np.zeros((rows, columns), np.float32)
    for lamp, strength in zip(light.lamps, power, strict=True):
        shift = np.asarray(lamp.direction[:2], np.float32) / np.float32(lamp.direction[2])
        thrown = corners[:, :2] - height[:, None] * shift
        softness = math.tan(lamp.width) * top * 0.3 + 0.001
        dark += np.float32(strength / total) * _blurred(_silhouette(thrown), softness)
    below = _silhouette(corners[:, :2])
    hidden = 0.5 * _blurred(below, 0.25 * top + 0.002) + 0.5 * _blurred(below, 0.8 * top + 0.004)
    dark += np.float32(ambient / total) * hidden
    reach = 1.0 - np.float32(light.shadow) * dark
    if bodies:
        standing = _silhouette(np.concatenate(list(bodies))[:, :2]) if hanging else below
        reach -= _blurred(standing, 0.004) * np.float32(0.45)
    reach = np.clip(reach, 0.05, 1.0)
    columns_dark, rows_dark = np.flatnonzero((reach < 0.985).any(axis=0)), np.flatnonzero((reach < 0.985).any(axis=1))
    if not len(columns_dark):
        return ShadowMap(reach, None)
    box = (
        ORIGIN_M[0] + float(columns_dark[0]) * CELL_M,
        ORIGIN_M[1] + float(rows_dark[0]) * CELL_M,
        ORIGIN_M[0] + float(columns_dark[-1] + 1) * CELL_M,
        ORIGIN_M[1] + float(rows_dark[-1] + 1) * CELL_M,
    )
    return ShadowMap(reach.astype(np.float32), box)
