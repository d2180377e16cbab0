"""The few solids most parts are put together from, in millimetres, standing on z = 0 unless moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, pi, sin
from typing import Any

from build123d import (
    Align,
    Axis,
    Box,
    Cone,
    Cylinder,
    GeomType,
    Plane,
    Polyline,
    Pos,
    RegularPolygon,
    Rot,
    extrude,
    fillet,
    make_face,
    revolve,
)

Shape = Any
Point = tuple[float, float]
LOW = (Align.CENTER, Align.CENTER, Align.MIN)
X_AXIS = Rot(0, 90, 0)
Y_AXIS = Rot(-90, 0, 0)


def rod(diameter: float, height: float) -> Shape:
    """Return a cylinder standing on the origin."""
    return Cylinder(diameter / 2, height, align=LOW)


def taper(lower: float, upper: float, height: float) -> Shape:
    """Return a cone frustum by its two diameters."""
    return Cone(lower / 2, upper / 2, height, align=LOW)


def tube(outer: float, inner: float, height: float) -> Shape:
    """Return a hollow cylinder."""
    return rod(outer, height) - rod(inner, height)


def block(x: float, y: float, z: float) -> Shape:
    """Return a box centred in x and y."""
    return Box(x, y, z, align=LOW)


def hexagon(across_flats: float, height: float) -> Shape:
    """Return a hexagonal prism."""
    return extrude(RegularPolygon(across_flats / 2, 6, major_radius=False), height)


def turned(profile: Sequence[Point]) -> Shape:
    """Return the solid a closed (radius, height) profile makes when turned round z; doubled points are dropped."""
    points = [point for k, point in enumerate(profile) if point != profile[k - 1]]
    return revolve(Plane.XZ * make_face(Polyline(*points, close=True)), Axis.Z)


def plate(outline: Sequence[Point], thickness: float) -> Shape:
    """Return an outline in x and y with a thickness."""
    return extrude(make_face(Polyline(*outline, close=True)), thickness)


def profile_bar(outline: Sequence[Point], length: float) -> Shape:
    """Return a bar along y whose (x, z) section is given, centred in y."""
    return extrude(Plane.XZ * make_face(Polyline(*outline, close=True)), length / 2, both=True)


def rounded(body: Shape, radius: float, axis: Axis = Axis.Z) -> Shape:
    """Return the body with its straight edges along an axis rounded."""
    edges = body.edges().filter_by(GeomType.LINE).filter_by(axis)
    return fillet(edges, radius)


def around(shape: Shape, count: int, radius: float, start_deg: float = 0.0) -> list[Shape]:
    """Return copies of a shape set on a circle round z, each turned with its place."""
    return [Rot(0, 0, start_deg + 360 * k / count) * Pos(radius, 0, 0) * shape for k in range(count)]


def drilled(body: Shape, places: Iterable[Point], diameter: float, depth: float = 1000.0) -> Shape:
    """Return the body with holes along z, through everything unless a depth below its top is given."""
    for x, y in places:
        top = 500.0 if depth >= 1000 else body.bounding_box().max.Z
        body = body - Pos(x, y, top - depth) * rod(diameter, depth + 1)
    return body


def circle_points(count: int, diameter: float, start_deg: float = 0.0) -> list[Point]:
    """Return points evenly on a circle."""
    angles = [start_deg * pi / 180 + 2 * pi * k / count for k in range(count)]
    return [(diameter / 2 * cos(a), diameter / 2 * sin(a)) for a in angles]


def corners(x: float, y: float) -> list[Point]:
    """Return the four corners of a centred rectangle."""
    return [(sx * x / 2, sy * y / 2) for sx in (-1, 1) for sy in (-1, 1)]


def joined(shapes: Iterable[Shape]) -> Shape:
    """Return the union of shapes."""
    first, *rest = list(shapes)
    for shape in rest:
        first = first + shape
    return first


def on_x(shape: Shape) -> Shape:
    """Return the shape laid down so that its z runs along x."""
    return X_AXIS * shape


def on_y(shape: Shape) -> Shape:
    """Return the shape laid down so that its z runs along y."""
    return Y_AXIS * shape


def mirrored(shape: Shape) -> Shape:
    """Return the mirror image in the plane x = 0."""
    return shape.mirror(Plane.YZ)
