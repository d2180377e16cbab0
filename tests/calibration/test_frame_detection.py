"""The plate's frame is seen by the corners between its squares, far more precisely than by its markers."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.detection import detect
from calibration.frame_detection import detect_frame
from calibration.plate_pose import PLACEMENT
from calibration.views import BoardView
from station.boards import FrameBoard
from station.geometry import CameraModel, Pose
from tests.calibration.rendered import looking_at, picture_of

CAMERA = CameraModel(1280, 720, 920.0, 918.0, 641.0, 357.0)
FRAME = FrameBoard()


def _errors_px(view: BoardView, pose: Pose) -> np.ndarray:
    return np.linalg.norm(CAMERA.project(pose.apply(view.points_m)) - view.pixels, axis=1)


@pytest.mark.parametrize("centre", [(0.5, -0.1, 0.6), (-0.2, 0.4, 0.7), (0.3, 0.9, 0.35)])
def test_corners_between_squares_are_better_than_those_of_markers(centre: tuple[float, float, float]) -> None:
    pose = looking_at(centre, (0.24, 0.19, 0.0))
    picture = picture_of(FRAME, CAMERA, pose)
    found = detect_frame(picture, FRAME, "cam_01", CAMERA).view
    markers = detect(picture, FRAME, "cam_01", PLACEMENT).view
    assert found is not None
    assert markers is not None
    assert found.placement == PLACEMENT
    assert len(found.pixels) > 40
    assert np.median(_errors_px(found, pose)) < 0.25 * np.median(_errors_px(markers, pose))
    assert np.median(_errors_px(found, pose)) < 0.15


def test_a_colour_picture_is_read_like_its_grey_one() -> None:
    picture = picture_of(FRAME, CAMERA, looking_at((0.5, -0.1, 0.6), (0.24, 0.19, 0.0)))
    grey = detect_frame(picture, FRAME, "cam_01", CAMERA).view
    colour = detect_frame(np.repeat(picture[:, :, None], 3, axis=2), FRAME, "cam_01", CAMERA).view
    assert grey is not None
    assert colour is not None
    assert (grey.pixels == colour.pixels).all()


def test_a_covered_frame_is_refused_with_the_reason() -> None:
    picture = picture_of(FRAME, CAMERA, looking_at((0.5, -0.1, 0.6), (0.24, 0.19, 0.0)))
    picture[:, 300:] = 120
    found = detect_frame(picture, FRAME, "cam_01", CAMERA)
    assert found.view is None
    assert found.refusal is not None
    assert found.refusal.startswith("not found")
