"""Small captures that are not on the disk yet, for tests of the store: three views of noise with known content."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from station.captures.record import CaptureRecord, frame_stamps
from station.captures.writer import NewCapture
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.geometry import PLATE_WORLD, CameraCalibration, CameraModel, Pose, RigCalibration

WIDTH, HEIGHT = 64, 48
THREE = ROLES[:3]


def calibration(roles: tuple[str, ...] = THREE, times: int = 1) -> RigCalibration:
    """Return cameras that look straight down from 0.6 m; their pictures are so many times as large."""
    focal, centre = 60.0 * times, (31.5 * times, 23.5 * times)
    model = CameraModel(WIDTH * times, HEIGHT * times, focal, focal, *centre, (0.01, 0.0, 0.0, 0.0, 0.0))
    pose = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 0.6]))
    cameras = {role: CameraCalibration(role, f"serial{role[-2:]}", model, pose) for role in roles}
    return RigCalibration(cameras, source="test", created_at="2026-01-01T00:00:00Z", world=PLATE_WORLD)


def new_capture(capture_id: str, seed: int = 0, roles: tuple[str, ...] = THREE, times: int = 1) -> NewCapture:
    """Return a capture whose pictures depend on the seed alone, and are so many times as wide and high."""
    width, height = WIDTH * times, HEIGHT * times
    rng = np.random.default_rng(seed)
    taken = datetime(2026, 4, 1, 8, 0, seed % 60, tzinfo=UTC)
    frames: dict[str, Frame] = {}
    masks: dict[str, np.ndarray] = {}
    for number, role in enumerate(roles):
        color = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        depth = rng.integers(580, 600, (height, width), dtype=np.uint16)
        depth[:4] = 0
        frames[role] = Frame(role, color, depth, 0.001, 7 + number, 12.5, TimeDomain.GLOBAL, 1_000_000 * number)
        masks[role] = np.where(rng.random((height, width)) > 0.5, np.uint8(255), np.uint8(0))
    missing = tuple(role for role in ROLES if role not in roles)
    frameset = FrameSet(frames, missing, 3.5, taken, 0)
    rig = calibration(roles, times)
    record = CaptureRecord(
        capture_id=capture_id,
        class_id="",
        split="train",
        origin="rig",
        kept_from="capture_page",
        label_source="chosen",
        taken_at=taken,
        weight_kg=0.75,
        weight_stable=True,
        size_m=(0.1, 0.08, 0.05),
        serials={role: camera.serial for role, camera in rig.cameras.items()},
        frame_times=frame_stamps(frameset),
        skew_ms=3.5,
        missing=missing,
        calibration_id=rig.id,
    )
    return NewCapture(frameset, masks, rig, record)
