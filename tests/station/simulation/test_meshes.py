"""Folders of meshes as parts: the four formats, the units, and every way a file can be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from station.errors import SimulationError
from station.simulation.library import PartLibrary
from station.simulation.meshes import MESH_SUFFIXES, read_mesh, read_mesh_folder, safe_class_id

REAL_PARTS = Path("../shared/data/parts/freecad_library")
needs_real_parts = pytest.mark.skipif(not REAL_PARTS.is_dir(), reason=f"{REAL_PARTS} is absent")


def box_file(file: Path, edges: tuple[float, float, float] = (60, 40, 20)) -> Path:
    box = trimesh.creation.box(edges)
    box.apply_translation((300, -50, 7))
    box.export(file)
    return file


@pytest.mark.parametrize("suffix", MESH_SUFFIXES)
def test_every_format_gives_the_same_part(tmp_path: Path, suffix: str):
    mesh = read_mesh(box_file(tmp_path / f"Box 60{suffix}"), "mm")
    assert mesh.class_id == "box_60"
    assert sorted(np.ptp(mesh.vertices, axis=0)) == pytest.approx([0.02, 0.04, 0.06], abs=1e-6)
    assert np.abs(mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)).max() < 1e-6
    assert mesh.volume_m3 == pytest.approx(48e-6, rel=1e-4)
    assert len(mesh.vertices) == 8


def test_metres_are_read_as_metres(tmp_path: Path):
    trimesh.creation.box((0.06, 0.04, 0.02)).export(tmp_path / "box.stl")
    mesh = read_mesh(tmp_path / "box.stl", "m")
    assert np.ptp(mesh.vertices, axis=0).max() == pytest.approx(0.06, abs=1e-6)


def test_a_folder_becomes_a_library_in_name_order(tmp_path: Path):
    box_file(tmp_path / "b.stl")
    box_file(tmp_path / "A.PLY", (30, 30, 30))
    (tmp_path / "notes.txt").write_text("not a mesh")
    library = PartLibrary.from_folder(tmp_path, "mm", material="brass")
    assert [part.class_id for part in library.classes] == ["a", "b"]
    part = library.get("b")
    assert part.weight_kg == pytest.approx(48e-6 * 8500, rel=1e-4)
    assert part.zone_materials == ("brass",)
    assert part.size_m == pytest.approx((0.06, 0.04, 0.02), abs=1e-6)
    assert len(part.stable_poses) == 3
    assert library.held_out == ()


def test_an_inside_out_mesh_is_turned_outward(tmp_path: Path):
    box = trimesh.creation.box((60, 40, 20))
    box.invert()
    box.export(tmp_path / "box.stl")
    mesh = read_mesh(tmp_path / "box.stl", "mm")
    assert trimesh.Trimesh(mesh.vertices, mesh.faces).volume > 0


def test_an_open_mesh_is_weighed_by_its_hull(tmp_path: Path):
    box = trimesh.creation.box((60, 40, 20))
    box.update_faces(np.arange(len(box.faces)) > 1)
    box.export(tmp_path / "box.stl")
    assert read_mesh(tmp_path / "box.stl", "mm").volume_m3 == pytest.approx(48e-6, rel=1e-4)


@pytest.mark.parametrize("suffix", MESH_SUFFIXES)
@pytest.mark.parametrize("content", [b"", b"no mesh at all\n", bytes(range(256)) * 3], ids=["empty", "text", "bytes"])
def test_a_damaged_file_is_one_error_that_names_it(tmp_path: Path, suffix: str, content: bytes):
    file = tmp_path / f"broken{suffix}"
    file.write_bytes(content)
    with pytest.raises(SimulationError, match="broken"):
        read_mesh_folder(tmp_path, "mm")


@pytest.mark.parametrize("suffix", MESH_SUFFIXES)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_file_cut_short_is_an_error_that_names_it_or_a_smaller_part(tmp_path: Path, suffix: str, share: float):
    whole = box_file(tmp_path / f"whole{suffix}").read_bytes()
    (tmp_path / f"whole{suffix}").unlink()
    (tmp_path / f"cut{suffix}").write_bytes(whole[: int(len(whole) * share)])
    try:
        (mesh,) = read_mesh_folder(tmp_path, "mm")
    except SimulationError as error:
        assert "cut" in str(error)  # noqa: PT017
    else:
        assert len(mesh.faces) < 12


def test_a_wrong_unit_is_noticed_by_the_size(tmp_path: Path):
    with pytest.raises(SimulationError, match="read as m"):
        read_mesh(box_file(tmp_path / "box.stl"), "m")
    with pytest.raises(SimulationError, match="read as mm"):
        read_mesh(box_file(tmp_path / "box.stl", (0.06, 0.04, 0.02)), "mm")


def test_an_unknown_unit_is_refused(tmp_path: Path):
    with pytest.raises(SimulationError, match="mm or m"):
        read_mesh_folder(tmp_path, "inch")  # pyright: ignore[reportArgumentType]


def test_a_flat_mesh_is_refused_by_name(tmp_path: Path):
    sheet = trimesh.Trimesh([(0, 0, 0), (50, 0, 0), (0, 50, 0), (50, 50, 0)], [(0, 1, 2), (1, 3, 2)])
    sheet.export(tmp_path / "sheet.stl")
    with pytest.raises(SimulationError, match=r"sheet\.stl: the mesh is flat"):
        PartLibrary.from_folder(tmp_path, "mm")


def test_a_folder_that_is_missing_or_holds_no_mesh_is_refused(tmp_path: Path):
    with pytest.raises(SimulationError, match="no such folder"):
        read_mesh_folder(tmp_path / "none", "mm")
    with pytest.raises(SimulationError, match="no mesh file"):
        read_mesh_folder(tmp_path, "mm")


def test_two_files_with_the_same_class_id_are_refused(tmp_path: Path):
    box_file(tmp_path / "Box A.stl")
    box_file(tmp_path / "box_a.ply")
    with pytest.raises(SimulationError, match="box_a"):
        read_mesh_folder(tmp_path, "mm")


@pytest.mark.parametrize(
    ("name", "class_id"),
    [
        ("Bracket 50×70 (left)", "bracket_50_70_left"),
        ("../../etc/passwd", "etc_passwd"),
        ("M8.x-40", "m8.x-40"),
        ("__hidden__", "hidden"),
    ],
)
def test_file_names_become_safe_class_ids(name: str, class_id: str):
    assert safe_class_id(name) == class_id


def test_a_name_without_letters_is_refused():
    with pytest.raises(SimulationError, match="Rename"):
        safe_class_id("***")


@needs_real_parts
def test_real_parts_become_classes(tmp_path: Path):
    chosen = ("DIN463_M24TabWasher.stl", "DIN440_CLASS_V_M16.stl", "SAIT250_L64_H93.stl")
    for name in chosen:
        (tmp_path / name).symlink_to((REAL_PARTS / name).resolve())
    library = PartLibrary.from_folder(tmp_path, "mm")
    assert len(library) == len(chosen)
    for part in library.classes:
        assert 0.005 < part.size_m[0] < 0.2
        assert 0.001 < part.weight_kg < 1
        assert part.stable_poses


@needs_real_parts
@pytest.mark.slow
def test_every_real_part_becomes_a_class():
    library = PartLibrary.from_folder(REAL_PARTS, "mm")
    assert len(library) == sum(file.suffix.lower() == ".stl" for file in REAL_PARTS.iterdir())
