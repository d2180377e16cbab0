"""Cameras, poses and the rig's calibration as frozen values with their JSON form; nothing is solved here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.durable_json import write_json
from station.errors import CalibrationError

Array = NDArray[np.float64]
"""Float64 array; the docstring of each function gives its shape."""

PLATE_WORLD = "plate"
"""``RigCalibration.world`` where the world is the plate's frame: origin at its corner, z up."""

_ROLE = re.compile(r"[A-Za-z0-9_-]+")
_MOST_SKEW = 1e-4
"""How far R·Rᵀ of a stored rotation may be from the identity."""
_FARTHEST_M = 100.0
_WIDEST_PX = 65535
_FOCAL_LENGTHS = (0.05, 100.0)
"""A focal length as a multiple of the picture's longer side: wider and narrower lenses than these do not exist."""
_MOST_DISTORTION = 1000.0

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
        """Rebuild a camera from its JSON form.

        Raises KeyError, TypeError or ValueError on a wrong form, CalibrationError for a camera that cannot exist.
        """
        k1, k2, p1, p2, k3 = (float(v) for v in data.get("distortion", (0, 0, 0, 0, 0)))
        model = CameraModel(
            width=int(data["width"]),
            height=int(data["height"]),
            fx=float(data["fx"]),
            fy=float(data["fy"]),
            cx=float(data["cx"]),
            cy=float(data["cy"]),
            distortion=(k1, k2, p1, p2, k3),
        )
        if absurd := model.absurdity:
            raise CalibrationError(f"There is no such camera: {absurd}.", todo="Give the intrinsics in pixels.")
        return model

    @property
    def absurdity(self) -> str:
        """What shows that these are no camera's figures, else empty."""
        if not (1 <= self.width <= _WIDEST_PX and 1 <= self.height <= _WIDEST_PX):
            return f"its picture is {self.width}×{self.height}"
        side = max(self.width, self.height)
        for name, value in (("fx", self.fx), ("fy", self.fy)):
            if not _FOCAL_LENGTHS[0] * side <= value <= _FOCAL_LENGTHS[1] * side:
                return f"{name} is {value:g} px for a picture of {self.width}×{self.height}"
        for name, value, extent in (("cx", self.cx, self.width), ("cy", self.cy, self.height)):
            if not -extent <= value <= 2 * extent:
                return f"{name} is {value:g} px for a picture of {self.width}×{self.height}"
        for name, value in zip(("k1", "k2", "p1", "p2", "k3"), self.distortion, strict=True):
            if not abs(value) <= _MOST_DISTORTION:
                return f"{name} is {value:g}"
        return ""


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

    @staticmethod
    def from_stored(values: Sequence[float]) -> Pose:
        """Rebuild a pose from twelve numbers of a file, (3, 4) row by row.

        Raises TypeError or ValueError on other numbers, CalibrationError when they are no rigid transform.
        """
        rows = np.array(values, dtype=np.float64).reshape(3, 4)
        rotation = rows[:, :3]
        if not np.isfinite(rows).all():
            raise CalibrationError("Its pose holds a number that is not finite.")
        skew = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
        if skew > _MOST_SKEW or np.linalg.det(rotation) < 0.0:
            raise CalibrationError("Its pose does not turn: the matrix is no rotation.")
        if float(np.abs(rows[:, 3]).max()) > _FARTHEST_M:
            raise CalibrationError(f"Its pose is more than {_FARTHEST_M:g} m away: poses are in metres.")
        return Pose.from_matrix(rows)

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
    """One role's calibrated camera: serial, colour camera model and world → camera extrinsics.

    ``device`` is its name as the camera says it, empty where that was not noted.
    """

    role: str
    serial: str
    model: CameraModel
    pose: Pose
    device: str = ""


@dataclass(frozen=True, slots=True)
class RigCalibration:
    """The calibrated rig; written as JSON, never changed in place.

    ``id`` is a hash of the geometry, ``source`` says from what it was solved, ``quality`` holds the
    measured figures of the solve. ``world`` names what the poses are relative to: :data:`PLATE_WORLD`, or the
    role of a camera or another board where the plate was not seen, empty where that was not noted. Raises
    CalibrationError for a role that cannot be the name of a folder.
    """

    cameras: Mapping[str, CameraCalibration]
    source: str
    created_at: str
    quality: Mapping[str, float] = field(default_factory=dict[str, float])
    world: str = ""

    def __post_init__(self) -> None:
        """Check the roles."""
        for role in self.cameras:
            require_role(role)

    def require_plate_world(self) -> None:
        """Raise CalibrationError when the poses are known to be relative to something else than the plate."""
        if self.world not in ("", PLATE_WORLD):
            raise CalibrationError(
                f"The world of calibration {self.id} is {self.world} and not the plate, so nobody knows where the "
                "plate is.",
                todo="Solve it anew with a picture of the empty plate.",
            )

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
            "world": self.world,
            "devices": {role: camera.device for role, camera in sorted(self.cameras.items()) if camera.device},
            "cameras": self._geometry(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], where: str = "calibration") -> RigCalibration:
        """Rebuild a calibration; raises CalibrationError when it is damaged or its id does not fit."""
        try:
            devices = data.get("devices", {})
            cameras = {
                role: _camera(role, entry, str(devices.get(role, ""))) for role, entry in data["cameras"].items()
            }
            calibration = RigCalibration(
                cameras=cameras,
                source=str(data["source"]),
                created_at=str(data["created_at"]),
                quality={str(k): float(v) for k, v in data.get("quality", {}).items()},
                world=str(data.get("world", "")),
            )
            stated = data["id"]
        except CalibrationError as error:
            raise CalibrationError(error.what, where=where, todo="Use another calibration.") from error
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


def require_role(name: str) -> None:
    """Raise CalibrationError for a camera's name that is not made of letters, digits, _ and -; files are named so."""
    if _ROLE.fullmatch(name) is None:
        raise CalibrationError(
            f"{name!r} cannot be the name of a camera.", todo="Take letters without accents, digits, _ and - alone."
        )


def _camera(role: str, entry: Mapping[str, Any], device: str) -> CameraCalibration:
    try:
        model, pose = CameraModel.from_json(entry["model"]), Pose.from_stored(entry["world_to_camera"])
    except CalibrationError as error:
        raise CalibrationError(f"Its camera {role} cannot be used. {error.what}") from error
    return CameraCalibration(role, str(entry["serial"]), model, pose, device)
