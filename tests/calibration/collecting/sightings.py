"""Sightings without pictures: corners projected by true cameras, with noise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from calibration.collecting.sighting import Placement, Sighting, sighting_of
from calibration.views import BoardView
from station.boards import Board, Chessboard
from station.geometry import CameraModel, Pose, RigCalibration
from station.simulation.rig import rig_models

RIG = rig_models("1280x720", 0)
BOARD = Chessboard(9, 7, 0.025)
CAMERA = CameraModel(1280, 720, 920.0, 920.0, 639.5, 359.5)


def before(
    distance_m: float = 0.6, tilt_deg: float = 0.0, x: float = 0.0, y: float = 0.0, board: Board = BOARD
) -> Pose:
    """Return the pose board → camera of a board whose middle is at (x, y, distance), turned about its vertical."""
    angle = np.radians(tilt_deg)
    rotation = np.array([[np.cos(angle), 0.0, np.sin(angle)], [0.0, 1.0, 0.0], [-np.sin(angle), 0.0, np.cos(angle)]])
    return Pose(rotation, np.array([x, y, distance_m]) - rotation @ board.corners.mean(axis=0))


def view(
    pose: Pose, role: str = "cam_01", noise_px: float = 0.0, seed: int = 0, model: CameraModel = CAMERA
) -> BoardView:
    """Return the view of the board at a pose board → camera."""
    pixels = model.project(pose.apply(BOARD.corners))
    pixels += np.random.default_rng(seed).normal(0.0, noise_px, pixels.shape) if noise_px else 0.0
    return BoardView(role, "now", BOARD.id, BOARD.corners, pixels, BOARD.turns)


def sighting(pose: Pose, role: str = "cam_01", model: CameraModel = CAMERA) -> Sighting:
    """Return the sighting of the board at a pose board → camera."""
    found = sighting_of(view(pose, role, model=model), BOARD, model)
    assert found is not None
    return found


def seen_by(roles: Sequence[str], pose: Pose, rig: RigCalibration = RIG) -> dict[str, Sighting]:
    """Return the sightings of the board at a pose board → world."""
    return {role: sighting(rig.cameras[role].pose @ pose, role, rig.cameras[role].model) for role in roles}


def placement(name: str, roles: Sequence[str], distance_m: float = 0.6, dropped: bool = False) -> Placement:
    """Return a placement that some cameras saw, each in the same way."""
    sightings = {role: sighting(before(distance_m), role) for role in roles}
    return Placement(name, sightings, datetime(2026, 1, 1, tzinfo=UTC), dropped)
