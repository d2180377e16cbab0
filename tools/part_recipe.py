"""What a part maker writes down about a part, and how its solids become a welded mesh with a true weight."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import trimesh

from station.simulation.materials import density

Bodies = Sequence[tuple[str, Any]]
"""(material, build123d shape in millimetres) of every body; bodies of one part do not overlap."""


@dataclass(frozen=True)
class Recipe:
    """One class of parts before it is built.

    Attributes:
        class_id: folder name of the class.
        name: what people call it.
        family: family the class belongs to.
        super_class: coarse to fine.
        build: makes the bodies.
        shapes: tags on the form.
        texture: tags on the surface; the materials decide where empty.
        near: class ids made to be mistaken for this one; one side of a pair is enough.
        angle: largest turn between neighbouring facets of a curved face, radians.
    """

    class_id: str
    name: str
    family: str
    super_class: tuple[str, ...]
    build: Callable[[], Bodies]
    shapes: tuple[str, ...]
    texture: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    angle: float = 0.26


@dataclass(frozen=True)
class BuiltPart:
    """A part with its centre of mass at the origin, in metres and kilograms."""

    recipe: Recipe
    number: str
    vertices: np.ndarray
    faces: np.ndarray
    zones: np.ndarray
    zone_materials: tuple[str, ...]
    weight_kg: float
    tags: dict[str, list[str]] = field(default_factory=dict)


def build_part(recipe: Recipe) -> BuiltPart:
    """Build, weigh and mesh one part."""
    bodies = recipe.build()
    masses, centres, meshes, zones = [], [], [], []
    materials: list[str] = []
    for material, shape in bodies:
        if material not in materials:
            materials.append(material)
        for solid in shape.solids():
            masses.append(solid.volume * 1e-9 * density(material))
            centres.append(np.array(tuple(solid.center())) * 1e-3)
            mesh = _mesh(solid, recipe.angle)
            meshes.append(mesh)
            zones.append(np.full(len(mesh.faces), materials.index(material), dtype=np.uint8))
    weight = float(sum(masses))
    centre = np.average(centres, axis=0, weights=masses)
    starts = np.cumsum([0, *[len(mesh.vertices) for mesh in meshes[:-1]]])
    vertices = np.concatenate([mesh.vertices for mesh in meshes]) - centre
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)])
    part = BuiltPart(recipe, _number(recipe), vertices, faces, np.concatenate(zones), tuple(materials), weight)
    part.tags.update(_tags(part))
    return part


def _mesh(solid: Any, angle: float) -> trimesh.Trimesh:
    """Return the solid as a welded, outward mesh in metres."""
    longest = max(solid.bounding_box().size)
    corners, triangles = solid.tessellate(max(0.05, longest * 1.5e-3), angle)
    points = np.array([tuple(corner) for corner in corners]) * 1e-3
    mesh = trimesh.Trimesh(points, np.array(triangles), process=False)
    mesh.merge_vertices(digits_vertex=7)
    mesh.update_faces(mesh.nondegenerate_faces(height=1e-9))
    mesh.update_faces(mesh.unique_faces())
    mesh.remove_unreferenced_vertices()
    if mesh.volume < 0:
        mesh.invert()
    return mesh


def _number(recipe: Recipe) -> str:
    """Return a part number as industry writes it: a group for the family, the rest drawn from the class id."""
    group = int(hashlib.sha256(recipe.family.encode()).hexdigest(), 16) % 900 + 100
    rest = int(hashlib.sha256(recipe.class_id.encode()).hexdigest(), 16) % 1_000_000
    return f"0 {group} {rest // 1000:03d} {rest % 1000:03d}"


_LOOK = {
    "steel": ("grey", "machined"),
    "steel_black": ("black", "oiled"),
    "stainless": ("silver", "polished"),
    "chrome": ("silver", "polished"),
    "brass": ("yellow", "machined"),
    "bronze": ("brown", "machined"),
    "copper": ("red", "machined"),
    "aluminium": ("silver", "machined"),
    "aluminium_black": ("black", "anodised"),
    "cast_iron": ("grey", "cast"),
    "zinc": ("grey", "galvanised"),
    "rubber": ("black", "matt"),
}


def _tags(part: BuiltPart) -> dict[str, list[str]]:
    size = float(np.ptp(part.vertices, axis=0).max())
    colours, textures = [], []
    for material in part.zone_materials:
        kind, _, colour = material.partition("_")
        look = _LOOK.get(material) or (colour, "painted" if kind == "painted" else "moulded")
        colours.append(look[0])
        textures.append(look[1])
    hull = trimesh.Trimesh(part.vertices, part.faces, process=False).convex_hull
    fill = part.weight_kg / (float(hull.volume) * 1000)
    return {
        "Shapes": list(part.recipe.shapes),
        "Colours": list(dict.fromkeys(colours)),
        "Materials": list(dict.fromkeys(m.split("_")[0] if m != "cast_iron" else m for m in part.zone_materials)),
        "Texture": list(part.recipe.texture) or list(dict.fromkeys(textures)),
        "Conditions": ["new"],
        "size": [_band(size, ((0.025, "tiny"), (0.06, "small"), (0.15, "medium")), "large")],
        "weight": [_band(part.weight_kg, ((0.02, "very light"), (0.2, "light"), (1.0, "medium")), "heavy")],
        "density": [_band(fill, ((1.2, "low"), (4.0, "medium")), "high")],
    }


def _band(value: float, limits: tuple[tuple[float, str], ...], beyond: str) -> str:
    return next((word for limit, word in limits if value < limit), beyond)
