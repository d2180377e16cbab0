"""Checks a calibration against the plate's frame, which is in every picture of the rig."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration.plate_pose import plate_pose
from calibration.projection import rotation_angle
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import RigCalibration

KNOCKED_MM = 2.0
KNOCKED_DEG = 0.3
"""A camera that stands further than this from its calibrated place is called knocked."""


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """One camera against its calibration.

    ``rms_px`` is the frame's error under the calibration, ``best_px`` under the camera's own best pose; ``moved_mm``
    and ``turned_deg`` lie between the two poses. ``problem`` says why the camera could not be checked.
    """

    role: str
    rms_px: float
    best_px: float
    moved_mm: float
    turned_deg: float
    knocked: bool
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; figures are ``None`` where there is a problem."""
        figures = (self.rms_px, self.best_px, self.moved_mm, self.turned_deg)
        names = ("rms_px", "best_px", "moved_mm", "turned_deg")
        values = {name: None if self.problem else value for name, value in zip(names, figures, strict=True)}
        return {"role": self.role, **values, "knocked": self.knocked, "problem": self.problem}


def verify(views: Sequence[BoardView], calibration: RigCalibration) -> list[CameraCheck]:
    """Check every calibrated camera by its view of the plate's frame, in the rig's order.

    Every camera is held against the plate alone, so that one that was knocked does not spoil the others' figures.
    """
    by_role = {view.role: view for view in views}
    return [_check(role, by_role.get(role), calibration) for role in sorted(calibration.cameras)]


def _check(role: str, view: BoardView | None, calibration: RigCalibration) -> CameraCheck:
    if view is None:
        return _unchecked(role, "its picture of the plate's frame is missing or was refused")
    camera = calibration.cameras[role]
    try:
        best = plate_pose(view, camera.model)
    except CalibrationError as error:
        return _unchecked(role, error.what)
    kept = best.kept
    error_px = camera.model.project(camera.pose.apply(view.points_m[kept])) - view.pixels[kept]
    moved = 1e3 * float(np.linalg.norm(best.pose.center - camera.pose.center))
    turned = float(np.degrees(rotation_angle(best.pose.rotation @ camera.pose.rotation.T)))
    return CameraCheck(
        role=role,
        rms_px=float(np.sqrt((error_px**2).sum() / kept.sum())),
        best_px=best.rms_px,
        moved_mm=moved,
        turned_deg=turned,
        knocked=moved > KNOCKED_MM or turned > KNOCKED_DEG,
    )


def _unchecked(role: str, problem: str) -> CameraCheck:
    return CameraCheck(role, 0.0, 0.0, 0.0, 0.0, knocked=False, problem=problem)
