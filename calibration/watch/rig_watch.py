"""Holds one capture after the other against the calibration, and says which camera stands elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from calibration.frame_corners import frame_corners
from calibration.watch.baseline import Baseline
from calibration.watch.camera_motion import fit_motion, moved
from calibration.watch.depth_check import DepthReading, check_depth, judge_depth
from calibration.watch.plate_view import PlateView, plate_view
from calibration.watch.rig_motion import common_motion, size_m, turn_rad, without
from calibration.watch.standing import FIRST_LIMITS, LEARNED_LIMITS, REMEMBERED, Fused, Measured, fuse
from calibration.watch.verdicts import CameraVerdict, DepthVerdict, PlateVerdict, Standing, WatchReport
from station.boards import FrameBoard
from station.errors import CalibrationError
from station.frames import Frame, FrameSet
from station.geometry import Array, CameraCalibration, Pose, RigCalibration


@dataclass(slots=True)
class _Camera:
    """What is remembered of one camera."""

    baseline: Baseline
    checks: deque[Measured] = field(default_factory=lambda: deque[Measured](maxlen=REMEMBERED))
    depths: deque[DepthReading] = field(default_factory=lambda: deque[DepthReading](maxlen=REMEMBERED))


class RigWatch:
    """The memory of the checks under one calibration; no threads, no disk.

    Args:
        calibration: the calibration to watch.
        board: the plate's frame.
        baselines: what was learned of its cameras before, by role.
    """

    def __init__(
        self, calibration: RigCalibration, board: FrameBoard, baselines: Mapping[str, Baseline] | None = None
    ) -> None:
        self.calibration = calibration
        self._board = board
        self._points = frame_corners(board).points
        self._middle = np.array([board.width_m / 2.0, board.height_m / 2.0, 0.0])
        known = baselines or {}
        empty = Baseline.empty(len(self._points))
        self._cameras = {role: _Camera(known.get(role, empty)) for role in calibration.cameras}
        self._captures = 0

    @property
    def baselines(self) -> dict[str, Baseline]:
        """What is learned of the cameras by now."""
        return {role: camera.baseline for role, camera in self._cameras.items()}

    def check(
        self,
        frameset: FrameSet,
        capture_id: str,
        *,
        serials: Mapping[str, str] | None = None,
        at: datetime | None = None,
        learn: bool = True,
    ) -> WatchReport:
        """Check a capture, its depth in the colour images' geometry, and say what the last captures tell.

        ``serials`` are those of the devices now, by role: an exchanged camera is not compared. Without ``learn``
        nothing is learned from it.
        """
        self._captures += 1
        verdicts: dict[str, CameraVerdict] = {}
        views: dict[str, PlateView] = {}
        depth: dict[str, DepthVerdict] = {}
        for role, camera in sorted(self.calibration.cameras.items()):
            serial = (serials or {}).get(role, camera.serial)
            if serial != camera.serial:
                verdicts[role] = CameraVerdict(role, Standing.EXCHANGED, problem=f"it has serial number {serial}")
                continue
            try:
                views[role] = self._view(role, camera, frameset)
            except CalibrationError as error:
                verdicts[role] = CameraVerdict(role, Standing.UNCHECKED, problem=error.what)
                continue
            depth[role] = self._depth(role, camera, frameset.frames[role], views[role])
        fused = {role: one for role in views if (one := fuse(self._cameras[role].checks)) is not None}
        plate = self._plate(fused)
        for role, one in fused.items():
            verdicts[role] = self._verdict(role, one, plate)
        if plate is None and learn:
            self._learn(views, fused, verdicts)
        return WatchReport(
            capture_id=capture_id,
            calibration_id=self.calibration.id,
            checked_at=at or datetime.now(UTC),
            cameras=dict(sorted(verdicts.items())),
            depth=depth,
            plate=PlateVerdict() if plate is None else _plate_verdict(plate),
            captures=self._captures,
        )

    def _view(self, role: str, camera: CameraCalibration, frameset: FrameSet) -> PlateView:
        """Find the frame in a camera's picture and note the check; raises CalibrationError with the reason."""
        frame = frameset.frames.get(role)
        if frame is None:
            raise CalibrationError("it gave no picture", where=role)
        size = frame.color.shape[1], frame.color.shape[0]
        if size != (camera.model.width, camera.model.height):
            raise CalibrationError(f"its pictures are {size[0]}x{size[1]} now", where=role)
        view = plate_view(frame.color, self._board, camera.model, camera.pose, role)
        known = self._cameras[role]
        pixels, spread = known.baseline.corrected(view.corners)
        points = self._points[view.corners.index]
        motion = fit_motion(points, pixels, spread, camera.model, camera.pose, view.pose)
        if motion is None:
            raise CalibrationError("the corners of the plate's frame do not fit together", where=role)
        known.checks.append(
            Measured(
                motion.twist,
                motion.information,
                int(motion.kept.sum()),
                motion.sigma_px,
                known.baseline.usable,
                _rms_px(points, pixels, camera, camera.pose),
                _rms_px(points[motion.kept], pixels[motion.kept], camera, motion.moved(camera.pose)),
            )
        )
        return view

    def _depth(self, role: str, camera: CameraCalibration, frame: Frame, view: PlateView) -> DepthVerdict:
        known = self._cameras[role]
        reading = check_depth(frame, camera.model, view, self._board)
        if reading is not None:
            known.depths.append(reading)
        return judge_depth(role, tuple(known.depths), camera.model)

    def _plate(self, fused: Mapping[str, Fused]) -> Array | None:
        """Return the plate's own motion, ``None`` when it lies where it was."""
        learned = sum(one.learned for one in fused.values()) > len(fused) / 2
        limits = LEARNED_LIMITS if learned else FIRST_LIMITS
        poses = {role: self.calibration.cameras[role].pose for role in fused}
        informations = {role: one.information for role, one in fused.items()}
        return common_motion({r: one.twist for r, one in fused.items()}, informations, poses, self._middle, limits)

    def _verdict(self, role: str, fused: Fused, plate: Array | None) -> CameraVerdict:
        camera, newest = self.calibration.cameras[role], self._cameras[role].checks[-1]
        twist = fused.twist if plate is None else without(fused.twist, camera.pose, plate, self._middle)
        standing = Standing.KNOCKED if fused.knocked(twist) and fused.checks > 1 else Standing.STANDS
        problem = ""
        if fused.checks == 1 and fused.knocked(twist):
            standing, problem = Standing.UNCHECKED, "it seems to stand elsewhere, another capture will tell"
        x, y, z = (1e3 * (moved(camera.pose, twist).center - camera.pose.center)).tolist()
        return CameraVerdict(
            role=role,
            standing=standing,
            moved_mm=1e3 * size_m(twist),
            turned_deg=float(np.degrees(turn_rad(twist))),
            sure_mm=1e3 * fused.sure_m,
            shift_mm=(x, y, z),
            rms_px=newest.rms_px,
            best_px=newest.best_px,
            checks=fused.checks,
            learned=fused.learned,
            problem=problem,
        )

    def _learn(
        self, views: Mapping[str, PlateView], fused: Mapping[str, Fused], verdicts: Mapping[str, CameraVerdict]
    ) -> None:
        """Let cameras that stand, by the newest check alone as by the last ones, learn what that looks like."""
        for role, view in views.items():
            known, camera = self._cameras[role], self.calibration.cameras[role]
            if known.baseline.complete or verdicts[role].standing is not Standing.STANDS:
                continue
            alone = fuse([known.checks[-1]])
            if alone is None or alone.knocked(alone.twist):
                continue
            projected = camera.model.project(camera.pose.apply(self._points))
            known.baseline = known.baseline.learned(view.corners, projected)


def _rms_px(points: Array, pixels: Array, camera: CameraCalibration, pose: Pose) -> float:
    error = camera.model.project(pose.apply(points)) - pixels
    return float(np.sqrt((error**2).sum() / len(error)))


def _plate_verdict(plate: Array) -> PlateVerdict:
    return PlateVerdict(moved=True, moved_mm=1e3 * size_m(plate), turned_deg=float(np.degrees(turn_rad(plate))))
