"""A board in somebody's hand is where its pose says, in colour and in depth, and hides what is behind it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from station.boards import Board, CharucoBoard, Chessboard, FrameBoard
from station.errors import SimulationError
from station.frames import ROLES
from station.geometry import Array, Pose
from station.simulation.drawn_board import see_board
from station.simulation.held_board import HeldBoard, between, hand_board, plate_outline
from station.simulation.scene import Placement, SceneRenderer
from station.simulation.sensor import Exposure
from tests.station.simulation.scenes import large_renderer, renderer

CHESS = Chessboard(10, 7, 0.025)
MIDDLE = np.array([0.24, 0.19, 0.18])
STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-3)


def held(board: Chessboard | CharucoBoard, turn: tuple[float, float, float], middle: Array = MIDDLE) -> HeldBoard:
    """Return a board whose print looks up when ``turn``, a rotation vector, is nothing."""
    rotation = np.asarray(cv2.Rodrigues(np.array(turn))[0]) @ np.diag([1.0, -1.0, -1.0])
    return HeldBoard(board, Pose(rotation, middle - rotation @ plate_outline(board).mean(axis=0)))


def before(board: Chessboard | CharucoBoard, camera: Pose, away: float, tilt: float) -> HeldBoard:
    """Return a board a little above the middle of a camera's view, ``away`` metres off, turned by ``tilt`` (rad)."""
    turn = np.asarray(cv2.Rodrigues(np.array([0.9, 0.4, 0.2]) * tilt)[0])
    rotation, middle = camera.rotation.T @ turn, camera.inverse.apply(np.array([[0.0, -0.1 * away, away]]))[0]
    return HeldBoard(board, Pose(rotation, middle - rotation @ plate_outline(board).mean(axis=0)))


def corner_errors(scene: SceneRenderer, role: str, board: HeldBoard) -> Array:
    """Return what OpenCV reads in the picture less what the camera model says, (N, 2) px; (0, 2) when not found."""
    camera = scene.rig.cameras[role]
    picture = scene.view(role, scene.stage([], held=board)).color
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    true = camera.model.project(camera.pose.apply(board.pose.apply(board.board.corners)))
    if isinstance(board.board, CharucoBoard):
        corners, ids, _, _ = cv2.aruco.CharucoDetector(board.board.charuco()).detectBoard(grey)
        if ids is None or len(ids) < 6:
            return np.zeros((0, 2))
        # OpenCV's own window reaches into the markers, which pull at the corner.
        refined = cv2.cornerSubPix(grey, np.asarray(corners, np.float32), (2, 2), (-1, -1), STOP)
        return refined.reshape(-1, 2).astype(np.float64) - true[np.asarray(ids).ravel()]
    ok, found = cv2.findChessboardCorners(grey, board.board.inner)
    if not ok:
        return np.zeros((0, 2))
    refined = cv2.cornerSubPix(grey, found, (4, 4), (-1, -1), STOP).reshape(-1, 2).astype(np.float64)
    if np.linalg.norm(refined[0] - true[0]) > np.linalg.norm(refined[-1] - true[0]):
        refined = refined[::-1]
    return refined - true


@pytest.mark.parametrize(("size", "step"), [("1280x720", 4), ("640x480", 1)])
@pytest.mark.parametrize(
    "board", [Chessboard(8, 5, 0.025), CharucoBoard(8, 5, 0.025, 0.018)], ids=lambda board: board.id
)
def test_corners_read_from_the_picture_are_where_the_geometry_puts_them(size: str, step: int, board: Board) -> None:
    scene = large_renderer() if size == "1280x720" else renderer()
    errors: list[Array] = []
    for role, tilt in list(zip(ROLES, np.linspace(-0.7, 0.7, len(ROLES)), strict=True))[::step]:
        # The three low cameras have the plate before them, from 0.4 m on.
        away = 0.3 if role <= "cam_03" else 0.35 + 0.2 * abs(float(tilt))
        shown = before(hand_board(board), scene.rig.cameras[role].pose, away, float(tilt))
        found = corner_errors(scene, role, shown)
        assert len(found) >= 20, role
        assert np.sqrt(np.mean(np.sum(found**2, axis=1))) < 0.1, role
        errors.append(found)
    assert np.abs(np.concatenate(errors).mean(axis=0)).max() < 0.02


def test_a_board_off_the_middle_of_a_bending_lens_is_bent_too() -> None:
    scene = large_renderer()
    camera = scene.rig.cameras["cam_09"]
    shown = held(Chessboard(6, 5, 0.03), (0.0, 0.0, 0.2), np.array([0.42, 0.02, 0.1]))
    assert camera.model.distorted
    assert np.abs(corner_errors(scene, "cam_09", shown)).max() < 0.1


def test_the_depth_on_the_board_is_that_of_its_plane() -> None:
    scene = renderer()
    shown = held(CHESS, (0.3, 0.2, 0.1))
    camera = scene.rig.cameras["cam_09"]
    depth = scene.view("cam_09", scene.stage([], held=shown), Exposure()).depth_mm / 1000.0
    pixels = camera.model.project(camera.pose.apply(shown.pose.apply(CHESS.corners)))
    true = camera.pose.apply(shown.pose.apply(CHESS.corners))[:, 2]
    columns, rows = np.rint(pixels).astype(int).T
    # Depth is smeared on purpose by a pixel or two, half a millimetre of this slope.
    assert np.abs(depth[rows, columns] - true).max() < 0.003


def test_a_board_over_a_part_hides_it_and_a_part_before_the_board_hides_the_board() -> None:
    scene = renderer()
    box = Placement("box", 0, 0.24, 0.19, 0.3)
    without = scene.view("cam_09", scene.stage([box]))
    under = scene.view("cam_09", scene.stage([box], held=held(CHESS, (0.0, 0.0, 0.0))))
    assert (without.mask > 0).sum() > 1000
    assert (under.mask > 0).sum() == 0
    # A board that stands behind the box as camera 2 sees it, from the low end of y.
    behind = held(CHESS, (1.2, 0.0, 0.0), np.array([0.24, 0.34, 0.14]))
    beside = scene.view("cam_02", scene.stage([box], held=behind))
    alone = scene.view("cam_02", scene.stage([box]))
    assert (beside.mask > 0).sum() == (alone.mask > 0).sum() > 1000
    assert (np.abs(beside.color.astype(int) - alone.color.astype(int)).max(axis=2) > 40).mean() > 0.05


def test_from_behind_the_board_is_a_blank_plate() -> None:
    scene = renderer()
    camera = scene.rig.cameras["cam_09"]
    turned = held(CHESS, (np.pi, 0.0, 0.0))
    view = see_board(turned, camera, scene.room.tables)
    assert view is not None
    inside = view.coverage > 0.999
    assert inside.sum() > 5000
    assert np.ptp(view.light[inside], axis=0).max() < 1e-6
    front = see_board(held(CHESS, (0.0, 0.0, 0.0)), camera, scene.room.tables)
    assert front is not None
    assert np.ptp(front.light[front.coverage > 0.999], axis=0).min() > 0.2


def test_a_board_out_of_the_picture_or_behind_the_camera_changes_nothing() -> None:
    scene = renderer()
    camera = scene.rig.cameras["cam_09"]
    assert see_board(held(CHESS, (0.0, 0.0, 0.0), np.array([0.2, 0.2, 1.5])), camera, scene.room.tables) is None
    assert see_board(held(CHESS, (0.0, 0.0, 0.0), np.array([3.0, 0.2, 0.1])), camera, scene.room.tables) is None


def test_a_board_reaching_past_the_camera_is_drawn_without_ghosts() -> None:
    scene = renderer()
    camera = scene.rig.cameras["cam_01"]
    ahead = camera.pose.rotation[2]
    large = Chessboard(20, 20, 0.1)
    below = held(large, (0.0, 0.0, 0.0), camera.pose.center + ahead * 0.3 - np.array([0.0, 0.0, 0.2]))
    view = see_board(below, camera, scene.room.tables)
    assert view is not None
    world = camera.pose.inverse
    rows, columns = np.nonzero(view.coverage > 0.5)
    flat = (columns + view.region[0] - camera.model.cx) / camera.model.fx
    steep = (rows + view.region[1] - camera.model.cy) / camera.model.fy
    rays = np.stack([flat, steep, np.ones_like(flat)], axis=1) @ world.rotation.T
    # Whoever looks at a level board below looks down.
    assert rays[:, 2].max() < 0.0


def test_on_its_way_a_board_turns_evenly_from_one_pose_to_the_other() -> None:
    start, end = held(CHESS, (0.0, 0.0, 0.0)).pose, held(CHESS, (0.4, 0.0, 0.0), MIDDLE + 0.1).pose
    half = between(start, end, 0.5)
    np.testing.assert_allclose(between(start, end, 0.0).matrix, start.matrix, atol=1e-12)
    np.testing.assert_allclose(between(start, end, 1.0).matrix, end.matrix, atol=1e-12)
    np.testing.assert_allclose(between(start, half, 0.5).matrix, between(start, end, 0.25).matrix, atol=1e-12)


def test_the_frame_board_cannot_be_held() -> None:
    with pytest.raises(SimulationError, match="lies on the plate"):
        hand_board(FrameBoard())
