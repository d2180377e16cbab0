"""A rig at the session's door whose pictures are rendered from a script, and a hand that holds the board."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from calibration.projection import rotation_matrices
from station.boards import Board, CharucoBoard, FrameBoard
from station.cameras.supervisor import CameraState, CameraStatus
from station.frames import CameraInfo, Frame, FrameSet, TimeDomain
from station.geometry import Array, CameraModel, Pose, RigCalibration
from station.simulation.rig import rig_models
from tests.calibration.rendered import picture_of

BOARD = CharucoBoard(8, 6, 0.030, 0.022, "DICT_5X5_100")
PLATE = FrameBoard()
PERIOD_NS = 150_000_000
_START = datetime(2026, 1, 1, tzinfo=UTC)


def true_rig(roles: Sequence[str], seed: int = 0) -> RigCalibration:
    """Return some cameras of the simulated rig at 640×480, without distortion: the renderer has none."""
    truth = rig_models("640x480", seed)
    cameras = {role: truth.cameras[role] for role in roles}
    plain = {r: replace(c, model=replace(c.model, distortion=(0.0,) * 5)) for r, c in cameras.items()}
    return RigCalibration(plain, "test", truth.created_at)


class ScriptedRig:
    """Ten cameras that see what the test puts before them; every frameset is 150 ms younger than the last."""

    def __init__(self, truth: RigCalibration, board: Board = BOARD, noise: float = 1.0) -> None:
        self.truth = truth
        self.roles = tuple(truth.cameras)
        self.infos = {
            role: CameraInfo(role, c.serial, "scripted", "1", "3.2", c.model, c.model, Pose.identity(), 1e9 / PERIOD_NS)
            for role, c in truth.cameras.items()
        }
        self.board = board
        self.drift_px = 0.0
        self.skew_ms = 10.0
        self.silent = False
        self.dead: set[str] = set()
        self._noise = noise
        self._rng = np.random.default_rng(0)
        self._lock = threading.Lock()
        self._number = 0
        self._empty = {role: picture_of(PLATE, c.model, c.pose) for role, c in truth.cameras.items()}
        self._scene = dict(self._empty)

    def show(self, pose: Pose | None, hidden: Sequence[str] = ()) -> None:
        """Hold the board at ``pose`` (board → world), or take it away; ``hidden`` cameras see a hand instead."""
        scene: dict[str, NDArray[np.uint8]] = {}
        for role, camera in self.truth.cameras.items():
            scene[role] = self._empty[role]
            if pose is not None:
                to_camera = camera.pose @ pose
                middle = to_camera.apply(self.board.corners.mean(axis=0)[None])[0]
                if middle[2] > 0.1 and to_camera.rotation[:, 2] @ middle > 0:
                    scene[role] = picture_of(self.board, camera.model, to_camera)
            if role in hidden:
                scene[role] = np.full_like(self._empty[role], 90)
        with self._lock:
            self._scene = scene

    def move_camera(self, role: str, pose: Pose) -> None:
        """Move a camera to another pose world → camera; the board is taken away."""
        camera = replace(self.truth.cameras[role], pose=pose)
        self.truth = replace(self.truth, cameras={**self.truth.cameras, role: camera})
        self._empty[role] = picture_of(PLATE, camera.model, pose)
        self.show(None)

    def states(self) -> Mapping[str, CameraStatus]:
        """All stream but the dead."""
        return {
            role: CameraStatus(
                role, "", CameraState.FAILED if role in self.dead else CameraState.STREAMING, "", 6.7, 1, 0, 0
            )
            for role in self.roles
        }

    def clock_ns(self) -> int:
        """The time of the newest frameset."""
        return self._number * PERIOD_NS

    def next_frameset(
        self, newer_than_ns: int = 0, timeout_s: float = 5.0, *, registered: bool = True
    ) -> FrameSet | None:
        """Return the scene as it is now, 150 ms later."""
        with self._lock:
            self._number += 1
            scene = dict(self._scene)
        if self.silent:
            return None
        time_ns = self.clock_ns()
        depth = np.zeros((1, 1), np.uint16)
        frames = {
            role: Frame(
                role, self._grainy(picture), depth, 0.001, self._number, time_ns / 1e6, TimeDomain.GLOBAL, time_ns
            )
            for role, picture in scene.items()
            if role not in self.dead
        }
        taken_at = _START + timedelta(microseconds=time_ns / 1e3)
        return FrameSet(frames, tuple(sorted(self.dead)), self.skew_ms, taken_at, time_ns)

    def _grainy(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        shift = round(self.drift_px * self._number)
        moved = np.roll(picture, shift, axis=1).astype(np.float32)
        grain = self._rng.normal(0.0, self._noise, picture.shape).astype(np.float32)
        grey = np.clip(moved + grain, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)


def held(truth: RigCalibration, roles: Sequence[str], rng: np.random.Generator, board: Board = BOARD) -> Pose:
    """Return a pose board → world in which the named cameras see the board, somewhat tilted, turned and moved."""
    centres = np.stack([truth.cameras[role].pose.center for role in roles])
    place = np.array([0.24, 0.19, 0.12]) + rng.uniform([-0.06, -0.05, -0.06], [0.06, 0.05, 0.10])
    sight = (place - centres) / np.linalg.norm(place - centres, axis=1, keepdims=True)
    away = sight.mean(axis=0) / np.linalg.norm(sight.mean(axis=0))
    x = np.cross([0.2, 1.0, 0.3], away)
    x /= np.linalg.norm(x)
    facing: Array = np.stack([x, np.cross(away, x), away], axis=1)
    tilt = np.radians(rng.uniform(0.0, 25.0))
    direction = rng.uniform(0.0, 2 * np.pi)
    turn = rotation_matrices(np.array([[np.cos(direction) * tilt, np.sin(direction) * tilt, 0.0]]))[0]
    spin = rotation_matrices(np.array([[0.0, 0.0, rng.uniform(0.0, 2 * np.pi)]]))[0]
    rotation = facing @ turn @ spin
    return Pose(rotation, place - rotation @ board.corners.mean(axis=0))


def model_of(truth: RigCalibration, role: str) -> CameraModel:
    """Return one camera's model."""
    return truth.cameras[role].model
