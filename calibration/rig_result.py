"""A solved rig as the calibration that the station keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from calibration.solution import RigSolution
from station.geometry import CameraCalibration, RigCalibration


def rig_calibration(solution: RigSolution, serials: Mapping[str, str], source: str, at: datetime) -> RigCalibration:
    """Return the calibration of the solved cameras with its measured figures.

    ``at`` is stored in UTC. The world is what the solution was fixed to: the plate where its frame was seen.
    """
    quality = {
        "rms_px": solution.rms_px,
        "noise_px": solution.noise_px,
        "corners": float(solution.corners),
        "placements": float(len(solution.boards)),
    }
    for role, camera in solution.cameras.items():
        quality[f"{role}.position_mm_95"] = camera.position_mm
        quality[f"{role}.rotation_deg_95"] = camera.rotation_deg
        quality[f"{role}.p50_px"] = camera.p50_px
        quality[f"{role}.p95_px"] = camera.p95_px
        quality[f"{role}.views"] = float(camera.views)
    return RigCalibration(
        cameras={
            role: CameraCalibration(role, serials.get(role, ""), camera.model, camera.pose)
            for role, camera in solution.cameras.items()
        },
        source=source,
        created_at=at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        quality=quality,
    )
