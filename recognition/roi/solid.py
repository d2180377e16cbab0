"""The part's solid from outlines and depth: fine voxels carved by all views, and the upright box round them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.roi.boxes import UprightBox, upright_box
from recognition.roi.depth import middle
from recognition.roi.hull import Lattice, lattice_over, outline_distance, sample
from recognition.roi.rays import Floats, Sight, ViewRays, Window, homogeneous, project

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
_BEYOND_M = np.float32(0.5)
"""No voxel is so far within an outline; one beyond the picture is said to be."""
_LOST_M = 0.003
_ERROR_M = np.float32(0.001)
"""A pixel of a working grid at the plate, by which a view errs."""
_BESIDE_SHARE = 0.3
_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
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
    """Fine voxels of the part: ``inside`` (n,) tells which of the lattice's are it, ``box`` is its upright box.

    ``sights`` are the lattice as the views saw it that carved, by role.
    """

    lattice: Lattice
    inside: NDArray[np.bool_]
    box: UprightBox
    sights: Mapping[str, Sight]


def window_over(rays: ViewRays, low: NDArray[np.float64], high: NDArray[np.float64]) -> Window | None:
    """Return the window of a view that shows a box of the world, ``None`` when the view does not see it.

    ``low`` and ``high`` are the box's corners (3,). Large windows get a stride, so that none has many more than 200
    pixels a side.
    """
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    height, width = rays.shape
    seen = project(rays, homogeneous(corners), Window(0, 0, width, height))
    if not (seen.depth > 0).all():
        return None
    left, top = (max(0, int(np.floor(at.min())) - _WINDOW_BORDER) for at in (seen.x, seen.y))
    right = min(width, int(np.ceil(seen.x.max())) + _WINDOW_BORDER + 1)
    bottom = min(height, int(np.ceil(seen.y.max())) + _WINDOW_BORDER + 1)
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
    points, border = first.lattice.points[:3, first.inside], 1.5 * first.lattice.spacing
    tight_low = np.maximum(points.min(axis=1) - border, low)
    tight_high = np.minimum(points.max(axis=1) + border, high)
    return _carve(outlines, edges, lattice_over(tight_low, tight_high, _VOXELS, FINEST_M), pool, lowest_m, clean=True)


def _carve(
    outlines: Mapping[str, ViewOutline],
    edges: Mapping[str, Floats],
    lattice: Lattice,
    pool: Executor,
    lowest_m: float,
    clean: bool,
) -> Solid | None:
    words = dict(zip(outlines, pool.map(partial(_word, lattice), outlines.values(), edges.values()), strict=True))
    outline, loose = _outline([word.within for word in _agreeing(list(words.values()))])
    height = lattice.points[2]
    behind = _fused_surface(list(words.values()))
    low_z = max(lowest_m, 0.5 * float(lattice.spacing[2]))
    low = np.flatnonzero(height < lowest_m)
    if low.size:
        behind[low[~_sure(outlines, words, low)]] = -_FREE
    # What lies on the plate reaches down to it, though noise may put its surface below.
    bottom = (height <= low_z) & (behind > -_BELOW_M)
    behind[bottom] = np.maximum(behind[bottom], np.float32(1e-4))
    inside = (outline > 0) & (behind > 0)
    for lost in _lost_pieces(inside, (loose > 0) & (behind > 0), lattice):
        if _seen_beside(outlines, words, inside, lost):
            outline[lost] = loose[lost]
            inside[lost] = True
    if clean:
        inside = _joined(_dense(inside, lattice), lattice)
    if not inside.any():
        return None
    # Sideways the outlines say where the part ends, upwards the measured surface does where there is one.
    spacing = float(lattice.spacing.max())
    side = (outline > -0.5 * spacing) & (behind > 0) & _beside(inside, lattice)
    # For the footprint a column is as wide as its widest voxel, but no wider than the columns round it leave room for:
    # where depth cut away what the outlines take for part, a shadow for one, the outlines say too much.
    reach = np.where(side, outline, -_FREE).reshape(-1, lattice.shape[2]).max(axis=1)
    np.minimum(reach, _room(inside, lattice), out=reach)
    columns = reach > -0.5 * spacing
    footprint = lattice.points[:2, :: lattice.shape[2]].T[columns]
    top = _top(inside, np.minimum(outline, behind * _STEEPNESS), lattice)
    sights = {role: word.sight for role, word in words.items()}
    return Solid(lattice, inside, upright_box(footprint, reach[columns], top), sights)


def _edge(outline: ViewOutline) -> Floats:
    return outline_distance(outline.possible)


def _outline(within: list[Floats]) -> tuple[Floats, Floats]:
    """Return how far each voxel (n,) lies within the outlines of all views, and within those of all but one.

    Where few views look none is forgiven; else the second comes with a pixel's error on it.
    """
    least = within[0].copy()
    second = np.full_like(least, _FREE)
    looking = (least < _BEYOND_M).view(np.uint8)
    for distance in within[1:]:
        np.minimum(second, np.maximum(least, distance), out=second)
        np.minimum(least, distance, out=least)
        looking += distance < _BEYOND_M
    return least, np.where(looking >= _ENOUGH_VIEWS, second + _ERROR_M, least)


def _lost_pieces(strict: NDArray[np.bool_], loose: NDArray[np.bool_], lattice: Lattice) -> list[NDArray[np.intp]]:
    """Return the loose voxels (k,) of each piece that is not among the strict ones (n,), as one view alone cut it away.

    Of a wire or a rim that is hardly wider than a pixel, or looks like the plate in one view, nothing is left if every
    view must see it. A piece is such only if it stands out from the rest by more than a view errs; its voxels are those
    of its columns. Where all views together leave nothing, nothing has lost a piece.
    """
    if not strict.any():
        return []
    kept, all_of_it = _columns(strict, lattice), _columns(loose, lattice)
    reach = 2 * int(np.ceil(_LOST_M / lattice.spacing[0])) + 1
    beyond = all_of_it & (cv2.dilate(kept, np.ones((reach, reach), np.uint8)) == 0)
    if not beyond.any():
        return []
    pieces = np.asarray(cv2.connectedComponents(all_of_it & (kept == 0), connectivity=8)[1], dtype=np.int32)
    owner = np.repeat(pieces.ravel(), lattice.shape[2])
    return [np.flatnonzero(loose & (owner == number)) for number in np.unique(pieces[beyond > 0])]


def _seen_beside(
    outlines: Mapping[str, ViewOutline],
    words: Mapping[str, _Word],
    inside: NDArray[np.bool_],
    piece: NDArray[np.intp],
) -> bool:
    """Whether at least half of the views that look at a piece (k,) see it beside the rest of the part (n,).

    What most views only see before or behind the rest need not be there.
    """
    looking, beside = 0, 0
    for role, outline in outlines.items():
        sight, shape = words[role].sight, outline.possible.shape
        at, within = _pixels(sight, piece, shape)
        if 2 * np.count_nonzero(within) < piece.size:
            continue
        looking += 1
        rest, rest_within = _pixels(sight, inside, shape)
        image = np.zeros(shape, np.uint8)
        image.ravel()[rest[rest_within]] = 1
        covered = np.asarray(cv2.dilate(image, np.ones((5, 5), np.uint8))).ravel() > 0
        own = outline.possible.ravel()[at] & ~covered[at] & within
        beside += np.count_nonzero(own) >= _BESIDE_SHARE * piece.size
    return looking > 0 and bool(2 * beside >= looking)


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """What one view says of a lattice's voxels (n,): metres within its outline, and how far behind its surface.

    ``behind`` is clipped and already multiplied by ``weight``, which is 0 where no surface was measured; both are
    ``None`` for a view without depth.
    """

    sight: Sight
    within: Floats
    behind: Floats | None
    weight: Floats | None


def _word(lattice: Lattice, outline: ViewOutline, edge: Floats) -> _Word:
    """Look at all voxels with one view."""
    look = project(outline.rays, lattice.points, outline.window)
    rows = lattice.shape[0]
    x, y = look.x.reshape(rows, -1), look.y.reshape(rows, -1)
    within = sample(edge, x, y, cv2.INTER_LINEAR, 1e3).ravel()
    within *= look.depth
    within *= np.float32(1.0 / look.focal)
    if outline.surface is None:
        return _Word(look, within, None, None)
    surface = sample(outline.surface, x, y, cv2.INTER_NEAREST, 0.0).ravel()
    behind = look.depth - surface
    speaks = surface > 0
    speaks &= behind < _SKIN_M
    # Stereo's variance grows with the fourth power of depth.
    weight = look.inverse * look.inverse
    weight *= weight
    weight *= speaks
    np.clip(behind, -_TRUNCATION_M, _INSIDE_M, out=behind)
    behind *= weight
    return _Word(look, within, behind, weight)


def _agreeing(words: list[_Word]) -> list[_Word]:
    """Return the views whose outline does not cut away what all others but one leave standing."""
    if len(words) < _ENOUGH_VIEWS:
        return words
    outside = [word.within < 0 for word in words]
    standing = np.add.reduce(outside, axis=0, dtype=np.uint8) <= 1
    most = _MAX_DISSENT * np.count_nonzero(standing)
    if most == 0:
        return words
    return [word for word, out in zip(words, outside, strict=True) if np.count_nonzero(out & standing) <= most]


def _fused_surface(words: list[_Word]) -> Floats:
    """Return how far each voxel lies behind the measured surface (n,), averaged over the views that see it.

    Views average their noise where they see the same surface, as in a truncated signed distance volume (Curless and
    Levoy 1996). Voxels that no view measures stay free.
    """
    total, votes = np.zeros((2, words[0].within.size), np.float32)
    for word in words:
        if word.behind is not None and word.weight is not None:
            total += word.behind
            votes += word.weight
    free = votes <= 0
    votes[free] = 1.0
    total /= votes
    total[free] = _FREE
    return total


def _sure(
    outlines: Mapping[str, ViewOutline], words: Mapping[str, _Word], chosen: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell of chosen voxels (k,) whether most views see something there that no shadow explains."""
    votes, seen = np.zeros(len(chosen), np.uint8), np.zeros(len(chosen), np.uint8)
    for role, outline in outlines.items():
        if outline.sure is None:
            continue
        at, within = _pixels(words[role].sight, chosen, outline.sure.shape)
        votes += outline.sure.ravel()[at] & within
        seen += within
    return votes > _SURE_SHARE * np.maximum(seen, 1)


def _pixels(
    sight: Sight, chosen: NDArray[np.intp] | NDArray[np.bool_], shape: tuple[int, ...]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the flat indices (k,) of chosen points' pixels in a window of a shape, and which lie in it; else 0."""
    x, y = np.rint(sight.x[chosen]), np.rint(sight.y[chosen])
    within = (x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0])
    at = y * np.float32(shape[1]) + x
    at *= within
    return at.astype(np.intp), within


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
    height = lattice.points[2].reshape(columns * rows, layers)[each, last] + share * lattice.spacing[2]
    tops = np.where(held, height, 0.0).astype(np.float32).reshape(columns, rows)
    smooth = cv2.medianBlur(tops, 3) if min(columns, rows) >= 3 else tops
    return float(smooth.max()) or float(tops.max())


def _room(inside: NDArray[np.bool_], lattice: Lattice) -> Floats:
    """Return how far (m) each column's middle lies from the edge of the nearest column without the part; else 0."""
    columns = cv2.copyMakeBorder(_columns(inside, lattice), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    steps = np.asarray(cv2.distanceTransform(columns, cv2.DIST_L2, 5), dtype=np.float32)[1:-1, 1:-1]
    return np.maximum(steps - np.float32(0.5), np.float32(0)).ravel() * np.float32(lattice.spacing[0])


def _beside(inside: NDArray[np.bool_], lattice: Lattice) -> NDArray[np.bool_]:
    """Return the voxels (n,) in or next to a column that holds a voxel of the part."""
    near = cv2.dilate(_columns(inside, lattice), np.ones((3, 3), np.uint8)) > 0
    return np.repeat(near.ravel(), lattice.shape[2])


def project_solid(solid: Solid, rays: ViewRays, window: Window) -> NDArray[np.bool_]:
    """Return the pixels of a window (h, w) on which the solid's voxels fall."""
    spacing = float(solid.lattice.spacing.max())
    look = solid.sights.get(rays.camera.role) or project(rays, solid.lattice.points, window)
    at, within = _pixels(look, solid.inside, window.shape)
    image = np.zeros(window.shape, np.uint8)
    image.ravel()[at[within]] = 1
    pitch = look.focal * middle(look.inverse[solid.inside]) * spacing
    edge = 2 * max(1, int(np.ceil(pitch / 2))) + 1
    image = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((edge, edge), np.uint8))
    # The solid reaches half a voxel beyond the middles of its voxels.
    return (cv2.dilate(image, _CROSS) if pitch >= 1.0 else image) > 0
