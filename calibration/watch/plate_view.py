"""One picture's corners of the plate's frame, wherever the camera stands: from its calibrated place, or by markers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.detection import detect
from calibration.frame_corners import Corners, find_corners, frame_corners
from calibration.picture_quality import GreyImage
from calibration.plate_pose import PLACEMENT, plate_pose
from calibration.watch.camera_motion import LEAST_CORNERS, Motion, fit_motion
from station.boards import FrameBoard
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

_ENOUGH = 0.6
"""With this share of the corners in the picture seen, the markers are not read: a tenth of the time."""
_MOST_SIGMA_PX = 1.6
"""Corners whose coordinates scatter more than this around one pose are not the frame's; a lens may leave half of it."""


@dataclass(frozen=True, slots=True, eq=False)
class PlateView:
    """Corners seen by one camera, and ``pose``, where it stands by them alone (world → camera)."""

    corners: Corners
    pose: Pose


def plate_view(color: NDArray[np.uint8], board: FrameBoard, model: CameraModel, pose: Pose, role: str) -> PlateView:
    """Look for the plate's frame in an RGB picture (H, W, 3) of a camera calibrated at ``pose``.

    Raises CalibrationError with the reason when too little of the frame can be seen.
    """
    grey = cast(GreyImage, cv2.cvtColor(color, cv2.COLOR_RGB2GRAY))
    near = _followed(grey, board, model, pose)
    if near is not None and len(near.corners.index) >= _ENOUGH * _in_picture(board, model, near.pose):
        return near
    marked = _by_markers(grey, board, model, role)
    found = max((v for v in (near, marked) if v is not None), key=lambda v: len(v.corners.index), default=None)
    if found is None:
        raise CalibrationError(
            "too little of the plate's frame can be seen", where=role, todo="Clear and clean the plate's frame."
        )
    return found


def _followed(grey: GreyImage, board: FrameBoard, model: CameraModel, start: Pose) -> PlateView | None:
    """Find corners from ``start``, fit the camera, and look again from there."""
    points, pose = frame_corners(board).points, start
    corners = find_corners(grey, board, model, pose)
    for _ in range(2):
        motion = _fitted(points, corners, model, pose)
        if motion is None or motion.sigma_px > _MOST_SIGMA_PX:
            return None
        pose = motion.moved(pose)
        corners = find_corners(grey, board, model, pose)
    motion = _fitted(points, corners, model, pose)
    if motion is None:
        return None
    kept = Corners(corners.index[motion.kept], corners.pixels[motion.kept])
    return PlateView(kept, motion.moved(pose))


def _fitted(points: Array, corners: Corners, model: CameraModel, pose: Pose) -> Motion | None:
    if len(corners.index) < LEAST_CORNERS:
        return None
    equal = np.ones(len(corners.index))
    return fit_motion(points[corners.index], corners.pixels, equal, model, pose, pose)


def _by_markers(grey: GreyImage, board: FrameBoard, model: CameraModel, role: str) -> PlateView | None:
    found = detect(grey, board, role, PLACEMENT)
    if found.view is None:
        return None
    try:
        pose = plate_pose(found.view, model).pose
    except CalibrationError:
        return None
    return _followed(grey, board, model, pose)


def _in_picture(board: FrameBoard, model: CameraModel, pose: Pose) -> int:
    pixels = model.project(pose.apply(frame_corners(board).points))
    size = np.array([model.width, model.height])
    return int(((pixels > 0) & (pixels < size - 1)).all(axis=1).sum())
