"""Small parts and a small scene for the simulation's tests."""

from __future__ import annotations

import functools
from types import MappingProxyType

import numpy as np
import trimesh

from station.simulation.library import PartClass, PartLibrary, StablePose
from station.simulation.rig import rig_models
from station.simulation.scene import SceneRenderer


def part_of(mesh: trimesh.Trimesh, name: str, material: str, weight_kg: float) -> PartClass:
    vertices = np.asarray(mesh.vertices, np.float32)
    faces = np.asarray(mesh.faces, np.int32)
    pose = StablePose(np.eye(3), 1.0, -float(vertices[:, 2].min()))
    return PartClass(
        class_id=name,
        number=name,
        name=name,
        super_class=("Test",),
        tags=MappingProxyType({"Shapes": ("Box",)}),
        material=material,
        weight_kg=weight_kg,
        family="test",
        neighbours=(),
        vertices=vertices,
        faces=faces,
        zones=np.zeros(len(faces), np.uint8),
        zone_materials=(material,),
        stable_poses=(pose,),
    )


@functools.cache
def library() -> PartLibrary:
    box = trimesh.creation.box((0.12, 0.08, 0.05))
    for _ in range(2):
        box = box.subdivide()
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.03)
    rod = trimesh.creation.cylinder(radius=0.01, height=0.1)
    return PartLibrary(
        (
            part_of(ball, "ball", "chrome", 0.9),
            part_of(box, "box", "painted_blue", 3.6),
            part_of(rod, "rod", "plastic_black", 0.036),
        )
    )


@functools.cache
def renderer() -> SceneRenderer:
    return SceneRenderer(library(), rig_models("640x480", 1), room_seed=1)


@functools.cache
def large_renderer() -> SceneRenderer:
    return SceneRenderer(library(), rig_models("1280x720", 1), room_seed=1)
