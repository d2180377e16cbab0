"""The parts the simulated rig can be given: committed library or a folder of meshes."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from station.errors import SimulationError
from station.simulation.materials import density
from station.simulation.meshes import Mesh, read_mesh_folder
from station.simulation.stable_poses import StablePose, find_stable_poses

__all__ = ["PartClass", "PartLibrary", "StablePose"]

SCHEMA = 1


@dataclass(frozen=True, eq=False)
class PartClass:
    """One class of parts: what it is called, what it weighs, how it looks and how it lies.

    Attributes:
        class_id: folder name and label, made of ``[a-z0-9_.-]``.
        number: the part number, unique in the library.
        name: what people call it.
        super_class: coarse to fine, e.g. ``("Fastener", "Screw", "HexScrew")``.
        tags: tag lists by heading: Shapes, Colours, Materials, Texture, Conditions, size, weight, density.
        material: main material, a key of ``MATERIAL_DENSITY``.
        weight_kg: weight of the nominal part.
        family: the family the part belongs to.
        neighbours: class ids of parts made to be mistaken for this one; the relation is mutual.
        vertices: (V, 3) float32, metres, centre of mass at the origin, read-only.
        faces: (F, 3) int32, outward, read-only.
        zones: (F,) uint8 index into ``zone_materials``, read-only.
        zone_materials: material of each zone; the first is ``material``.
        stable_poses: likeliest first.
    """

    class_id: str
    number: str
    name: str
    super_class: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]
    material: str
    weight_kg: float
    family: str
    neighbours: tuple[str, ...]
    vertices: npt.NDArray[np.float32] = field(repr=False)
    faces: npt.NDArray[np.int32] = field(repr=False)
    zones: npt.NDArray[np.uint8] = field(repr=False)
    zone_materials: tuple[str, ...] = field(repr=False)
    stable_poses: tuple[StablePose, ...] = field(repr=False)

    @cached_property
    def size_m(self) -> tuple[float, float, float]:
        """Edges of the box along the part's own axes in metres, longest first."""
        a, b, c = sorted((float(edge) for edge in np.ptp(self.vertices, axis=0)), reverse=True)
        return a, b, c


@dataclass(frozen=True, eq=False)
class PartLibrary:
    """An ordered set of part classes.

    Attributes:
        classes: sorted by class id.
        held_out: class ids kept back from the demo model, so that it can be asked about parts it does not know.
    """

    classes: tuple[PartClass, ...]
    held_out: tuple[str, ...] = ()

    @cached_property
    def _by_id(self) -> dict[str, PartClass]:
        return {part.class_id: part for part in self.classes}

    def __len__(self) -> int:
        return len(self.classes)

    def __contains__(self, class_id: object) -> bool:
        return class_id in self._by_id

    def get(self, class_id: str) -> PartClass:
        """Return the class with this id.

        Raises:
            SimulationError: the library has no such class.
        """
        try:
            return self._by_id[class_id]
        except KeyError:
            raise SimulationError(f"the parts library has no class {class_id!r} among its {len(self)}.") from None

    @classmethod
    def load(cls, file: Path | None = None) -> PartLibrary:
        """Load a packed library, without a file the one that comes with the station.

        Raises:
            SimulationError: the file is missing, damaged or of another schema.
        """
        path = file or Path(str(resources.files("station.simulation").joinpath("data/parts.npz")))
        try:
            # numpy leaves a damaged file open, so it is handed the bytes.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as pack:
                arrays = {name: np.asarray(pack[name]) for name in pack.files}
            return _unpack(arrays)
        except FileNotFoundError:
            raise SimulationError("the packed parts library is missing.", where=str(path)) from None
        except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, BadZipFile, zlib.error) as error:
            raise SimulationError(f"the packed parts library cannot be read: {error}", where=str(path)) from error

    @classmethod
    def from_folder(cls, folder: Path, unit: Literal["mm", "m"], *, material: str = "steel") -> PartLibrary:
        """Make a library of a folder of meshes (STL, OBJ, PLY, GLB); every file is a class of one material.

        The weight is volume × density; of a mesh that is not closed, the volume of its convex hull.

        Raises:
            SimulationError: a file cannot be used as a part, or the folder holds none.
        """
        weight_density = density(material)
        return cls(tuple(_from_mesh(mesh, material, weight_density) for mesh in read_mesh_folder(folder, unit)))


def _from_mesh(mesh: Mesh, material: str, weight_density: float) -> PartClass:
    zones = np.zeros(len(mesh.faces), dtype=np.uint8)
    zones.setflags(write=False)
    try:
        poses = find_stable_poses(mesh.vertices, mesh.faces)
    except SimulationError as error:
        raise SimulationError(error.what, where=mesh.class_id) from error
    return PartClass(
        class_id=mesh.class_id,
        number=mesh.class_id,
        name=mesh.class_id.replace("_", " "),
        super_class=("Imported",),
        tags=MappingProxyType({"Materials": (material,)}),
        material=material,
        weight_kg=mesh.volume_m3 * weight_density,
        family="imported",
        neighbours=(),
        vertices=mesh.vertices,
        faces=mesh.faces,
        zones=zones,
        zone_materials=(material,),
        stable_poses=poses,
    )


def _unpack(arrays: dict[str, npt.NDArray[Any]]) -> PartLibrary:
    """Turn the arrays of a pack into a library; the layout is described in ``tools/part_pack.py``."""
    metadata = json.loads(arrays["metadata"].tobytes().decode("utf-8"))
    if metadata["schema"] != SCHEMA:
        raise ValueError(f"schema {metadata['schema']} found, {SCHEMA} expected.")
    corner_ends = np.cumsum([entry["vertices"] for entry in metadata["classes"]])
    face_ends = np.cumsum([entry["faces"] for entry in metadata["classes"]])
    pose_ends = np.cumsum([entry["poses"] for entry in metadata["classes"]])
    if corner_ends[-1] != len(arrays["vertices"]) or face_ends[-1] != len(arrays["faces"]):
        raise ValueError("the index does not fit the arrays.")
    classes: list[PartClass] = []
    for i, entry in enumerate(metadata["classes"]):
        corners = slice(int(corner_ends[i]) - entry["vertices"], int(corner_ends[i]))
        triangles = slice(int(face_ends[i]) - entry["faces"], int(face_ends[i]))
        turns = slice(int(pose_ends[i]) - entry["poses"], int(pose_ends[i]))
        steps = arrays["vertices"][corners].astype(np.float64)
        vertices = (steps * arrays["step"][i] + arrays["origin"][i]).astype(np.float32)
        faces = arrays["faces"][triangles].astype(np.int32)
        zones = arrays["zones"][triangles].astype(np.uint8)
        for array in (vertices, faces, zones):
            array.setflags(write=False)
        classes.append(
            PartClass(
                class_id=entry["class"],
                number=entry["number"],
                name=entry["name"],
                super_class=tuple(entry["super_class"]),
                tags=MappingProxyType({heading: tuple(tags) for heading, tags in entry["tags"].items()}),
                material=entry["zone_materials"][0],
                weight_kg=float(entry["weight_kg"]),
                family=entry["family"],
                neighbours=tuple(entry["neighbours"]),
                vertices=vertices,
                faces=faces,
                zones=zones,
                zone_materials=tuple(entry["zone_materials"]),
                stable_poses=_poses(arrays["pose_rotation"][turns], arrays["pose_chance"][turns], vertices),
            )
        )
    return PartLibrary(tuple(classes), tuple(metadata["held_out"]))


def _poses(
    rotations: npt.NDArray[Any], chances: npt.NDArray[Any], vertices: npt.NDArray[np.float32]
) -> tuple[StablePose, ...]:
    poses: list[StablePose] = []
    for rotation, chance in zip(rotations.astype(np.float64), chances, strict=True):
        rotation.setflags(write=False)
        lowest = float((vertices.astype(np.float64) @ rotation[2]).min())
        poses.append(StablePose(rotation, float(chance), -lowest))
    return tuple(poses)
