"""The ten true cameras of the simulated rig, and the geometry that the rig hands over with an honest error on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from station.frames import ROLES
from station.geometry import PLATE_WORLD, Array, CameraCalibration, CameraModel, Pose, RigCalibration

Size = Literal["1280x720", "640x480"]
SIZES: tuple[Size, ...] = ("1280x720", "640x480")
"""The stream profiles the simulated cameras deliver."""

POSITION_ERROR_M = 0.0003
ROTATION_ERROR_DEG = 0.05
"""Standard deviations of the calibration that is handed over."""

BASELINE_M = 0.055
"""Distance between the two infrared imagers of a depth camera."""

_STAMP = "2026-01-01T00:00:00Z"
"""Creation time of simulated calibrations: fixed, so that the same seed gives the same bytes."""

# Camera centre, viewing direction and the image's x direction in the world: three low side views, then higher ones.
_PLACES: tuple[tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]], ...] = (
    ((0.69, 0.23, 0.16), (-0.92, -0.07, -0.38), (-0.08, 1.00, 0.02)),
    ((0.27, -0.29, 0.20), (-0.13, 0.87, -0.48), (0.99, 0.13, -0.05)),
    ((-0.35, 0.21, 0.20), (0.94, -0.13, -0.32), (-0.12, -0.99, 0.04)),
    ((0.65, -0.01, 0.39), (-0.70, 0.30, -0.65), (0.71, 0.29, -0.64)),
    ((0.47, -0.09, 0.54), (-0.10, 0.57, -0.82), (0.88, -0.32, -0.34)),
    ((0.20, -0.18, 0.55), (0.24, 0.53, -0.82), (0.97, -0.03, 0.26)),
    ((-0.33, -0.08, 0.50), (0.77, 0.34, -0.55), (0.59, -0.04, 0.80)),
    ((0.47, 0.41, 0.73), (-0.43, -0.41, -0.80), (0.82, 0.20, -0.54)),
    ((0.12, 0.15, 0.78), (0.09, 0.10, -0.99), (0.94, -0.32, 0.05)),
    ((-0.25, 0.33, 0.71), (0.77, -0.25, -0.59), (0.62, 0.06, 0.78)),
)


def _orientation(forward: tuple[float, ...], right: tuple[float, ...]) -> Array:
    """Return the world → camera rotation (3, 3) whose z axis is ``forward`` and whose x axis is nearest ``right``."""
    z = np.asarray(forward, dtype=np.float64)
    z /= np.linalg.norm(z)
    x = np.asarray(right, dtype=np.float64)
    x -= z * (x @ z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])


def _turn(vector_deg: Array) -> Array:
    """Return the rotation matrix (3, 3) of a rotation vector in degrees."""
    return np.asarray(cv2.Rodrigues(np.radians(vector_deg).reshape(3, 1))[0], dtype=np.float64)


def _factory_model(rng: np.random.Generator) -> CameraModel:
    """Draw one colour camera as it leaves the factory, 1280×720: square pixels almost, centre off by some pixels."""
    fx = float(rng.uniform(902.0, 913.0))
    k1, k2 = float(rng.normal(0.02, 0.01)), float(rng.normal(-0.02, 0.01))
    p1, p2 = (float(v) for v in rng.normal(0.0, 0.0003, size=2))
    return CameraModel(
        width=1280,
        height=720,
        fx=round(fx, 3),
        fy=round(fx + float(rng.normal(0.0, 0.4)), 3),
        cx=round(float(rng.uniform(630.0, 652.0)), 3),
        cy=round(float(rng.uniform(356.0, 373.0)), 3),
        distortion=(round(k1, 5), round(k2, 5), round(p1, 6), round(p2, 6), 0.0),
    )


def rig_models(size: Size, seed: int) -> RigCalibration:
    """Return the true cameras of the ten roles for one image size.

    ``seed`` decides serials, intrinsics and how far each camera stands from its nominal place (3 mm, 0.4°);
    the two sizes of one seed are the same cameras, 640×480 being the centre 960×720 pixels scaled by 2/3.
    """
    cameras: dict[str, CameraCalibration] = {}
    for number, (role, (centre, forward, right)) in enumerate(zip(ROLES, _PLACES, strict=True)):
        rng = np.random.default_rng([seed, 101, number])
        model = _factory_model(rng)
        if size == "640x480":
            model = model.cropped_and_scaled(160, 0, 960, 720, 2.0 / 3.0)
        position = np.asarray(centre) + rng.normal(0.0, 0.003, size=3)
        rotation = _turn(rng.normal(0.0, 0.4, size=3)) @ _orientation(forward, right)
        serial = f"{int(rng.integers(10**9, 10**10)):012d}"
        cameras[role] = CameraCalibration(role, serial, model, Pose(rotation, -rotation @ position))
    return RigCalibration(cameras=cameras, source="simulation, true geometry", created_at=_STAMP, world=PLATE_WORLD)


def handed_over(truth: RigCalibration, seed: int) -> RigCalibration:
    """Return ``truth`` with an error on every camera's pose, drawn from ``seed``: 0.3 mm a coordinate, 0.05° in all."""
    cameras: dict[str, CameraCalibration] = {}
    for number, (role, camera) in enumerate(sorted(truth.cameras.items())):
        rng = np.random.default_rng([seed, 202, number])
        centre = camera.pose.center + rng.normal(0.0, POSITION_ERROR_M, size=3)
        rotation = _turn(rng.normal(0.0, ROTATION_ERROR_DEG / np.sqrt(3.0), size=3)) @ camera.pose.rotation
        cameras[role] = CameraCalibration(role, camera.serial, camera.model, Pose(rotation, -rotation @ centre))
    return replace(truth, cameras=cameras, source="simulation, handed over with an error")


def knocked(truth: RigCalibration, role: str, shift_m: Array, turn_deg: Array) -> CameraCalibration:
    """Return a camera after a knock: its centre moved by ``shift_m`` (3,) of the world, metres, and itself turned.

    ``turn_deg`` (3,) is a rotation vector in the camera's own axes (x right, y down, z ahead), degrees.
    """
    camera = truth.cameras[role]
    rotation = _turn(np.asarray(turn_deg, dtype=np.float64)).T @ camera.pose.rotation
    position = camera.pose.center + np.asarray(shift_m, dtype=np.float64)
    return replace(camera, pose=Pose(rotation, -rotation @ position))
