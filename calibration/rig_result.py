"""A solved rig as the calibration that the station keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from calibration.plate_pose import PLACEMENT
from calibration.solution import CameraResult, RigSolution
from station.geometry import PLATE_WORLD, CameraCalibration, RigCalibration


def rig_calibration(
    solution: RigSolution,
    serials: Mapping[str, str],
    source: str,
    at: datetime,
    devices: Mapping[str, str] | None = None,
) -> RigCalibration:
    """Return the calibration of the solved cameras with its measured figures.

    ``at`` is stored in UTC, ``devices`` are the cameras' names as they say them. The world is what the solution was
    fixed to: the plate where its frame was seen.
    """
    names = devices or {}
    quality = {
        "rms_px": solution.rms_px,
        "noise_px": solution.noise_px,
        "corners": float(solution.corners),
        "placements": float(len(solution.boards)),
    }
    for role, camera in solution.cameras.items():
        quality.update(camera_quality(role, camera))
    return RigCalibration(
        cameras={
            role: CameraCalibration(role, serials.get(role, ""), camera.model, camera.pose, names.get(role, ""))
            for role, camera in solution.cameras.items()
        },
        source=source,
        created_at=stored_time(at),
        quality=quality,
        world=PLATE_WORLD if solution.fixed == PLACEMENT else solution.fixed,
    )


def camera_quality(role: str, camera: CameraResult) -> dict[str, float]:
    """Return one camera's figures as a calibration stores them."""
    return {
        f"{role}.position_mm_95": camera.position_mm,
        f"{role}.rotation_deg_95": camera.rotation_deg,
        f"{role}.p50_px": camera.p50_px,
        f"{role}.p95_px": camera.p95_px,
        f"{role}.views": float(camera.views),
    }


def stored_time(at: datetime) -> str:
    """Return an instant as a calibration stores it, in UTC to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
