"""Whether the pictures can carry a refinement of the intrinsics; a refusal says what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.findings import View
from station.errors import CalibrationError
from station.geometry import Pose

LEAST_VIEWS = 12
LEAST_DEPTH_RATIO = 1.25
LEAST_TILT_DEG = 25.0
LEAST_TILTED_VIEWS = 4
MOST_FOCAL_DEVIATION = 1.5e-3
"""Largest standard deviation of a focal length, as a share of it, with which refined intrinsics are handed out."""


@dataclass(frozen=True, slots=True)
class Support:
    """What one camera's views offer: their number, largest over smallest board distance, tilted views."""

    views: int
    depth_ratio: float
    tilted_views: int


def support(cameras: Mapping[str, Pose], boards: Mapping[str, Pose], used: Mapping[View, float]) -> dict[str, Support]:
    """Return by role what the used views offer for intrinsics."""
    found: dict[str, Support] = {}
    for role, camera in cameras.items():
        seen = [camera @ boards[placement] for placement, other in used if other == role]
        depths = [float(pose.translation[2]) for pose in seen]
        tilts = [np.degrees(np.arccos(min(1.0, abs(pose.rotation[2, 2])))) for pose in seen]
        ratio = max(depths) / min(depths) if depths and min(depths) > 0 else 1.0
        found[role] = Support(len(seen), ratio, sum(tilt >= LEAST_TILT_DEG for tilt in tilts))
    return found


def require_support(found: Mapping[str, Support]) -> None:
    """Raise CalibrationError when some camera's views cannot tell focal length from distance."""
    missing: list[str] = []
    for role, one in sorted(found.items()):
        if one.views < LEAST_VIEWS:
            missing.append(f"{role} has {one.views} views, {LEAST_VIEWS} are needed")
        elif one.depth_ratio < LEAST_DEPTH_RATIO:
            missing.append(
                f"{role} saw boards at distances of 1 to {one.depth_ratio:.2f}, 1 to {LEAST_DEPTH_RATIO} is needed"
            )
        elif one.tilted_views < LEAST_TILTED_VIEWS:
            missing.append(
                f"{role} has {one.tilted_views} views tilted by {LEAST_TILT_DEG:.0f}° or more, "
                f"{LEAST_TILTED_VIEWS} are needed"
            )
    _refuse(missing)


def require_sharpness(deviations: Mapping[str, float]) -> None:
    """Raise CalibrationError when a refined focal length is too uncertain; ``deviations`` are shares of it."""
    _refuse(
        [
            f"{role}'s focal length stays uncertain by {deviation:.2%}"
            for role, deviation in sorted(deviations.items())
            if deviation > MOST_FOCAL_DEVIATION
        ]
    )


def _refuse(missing: list[str]) -> None:
    if missing:
        raise CalibrationError(
            f"The pictures cannot carry a refinement of the intrinsics: {'; '.join(missing)}.",
            todo="Take more pictures, near and far and tilted, or keep the factory intrinsics.",
        )
