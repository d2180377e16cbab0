"""What the simulated cameras see agrees with the geometry it was drawn from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from station.frames import ROLES
from station.geometry import Array
from station.simulation.reference import reference_picture
from station.simulation.renderer import rays
from station.simulation.scene import EDGE_M, Placement, draw_placement, place_body, true_size_m
from tests.station.simulation.scenes import large_renderer, library, renderer

BOX = Placement("box", 0, 0.25, 0.18, 0.5)


def _box_corners(placement: Placement) -> Array:
    half = np.array([0.06, 0.04, 0.025])
    local = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) * half * placement.scale
    c, s = np.cos(placement.yaw), np.sin(placement.yaw)
    turned = local @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    return turned + np.array([placement.x, placement.y, 0.025 * placement.scale])


@pytest.mark.parametrize("role", ROLES)
def test_the_depth_of_a_box_and_of_the_plate_is_true(role: str) -> None:
    scene = renderer()
    camera = scene.rig.cameras[role]
    view = scene.view(role, scene.stage([BOX]))
    truth = scene.backdrop(role).depth
    body = place_body(library().get("box"), BOX)
    assert body.corners[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    x, y = rays(camera.model, (0, 0, 640, 480))
    for depth, chosen, height in ((view.depth_mm / 1000.0, view.mask > 0, 0.05), (truth, truth > 0, 0.0)):
        points = np.stack([x * depth, y * depth, depth], axis=-1).reshape(-1, 3).astype(np.float64)
        world = (points - camera.pose.translation) @ camera.pose.rotation
        world = world.reshape(480, 640, 3)
        inside = chosen & (np.abs(world[..., 0] - 0.25) < 0.2) & (np.abs(world[..., 1] - 0.18) < 0.15)
        # The top of the box away from its edges, where depth is smeared on purpose.
        local = (world[..., :2] - [0.25, 0.18]) @ [[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]]
        if height > 0:
            inside &= (np.abs(local[..., 0]) < 0.045) & (np.abs(local[..., 1]) < 0.025) & (world[..., 2] > 0.03)
        else:
            inside &= np.abs(world[..., 2]) < 0.003
        assert inside.sum() > 100
        # The smear moves a pixel's depth by up to some pixels, at most a few millimetres on a slanted plane.
        tolerance = 0.0001 if height == 0 else 0.006
        assert np.abs(world[inside][:, 2] - height).max() < tolerance
        assert abs(np.median(world[inside][:, 2]) - height) < 0.0005


@pytest.mark.parametrize("role", ROLES)
def test_the_mask_is_the_box_as_the_camera_model_projects_it(role: str) -> None:
    scene = renderer()
    camera = scene.rig.cameras[role]
    assert camera.model.distorted
    mask = scene.view(role, scene.stage([BOX])).mask
    pixels = camera.model.project(camera.pose.apply(_box_corners(BOX)))
    canvas = np.zeros((480, 640), np.uint8)
    hull = cv2.convexHull(pixels.astype(np.float32)).reshape(-1, 2)
    cv2.fillConvexPoly(canvas, np.rint(hull * 16).astype(np.int32), 255, shift=4)
    both, either = ((mask > 0) & (canvas > 0)).sum(), ((mask > 0) | (canvas > 0)).sum()
    assert set(np.unique(mask)) == {0, 255}
    assert both / either > 0.96
    inside = (pixels[:, 0] > 0) & (pixels[:, 0] < 639) & (pixels[:, 1] > 0) & (pixels[:, 1] < 479)
    if inside.all():
        rows, columns = np.nonzero(mask)
        for found, expected in ((columns, pixels[:, 0]), (rows, pixels[:, 1])):
            assert abs(found.min() - expected.min()) <= 1.05
            assert abs(found.max() - expected.max()) <= 1.05


@pytest.mark.parametrize("role", ROLES)
def test_the_printed_frame_is_found_where_it_is(role: str) -> None:
    scene = large_renderer()
    camera = scene.rig.cameras[role]
    frame = scene.render(role, [], np.random.default_rng(0))
    detector = cv2.aruco.CharucoDetector(scene.board.charuco())
    corners, ids, _, _ = detector.detectBoard(cv2.cvtColor(frame.color, cv2.COLOR_RGB2GRAY))
    assert ids is not None
    assert len(ids) >= 10
    places = np.asarray(scene.board.charuco().getChessboardCorners())[ids.reshape(-1)]
    expected = camera.model.project(camera.pose.apply(scene.board.to_world(places)))
    errors = np.linalg.norm(corners.reshape(-1, 2) - expected, axis=1)
    assert np.sqrt(np.mean(errors**2)) < 1.0
    assert np.median(errors) < 0.35


def test_a_part_in_front_hides_the_one_behind() -> None:
    scene = renderer()
    alone = scene.view("cam_02", scene.stage([Placement("ball", 0, 0.25, 0.30, 0.0)])).mask
    front = scene.view("cam_02", scene.stage([BOX])).mask
    both = scene.view("cam_02", scene.stage([Placement("ball", 0, 0.25, 0.30, 0.0), BOX]))
    swapped = scene.view("cam_02", scene.stage([BOX, Placement("ball", 0, 0.25, 0.30, 0.0)]))
    assert ((alone > 0) & (front > 0)).sum() > 50
    np.testing.assert_array_equal(both.mask > 0, (alone > 0) | (front > 0))
    np.testing.assert_array_equal(both.mask, swapped.mask)
    hidden = (alone > 0) & (front > 0)
    assert np.median(both.depth_mm[hidden]) == pytest.approx(np.median(swapped.depth_mm[hidden]), abs=1.0)


def test_shadows_darken_the_plate_beside_the_part() -> None:
    scene = renderer()
    empty = scene.view("cam_09", scene.stage([])).color.astype(int)
    view = scene.view("cam_09", scene.stage([BOX]))
    ring = cv2.dilate(view.mask, np.ones((9, 9), np.uint8)) - cv2.dilate(view.mask, np.ones((3, 3), np.uint8))
    assert (view.color.astype(int) - empty)[ring > 0].mean() < -8.0
    far = cv2.dilate(view.mask, np.ones((301, 301), np.uint8)) == 0
    np.testing.assert_array_equal(view.color[far], empty[far])


def test_placements_stay_inside_the_printed_frame() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        for part in library().classes:
            placement = draw_placement(part, rng)
            corners = place_body(part, placement).corners
            assert corners[:, :2].min() > EDGE_M - 1e-6
            assert corners[:, 0].max() < 0.480 - EDGE_M + 1e-6
            assert corners[:, 1].max() < 0.384 - EDGE_M + 1e-6
            assert 0.995 <= placement.scale <= 1.005


def test_the_true_size_is_the_upright_box_of_the_lying_part() -> None:
    size = true_size_m(library().get("box"), Placement("box", 0, 0.2, 0.2, 1.1, scale=1.004))
    np.testing.assert_allclose(size, np.array([0.12, 0.08, 0.05]) * 1.004, rtol=1e-4)
    assert true_size_m(library().get("rod"), Placement("rod", 0, 0.2, 0.2, 0.0))[0] == pytest.approx(0.1)


def test_the_same_placement_gives_the_same_picture() -> None:
    first, second = (renderer().render("cam_04", [BOX], np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first.color, second.color)
    np.testing.assert_array_equal(first.depth, second.depth)
    other = renderer().render("cam_04", [BOX], np.random.default_rng(10))
    assert (first.color != other.color).mean() > 0.3


def test_a_reference_picture_shows_the_part_on_a_light_ground() -> None:
    picture = reference_picture(library().get("box"), 96)
    assert picture.shape == (96, 96, 3)
    assert picture[:6].mean() > 180
    red, _, blue = (float(v) for v in picture[40:56, 40:56].reshape(-1, 3).mean(axis=0))
    assert blue > red + 30
