"""Read meshes that people have lying about: STL, OBJ, PLY and GLB files become parts in metres."""

# trimesh is annotated in part only
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import trimesh

from station.errors import SimulationError

MESH_SUFFIXES: tuple[str, ...] = (".stl", ".obj", ".ply", ".glb")
_METRES: dict[str, float] = {"mm": 1e-3, "m": 1.0}
_LARGEST_M = 0.6
_SMALLEST_M = 0.001


@dataclass(frozen=True)
class Mesh:
    """A part's surface with its centre of mass at the origin.

    Attributes:
        class_id: safe class name made of the file name.
        vertices: (V, 3) float32 in metres, read-only.
        faces: (F, 3) int32, outward, read-only.
        volume_m3: enclosed volume; of an open mesh, the volume of its convex hull.
    """

    class_id: str
    vertices: npt.NDArray[np.float32]
    faces: npt.NDArray[np.int32]
    volume_m3: float


def safe_class_id(name: str) -> str:
    """Return a name as a class id: small letters, digits, ``_``, ``.`` and ``-`` only, no sign at either end.

    Raises:
        SimulationError: nothing usable is left of the name.
    """
    cleaned = re.sub(r"[^a-z0-9_.-]+", "_", name.lower()).strip("._-")
    if not cleaned:
        raise SimulationError(f"the name {name!r} has no letter or digit for a class id.", todo="Rename the file.")
    return cleaned


def read_mesh_folder(folder: Path, unit: Literal["mm", "m"]) -> tuple[Mesh, ...]:
    """Read every mesh file directly inside a folder, in name order.

    Args:
        folder: holds ``.stl``, ``.obj``, ``.ply`` and ``.glb`` files; other files are left alone.
        unit: the unit the coordinates are written in.

    Raises:
        SimulationError: there is no such folder or no mesh in it, a file cannot be read, is empty or has an impossible
            size, or two files give the same class id.
    """
    if unit not in _METRES:
        raise SimulationError(f"unit {unit!r} is not known; it is mm or m.", where="--unit")
    if not folder.is_dir():
        raise SimulationError("there is no such folder.", where=str(folder), todo="Give a folder of mesh files.")
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in MESH_SUFFIXES and f.is_file())
    if not files:
        kinds = ", ".join(MESH_SUFFIXES)
        raise SimulationError(f"the folder holds no mesh file ({kinds}).", where=str(folder))
    meshes: dict[str, Mesh] = {}
    for file in files:
        mesh = read_mesh(file, unit)
        if mesh.class_id in meshes:
            raise SimulationError(
                f"a second file gives the class id {mesh.class_id!r}.", where=str(file), todo="Rename one of them."
            )
        meshes[mesh.class_id] = mesh
    return tuple(meshes.values())


def read_mesh(file: Path, unit: Literal["mm", "m"]) -> Mesh:
    """Read one mesh file, weld it, orient it outwards and move its centre of mass to the origin.

    Raises:
        SimulationError: the file cannot be read, holds no triangles, or its size cannot be a part on the plate.
    """
    try:
        loaded = trimesh.load(file, force="mesh", process=False)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        reason = str(error) or type(error).__name__
        raise SimulationError(f"the mesh cannot be read: {reason}", where=str(file)) from error
    if not isinstance(loaded, trimesh.Trimesh) or len(loaded.faces) == 0:
        raise SimulationError("the mesh holds no triangles.", where=str(file))
    points = np.asarray(loaded.vertices, dtype=np.float64) * _METRES[unit]
    if not np.isfinite(points).all():
        raise SimulationError("the mesh has coordinates that are not numbers.", where=str(file))
    longest = float(np.ptp(points, axis=0).max())
    if not _SMALLEST_M <= longest <= _LARGEST_M:
        raise SimulationError(
            f"the part is {longest * 1000:.4g} mm long; {_SMALLEST_M * 1000:.0f} to {_LARGEST_M * 1000:.0f} mm fit "
            f"the plate.",
            where=str(file),
            todo=f"Check the unit (read as {unit}).",
        )
    mesh = trimesh.Trimesh(points, np.asarray(loaded.faces), process=False)
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    mesh.update_faces(mesh.nondegenerate_faces(height=1e-9))
    mesh.remove_unreferenced_vertices()
    if len(mesh.faces) == 0:
        raise SimulationError("the mesh holds only triangles without area.", where=str(file))
    trimesh.repair.fix_normals(mesh, multibody=True)
    if mesh.is_watertight and mesh.volume > 0:
        centre, volume = np.asarray(mesh.center_mass), float(mesh.volume)
    else:
        hull = _hull(mesh, file)
        centre, volume = np.asarray(hull.center_mass), float(hull.volume)
    vertices = (np.asarray(mesh.vertices) - centre).astype(np.float32)
    faces = np.asarray(mesh.faces, dtype=np.int32).copy()
    vertices.setflags(write=False)
    faces.setflags(write=False)
    return Mesh(safe_class_id(file.stem), vertices, faces, volume)


def _hull(mesh: trimesh.Trimesh, file: Path) -> trimesh.Trimesh:
    flat = float(np.ptp(np.asarray(mesh.vertices), axis=0).min())
    if flat < 1e-6:
        raise SimulationError("the mesh is flat: it encloses no volume.", where=str(file))
    return mesh.convex_hull
