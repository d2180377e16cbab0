"""A solved rig: poses, how sure they are, how well the pictures fit, and what was found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calibration.findings import Finding, View
from station.geometry import Array, CameraModel, Pose

WORST_KEPT = 12
"""So many of the views with the largest errors are kept with a solve, to be looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraResult:
    """One camera: its model, its pose rig → camera, and its figures.

    ``position_mm`` and ``rotation_deg`` are 95 % bounds of the centre's and the orientation's error against the
    rig's fixed frame; where the intrinsics are doubted, what they may do to the centre is added. ``covariance`` (6, 6)
    belongs to a small turn (rad) and shift (m) in camera coordinates. ``p50_px`` and ``p95_px`` are quantiles of the
    corners' errors.
    """

    model: CameraModel
    pose: Pose
    position_mm: float
    rotation_deg: float
    covariance: Array
    views: int
    p50_px: float
    p95_px: float


@dataclass(frozen=True, slots=True)
class IntrinsicsEvidence:
    """What the pictures say of the given intrinsics, by Rao's score test.

    ``statistic`` is χ² distributed with ``freedom`` degrees when they are right; ``focal_change`` is by role the
    relative change of the focal length that would fit best, ``position_change_mm`` how far
    the camera's centre would move with it, with the 95 % bound of that.
    """

    statistic: float
    freedom: int
    probability: float
    focal_change: Mapping[str, float]
    position_change_mm: Mapping[str, float]
    doubted: bool


@dataclass(frozen=True, slots=True)
class BoardScale:
    """What the pictures say of the size of a board's squares, by a score test of one degree of freedom.

    ``change`` is by what share of the stated size the squares are larger, with standard ``deviation``.
    ``position_change_mm`` is by role what that may do to the camera's centre.
    """

    board: str
    change: float
    deviation: float
    probability: float
    position_change_mm: Mapping[str, float]
    doubted: bool


@dataclass(frozen=True, slots=True, eq=False)
class RigSolution:
    """Cameras by role and boards (board → rig) by placement, in the frame of the ``fixed`` camera or board.

    ``noise_px`` is the estimated standard deviation of a corner's coordinate, ``rms_px`` the root mean square length of
    the corners' errors. ``view_rms_px`` is given for every view that was used. ``refined`` says whether the intrinsics
    were solved along, ``scales`` what was said of the boards' sizes.
    """

    cameras: Mapping[str, CameraResult]
    boards: Mapping[str, Pose]
    fixed: str
    rms_px: float
    noise_px: float
    corners: int
    view_rms_px: Mapping[View, float]
    evidence: IntrinsicsEvidence | None
    findings: tuple[Finding, ...]
    seconds: float
    refined: bool = False
    scales: tuple[BoardScale, ...] = ()

    def worst(self, count: int) -> tuple[View, ...]:
        """Return the ``count`` used views with the largest errors, worst first."""
        return tuple(sorted(self.view_rms_px, key=lambda view: -self.view_rms_px[view])[:count])

    @property
    def poses(self) -> dict[str, Pose]:
        """Poses rig → camera by role."""
        return {role: camera.pose for role, camera in self.cameras.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the figures and findings, without the geometry."""
        return {
            "fixed": self.fixed,
            "rms_px": self.rms_px,
            "noise_px": self.noise_px,
            "corners": self.corners,
            "placements": len(self.boards),
            "seconds": self.seconds,
            "cameras": {
                role: {
                    "position_mm_95": camera.position_mm,
                    "rotation_deg_95": camera.rotation_deg,
                    "views": camera.views,
                    "p50_px": camera.p50_px,
                    "p95_px": camera.p95_px,
                }
                for role, camera in self.cameras.items()
            },
            "refined": self.refined,
            "board_scales": [
                {"board": s.board, "change": s.change, "deviation": s.deviation, "doubted": s.doubted}
                for s in self.scales
            ],
            "intrinsics": None
            if self.evidence is None
            else {
                "doubted": self.evidence.doubted,
                "statistic": self.evidence.statistic,
                "freedom": self.evidence.freedom,
                "focal_change": dict(self.evidence.focal_change),
            },
            "findings": [
                {"kind": f.kind.value, "text": f.text, "roles": list(f.roles), "views": [list(v) for v in f.views]}
                for f in self.findings
            ],
        }
