"""One camera's pose from the plate's frame in its own picture, wrong markers left out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.detection import LEAST_MARKED_CORNERS, detect
from calibration.projection import pose_of_vectors, vectors_of_pose
from calibration.view_pose import view_pose
from calibration.views import BoardView
from station.boards import FrameBoard
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

PLACEMENT = "plate"
"""Name of the placement of the plate's frame: its points are world coordinates."""

_OUTLIER_MEDIANS = 4.0
_NEVER_OUTLIER_PX = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class PlatePose:
    """``pose`` world → camera; ``rms_px`` over the corners ``kept`` (N,), those of the markers that count."""

    pose: Pose
    rms_px: float
    kept: NDArray[np.bool_]

    @property
    def markers(self) -> int:
        """Markers that count."""
        return int(self.kept.sum()) // 4

    @property
    def left_out(self) -> int:
        """Markers that were read and fit nowhere."""
        return int((~self.kept).sum()) // 4


def detect_plate(picture: NDArray[np.uint8], board: FrameBoard, role: str) -> BoardView:
    """Return the view of the plate's frame; raises CalibrationError with the reason when it cannot be used."""
    found = detect(picture, board, role, PLACEMENT)
    if found.view is None:
        raise CalibrationError(
            f"The plate's frame cannot be used: {found.refusal}.", where=role, todo="Clear and clean the plate's frame."
        )
    return found.view


def plate_pose(view: BoardView, camera: CameraModel) -> PlatePose:
    """Return the camera's pose in the world from a view of the frame, four corners per marker.

    A marker is left out whole when any of its corners is off by more than 4 medians and 2 px: a marker that was read
    with a wrong number is wrong in all four. Raises CalibrationError when too few markers fit together.
    """
    first = view_pose(view, camera)
    if first is None:
        raise CalibrationError(
            "The markers that were read do not fit one plane.", where=view.role, todo="Check the frame's parameters."
        )
    pose, kept = first.poses[0], np.ones(len(view.pixels), dtype=np.bool_)
    for _ in range(5):
        error = _errors_px(view, camera, pose).reshape(-1, 4)
        limit = max(_OUTLIER_MEDIANS * float(np.median(error)), _NEVER_OUTLIER_PX)
        fitting = np.repeat((error <= limit).all(axis=1), 4)
        if fitting.sum() < 4 * LEAST_MARKED_CORNERS:
            raise CalibrationError(
                f"Only {int(fitting.sum()) // 4} of {len(error)} markers fit together, {LEAST_MARKED_CORNERS} are "
                "needed.",
                where=view.role,
                todo="Clean the plate's frame and check its parameters.",
            )
        turn, shift = cv2.solvePnPRefineLM(
            view.points_m[fitting], view.pixels[fitting], camera.matrix, camera.dist_coeffs, *vectors_of_pose(pose)
        )
        pose = pose_of_vectors(turn, shift)
        if (fitting == kept).all():
            break
        kept = fitting
    error = _errors_px(view, camera, pose)[kept]
    return PlatePose(pose, float(np.sqrt(np.mean(error**2))), kept)


def _errors_px(view: BoardView, camera: CameraModel, pose: Pose) -> Array:
    difference = camera.project(pose.apply(view.points_m)) - view.pixels
    return np.nan_to_num(np.linalg.norm(difference, axis=1), nan=np.inf)
