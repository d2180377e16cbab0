"""Cameras, poses and the rig's calibration as frozen values with their JSON form; nothing is solved here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.durable_json import write_json
from station.errors import CalibrationError

Array = NDArray[np.float64]
"""Float64 array; the docstring of each function gives its shape."""

_LARGEST_WIDENING = 0.01
"""848×480 is nearly 16:9: a picture may ask for this share more than the calibrated one shows."""


@dataclass(frozen=True, slots=True)
class CameraModel:
    """Pinhole camera with OpenCV's five-parameter Brown distortion, for one image size.

    ``fx, fy, cx, cy`` in pixels (pixel centres at integers), ``distortion`` is (k1, k2, p1, p2, k3).
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)

    @property
    def matrix(self) -> Array:
        """Camera matrix K, (3, 3)."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    @property
    def dist_coeffs(self) -> Array:
        """Distortion as OpenCV takes it, (1, 5)."""
        return np.array([self.distortion], dtype=np.float64)

    @property
    def distorted(self) -> bool:
        """Whether any distortion coefficient is non-zero."""
        return any(self.distortion)

    def cropped_and_scaled(self, x0: float, y0: float, width: int, height: int, scale: float) -> CameraModel:
        """Return the camera after cutting ``width``×``height`` source pixels at (x0, y0) and scaling by ``scale``.

        Pixel centres are at integers, so scaling maps ``u`` to ``(u + 0.5)·scale − 0.5``.
        """
        return CameraModel(
            width=round(width * scale),
            height=round(height * scale),
            fx=self.fx * scale,
            fy=self.fy * scale,
            cx=(self.cx - x0 + 0.5) * scale - 0.5,
            cy=(self.cy - y0 + 0.5) * scale - 0.5,
            distortion=self.distortion,
        )

    def for_size(self, width: int, height: int) -> CameraModel:
        """Return the same camera at another resolution, as RealSense D415 and D435 colour cameras make it.

        Their pictures hold the imager's full height, scaled, and as much of its width around the middle as the aspect
        ratio asks: 640×480 is the middle 960×720 of 1280×720 scaled by 2/3, 848×480 its middle 1272×720. Rule:
        librealsense, ``get_color_stream_intrinsic`` in ``ds5-private.cpp``; pixel centres are at integers here as in
        :meth:`cropped_and_scaled`, which differs from that by up to a sixth of a pixel between these sizes. A D455
        (16:10 imager) follows another rule. Raises CalibrationError where the asked picture is wider than what
        this one shows, for nothing is known of a lens beyond its picture.
        """
        if min(width, height) < 1:
            raise CalibrationError(f"A picture of {width}×{height} pixels has no camera model.")
        scale = height / self.height
        cut = self.width - width / scale
        if cut < -_LARGEST_WIDENING * self.width:
            raise CalibrationError(
                f"The intrinsics of {width}×{height} cannot be derived from {self.width}×{self.height}: the picture "
                "is wider than what was calibrated.",
                todo="Calibrate at a resolution of the same or a wider aspect ratio.",
            )
        return replace(
            self,
            width=width,
            height=height,
            fx=self.fx * scale,
            fy=self.fy * scale,
            cx=(self.cx - 0.5 * cut + 0.5) * scale - 0.5,
            cy=(self.cy + 0.5) * scale - 0.5,
        )

    def project(self, points_cam: Array) -> Array:
        """Project points in camera coordinates (N, 3), metres, to pixels (N, 2).

        Brown's model as in OpenCV's ``projectPoints``; points with z ≤ 0 come back as NaN.
        """
        z = points_cam[:, 2]
        safe = np.where(z > 1e-9, z, np.nan)
        x, y = points_cam[:, 0] / safe, points_cam[:, 1] / safe
        if self.distorted:
            k1, k2, p1, p2, k3 = self.distortion
            r2 = x * x + y * y
            radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
            x, y = (
                x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
                y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
            )
        return np.stack([self.fx * x + self.cx, self.fy * y + self.cy], axis=1)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "width": self.width,
            "height": self.height,
            "fx": self.fx,
            "fy": self.fy,
            "cx": self.cx,
            "cy": self.cy,
            "distortion": list(self.distortion),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> CameraModel:
        """Rebuild a camera from its JSON form; raises KeyError, TypeError or ValueError on a wrong one."""
        k1, k2, p1, p2, k3 = (float(v) for v in data.get("distortion", (0, 0, 0, 0, 0)))
        return CameraModel(
            width=int(data["width"]),
            height=int(data["height"]),
            fx=float(data["fx"]),
            fy=float(data["fy"]),
            cx=float(data["cx"]),
            cy=float(data["cy"]),
            distortion=(k1, k2, p1, p2, k3),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Rigid transform ``X_b = R·X_a + t``; as extrinsics, world → camera in metres.

    ``rotation`` is (3, 3), ``translation`` is (3,); both are made read-only.
    """

    rotation: Array
    translation: Array

    def __post_init__(self) -> None:
        """Take read-only float64 copies and check the shapes."""
        rotation = np.array(self.rotation, dtype=np.float64).reshape(3, 3)
        translation = np.array(self.translation, dtype=np.float64).reshape(3)
        rotation.flags.writeable = False
        translation.flags.writeable = False
        object.__setattr__(self, "rotation", rotation)
        object.__setattr__(self, "translation", translation)

    @staticmethod
    def identity() -> Pose:
        """Return the pose that changes nothing."""
        return Pose(np.eye(3), np.zeros(3))

    @staticmethod
    def from_matrix(matrix: Array) -> Pose:
        """Build a pose from a (4, 4) or (3, 4) matrix."""
        m = np.asarray(matrix, dtype=np.float64)
        return Pose(m[:3, :3], m[:3, 3])

    @property
    def matrix(self) -> Array:
        """Homogeneous matrix, (4, 4)."""
        m = np.eye(4)
        m[:3, :3] = self.rotation
        m[:3, 3] = self.translation
        return m

    @property
    def center(self) -> Array:
        """Origin of the target frame in source coordinates (the camera centre in the world), (3,)."""
        return -self.rotation.T @ self.translation

    @property
    def inverse(self) -> Pose:
        """Return the transform back."""
        return Pose(self.rotation.T, self.center)

    def __matmul__(self, other: Pose) -> Pose:
        """Return ``self`` after ``other``."""
        return Pose(self.rotation @ other.rotation, self.rotation @ other.translation + self.translation)

    def apply(self, points: Array) -> Array:
        """Transform points (N, 3)."""
        return points @ self.rotation.T + self.translation


@dataclass(frozen=True, slots=True)
class WorkVolume:
    """Axis-parallel box above the plate in which parts are recognised; world coordinates, metres."""

    x: tuple[float, float] = (0.0, 0.480)
    y: tuple[float, float] = (0.0, 0.384)
    z: tuple[float, float] = (0.0, 0.300)

    @property
    def corners(self) -> Array:
        """The eight corners, (8, 3)."""
        return np.array([[x, y, z] for x in self.x for y in self.y for z in self.z])


@dataclass(frozen=True, slots=True)
class CameraCalibration:
    """One role's calibrated camera: serial, colour camera model and world → camera extrinsics."""

    role: str
    serial: str
    model: CameraModel
    pose: Pose


@dataclass(frozen=True, slots=True)
class RigCalibration:
    """The calibrated rig; written as JSON, never changed in place.

    ``id`` is a hash of the geometry, ``source`` says from what it was solved, ``quality`` holds the
    measured figures of the solve.
    """

    cameras: Mapping[str, CameraCalibration]
    source: str
    created_at: str
    quality: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def id(self) -> str:
        """Twelve hex digits of the SHA-256 over serials, models and poses."""
        text = json.dumps(self._geometry(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def _geometry(self) -> dict[str, Any]:
        return {
            role: {
                "serial": c.serial,
                "model": c.model.to_json(),
                "world_to_camera": [float(v) for v in c.pose.matrix[:3].ravel()],
            }
            for role, c in sorted(self.cameras.items())
        }

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "schema": 1,
            "id": self.id,
            "created_at": self.created_at,
            "source": self.source,
            "quality": dict(self.quality),
            "cameras": self._geometry(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], where: str = "calibration") -> RigCalibration:
        """Rebuild a calibration; raises CalibrationError when it is damaged or its id does not fit."""
        try:
            cameras = {
                role: CameraCalibration(
                    role=role,
                    serial=str(c["serial"]),
                    model=CameraModel.from_json(c["model"]),
                    pose=Pose.from_matrix(np.array(c["world_to_camera"], dtype=np.float64).reshape(3, 4)),
                )
                for role, c in data["cameras"].items()
            }
            calibration = RigCalibration(
                cameras=cameras,
                source=str(data["source"]),
                created_at=str(data["created_at"]),
                quality={str(k): float(v) for k, v in data.get("quality", {}).items()},
            )
            stated = data["id"]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CalibrationError(
                f"The calibration cannot be read: {error!r}.", where=where, todo="Use another calibration."
            ) from error
        if stated != calibration.id:
            raise CalibrationError(
                f"The calibration's content has id {calibration.id}, its file says {stated}: it was changed by hand.",
                where=where,
                todo="Restore the file or calibrate anew.",
            )
        return calibration

    def save(self, path: Path) -> None:
        """Write the JSON durably; raises OSError."""
        write_json(path, self.to_json())

    @staticmethod
    def load(path: Path) -> RigCalibration:
        """Read a calibration file; raises CalibrationError in one sentence."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CalibrationError(
                f"The calibration cannot be read: {error}.", where=str(path), todo="Check the path in station.toml."
            ) from error
        return RigCalibration.from_json(data, where=str(path))
