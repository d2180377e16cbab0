"""The daily check: one placement of a hand-held board, and every camera that sees it is told in millimetres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration.view_pose import view_pose
from calibration.views import BoardView, Order
from calibration.watch.camera_motion import fit_motion, moved, twist_between
from calibration.watch.rig_motion import size_m, turn_rad
from calibration.watch.standing import FIRST_LIMITS, Measured, fuse
from calibration.watch.verdicts import CameraVerdict, Standing
from station.errors import CalibrationError
from station.geometry import Array, CameraCalibration, Pose, RigCalibration

LEAST_CAMERAS = 3
"""Two cameras that contradict each other do not tell which one was knocked."""

_STILL_PX = 0.7
"""A hand-held board counts as still when its corners move less than this from one picture to the next."""
_NEAR_M = 0.006
_NEAR_RAD = np.radians(1.5)
"""A board seen by one camera alone is this uncertain: cameras that agree so far speak of one place."""


@dataclass(frozen=True, slots=True)
class DailyCheck:
    """The verdict of one placement; ``gap_mm`` is by role how far each camera sees the board from where all see it.

    Every camera is held against where the others see the board; the largest gap is the rig's figure.
    """

    calibration_id: str
    cameras: Mapping[str, CameraVerdict]
    gap_mm: Mapping[str, float]

    @property
    def knocked(self) -> tuple[str, ...]:
        """Roles of the cameras that stand elsewhere."""
        return tuple(r for r, v in sorted(self.cameras.items()) if v.standing is Standing.KNOCKED)

    @property
    def worst_mm(self) -> float:
        """The largest gap."""
        return max(self.gap_mm.values())

    @property
    def text(self) -> str:
        """The verdict for the whole rig in one sentence."""
        seen = f"{len(self.gap_mm)} of {len(self.cameras)} cameras see the board"
        if self.knocked:
            return f"{seen}. {' '.join(self.cameras[role].text for role in self.knocked)}"
        return f"{seen} within {self.worst_mm:.1f} mm of one place: the calibration holds for them."

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "calibration": self.calibration_id,
            "knocked": list(self.knocked),
            "worst_mm": self.worst_mm,
            "cameras": [
                {
                    "role": v.role,
                    "standing": v.standing.value,
                    "gap_mm": self.gap_mm.get(v.role),
                    "moved_mm": v.moved_mm,
                    "turned_deg": v.turned_deg,
                    "sure_mm": v.sure_mm,
                    "problem": v.problem,
                }
                for _, v in sorted(self.cameras.items())
            ],
        }


def still(before: Sequence[BoardView], after: Sequence[BoardView]) -> bool:
    """Whether a board was held still between two pictures: at least three cameras see it, and none sees it move."""
    earlier = {view.role: view for view in before}
    shifts: list[float] = []
    for view in after:
        other = earlier.get(view.role)
        if other is not None and other.points_m.shape == view.points_m.shape:
            apart = [np.linalg.norm(view.pixels - other.pixels[order], axis=1) for order in _orders(other)]
            shifts.append(min(float(np.median(one)) for one in apart))
    return len(shifts) >= LEAST_CAMERAS and max(shifts) <= _STILL_PX


def check_board(views: Sequence[BoardView], calibration: RigCalibration) -> DailyCheck:
    """Hold one placement's views against a calibration.

    Where the board is, the largest group of cameras that agree decides; a board that was read turned by 180° is turned
    back first. Raises CalibrationError when fewer than three calibrated cameras see the board, or none three agree.
    """
    known = [view for view in views if view.role in calibration.cameras]
    if len(known) < LEAST_CAMERAS:
        raise CalibrationError(
            f"Only {len(known)} of the calibrated cameras see the board, {LEAST_CAMERAS} are needed.",
            todo="Hold it above the middle of the plate, and tilt it less.",
        )
    board, readings = _common_board(known, calibration)
    agreeing = [v for v in known if _fits(v, calibration.cameras[v.role], board, readings)]
    if len(agreeing) < LEAST_CAMERAS:
        raise CalibrationError(
            "No three cameras see the board in one place.",
            todo="Hold the board still and try again; calibrate the rig when that does not help.",
        )
    cameras: dict[str, CameraVerdict] = {}
    gaps: dict[str, float] = {}
    for view in known:
        others = [v for v in agreeing if v is not view]
        place = _refined(others, calibration, board, readings) if len(others) >= LEAST_CAMERAS - 1 else board
        cameras[view.role], gap = _verdict(view, calibration.cameras[view.role], place, readings[view.role])
        if gap is not None:
            gaps[view.role] = gap
    for role in calibration.cameras:
        cameras.setdefault(role, CameraVerdict(role, Standing.UNCHECKED, problem="it does not see the board"))
    return DailyCheck(calibration.id, dict(sorted(cameras.items())), dict(sorted(gaps.items())))


def _orders(view: BoardView) -> list[Order]:
    return [np.arange(len(view.pixels), dtype=np.intp), *view.turns]


def _common_board(views: Sequence[BoardView], calibration: RigCalibration) -> tuple[Pose, dict[str, int]]:
    """Return the place (board → world) that most cameras' own readings agree on, and each view's nearest reading."""
    proposals: dict[str, list[Pose]] = {}
    for view in views:
        camera = calibration.cameras[view.role]
        found = view_pose(view, camera.model)
        poses = found.poses if found else ()
        motions = view.motions()
        # Read by turn r, the board lies where the first reading puts it, moved back into itself.
        proposals[view.role] = [camera.pose.inverse @ pose @ motion.inverse for motion in motions for pose in poses[:1]]
    best: tuple[int, float, Pose] | None = None
    for poses in proposals.values():
        for pose in poses:
            apart = [min((_apart(pose, other) for other in others), default=np.inf) for others in proposals.values()]
            count = sum(one <= 1.0 for one in apart)
            spread = float(np.median(apart))
            if best is None or (count, -spread) > (best[0], -best[1]):
                best = count, spread, pose
    if best is None:
        raise CalibrationError("No camera sees the board well enough.", todo="Hold it nearer and tilt it less.")
    place = best[2]
    readings = {
        role: min(range(len(poses)), key=lambda r: _apart(place, poses[r])) if poses else 0
        for role, poses in proposals.items()
    }
    return place, readings


def _apart(one: Pose, other: Pose) -> float:
    """Return how far two places of a board lie apart, in units of what a single camera tells."""
    twist = twist_between(one, other)
    shift = float(np.linalg.norm(one.translation - other.translation))
    return max(shift / _NEAR_M, turn_rad(twist) / _NEAR_RAD)


def _points(view: BoardView, place: Pose, reading: int) -> Array:
    return place.apply(view.read_as(reading))


def _fits(view: BoardView, camera: CameraCalibration, place: Pose, readings: Mapping[str, int]) -> bool:
    """Whether a camera sees the board near enough to ``place`` to have a say in where it is exactly."""
    points = _points(view, place, readings[view.role])
    error = camera.model.project(camera.pose.apply(points)) - view.pixels
    depth = float(np.median(camera.pose.apply(points)[:, 2]))
    return float(np.median(np.linalg.norm(error, axis=1))) * depth / camera.model.fx <= 2.0 * _NEAR_M


def _refined(views: Sequence[BoardView], calibration: RigCalibration, start: Pose, readings: Mapping[str, int]) -> Pose:
    """Return the place of the board by several cameras: Gauss–Newton with Cauchy's weights on their errors in mm."""
    place = start
    for _ in range(8):
        normal: Array = np.zeros((6, 6))
        pull: Array = np.zeros(6)
        for view in views:
            camera = calibration.cameras[view.role]
            board = view.read_as(readings[view.role])
            seen = camera.pose.apply(place.apply(board))
            error = camera.model.project(seen) - view.pixels
            slope = _slope(board, place, camera)
            far = float(np.median(np.linalg.norm(error, axis=1))) * float(np.median(seen[:, 2])) / camera.model.fx
            weight = 1.0 / (1.0 + (far / (0.5 * FIRST_LIMITS.shift_m)) ** 2) / len(board)
            normal += weight * np.einsum("kia,kib->ab", slope, slope)
            pull += weight * np.einsum("kia,ki->a", slope, error)
        change = -np.asarray(np.linalg.solve(normal, pull), dtype=np.float64)
        place = place @ moved(Pose(np.eye(3), np.zeros(3)), change)
        if float(np.abs(change).max()) < 1e-8:
            break
    return place


def _slope(board: Array, place: Pose, camera: CameraCalibration) -> Array:
    """Return the derivative (K, 2, 6) of a board's pixels by a twist in the board's own frame, by differences."""
    step = 1e-6
    columns: list[Array] = []
    for axis in range(6):
        twist = np.zeros(6)
        twist[axis] = step
        there, back = (place @ moved(Pose(np.eye(3), np.zeros(3)), sign * twist) for sign in (1.0, -1.0))
        plus, minus = (camera.model.project(camera.pose.apply(p.apply(board))) for p in (there, back))
        columns.append((plus - minus) / (2.0 * step))
    return np.stack(columns, axis=2)


def _verdict(
    view: BoardView, camera: CameraCalibration, place: Pose, reading: int
) -> tuple[CameraVerdict, float | None]:
    points = _points(view, place, reading)
    seen = camera.pose.apply(points)
    error: Array = np.linalg.norm(camera.model.project(seen) - view.pixels, axis=1)
    gap = 1e3 * float(np.median(error) * np.median(seen[:, 2]) / camera.model.fx)
    motion = fit_motion(points, view.pixels, np.ones(len(points)), camera.model, camera.pose, camera.pose)
    if motion is None:
        return CameraVerdict(view.role, Standing.UNCHECKED, problem="its corners do not fit together"), None
    sigma, corners = motion.sigma_px, int(motion.kept.sum())
    measured = Measured(motion.twist, motion.information, corners, sigma, learned=False, rms_px=sigma, best_px=sigma)
    fused = fuse([measured])
    assert fused is not None
    x, y, z = (1e3 * (motion.moved(camera.pose).center - camera.pose.center)).tolist()
    return (
        CameraVerdict(
            role=view.role,
            standing=Standing.KNOCKED if fused.knocked(motion.twist) else Standing.STANDS,
            moved_mm=1e3 * size_m(motion.twist),
            turned_deg=float(np.degrees(turn_rad(motion.twist))),
            sure_mm=1e3 * fused.sure_m,
            shift_mm=(x, y, z),
            rms_px=float(np.sqrt(np.mean(error**2))),
            best_px=motion.sigma_px,
            checks=1,
        ),
        gap,
    )
