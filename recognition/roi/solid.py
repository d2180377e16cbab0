"""The part's solid from outlines and depth: fine voxels carved by all views, and the upright box round them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.boxes import UprightBox, upright_box
from recognition.roi.depth import Window
from recognition.roi.hull import Lattice, Sight, lattice_over, outline_distance, sample, sight
from recognition.roi.rays import Floats, ViewRays, project

_FIRST_VOXELS = 12_000
_VOXELS = 36_000
FINEST_M = 0.0005
_STEEPNESS = np.float32(0.7)
"""How far a point rises above a surface for its distance along the typical view's axis."""
_BELOW_M = 0.004
_SURE_SHARE = 0.6
_ISLAND_SHARE = 0.05
_LEAST_NEIGHBOURS = 3
_WINDOW_PIXELS = 200
_WINDOW_BORDER = 4
_TRUNCATION_M = np.float32(0.008)
_SKIN_M = np.float32(0.004)
_INSIDE_M = np.float32(0.002)
"""A measured surface speaks for voxels in front of it, up to the truncation, and for those just behind it: of what lies
deeper it knows nothing. That it is less sure of the inside than of the outside keeps hidden corners empty."""
_FREE = np.float32(1.0)
_ENOUGH_VIEWS = 5
_MAX_DISSENT = 0.35
"""Part of what the other views leave standing that one view may cut away before it is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewOutline:
    """One view's word on the part, in a window of its working grid.

    ``possible`` (h, w) is where the part may be, ``surface`` (h, w) the depth of its surface in metres, 0 where
    unknown, or ``None`` for a view without depth. ``sure`` (h, w) is where something is seen that no shadow explains,
    or ``None`` without a reference.
    """

    rays: ViewRays
    window: Window
    possible: NDArray[np.bool_]
    surface: Floats | None
    sure: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Fine voxels of the part: ``inside`` (n,) tells which of the lattice's are it, ``box`` is its upright box."""

    lattice: Lattice
    inside: NDArray[np.bool_]
    box: UprightBox


def window_over(rays: ViewRays, low: NDArray[np.float64], high: NDArray[np.float64]) -> Window | None:
    """Return the window of a view that shows a box of the world, ``None`` when the view does not see it.

    ``low`` and ``high`` are the box's corners (3,). Large windows get a stride, so that none has many more than 200
    pixels a side.
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


def carve_solid(
    outlines: Mapping[str, ViewOutline],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    pool: Executor,
    lowest_m: float = 0.0,
) -> Solid | None:
    """Carve a box of the world (corners (3,)) by the outlines and surfaces of all views; ``None`` when nothing is left.

    ``pool`` works on the views side by side. Below ``lowest_m`` above the plate only voxels stay that most views are
    sure of: a shadow lies there too.
    """
    if not outlines:
        return None
    edges = dict(zip(outlines, pool.map(_edge, outlines.values()), strict=True))
    first = _carve(outlines, edges, lattice_over(low, high, _FIRST_VOXELS, FINEST_M), pool, lowest_m, clean=False)
    if first is None:
        return None
    points, border = first.lattice.points[first.inside], 1.5 * first.lattice.spacing
    tight_low = np.maximum(points.min(axis=0) - border, low)
    tight_high = np.minimum(points.max(axis=0) + border, high)
    return _carve(outlines, edges, lattice_over(tight_low, tight_high, _VOXELS, FINEST_M), pool, lowest_m, clean=True)


def _carve(
    outlines: Mapping[str, ViewOutline],
    edges: Mapping[str, Floats],
    lattice: Lattice,
    pool: Executor,
    lowest_m: float,
    clean: bool,
) -> Solid | None:
    def look_at(role: str) -> tuple[Sight, Floats]:
        look = sight(outlines[role].rays, lattice.points, outlines[role].window)
        return look, sample(edges[role], look.at, cv2.INTER_LINEAR, 1e3) / look.pixels_per_m

    seen = dict(zip(outlines, pool.map(look_at, outlines), strict=True))
    looks = {role: look for role, (look, _) in seen.items()}
    within = {role: distance for role, (_, distance) in seen.items()}
    outline = np.full(len(lattice.points), _FREE, np.float32)
    for role in _agreeing(within):
        np.minimum(outline, within[role], out=outline)
    behind = _fused_surface(outlines, looks)
    low_z = max(lowest_m, 0.5 * float(lattice.spacing[2]))
    low = np.flatnonzero(lattice.points[:, 2] < lowest_m)
    if low.size:
        behind[low[~_sure(outlines, looks, low)]] = -_FREE
    # What lies on the plate reaches down to it, though noise may put its surface below.
    bottom = (lattice.points[:, 2] <= low_z) & (behind > -_BELOW_M)
    behind[bottom] = np.maximum(behind[bottom], np.float32(1e-4))
    inside = (outline > 0) & (behind > 0)
    if clean:
        inside = _joined(_dense(inside, lattice), lattice)
    if not inside.any():
        return None
    # Sideways the outlines say where the part ends, upwards the measured surface does where there is one.
    spacing = float(lattice.spacing.max())
    side = (outline > -0.5 * spacing) & (behind > 0) & _beside(inside, lattice)
    # For the footprint a column is as wide as its widest voxel.
    reach = np.where(side, outline, -_FREE).reshape(-1, lattice.shape[2]).max(axis=1)
    columns = reach > -0.5 * spacing
    footprint = lattice.points[:: lattice.shape[2], :2][columns]
    top = _top(inside, np.minimum(outline, behind * _STEEPNESS), lattice)
    return Solid(lattice, inside, upright_box(footprint, reach[columns], top))


def _edge(outline: ViewOutline) -> Floats:
    return outline_distance(outline.possible)


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
        speaks = (surface > 0) & (behind < _SKIN_M)
        # Stereo's variance grows with the fourth power of depth.
        weight = np.where(speaks, (np.float32(0.5) / looks[role].depth) ** 4, np.float32(0))
        total += weight * np.clip(behind, -_TRUNCATION_M, _INSIDE_M)
        votes += weight
    return np.where(votes > 0, total / np.maximum(votes, np.float32(1e-6)), _FREE)


def _sure(
    outlines: Mapping[str, ViewOutline], looks: Mapping[str, Sight], chosen: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell of chosen voxels (k,) whether most views see something there that no shadow explains."""
    votes, seen = np.zeros(len(chosen), np.float32), np.zeros(len(chosen), np.float32)
    for role, outline in outlines.items():
        if outline.sure is None:
            continue
        found = sample(outline.sure.astype(np.float32), looks[role].at[chosen], cv2.INTER_NEAREST, -1.0)
        votes += found > 0.5
        seen += found > -0.5
    return votes > _SURE_SHARE * np.maximum(seen, 1)


def _dense(inside: NDArray[np.bool_], lattice: Lattice) -> NDArray[np.bool_]:
    """Drop voxels that few of their layer's neighbours share: places that all views happened not to measure."""
    layers = np.ascontiguousarray(inside.reshape(lattice.shape), dtype=np.uint8)
    around = cv2.boxFilter(layers, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return ((layers > 0) & (around >= _LEAST_NEIGHBOURS)).reshape(-1)


def _columns(inside: NDArray[np.bool_], lattice: Lattice) -> NDArray[np.uint8]:
    return np.asarray(inside.reshape(lattice.shape).any(axis=2), dtype=np.uint8)


def _joined(inside: NDArray[np.bool_], lattice: Lattice) -> NDArray[np.bool_]:
    """Drop voxels whose columns stand in small islands beside the part's footprint."""
    columns = _columns(inside, lattice)
    # Thin rings and wires may show gaps of a voxel or two.
    count, labels = cv2.connectedComponents(cv2.dilate(columns, np.ones((5, 5), np.uint8)), connectivity=8)
    if count <= 2:
        return inside
    areas = np.bincount(labels.ravel(), weights=columns.ravel(), minlength=count)
    large = areas >= _ISLAND_SHARE * areas.max()
    return inside & np.repeat(large[labels].ravel(), lattice.shape[2])


def _top(inside: NDArray[np.bool_], distance: Floats, lattice: Lattice) -> float:
    """Return the part's upper side: where the distance (n,) changes sign over each column, the highest of 3×3 medians.

    The medians keep the noise of single columns from lifting the part.
    """
    columns, rows, layers = lattice.shape
    filled = inside.reshape(columns * rows, layers)
    held = filled.any(axis=1)
    last = layers - 1 - np.argmax(filled[:, ::-1], axis=1)
    each = np.arange(columns * rows)
    field = distance.reshape(columns * rows, layers)
    here = np.maximum(field[each, last], 1e-5)
    over = field[each, np.minimum(last + 1, layers - 1)]
    share = np.where(over < 0, here / (here - np.minimum(over, -1e-5)), 0.5)
    height = lattice.points[:, 2].reshape(columns * rows, layers)[each, last] + share * lattice.spacing[2]
    tops = np.where(held, height, 0.0).astype(np.float32).reshape(columns, rows)
    smooth = cv2.medianBlur(tops, 3) if min(columns, rows) >= 3 else tops
    return float(smooth.max()) or float(tops.max())


def _beside(inside: NDArray[np.bool_], lattice: Lattice) -> NDArray[np.bool_]:
    """Return the voxels (n,) in or next to a column that holds a voxel of the part."""
    near = cv2.dilate(_columns(inside, lattice), np.ones((3, 3), np.uint8)) > 0
    return np.repeat(near.ravel(), lattice.shape[2])


def project_solid(solid: Solid, rays: ViewRays, window: Window) -> NDArray[np.bool_]:
    """Return the pixels of a window (h, w) on which the solid's voxels fall."""
    spacing = float(solid.lattice.spacing.max())
    height = -(-(window.bottom - window.top) // window.stride)
    width = -(-(window.right - window.left) // window.stride)
    image = np.zeros((height, width), np.uint8)
    look = sight(rays, solid.lattice.points[solid.inside], window)
    at = np.rint(look.at).astype(np.int32)
    ok = (at[:, 0] >= 0) & (at[:, 0] < width) & (at[:, 1] >= 0) & (at[:, 1] < height)
    image[at[ok, 1], at[ok, 0]] = 1
    pitch = float(np.median(look.pixels_per_m)) * spacing
    edge = 2 * max(1, int(np.ceil(pitch / 2))) + 1
    return cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((edge, edge), np.uint8)) > 0
