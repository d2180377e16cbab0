"""Two calibrations of the same rig beside each other: how far each camera moved between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.projection import rotation_angle
from station.geometry import Pose, RigCalibration


@dataclass(frozen=True, slots=True)
class CameraMotion:
    """How far a camera's centre moved, mm, and how far it turned, degrees."""

    moved_mm: float
    turned_deg: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Motion by role for the roles in both; ``only_before`` and ``only_after`` are roles in one of them."""

    before_id: str
    cameras: Mapping[str, CameraMotion]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def compare(before: RigCalibration, after: RigCalibration) -> Comparison:
    """Return how far every camera of both stands from where it stood, each in its own calibration's world.

    Where a world was laid anew (another plate, or no plate), all cameras move alike.
    """
    both = sorted(set(before.cameras) & set(after.cameras))
    return Comparison(
        before_id=before.id,
        cameras={role: _motion(before.cameras[role].pose, after.cameras[role].pose) for role in both},
        only_before=tuple(sorted(set(before.cameras) - set(both))),
        only_after=tuple(sorted(set(after.cameras) - set(both))),
    )


def _motion(before: Pose, after: Pose) -> CameraMotion:
    return CameraMotion(
        moved_mm=1e3 * float(np.linalg.norm(after.center - before.center)),
        turned_deg=float(np.degrees(rotation_angle(after.rotation @ before.rotation.T))),
    )
