"""What is computed once per calibration, kept for the few calibrations in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recognition.roi.grid import VoxelGrid
from recognition.roi.rays import ViewRays, view_rays
from station.errors import CalibrationError
from station.frames import FrameSet
from station.geometry import RigCalibration, WorkVolume

_KEPT = 2


@dataclass(frozen=True, slots=True, eq=False)
class RigGeometry:
    """The rays of every calibrated view, by role, and the coarse voxels over the plate."""

    rays: Mapping[str, ViewRays]
    grid: VoxelGrid


class RigGeometries:
    """The geometry of the calibrations used last; a live station has one, a replayed tree one per capture."""

    def __init__(self, volume: WorkVolume) -> None:
        """Keep geometries of one work volume."""
        self.volume = volume
        self._kept: dict[str, RigGeometry] = {}

    def of(self, frameset: FrameSet, calibration: RigCalibration) -> RigGeometry:
        """Return the geometry of a calibration, computed at its first use.

        Raises CalibrationError when it knows none of the frameset's roles or another image size of one.
        """
        for role, frame in frameset.frames.items():
            camera = calibration.cameras.get(role)
            height, width = frame.color.shape[:2]
            if camera and (height, width) != (camera.model.height, camera.model.width):
                raise CalibrationError(
                    f"Its picture is {width}×{height}, its calibration is for "
                    f"{camera.model.width}×{camera.model.height}.",
                    where=role,
                    todo="Use the calibration of this profile.",
                )
            if frame.depth.shape != (height, width):
                rows, columns = frame.depth.shape
                raise CalibrationError(
                    f"Its depth is {columns}×{rows}, its picture {width}×{height}.",
                    where=role,
                    todo="Bring the depth into the picture's geometry first.",
                )
        if not calibration.cameras.keys() & frameset.frames.keys():
            raise CalibrationError(
                "It knows none of the cameras that delivered a picture.",
                where=f"calibration {calibration.id}",
                todo="Use the calibration of this rig.",
            )
        key = calibration.id
        if key not in self._kept:
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            rays = {role: view_rays(camera, self.volume) for role, camera in calibration.cameras.items()}
            self._kept[key] = RigGeometry(rays, VoxelGrid(rays, self.volume))
        return self._kept[key]
