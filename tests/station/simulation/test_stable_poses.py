"""Resting poses of bodies whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from station.errors import SimulationError
from station.simulation.stable_poses import StablePose, find_stable_poses, rotation_to_down


def poses_of(mesh: trimesh.Trimesh, **options: float) -> tuple[StablePose, ...]:
    return find_stable_poses(np.asarray(mesh.vertices) - mesh.center_mass, np.asarray(mesh.faces), **options)


def heights(mesh: trimesh.Trimesh) -> list[float]:
    return [float(np.ptp(np.asarray(mesh.vertices) @ pose.rotation[2])) for pose in poses_of(mesh)]


def test_a_cube_lies_in_one_way():
    (pose,) = poses_of(trimesh.creation.box((0.03, 0.03, 0.03)))
    assert pose.probability == pytest.approx(1.0)
    assert pose.z_offset == pytest.approx(0.015)


def test_a_box_lies_in_three_ways_mostly_on_its_largest_face():
    box = trimesh.creation.box((0.06, 0.05, 0.04))
    assert heights(box) == pytest.approx([0.04, 0.05, 0.06], abs=1e-6)
    chances = [pose.probability for pose in poses_of(box)]
    # Solid angle of a rectangle 2a × 2b seen from height d: 4·asin(ab / sqrt((a² + d²)(b² + d²))).
    expected = [
        2 * 4 * np.arcsin(a * b / np.sqrt((a * a + d * d) * (b * b + d * d))) / (4 * np.pi)
        for a, b, d in ((0.03, 0.025, 0.02), (0.03, 0.02, 0.025), (0.025, 0.02, 0.03))
    ]
    assert chances == pytest.approx(expected, abs=0.01)


def test_a_long_rod_never_stands():
    assert heights(trimesh.creation.cylinder(radius=0.004, height=0.08, sections=32)) == pytest.approx(
        [0.008], abs=1e-4
    )


def test_a_thin_disc_never_stands_on_its_rim():
    assert heights(trimesh.creation.annulus(r_min=0.008, r_max=0.015, height=0.002)) == pytest.approx([0.002], abs=1e-5)


def test_a_short_cylinder_stands_or_rolls():
    found = heights(trimesh.creation.cylinder(radius=0.02, height=0.03, sections=48))
    assert sorted(found) == pytest.approx([0.03, 0.04], abs=2e-4)


def test_a_ball_lies_in_one_way():
    assert len(poses_of(trimesh.creation.icosphere(subdivisions=2, radius=0.02))) == 1


def test_an_unsteady_face_hands_its_chance_on():
    # A leaning prism whose small end face does not hold the centre of mass.
    outline = np.array([(0, 0), (0.02, 0), (0.06, 0.06), (0.04, 0.06)])
    corners = np.array([(x, y, z) for y in (-0.01, 0.01) for x, z in outline])
    hull = trimesh.Trimesh(corners).convex_hull
    for pose in poses_of(hull):
        placed = (np.asarray(hull.vertices) - hull.center_mass) @ pose.rotation.T
        low = placed[placed[:, 2] < placed[:, 2].min() + 1e-6]
        assert low[:, 0].min() < 0 < low[:, 0].max()
        assert low[:, 1].min() < 0 < low[:, 1].max()


def test_the_poses_of_a_mirrored_pair_are_not_merged_but_those_of_a_turned_one_are():
    wedge = np.array([(0, 0), (0.06, 0), (0, 0.035)])
    corners = np.array([(x, y, z) for y in (0.0, 0.025) for x, z in wedge])
    hull = trimesh.Trimesh(corners).convex_hull
    flat_sides = [
        pose for pose in poses_of(hull) if np.ptp(np.asarray(hull.vertices) @ pose.rotation[2]) == pytest.approx(0.025)
    ]
    assert len(flat_sides) == 2
    assert flat_sides[0].probability == pytest.approx(flat_sides[1].probability, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_turning_the_mesh_first_changes_nothing(seed: int):
    box = trimesh.creation.box((0.06, 0.045, 0.03))
    before = poses_of(box)
    box.apply_transform(trimesh.transformations.random_rotation_matrix(np.random.default_rng(seed).random(3)))
    after = poses_of(box)
    assert [p.z_offset for p in after] == pytest.approx([p.z_offset for p in before], abs=1e-6)
    assert [p.probability for p in after] == pytest.approx([p.probability for p in before], abs=1e-3)


def test_a_heavy_foot_keeps_a_column_upright():
    column = trimesh.creation.cylinder(radius=0.02, height=0.1, sections=32)
    low = find_stable_poses(column.vertices, column.faces, (0.0, 0.0, -0.045))
    upright = [pose for pose in low if abs(pose.rotation[2, 2]) > 0.99]
    assert upright[0].rotation[2, 2] > 0
    assert upright[0].z_offset == pytest.approx(0.05)


def test_at_most_so_many_poses_are_kept_and_none_below_the_limit():
    box = trimesh.creation.box((0.06, 0.05, 0.04))
    assert len(poses_of(box, most=2)) == 2
    assert len(poses_of(box, least=0.4)) == 1


@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 0, -1), (1, 0, 0), (0.3, -0.5, 0.8)])
def test_a_direction_is_turned_down_by_a_proper_rotation(direction: tuple[float, float, float]):
    rotation = rotation_to_down(direction)
    assert rotation @ (np.array(direction) / np.linalg.norm(direction)) == pytest.approx((0, 0, -1), abs=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_a_flat_mesh_is_refused():
    with pytest.raises(SimulationError, match="no resting pose"):
        find_stable_poses([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)], [(0, 1, 2), (1, 3, 2)])
