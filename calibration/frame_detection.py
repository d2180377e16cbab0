"""The plate's frame in a picture of a known camera: the corners between its squares instead of those of its markers."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.detection import LEAST_MARKED_CORNERS, Detection, detect
from calibration.frame_corners import find_corners, frame_corners
from calibration.plate_pose import PLACEMENT, plate_pose
from calibration.print_fit import fit_print
from calibration.views import BoardView
from station.boards import FrameBoard
from station.errors import CalibrationError
from station.geometry import CameraModel

_LEAST_CORNERS = 4 * LEAST_MARKED_CORNERS


def detect_frame(picture: NDArray[np.uint8], board: FrameBoard, role: str, model: CameraModel) -> Detection:
    """Look for the plate's frame in an RGB (H, W, 3) or grey (H, W) picture.

    The markers tell about where the camera is; from there the corners where four squares meet are found, and the print
    around each is laid onto the picture. Where too few of them are seen, the view is that of the markers that fit
    together.
    """
    found = detect(picture, board, role, PLACEMENT)
    if found.view is None:
        return found
    try:
        placed = plate_pose(found.view, model)
    except CalibrationError as error:
        return Detection(None, f"unreadable: {error.what}")
    grey = picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    corners = find_corners(np.ascontiguousarray(grey), board, model, placed.pose)
    points = frame_corners(board).points[corners.index]
    pixels, borne_out = fit_print(
        np.ascontiguousarray(grey), board, lambda some: model.project(placed.pose.apply(some)), points, corners.pixels
    )
    points, pixels = points[borne_out], pixels[borne_out]
    if len(points) < _LEAST_CORNERS or np.linalg.matrix_rank(points - points.mean(axis=0), tol=1e-6) < 2:
        points, pixels = found.view.points_m[placed.kept], found.view.pixels[placed.kept]
    return replace(found, view=BoardView(role, PLACEMENT, board.id, points, pixels))
