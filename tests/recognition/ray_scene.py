"""A plate with boxes and cylinders on it, seen by a ring of cameras: exact depth, colour and masks by ray casting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration

WIDTH, HEIGHT = 320, 240
CENTRE = (0.24, 0.192)


@dataclass(frozen=True)
class Brick:
    """An upright box: middle of its base, half edges along its own x and y, height, turn, grey level."""

    x: float
    y: float
    half_x: float
    half_y: float
    height: float
    turn: float = 0.0
    grey: int = 60
    round: bool = False
    """Whether it is an upright cylinder of radius ``half_x`` instead."""
    base: float = 0.0
    """Height of its underside above the plate; ``height`` is that of its upper side."""

    @property
    def size(self) -> tuple[float, float, float]:
        first, second, third = sorted((2 * self.half_x, 2 * self.half_y, self.height), reverse=True)
        return first, second, third


@cache
def calibration(
    distortion: tuple[float, float, float, float, float] = (0.02, -0.02, 0.0003, -0.0002, 0.0),
) -> RigCalibration:
    """Ten cameras round the plate: three low, six at half height, one from above."""
    cameras: dict[str, CameraCalibration] = {}
    for number, role in enumerate(ROLES):
        turn = 2.0 * math.pi * number / 9.0
        low = number < 3
        radius, height = (0.55, 0.20) if low else (0.42, 0.55)
        if number == 9:
            radius, height = 0.03, 0.78
        turn += 0.7 * number if low else 0.0
        place = np.array([CENTRE[0] + radius * math.cos(turn), CENTRE[1] + radius * math.sin(turn), height])
        forward = np.array([*CENTRE, 0.02]) - place
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        right /= np.linalg.norm(right)
        rotation = np.stack([right, np.cross(forward, right), forward])
        model = CameraModel(WIDTH, HEIGHT, 270.0, 271.0, 161.3, 118.2, distortion)
        cameras[role] = CameraCalibration(role, f"{number:012d}", model, Pose(rotation, -rotation @ place))
    return RigCalibration(cameras=cameras, source="test", created_at="2026-01-01T00:00:00Z")


@cache
def _rays(camera: CameraCalibration) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """World directions (h, w, 3) with unit depth, and the camera's centre; distortion undone by fixed-point steps."""
    model = camera.model
    u, v = np.meshgrid(np.arange(WIDTH, dtype=float), np.arange(HEIGHT, dtype=float))
    target = np.stack([u.ravel(), v.ravel()], axis=1)
    xy = (target - [model.cx, model.cy]) / [model.fx, model.fy]
    for _ in range(8):
        points = np.concatenate([xy, np.ones((len(xy), 1))], axis=1)
        xy = xy + (target - model.project(points)) / [model.fx, model.fy]
    directions = np.concatenate([xy, np.ones((len(xy), 1))], axis=1) @ camera.pose.rotation
    return directions.reshape(HEIGHT, WIDTH, 3), camera.pose.center


def _hit(brick: Brick, directions: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Depth (h, w) at which the rays meet a brick, infinite where they do not."""
    cos, sin = math.cos(brick.turn), math.sin(brick.turn)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    start = turn @ (origin - [brick.x, brick.y, 0.0])
    along = directions @ turn.T
    along = np.where(np.abs(along) < 1e-12, 1e-12, along)
    slabs = [((brick.base - start[2]) / along[..., 2], (brick.height - start[2]) / along[..., 2])]
    if brick.round:
        a = along[..., 0] ** 2 + along[..., 1] ** 2
        b = start[0] * along[..., 0] + start[1] * along[..., 1]
        root = b * b - a * (start[0] ** 2 + start[1] ** 2 - brick.half_x**2)
        reach = np.sqrt(np.maximum(root, 0.0))
        slabs.append((np.where(root > 0, (-b - reach) / a, np.inf), np.where(root > 0, (-b + reach) / a, -np.inf)))
    else:
        for axis, half in ((0, brick.half_x), (1, brick.half_y)):
            slabs.append(((-half - start[axis]) / along[..., axis], (half - start[axis]) / along[..., axis]))
    enter = np.max([np.minimum(*slab) for slab in slabs], axis=0)
    leave = np.min([np.maximum(*slab) for slab in slabs], axis=0)
    if brick.round:
        missed = ~np.isfinite(slabs[1][0])
        enter = np.where(missed, np.inf, enter)
    return np.where((leave > enter) & (enter > 0), enter, np.inf)


def shoot(
    rig: RigCalibration,
    bricks: tuple[Brick, ...] = (),
    *,
    seed: int = 0,
    noise_m: float = 0.001,
    depth_factor: float = 1.0,
    dead: tuple[str, ...] = (),
    gain: float = 1.0,
) -> tuple[FrameSet, dict[str, NDArray[np.uint8]]]:
    """Return the frameset and the true masks; the plate is grey with a fixed pattern, depth noise is Gaussian."""
    rng = np.random.default_rng(seed)
    frames: dict[str, Frame] = {}
    masks: dict[str, NDArray[np.uint8]] = {}
    for role, camera in rig.cameras.items():
        directions, origin = _rays(camera)
        down = directions[..., 2] < -1e-3
        plate = np.where(down, -origin[2] / np.where(down, directions[..., 2], -1.0), 6.0)
        depth = np.minimum(plate, 6.0)
        at = directions[..., :2] * depth[..., None] + origin[:2]
        grey = 130.0 + 12.0 * np.sin(90.0 * at[..., 0]) * np.sin(70.0 * at[..., 1])
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        for brick in bricks:
            hit = _hit(brick, directions, origin)
            nearer = hit < depth
            depth = np.where(nearer, hit, depth)
            grey = np.where(nearer, brick.grey, grey)
            mask[nearer] = 255
        color = np.repeat((gain * grey)[..., None], 3, axis=2) + rng.normal(0.0, 1.0, (HEIGHT, WIDTH, 3))
        measured = depth * depth_factor + rng.normal(0.0, noise_m, depth.shape) if noise_m else depth * depth_factor
        measured = np.where(rng.random(depth.shape) < 0.1, 0.0, measured)
        if role in dead:
            measured = np.where(rng.random(depth.shape) < 0.95, 0.0, measured)
        frames[role] = Frame(
            role=role,
            color=np.clip(np.rint(color), 0, 255).astype(np.uint8),
            depth=np.rint(measured * 1000.0).astype(np.uint16),
            depth_scale=0.001,
            number=1,
            device_time_ms=0.0,
            time_domain=TimeDomain.HARDWARE,
            arrival_ns=0,
        )
        masks[role] = mask
    return FrameSet(frames, (), 0.0, datetime.now(UTC), 0), masks
