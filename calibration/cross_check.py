"""A second opinion on a solved rig: OpenCV's own multi-camera calibration, where this OpenCV has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from calibration.findings import Finding, FindingKind, listed
from calibration.solution import RigSolution
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import CameraModel, Pose

_NEVER_APART_MM = 1.0
"""Centres nearer than this stand together: so far a camera may stand from its place before it counts as knocked."""

_LEAST_PLACEMENTS = 3
"""With fewer boards OpenCV's answer is no opinion."""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """How far OpenCV's camera centres lie from ours, millimetres by role, relative to the first common camera."""

    apart_mm: Mapping[str, float]

    @property
    def worst_mm(self) -> float:
        """The largest distance."""
        return max(self.apart_mm.values())


def cross_check(solution: RigSolution, views: Sequence[BoardView]) -> CrossCheck | None:
    """Solve the views that ours used with OpenCV as well; ``None`` where OpenCV cannot.

    OpenCV wants the same points in every view and knows no turned boards, and so it is given the most common set of
    points on boards that no camera contradicted: whole chessboards, as a rule.
    """
    contradicted = {view[0] for finding in solution.findings for view in finding.views}
    models = {role: camera.model for role, camera in solution.cameras.items()}
    alike: dict[bytes, list[BoardView]] = {}
    for view in views:
        if (view.placement, view.role) in solution.view_rms_px and view.placement not in contradicted:
            alike.setdefault(view.points_m.tobytes(), []).append(view)
    plain = max(alike.values(), key=_count, default=list[BoardView]())
    if len({view.placement for view in plain}) < _LEAST_PLACEMENTS:
        return None
    try:
        theirs = opencv_poses(plain, models)
    except CalibrationError:
        return None
    first = min(theirs)
    ours = {role: solution.cameras[role].pose @ solution.cameras[first].pose.inverse for role in theirs}
    return CrossCheck(
        {role: 1e3 * float(np.linalg.norm(ours[role].center - pose.center)) for role, pose in theirs.items()}
    )


def with_second_opinion(solution: RigSolution, views: Sequence[BoardView]) -> tuple[RigSolution, CrossCheck | None]:
    """Return the solution with a finding where OpenCV's centres lie further away than both can be wrong, and its check.

    OpenCV is taken for as unsure as ours: the bound of a distance is then √2 times that of both cameras' places
    together. Less than 1 mm is never called apart: OpenCV is given fewer views, and weighs them otherwise.
    """
    second = cross_check(solution, views)
    if second is None:
        return solution, None
    sure = {role: solution.cameras[role].position_mm for role in second.apart_mm}
    first = sure[min(sure)]
    apart = tuple(
        role
        for role, mm in sorted(second.apart_mm.items())
        if mm > max(np.sqrt(2.0) * np.hypot(sure[role], first), _NEVER_APART_MM)
    )
    if not apart:
        return solution, second
    worst = max(apart, key=lambda role: second.apart_mm[role])
    text = (
        f"OpenCV's own solve of the same boards puts {listed(apart)} elsewhere, {worst} by "
        f"{second.apart_mm[worst]:.2f} mm, more than both can be wrong. Take more pictures and solve again."
    )
    found = Finding(FindingKind.SECOND_OPINION, text, apart)
    return replace(solution, findings=(*solution.findings, found)), second


def opencv_poses(views: Sequence[BoardView], models: Mapping[str, CameraModel]) -> dict[str, Pose]:
    """Return the poses first camera → camera by ``cv2.calibrateMultiview`` with the intrinsics held fast.

    All views must show the same points. Raises CalibrationError when this OpenCV has no such function or gives up.
    """
    if not hasattr(cv2, "calibrateMultiview"):
        raise CalibrationError("This OpenCV has no calibrateMultiview.", todo="Install OpenCV 5.")
    roles = sorted({view.role for view in views})
    placements = sorted({view.placement for view in views})
    by_name = {(view.role, view.placement): view for view in views}
    mask = np.array([[(role, name) in by_name for name in placements] for role in roles], dtype=np.uint8)
    if not roles or len({view.points_m.tobytes() for view in views}) != 1:
        raise CalibrationError("OpenCV's multi-camera calibration needs views of the same points.")
    points = views[0].points_m.astype(np.float32)
    nothing = np.zeros((len(points), 2), np.float32)
    pictures = [
        [by_name[role, name].pixels.astype(np.float32) if (role, name) in by_name else nothing for name in placements]
        for role in roles
    ]
    fixed = int(cv2.CALIB_USE_INTRINSIC_GUESS) | int(cv2.CALIB_FIX_INTRINSIC)
    try:
        _, _, _, rotations, shifts = cv2.calibrateMultiview(
            [points] * len(placements),
            pictures,
            [(models[role].width, models[role].height) for role in roles],
            mask,
            np.zeros(len(roles), np.uint8),
            [models[role].matrix for role in roles],
            [models[role].dist_coeffs for role in roles],
            [np.eye(3) for _ in roles],
            [np.zeros((3, 1)) for _ in roles],
            flagsForIntrinsics=np.full((len(roles), 1), fixed, np.int32),
            flags=int(cv2.CALIB_USE_INTRINSIC_GUESS),
        )[:5]
    except cv2.error as error:
        raise CalibrationError(f"OpenCV's multi-camera calibration gave up: {error.err}.") from error
    return {
        role: Pose(_rotation(turn), np.asarray(shift, dtype=np.float64).ravel())
        for role, turn, shift in zip(roles, rotations, shifts, strict=True)
    }


def _count(views: Sequence[BoardView]) -> int:
    return len(views)


def _rotation(turn: cv2.typing.MatLike) -> np.ndarray:
    """Return a rotation matrix (3, 3), whether OpenCV gave a matrix or a vector."""
    found = np.asarray(turn, dtype=np.float64)
    return found if found.size == 9 else np.asarray(cv2.Rodrigues(found)[0], dtype=np.float64)
