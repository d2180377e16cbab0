"""The robot's hand-eye solve finds a known chain."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.hand_eye import solve_hand_eye
from calibration.projection import rotation_angle, rotation_matrices
from calibration.views import BoardView
from station.boards import Chessboard
from station.errors import CalibrationError
from station.geometry import CameraModel, Pose


def test_a_known_chain_is_found_again() -> None:
    rng = np.random.default_rng(3)
    board, camera = Chessboard(8, 6, 0.03), CameraModel(1600, 1200, 1350.0, 1350.0, 800.0, 600.0)
    turns = rotation_matrices(rng.normal(0.0, 1.0, (2, 3)))
    to_camera, to_flange = Pose(turns[0], np.array([0.1, -0.2, 1.2])), Pose(turns[1], np.array([0.05, 0.02, 0.1]))
    views: list[BoardView] = []
    flanges: list[Pose] = []
    for number in range(8):
        turn = rotation_matrices(rng.normal(0.0, 0.4, (1, 3)))[0]
        seen = Pose(turn, np.array([*rng.uniform(-0.2, 0.1, 2), rng.uniform(0.7, 1.0)]))
        flanges.append(to_camera.inverse @ seen @ to_flange.inverse)
        pixels = camera.project(seen.apply(board.corners)) + rng.normal(0.0, 0.1, (len(board.corners), 2))
        views.append(BoardView("cam_01", str(number), board.id, board.corners, pixels))
    found = solve_hand_eye(views, flanges, camera)
    assert found.rms_px < 0.2
    assert 1e3 * np.linalg.norm(found.camera.center - to_camera.center) < 1.0
    assert np.degrees(rotation_angle(found.board.rotation @ to_flange.rotation.T)) < 0.1
    with pytest.raises(CalibrationError, match="at least 4"):
        solve_hand_eye(views[:3], flanges[:3], camera)
