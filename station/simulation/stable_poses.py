"""The ways a part comes to rest on a flat plate, each with its probability.

A part at rest lies on a face of its convex hull. The chance to land on a face is the solid angle under which the
centre of mass sees it; a face whose rim does not enclose the foot of the centre of mass, or holds it by a few degrees
only, hands its chance to the face the part topples onto (the quasi-static model of Goldberg, Mirtich et al., "Part
pose statistics", 1999).
"""

# scipy has no annotations
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull, QhullError, cKDTree

from station.errors import SimulationError

Array = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]

_SAME_FACE_DEG = 1.0
_STEADY_DEG = 8.0
_CERTAIN_DEG = 25.0
_SAMPLES = 1500
_SAME_POSE = 0.012
_YAW_BINS = 72


@dataclass(frozen=True)
class StablePose:
    """One way to lie: ``point_on_plate = rotation @ point + (x, y, z_offset)``.

    Attributes:
        rotation: 3×3, part axes → plate axes (z up), read-only.
        probability: chance of this pose among the part's poses; they add up to one.
        z_offset: height of the part's origin above the plate in metres, so that its lowest point touches z = 0.
    """

    rotation: Array
    probability: float
    z_offset: float


@dataclass(frozen=True)
class _Facet:
    """A flat face of the hull: outward normal, distance of its plane from the centre of mass, solid angle."""

    normal: Array
    offset: float
    solid_angle: float
    foot: Array


@dataclass(frozen=True)
class _Rim:
    """Signed distances from the foot of the centre of mass to the rim of a face, and the face beyond each edge."""

    inside: Array
    beyond: tuple[int, ...]


def find_stable_poses(
    vertices: npt.ArrayLike,
    faces: npt.ArrayLike,
    centre_of_mass: npt.ArrayLike = (0.0, 0.0, 0.0),
    *,
    least: float = 0.03,
    most: int = 6,
) -> tuple[StablePose, ...]:
    """Return the stable resting poses of a part, likeliest first.

    Poses that a rotation about the vertical turns into each other on a symmetric part count as one.

    Args:
        vertices: (V, 3) points in metres.
        faces: (F, 3) triangles, used to compare poses by the part's whole surface.
        centre_of_mass: (3,) in the same frame as the vertices.
        least: poses below this probability are left out.
        most: at most this many poses are kept.

    Raises:
        SimulationError: the part has no volume to stand on (fewer than four points, or all in one plane).
    """
    points = np.asarray(vertices, dtype=np.float64) - np.asarray(centre_of_mass, dtype=np.float64)
    try:
        hull = ConvexHull(points)
    except (QhullError, ValueError) as error:
        raise SimulationError("the mesh is flat or has too few points, so it has no resting pose.") from error
    facets, rims = _facets(points, hull)
    origin = np.asarray(centre_of_mass, dtype=np.float64)
    surface = _surface_samples(points, np.asarray(faces, dtype=np.int64))
    kinds = _kinds(facets, surface, float(np.ptp(points, axis=0).max()))
    chances = _settle(facets, rims, kinds)

    by_kind: dict[int, list[int]] = defaultdict(list)
    for index in chances:
        by_kind[kinds[index]].append(index)
    ranked = sorted(
        ((sum(chances[i] for i in members), max(members, key=lambda i: chances[i])) for members in by_kind.values()),
        key=lambda entry: -entry[0],
    )
    kept = [entry for entry in ranked if entry[0] >= least][:most] or ranked[:1]
    total = sum(chance for chance, _ in kept)
    return tuple(_pose(points, origin, facets[index], chance / total) for chance, index in kept)


def rotation_to_down(direction: npt.ArrayLike) -> Array:
    """Return the smallest 3×3 rotation that turns a unit direction straight down (0, 0, −1)."""
    d = np.asarray(direction, dtype=np.float64)
    d = d / np.linalg.norm(d)
    if d[2] > 1 - 1e-9:
        return np.diag([1.0, -1.0, -1.0])
    axis = np.cross(d, (0.0, 0.0, -1.0))
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + k + k @ k / (1.0 - d[2])


def _pose(points: Array, origin: Array, facet: _Facet, probability: float) -> StablePose:
    rotation = rotation_to_down(facet.normal)
    lowest = float(((points + origin) @ rotation[2]).min())
    rotation.setflags(write=False)
    return StablePose(rotation, float(probability), -lowest)


def _facets(points: Array, hull: ConvexHull) -> tuple[list[_Facet], list[_Rim]]:
    """Join the hull's triangles into flat faces and note which face lies beyond each edge of their rims."""
    equations = np.asarray(hull.equations, dtype=np.float64)
    simplices = np.asarray(hull.simplices, dtype=np.int64)
    normals, offsets = equations[:, :3], -equations[:, 3]
    corners = points[simplices]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    size = float(np.ptp(points, axis=0).max())
    owner = np.full(len(simplices), -1, dtype=np.int64)
    count = 0
    cosine = np.cos(np.radians(_SAME_FACE_DEG))
    for seed in np.argsort(-areas):
        if owner[seed] >= 0:
            continue
        same = (owner < 0) & (normals @ normals[seed] > cosine) & (np.abs(offsets - offsets[seed]) < 2e-3 * size)
        same[seed] = True
        owner[same] = count
        count += 1

    solid = _solid_angles(corners)
    facets: list[_Facet] = []
    for index in range(count):
        members = owner == index
        weights = np.maximum(areas[members], 1e-18)
        normal = np.average(normals[members], axis=0, weights=weights)
        normal /= np.linalg.norm(normal)
        offset = float((points[np.unique(simplices[members])] @ normal).max())
        facets.append(_Facet(normal, offset, float(solid[members].sum()), normal * offset))

    inside: list[list[float]] = [[] for _ in facets]
    beyond: list[list[int]] = [[] for _ in facets]
    neighbours = np.asarray(hull.neighbors, dtype=np.int64)
    for simplex, around in enumerate(neighbours):
        here = int(owner[simplex])
        for place, other in enumerate(around):
            there = int(owner[other])
            if there == here:
                continue
            a, b = np.delete(corners[simplex], place, axis=0)
            across = np.cross(b - a, facets[here].normal)
            length = float(np.linalg.norm(across))
            if length < 1e-12:
                continue
            across /= length
            if (corners[simplex][place] - a) @ across > 0:
                across = -across
            inside[here].append(float((a - facets[here].foot) @ across))
            beyond[here].append(there)
    return facets, [_Rim(np.array(i), tuple(b)) for i, b in zip(inside, beyond, strict=True)]


def _solid_angles(corners: Array) -> Array:
    """Return the solid angle of each triangle (N, 3, 3) seen from the origin, as a share of the full sphere.

    Formula: van Oosterom and Strackee, 1983.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    numerator = np.abs(np.einsum("ij,ij->i", a, np.cross(b, c)))
    denominator = (
        la * lb * lc
        + np.einsum("ij,ij->i", a, b) * lc
        + np.einsum("ij,ij->i", b, c) * la
        + np.einsum("ij,ij->i", c, a) * lb
    )
    return 2 * np.arctan2(numerator, denominator) / (4 * np.pi)


def _surface_samples(points: Array, faces: npt.NDArray[np.int64]) -> Array:
    """Return points spread evenly over the surface, the same ones at every call."""
    corners = points[faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    total = float(areas.sum())
    if total <= 0:
        return points
    rng = np.random.default_rng(0)
    # Systematic sampling along the running area keeps the spread even, so that two poses differ by shape only.
    ticks = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * total
    chosen = np.minimum(np.searchsorted(np.cumsum(areas), ticks), len(faces) - 1)
    u = np.sqrt(rng.random(_SAMPLES))[:, None]
    v = rng.random(_SAMPLES)[:, None]
    a, b, c = (corners[chosen, k] for k in range(3))
    return (1 - u) * a + u * (1 - v) * b + u * v * c


def _kinds(facets: list[_Facet], surface: Array, size: float) -> list[int]:
    """Number the faces so that faces on which the part lies in the same way share a number."""
    order = sorted(range(len(facets)), key=lambda i: -facets[i].solid_angle)
    kinds = [-1] * len(facets)
    leaders: list[tuple[int, Array, Spectrum]] = []
    tolerance = _spacing(surface) + _SAME_POSE * size
    for index in order:
        facet = facets[index]
        turned = surface @ rotation_to_down(facet.normal).T
        signature = _signature(turned, size)
        for leader, other, other_signature in leaders:
            if abs(facets[leader].offset - facet.offset) > 0.01 * size:
                continue
            if float(np.mean(np.abs(np.sort(turned[:, 2]) - np.sort(other[:, 2])))) > tolerance:
                continue
            if _same_but_for_yaw(turned, signature, other, other_signature, tolerance):
                kinds[index] = kinds[leader]
                break
        else:
            kinds[index] = index
            # Slivers are only ever passed over, so nothing need be compared with them.
            if facet.solid_angle > 1e-4:
                leaders.append((index, turned, signature))
    return kinds


def _spacing(surface: Array) -> float:
    return float(np.mean(_nearest(surface, surface, 2)[:, 1]))


def _nearest(cloud: Array, points: Array, count: int = 1) -> Array:
    """Return the distances of points (N, 3) to their ``count`` nearest in the cloud, (N, count) or (N,)."""
    return np.asarray(cKDTree(cloud).query(points, k=count)[0], dtype=np.float64)


def _signature(turned: Array, size: float) -> Spectrum:
    """Return the transform over the angle of a (height, radius, angle) histogram, to find the best yaw."""
    radius = np.hypot(turned[:, 0], turned[:, 1])
    angle = np.arctan2(turned[:, 1], turned[:, 0])
    histogram, _ = np.histogramdd(
        np.stack([turned[:, 2] / size, radius / size, angle], axis=1),
        bins=(8, 6, _YAW_BINS),
        range=((-1.0, 1.0), (0.0, 1.0), (-np.pi, np.pi)),
    )
    return np.fft.rfft(histogram, axis=2)


def _same_but_for_yaw(
    turned: Array,
    signature: Spectrum,
    other: Array,
    other_signature: Spectrum,
    tolerance: float,
) -> bool:
    correlation = np.fft.irfft((signature * np.conj(other_signature)).sum(axis=(0, 1)), n=_YAW_BINS)
    for shift in np.argsort(-correlation)[:4]:
        for fine in (-0.25, 0.25):
            yaw = (float(shift) + fine) * 2 * np.pi / _YAW_BINS
            c, s = np.cos(yaw), np.sin(yaw)
            moved = other @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
            distances = _nearest(turned, moved)
            if float(np.mean(distances)) < tolerance and float(np.quantile(distances, 0.99)) < 3 * tolerance:
                return True
    return False


def _settle(facets: list[_Facet], rims: list[_Rim], kinds: list[int]) -> dict[int, float]:
    """Let every face hand its chance on until it reaches a steady one; return steady face → chance, summing to one."""
    holds = [_hold_deg(facets[i], rims[i], kinds, i) for i in range(len(facets))]
    steady = [hold >= _STEADY_DEG for hold in holds]
    if not any(steady):
        steadiest = max(range(len(facets)), key=lambda i: (holds[i] > 0, facets[i].solid_angle))
        return {steadiest: 1.0}
    chances: dict[int, float] = defaultdict(float)
    for start, facet in enumerate(facets):
        here, seen = start, {start}
        while not steady[here]:
            ways = [face for face in rims[here].beyond if face not in seen]
            if not ways:
                break
            here = min(ways, key=lambda face: facets[face].offset)
            seen.add(here)
        if steady[here]:
            # A narrow stand survives fewer landings than a broad one.
            chances[here] += facet.solid_angle * min(1.0, holds[here] / _CERTAIN_DEG)
    total = sum(chances.values())
    return {index: chance / total for index, chance in chances.items()}


def _hold_deg(facet: _Facet, rim: _Rim, kinds: list[int], own: int) -> float:
    """Return how far the part can be tilted before it leaves this kind of pose, negative when it will not stand.

    Rolling onto a face of the same kind, as a cylinder does, does not leave the pose.
    """
    if len(rim.inside) == 0 or rim.inside.min() < -1e-9:
        return -1.0
    leaving = [distance for distance, face in zip(rim.inside, rim.beyond, strict=True) if kinds[face] != kinds[own]]
    if not leaving:
        return 90.0
    return float(np.degrees(np.arctan2(min(leaving), facet.offset)))
