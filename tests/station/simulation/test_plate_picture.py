"""The plate's printed frame is in the pictures where the cameras' geometry puts it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from station.boards import FrameBoard
from station.frames import ROLES
from station.geometry import Array, CameraCalibration
from station.simulation.background import draw_backdrop
from station.simulation.rig import knocked
from station.simulation.scene import SceneRenderer
from tests.station.simulation.scenes import large_renderer, renderer

BOARD = FrameBoard()
STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-3)


def crossings() -> Array:
    """Return the world points where four squares of the frame meet, (N, 3), metres."""
    return np.array(
        [
            (column * BOARD.square_m, row * BOARD.square_m, 0.0)
            for column in range(1, BOARD.columns)
            for row in range(1, BOARD.rows)
            if min(column, BOARD.columns - column, row, BOARD.rows - row) < BOARD.ring
        ]
    )


def found(picture: np.ndarray, camera: CameraCalibration) -> tuple[Array, Array, Array]:
    """Return the crossings in the picture: world (N, 3), true pixels and pixels found from there (N, 2).

    Where the crossings lie close together, OpenCV wanders off to a marker's edge: those are left out.
    """
    world = crossings()
    true = camera.model.project(camera.pose.apply(world))
    inside = ((true > 12) & (true < np.array([camera.model.width, camera.model.height]) - 12)).all(axis=1)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    start = true[inside].astype(np.float32).reshape(-1, 1, 2)
    refined = cv2.cornerSubPix(grey, start, (2, 2), (-1, -1), STOP).reshape(-1, 2).astype(np.float64)
    near = np.linalg.norm(refined - true[inside], axis=1) < 0.5
    return world[inside][near], true[inside][near], refined[near]


@pytest.mark.parametrize(("size", "roles"), [("1280x720", ROLES[::4]), ("640x480", ROLES)])
def test_the_frame_ties_every_camera_to_where_it_truly_stands(size: str, roles: tuple[str, ...]) -> None:
    scene = large_renderer() if size == "1280x720" else renderer()
    off: list[Array] = []
    for role in roles:
        camera = scene.rig.cameras[role]
        world, true, refined = found(scene.view(role, scene.stage([])).color, camera)
        assert len(world) >= 35, role
        off.append(refined - true)
        turn, shift = cv2.solvePnPRefineLM(
            world,
            refined,
            camera.model.matrix,
            camera.model.dist_coeffs,
            np.asarray(cv2.Rodrigues(camera.pose.rotation)[0]),
            camera.pose.translation.reshape(3, 1).copy(),
        )
        center = -np.asarray(cv2.Rodrigues(turn)[0]).T @ np.asarray(shift).ravel()
        # One camera by itself, from one picture; half a millimetre and more is the steep view's share of 0.1 px.
        assert np.linalg.norm(center - camera.pose.center) < 0.0008, role
    assert np.abs(np.concatenate(off).mean(axis=0)).max() < 0.02
    assert np.sqrt(np.mean(np.concatenate(off) ** 2)) < 0.12


def test_a_knocked_camera_sees_the_frame_from_where_it_stands_now() -> None:
    scene = SceneRenderer(renderer().parts, renderer().rig, room_seed=1)
    before = scene.rig.cameras["cam_06"]
    camera = knocked(scene.rig, "cam_06", np.array([0.002, 0.0, 0.0]), np.array([0.0, 0.3, 0.0]))
    assert np.linalg.norm(camera.pose.center - before.pose.center) == pytest.approx(0.002)
    # Turned about its y axis, down, by the right hand: it looks farther to its right, and the plate moves left.
    turned = knocked(scene.rig, "cam_06", np.zeros(3), np.array([0.0, 0.3, 0.0]))
    middle = np.array([[0.24, 0.19, 0.0]])
    moved = turned.model.project(turned.pose.apply(middle)) - before.model.project(before.pose.apply(middle))
    assert moved[0, 0] == pytest.approx(-np.radians(0.3) * before.model.fx, rel=0.1)
    old = scene.backdrop("cam_06").color
    scene.move_camera(camera)
    color = scene.view("cam_06", scene.stage([])).color
    _, true, refined = found(color, camera)
    assert len(true) >= 35
    assert np.abs((refined - true).mean(axis=0)).max() < 0.05
    assert (np.abs(color.astype(int) - old) > 30).mean() > 0.005
    same = draw_backdrop(scene.room, scene.rig.cameras["cam_07"])
    np.testing.assert_array_equal(same.color, scene.backdrop("cam_07").color)
