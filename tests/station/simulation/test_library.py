"""The committed parts library is what the station promises: enough parts, hard neighbours, true weights, real poses."""

from __future__ import annotations

import re
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull, cKDTree

from station.errors import SimulationError
from station.simulation.library import PartClass, PartLibrary
from station.simulation.materials import MATERIAL_DENSITY, density
from station.simulation.stable_poses import find_stable_poses

LIBRARY = PartLibrary.load()
PACK = Path(str(resources.files("station.simulation").joinpath("data/parts.npz")))
HANDED = [
    (LIBRARY.get(part.class_id.replace("_right", "_left")), part)
    for part in LIBRARY.classes
    if part.class_id.endswith("_right")
]


def solid_weight(part: PartClass) -> float:
    weight = 0.0
    for zone, material in enumerate(part.zone_materials):
        corners = part.vertices[part.faces[part.zones == zone]].astype(np.float64)
        spat = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
        weight += float(spat.sum()) / 6 * density(material)
    return weight


def surface(part: PartClass, seed: int) -> np.ndarray:
    mesh = trimesh.Trimesh(part.vertices, part.faces, process=False)
    return np.asarray(trimesh.sample.sample_surface(mesh, 20000, seed=seed)[0])


def test_there_are_enough_classes_in_enough_families():
    assert len(LIBRARY) >= 140
    assert len({part.family for part in LIBRARY.classes}) >= 15


def test_the_pack_stays_small():
    assert PACK.stat().st_size <= 3_000_000


def test_ids_and_numbers_are_unique_and_ids_are_folder_names():
    ids = [part.class_id for part in LIBRARY.classes]
    assert ids == sorted(set(ids))
    assert len({part.number for part in LIBRARY.classes}) == len(LIBRARY)
    assert len({part.name for part in LIBRARY.classes}) == len(LIBRARY)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", class_id) for class_id in ids)


def test_every_class_has_its_texts_and_known_materials():
    headings = {"Shapes", "Colours", "Materials", "Texture", "Conditions", "size", "weight", "density"}
    for part in LIBRARY.classes:
        assert set(part.tags) == headings, part.class_id
        assert all(part.tags[heading] for heading in headings), part.class_id
        assert part.super_class, part.class_id
        assert part.material == part.zone_materials[0], part.class_id
        assert set(part.zone_materials) <= set(MATERIAL_DENSITY), part.class_id
        assert int(part.zones.max()) < len(part.zone_materials), part.class_id


def test_sizes_reach_from_12_to_300_mm_and_from_1_mm_flat_to_250_mm_high():
    longest = [part.size_m[0] for part in LIBRARY.classes]
    heights = [
        float(np.ptp(part.vertices.astype(np.float64) @ pose.rotation[2]))
        for part in LIBRARY.classes
        for pose in part.stable_poses
    ]
    assert min(longest) == pytest.approx(0.012, abs=2e-4)
    assert max(longest) == pytest.approx(0.300, abs=2e-4)
    assert min(heights) == pytest.approx(0.001, abs=2e-5)
    assert max(heights) == pytest.approx(0.250, abs=2e-4)


def test_weights_stay_on_the_scale_and_a_handful_is_heavy():
    weights = [part.weight_kg for part in LIBRARY.classes]
    assert min(weights) > 0.001
    assert max(weights) < 15
    assert 5 <= sum(weight > 3 for weight in weights) <= 15


def test_polished_and_black_parts_are_among_them():
    assert sum("polished" in part.tags["Texture"] for part in LIBRARY.classes) >= 8
    assert sum(part.tags["Colours"] == ("black",) for part in LIBRARY.classes) >= 8


def test_meshes_are_closed_outward_and_centred():
    for part in LIBRARY.classes:
        mesh = trimesh.Trimesh(part.vertices, part.faces, process=False)
        assert mesh.is_watertight, part.class_id
        assert mesh.volume > 0, part.class_id
        assert np.abs(part.vertices).max() < 0.3, part.class_id


def test_the_weight_is_the_volume_times_the_density():
    for part in LIBRARY.classes:
        # Facets cut into round wire, so the mesh of a coil encloses less than the true volume.
        tolerance = 0.08 if part.family == "spring" else 0.03
        assert solid_weight(part) == pytest.approx(part.weight_kg, rel=tolerance), part.class_id


def test_the_origin_is_the_centre_of_mass():
    for part in LIBRARY.classes:
        corners = part.vertices[part.faces].astype(np.float64)
        densities = np.array([density(material) for material in part.zone_materials])[part.zones]
        spat = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) * densities
        centre = (corners.sum(axis=1) / 4 * spat[:, None]).sum(axis=0) / spat.sum()
        assert np.linalg.norm(centre) < 0.01 * part.size_m[0], part.class_id


def test_neighbours_are_mutual():
    for part in LIBRARY.classes:
        for other in part.neighbours:
            assert part.class_id in LIBRARY.get(other).neighbours
            assert other != part.class_id


def test_the_hard_neighbours_are_there():
    for a, b in (
        ("hex_screw_m8x40", "hex_screw_m8x45"),
        ("socket_screw_m6x30", "socket_screw_m6x35"),
        ("bearing_6203_2rs", "bearing_6204_2rs"),
        ("bearing_6206_zz", "bearing_6207_zz"),
        ("bushing_20x30x30_steel", "bushing_20x30x30_brass"),
        ("bushing_20x30x30_steel", "bushing_20x30x30_plastic"),
        ("shelf_angle_60_holes", "shelf_angle_60_plain"),
        ("flange_blind_1_150", "flange_slip_1_150"),
        ("plate_100x60_4", "plate_100x60_5"),
    ):
        assert b in LIBRARY.get(a).neighbours


def test_one_shape_in_three_materials_differs_in_weight_only():
    steel, brass, plastic = (LIBRARY.get(f"bushing_20x30x30_{word}") for word in ("steel", "brass", "plastic"))
    assert brass.size_m == pytest.approx(steel.size_m)
    assert plastic.size_m == pytest.approx(steel.size_m)
    assert plastic.weight_kg < steel.weight_kg < brass.weight_kg


def test_twelve_classes_are_held_out_four_of_them_near_a_known_one():
    held_out = [LIBRARY.get(class_id) for class_id in LIBRARY.held_out]
    near = [part for part in held_out if part.neighbours]
    assert len(held_out) == 12
    assert len({part.family for part in held_out}) >= 6
    assert len(near) == 4
    for part in near:
        assert any(other not in LIBRARY.held_out for other in part.neighbours), part.class_id


@pytest.mark.parametrize(("left", "right"), HANDED, ids=[right.class_id for _, right in HANDED])
def test_left_and_right_are_mirror_images_that_no_turn_brings_together(left: PartClass, right: PartClass):
    assert right.class_id in left.neighbours
    tree = cKDTree(surface(right, 1))
    points = surface(left, 2)[::4]

    def gap(moved: np.ndarray) -> float:
        return float(np.quantile(tree.query(moved)[0], 0.999))

    mirror = gap(points * (-1, 1, 1))
    assert mirror < 0.03 * right.size_m[0]

    # A turn that brings the parts together must bring their axes of inertia together: half turns are all there is,
    # and for the impeller, alike in two directions, any turn round its third axis up to its next blade.
    mesh = trimesh.Trimesh(right.vertices, right.faces, process=False)
    axes = np.linalg.eigh(np.asarray(mesh.moment_inertia))[1]
    axes = axes * np.sign(np.linalg.det(axes))
    in_axes = points @ np.diag((-1.0, 1.0, 1.0)) @ axes
    yaws = np.radians(np.arange(0, 360 / 7, 4)) if left.family == "motor_fan" else (0.0,)
    best = np.inf
    for flip in ((1, 1, -1), (-1, -1, -1), (1, -1, 1), (-1, 1, 1)):
        for yaw in yaws:
            c, s = np.cos(yaw), np.sin(yaw)
            turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
            best = min(best, gap(in_axes * flip @ turn @ axes.T))
    assert best > 2 * mirror


def test_every_pose_rests_on_the_plate_with_its_centre_of_mass_above_its_stand():
    for part in LIBRARY.classes:
        assert 1 <= len(part.stable_poses) <= 6
        assert sum(pose.probability for pose in part.stable_poses) == pytest.approx(1.0, abs=1e-5)
        for pose in part.stable_poses:
            assert np.allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-5)
            assert np.linalg.det(pose.rotation) > 0
            placed = part.vertices.astype(np.float64) @ pose.rotation.T + (0, 0, pose.z_offset)
            assert placed[:, 2].min() == pytest.approx(0.0, abs=1e-7)
            stand = ConvexHull(placed[placed[:, 2] < 4e-3 * part.size_m[0], :2])
            assert (stand.equations[:, 2] < 1e-6).all(), part.class_id


def test_poses_are_sorted_and_improbable_ones_are_left_out():
    for part in LIBRARY.classes:
        chances = [pose.probability for pose in part.stable_poses]
        assert all(a >= b for a, b in pairwise(chances))
        assert min(chances) >= 0.03


@pytest.mark.parametrize("class_id", ["hex_screw_m8x40", "gusset_bracket_left", "washer_m24", "column_stand_250"])
def test_the_packed_poses_are_those_the_code_finds(class_id: str):
    part = LIBRARY.get(class_id)
    found = find_stable_poses(part.vertices, part.faces)
    assert [pose.z_offset for pose in found] == pytest.approx([pose.z_offset for pose in part.stable_poses], abs=1e-4)
    assert [pose.probability for pose in found] == pytest.approx(
        [pose.probability for pose in part.stable_poses], abs=0.01
    )


def test_arrays_are_read_only():
    part = LIBRARY.classes[0]
    for array in (part.vertices, part.faces, part.zones, part.stable_poses[0].rotation):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_an_unknown_class_is_named():
    with pytest.raises(SimulationError, match="nosuchpart"):
        LIBRARY.get("nosuchpart")
    assert "nosuchpart" not in LIBRARY


def test_a_missing_or_damaged_pack_is_one_clear_error(tmp_path: Path):
    with pytest.raises(SimulationError, match="missing"):
        PartLibrary.load(tmp_path / "none.npz")
    whole = PACK.read_bytes()
    for name, content in (("cut", whole[: len(whole) // 2]), ("text", b"no pack"), ("empty", b"")):
        file = tmp_path / f"{name}.npz"
        file.write_bytes(content)
        with pytest.raises(SimulationError, match="cannot be read"):
            PartLibrary.load(file)


def test_an_unknown_material_is_named():
    with pytest.raises(SimulationError, match="unobtainium"):
        density("unobtainium")
