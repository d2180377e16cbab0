"""What pictures of boards offer for intrinsics: number, range of distances, tilt; and whether that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    @staticmethod
    def of(boards: Sequence[Pose], depths_m: Iterable[float] | None = None) -> Support:
        """Return what boards at these poses (board → camera) offer; without ``depths_m`` their origins' count."""
        depths = [float(pose.translation[2]) for pose in boards] if depths_m is None else list(depths_m)
        ratio = max(depths) / min(depths) if depths and min(depths) > 0 else 1.0
        return Support(len(boards), ratio, sum(board_tilt_deg(pose) >= LEAST_TILT_DEG for pose in boards))

    def shortfalls(self, least_views: int = LEAST_VIEWS) -> list[str]:
        """Return what is missing, each as a sentence without its end; nothing where the views carry intrinsics."""
        missing: list[str] = []
        if self.views < least_views:
            shown = "1 picture shows" if self.views == 1 else f"{self.views} pictures show"
            missing.append(f"{shown} the board, {least_views} are needed")
        if self.views > 1 and self.depth_ratio < LEAST_DEPTH_RATIO:
            missing.append(f"distances lie within 1 to {self.depth_ratio:.2f}, 1 to {LEAST_DEPTH_RATIO} is needed")
        if self.tilted_views < LEAST_TILTED_VIEWS:
            missing.append(
                f"{self.tilted_views} are tilted by {LEAST_TILT_DEG:.0f}° or more, {LEAST_TILTED_VIEWS} are needed"
            )
        return missing


def board_tilt_deg(board: Pose) -> float:
    """Return the angle between a board's axis and the camera's, degrees; ``board`` is board → camera."""
    return float(np.degrees(np.arccos(min(1.0, abs(board.rotation[2, 2])))))


def support(cameras: Mapping[str, Pose], boards: Mapping[str, Pose], used: Mapping[View, float]) -> dict[str, Support]:
    """Return by role what the used views offer for intrinsics."""
    found: dict[str, Support] = {}
    for role, camera in cameras.items():
        found[role] = Support.of([camera @ boards[placement] for placement, other in used if other == role])
    return found


def require_support(found: Mapping[str, Support]) -> None:
    """Raise CalibrationError when some camera's views cannot tell focal length from distance."""
    # One reason a camera is enough: a person reads this.
    _refuse([f"{role}: {missing[0]}" for role, one in sorted(found.items()) if (missing := one.shortfalls())])


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
