"""The pose of one board in one picture, robust against wrong corners, with the second pose that a flat board allows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.projection import pose_of_vectors
from calibration.views import BoardView
from station.geometry import Array, CameraModel, Pose

_PLAIN_RMS_PX = 1.0
"""Above this a view's corners are searched for wrong ones."""

_SECOND_POSE_RATIO = 3.0
"""A second pose of the flat board stays in question while its error is below this multiple of the first's."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewPose:
    """Poses board → camera in question, best first; ``rms_px`` of the first over ``kept`` (N,) points."""

    poses: tuple[Pose, ...]
    rms_px: float
    kept: NDArray[np.bool_]


def view_pose(view: BoardView, camera: CameraModel) -> ViewPose | None:
    """Return the pose of a board's view; ``None`` when no pose fits most of its corners.

    Two starts from Collins and Bartoli, "Infinitesimal plane-based pose estimation", 2014 (OpenCV's IPPE), each
    polished by Levenberg–Marquardt. When the corners do not fit, a homography by least median of squares tells
    the wrong ones.
    """
    everything = np.ones(len(view.pixels), dtype=np.bool_)
    fits = _fit(view.points_m, view.pixels, camera)
    if fits and fits[0][0] <= _PLAIN_RMS_PX:
        return _in_question(fits, everything)
    kept = _homography_inliers(view, camera)
    if kept is None or kept.all():
        return _in_question(fits, everything) if fits else None
    fits = _fit(view.points_m[kept], view.pixels[kept], camera)
    return _in_question(fits, kept) if fits else None


def _in_question(fits: list[tuple[float, Pose]], kept: NDArray[np.bool_]) -> ViewPose:
    best = fits[0][0]
    limit = max(_SECOND_POSE_RATIO * best, 0.5)
    return ViewPose(tuple(pose for rms, pose in fits if rms <= limit), best, kept)


def _fit(points: Array, pixels: Array, camera: CameraModel) -> list[tuple[float, Pose]]:
    straight = cv2.undistortPoints(pixels.reshape(-1, 1, 2), camera.matrix, camera.dist_coeffs)
    try:
        _, turns, shifts, _ = cv2.solvePnPGeneric(points, straight, np.eye(3), None, flags=cv2.SOLVEPNP_IPPE)
    except cv2.error:  # points on one line: no pose
        return []
    fits: list[tuple[float, Pose]] = []
    for turn, shift in zip(turns, shifts, strict=True):
        rvec, tvec = cv2.solvePnPRefineLM(points, pixels, camera.matrix, camera.dist_coeffs, turn, shift)
        pose = pose_of_vectors(rvec, tvec)
        error = camera.project(pose.apply(points)) - pixels
        rms = float(np.sqrt((error**2).sum() / len(points)))
        if np.isfinite(rms):
            fits.append((rms, pose))
    return sorted(fits, key=lambda fit: fit[0])


def _homography_inliers(view: BoardView, camera: CameraModel) -> NDArray[np.bool_] | None:
    straight = cv2.undistortPoints(view.pixels.reshape(-1, 1, 2), camera.matrix, camera.dist_coeffs).reshape(-1, 2)
    cv2.setRNGSeed(1)
    found = cv2.findHomography(view.points_m[:, :2], straight, cv2.LMEDS)[0]
    homography = np.asarray(found, dtype=np.float64)
    if homography.shape != (3, 3):  # OpenCV gives None where there is none
        return None
    mapped = np.hstack([view.points_m[:, :2], np.ones((len(straight), 1))]) @ homography.T
    error = np.linalg.norm(mapped[:, :2] / mapped[:, 2:] - straight, axis=1) * camera.fx
    median = float(np.median(error))
    kept = error <= max(4.0 * median, 1.0)
    return kept if kept.sum() >= max(6, len(kept) // 2) else None
