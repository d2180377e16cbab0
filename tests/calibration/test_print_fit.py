"""A corner beside a marker is found by the print around it, markers and all, and refused where something covers it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from calibration.detection import detect
from calibration.frame_detection import detect_frame
from calibration.print_fit import fit_print
from station.boards import CharucoBoard, FrameBoard
from station.geometry import Array, CameraModel, Pose
from tests.calibration.rendered import looking_at, picture_of

CAMERA = CameraModel(640, 480, 608.0, 607.0, 321.0, 238.0)
HELD = CharucoBoard(8, 6, 0.030, 0.022, "DICT_5X5_100")
_TURN = np.asarray(cv2.Rodrigues(np.array([0.4, -0.3, 0.2]))[0], dtype=np.float64)
FACING = Pose(_TURN, np.array([-0.10, -0.08, 0.55]))


def _projected(pose: Pose) -> Callable[[Array], Array]:
    return lambda points: CAMERA.project(pose.apply(points))


def _rms_px(error: Array) -> float:
    return float(np.sqrt((error**2).mean()))


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_large_markers_in_small_squares_do_not_pull_the_corners(noise: float) -> None:
    rng = np.random.default_rng(0)
    picture = picture_of(HELD, CAMERA, FACING).astype(np.float64)
    grey = np.clip(picture + noise * rng.standard_normal(picture.shape), 0, 255).astype(np.uint8)
    view = detect(grey, HELD, "cam_01", "now").view
    assert view is not None
    assert len(view.pixels) == 35
    assert _rms_px(view.pixels - CAMERA.project(FACING.apply(view.points_m))) < 0.05


def test_the_plates_corners_are_found_to_a_twentieth_of_a_pixel() -> None:
    pose = looking_at((0.27, -0.29, 0.25), (0.24, 0.19, 0.0))
    view = detect_frame(picture_of(FrameBoard(), CAMERA, pose), FrameBoard(), "cam_02", CAMERA).view
    assert view is not None
    assert len(view.pixels) > 30
    assert _rms_px(view.pixels - CAMERA.project(pose.apply(view.points_m))) < 0.05


def test_light_that_falls_off_across_the_corner_does_not_move_it() -> None:
    shading = np.linspace(0.3, 1.0, CAMERA.width)
    grey = (picture_of(HELD, CAMERA, FACING) * shading).astype(np.uint8)
    true = CAMERA.project(FACING.apply(HELD.corners))
    found, borne_out = fit_print(grey, HELD, _projected(FACING), HELD.corners, true + 0.6)
    assert borne_out.all()
    assert _rms_px(found - true) < 0.05


def test_a_covered_corner_is_not_borne_out_and_stays_where_it_was() -> None:
    grey = picture_of(HELD, CAMERA, FACING)
    true = CAMERA.project(FACING.apply(HELD.corners))
    x, y = np.rint(true[10]).astype(int).tolist()
    grey[y - 12 : y + 12, x - 12 : x + 12] = 128
    found, borne_out = fit_print(grey, HELD, _projected(FACING), HELD.corners, true)
    assert not borne_out[10]
    assert (found[10] == true[10]).all()
    assert borne_out.sum() > 25


def test_a_corner_that_was_guessed_a_square_off_is_not_borne_out() -> None:
    grey = picture_of(HELD, CAMERA, FACING)
    true = CAMERA.project(FACING.apply(HELD.corners))
    _, borne_out = fit_print(grey, HELD, _projected(FACING), HELD.corners[1:], true[:-1])
    assert borne_out.sum() == 0


def test_a_board_that_is_carried_wrongly_bears_nothing_out() -> None:
    grey = picture_of(HELD, CAMERA, FACING)
    true = CAMERA.project(FACING.apply(HELD.corners))
    edge_on = fit_print(grey, HELD, lambda points: points[:, :1] @ np.array([[2e3, 1e3]]), HELD.corners, true)[1]
    nowhere = fit_print(grey, HELD, lambda points: np.full((len(points), 2), np.nan), HELD.corners, true)[1]
    crossed = fit_print(grey, HELD, lambda points: 1e3 / (points[:, :2] - 0.06), HELD.corners, true)[1]
    assert not edge_on.any()
    assert not nowhere.any()
    assert crossed.sum() < 4
