"""The part's solid from outlines and depth: fine voxels, each with a signed distance, and the upright box round them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.boxes import UprightBox, upright_box
from recognition.roi.depth import Window
from recognition.roi.hull import Lattice, Sight, lattice_over, outline_distance, sample, sight
from recognition.roi.rays import Floats, ViewRays, project

FINE_VOXELS = 48_000
_FINEST_M = 0.0005
_WINDOW_PIXELS = 200
_WINDOW_BORDER = 4
_TRUNCATION_M = np.float32(0.008)
"""A measured surface speaks for voxels in front of it and for those at most so far behind it."""
_FREE = np.float32(1.0)
_ENOUGH_VIEWS = 5
_MAX_DISSENT = 0.35
"""Part of what the other views leave standing that one view may cut away before it is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewOutline:
    """One view's word on the part, in a window of its working grid.

    ``possible`` (h, w) is where the part may be, ``surface`` (h, w) the depth of its surface in metres, 0 where unknown, or
    ``None`` for a view without depth.
    """

    rays: ViewRays
    window: Window
    possible: NDArray[np.bool_]
    surface: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Fine voxels of the part: ``distance`` (n,) metres is positive inside, ``box`` is ``None`` when none is."""

    lattice: Lattice
    distance: Floats
    box: UprightBox | None


def window_over(rays: ViewRays, low: NDArray[np.float64], high: NDArray[np.float64]) -> Window | None:
    """Return the window of a view that shows a box of the world, ``None`` when the view does not see it.

    ``low`` and ``high`` are the box's corners (3,). Large windows get a stride, so that none has over about 200 pixels a side.
    """
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    pixels, depth = project(rays.camera, corners.astype(np.float32))
    if not (depth > 0).all():
        return None
    at = rays.to_working(pixels)
    height, width = rays.shape
    left, top = (max(0, int(v) - _WINDOW_BORDER) for v in np.floor(at.min(axis=0)))
    right, bottom = (int(v) + _WINDOW_BORDER + 1 for v in np.ceil(at.max(axis=0)))
    right, bottom = min(width, right), min(height, bottom)
    if right - left < _WINDOW_BORDER or bottom - top < _WINDOW_BORDER:
        return None
    stride = max(1, -(-max(right - left, bottom - top) // _WINDOW_PIXELS))
    return Window(left, top, right, bottom, stride)


def carve_solid(outlines: Mapping[str, ViewOutline], low: NDArray[np.float64], high: NDArray[np.float64]) -> Solid:
    """Carve a box of the world (corners (3,)) by the outlines and surfaces of all views."""
    lattice = lattice_over(low, high, FINE_VOXELS, _FINEST_M)
    looks = {role: sight(outline.rays, lattice.points, outline.window) for role, outline in outlines.items()}
    edges = {
        role: sample(outline_distance(outline.possible), looks[role].at, cv2.INTER_LINEAR, 1e3)
        / looks[role].pixels_per_m
        for role, outline in outlines.items()
    }
    distance = np.full(len(lattice.points), _FREE, np.float32)
    for role in _agreeing(edges):
        np.minimum(distance, edges[role], out=distance)
    np.minimum(distance, _fused_surface(outlines, looks), out=distance)
    near = distance > -0.5 * float(lattice.spacing.max())
    if not near.any():
        return Solid(lattice, distance, None)
    points, radius = lattice.points[near], distance[near]
    return Solid(lattice, distance, upright_box(points, radius, float((points[:, 2] + radius).max())))


def _agreeing(edges: Mapping[str, Floats]) -> list[str]:
    """Return the views whose outline does not cut away what all others but one leave standing."""
    if len(edges) < _ENOUGH_VIEWS:
        return list(edges)
    outside = {role: edge < 0 for role, edge in edges.items()}
    standing = np.sum(list(outside.values()), axis=0, dtype=np.uint8) <= 1
    if not standing.any():
        return list(edges)
    return [role for role in edges if float(outside[role][standing].mean()) <= _MAX_DISSENT]


def _fused_surface(outlines: Mapping[str, ViewOutline], looks: Mapping[str, Sight]) -> Floats:
    """Return how far each voxel lies behind the measured surface (n,), averaged over the views that see it.

    Views average their noise where they see the same surface, as in a truncated signed distance volume (Curless and
    Levoy 1996). Voxels that no view measures stay free.
    """
    count = len(next(iter(looks.values())).depth) if looks else 0
    total, votes = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for role, outline in outlines.items():
        if outline.surface is None:
            continue
        surface = sample(outline.surface, looks[role].at, cv2.INTER_NEAREST, 0.0)
        behind = looks[role].depth - surface
        speaks = (surface > 0) & (behind < _TRUNCATION_M)
        total += np.where(speaks, np.maximum(behind, -_TRUNCATION_M), np.float32(0))
        votes += speaks
    return np.where(votes > 0, total / np.maximum(votes, 1), _FREE)


def project_solid(solid: Solid, rays: ViewRays, window: Window) -> NDArray[np.bool_]:
    """Return the pixels of a window (h, w) on which the solid's voxels fall."""
    spacing = float(solid.lattice.spacing.max())
    inside = solid.distance >= -0.25 * spacing
    height = -(-(window.bottom - window.top) // window.stride)
    width = -(-(window.right - window.left) // window.stride)
    image = np.zeros((height, width), np.uint8)
    if not inside.any():
        return image > 0
    look = sight(rays, solid.lattice.points[inside], window)
    at = np.rint(look.at).astype(np.int32)
    ok = (at[:, 0] >= 0) & (at[:, 0] < width) & (at[:, 1] >= 0) & (at[:, 1] < height)
    image[at[ok, 1], at[ok, 0]] = 1
    pitch = float(np.median(look.pixels_per_m)) * spacing
    edge = 2 * max(1, int(np.ceil(pitch / 2))) + 1
    return cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((edge, edge), np.uint8)) > 0
