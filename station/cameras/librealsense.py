"""The border to the camera SDK: its values become the station's own."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from station.cameras.buffers import PictureBuffers
from station.cameras.clock import DeviceClock
from station.errors import CameraError
from station.frames import CameraInfo, Frame, TimeDomain
from station.geometry import Array, CameraModel, Pose

_COLOR_ALONE = 3
"""So many framesets without depth in a row say that the depth stream is dead, not merely late."""


def load_sdk() -> Any:
    """Return the ``pyrealsense2`` module; raises CameraError when it cannot be imported."""
    try:
        return importlib.import_module("pyrealsense2")
    except ImportError as error:
        raise CameraError(
            f"The camera SDK cannot be loaded: {error}.",
            where="pyrealsense2",
            todo="Install pyrealsense2 and the system library libusb-1.0.",
        ) from error


def camera_model(intrinsics: Any, rs: Any) -> CameraModel:
    """Return the camera model of an SDK's ``intrinsics``; other distortion models are fitted by Brown's."""
    coefficients = np.array(intrinsics.coeffs, dtype=np.float64)
    if not coefficients.any() or intrinsics.model == rs.distortion.none:
        distortion = np.zeros(5)
    elif intrinsics.model == rs.distortion.brown_conrady:
        distortion = coefficients
    elif intrinsics.model in (rs.distortion.inverse_brown_conrady, rs.distortion.modified_brown_conrady):
        inverse = intrinsics.model == rs.distortion.inverse_brown_conrady
        distortion = _fit_brown(coefficients, _normalised_grid(intrinsics), inverse)
    else:
        raise CameraError(
            f"The lens model {intrinsics.model} is not known; expected one of the Brown-Conrady models.",
            todo="Use a D400 camera.",
        )
    k1, k2, p1, p2, k3 = (float(v) for v in distortion)
    return CameraModel(
        width=int(intrinsics.width),
        height=int(intrinsics.height),
        fx=float(intrinsics.fx),
        fy=float(intrinsics.fy),
        cx=float(intrinsics.ppx),
        cy=float(intrinsics.ppy),
        distortion=(k1, k2, p1, p2, k3),
    )


def _normalised_grid(intrinsics: Any) -> Array:
    width, height = int(intrinsics.width), int(intrinsics.height)
    u, v = np.meshgrid(np.linspace(0, width - 1, 25), np.linspace(0, height - 1, 25))
    x = (u.ravel() - float(intrinsics.ppx)) / float(intrinsics.fx)
    y = (v.ravel() - float(intrinsics.ppy)) / float(intrinsics.fy)
    return np.stack([x, y], axis=1)


def _fit_brown(coefficients: Array, points: Array, inverse: bool) -> Array:
    """Fit Brown's (k1, k2, p1, p2, k3), (5,), to one of the SDK's related models over ``points`` (N, 2).

    Both models are written out in the SDK's ``rsutil.h``. The inverse one maps seen to ideal points with Brown's
    formula; the modified one scales radially before the tangential terms. Brown's forward model is linear in its
    coefficients, so one least-squares solve gives them.
    """
    k1, k2, p1, p2, k3 = coefficients
    x, y = points[:, 0], points[:, 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    tx, ty = (x, y) if inverse else (x * radial, y * radial)
    mapped = np.stack(
        [
            x * radial + 2 * p1 * tx * ty + p2 * (r2 + 2 * tx * tx),
            y * radial + 2 * p2 * tx * ty + p1 * (r2 + 2 * ty * ty),
        ],
        axis=1,
    )
    ideal, seen = (mapped, points) if inverse else (points, mapped)
    a, b = ideal[:, 0], ideal[:, 1]
    q = a * a + b * b
    rows_x = np.stack([a * q, a * q**2, 2 * a * b, q + 2 * a * a, a * q**3], axis=1)
    rows_y = np.stack([b * q, b * q**2, q + 2 * b * b, 2 * a * b, b * q**3], axis=1)
    solution, *_ = np.linalg.lstsq(np.vstack([rows_x, rows_y]), (seen - ideal).T.ravel(), rcond=None)
    return np.asarray(solution, dtype=np.float64)


def camera_info(role: str, device: Any, depth_profile: Any, color_profile: Any, rs: Any) -> CameraInfo:
    """Return what an opened device says of itself and its two streams."""

    def said(key: Any) -> str:
        return str(device.get_info(key)) if device.supports(key) else ""

    depth, color = depth_profile.as_video_stream_profile(), color_profile.as_video_stream_profile()
    extrinsics = depth.get_extrinsics_to(color)
    # The SDK keeps rotations by columns.
    rotation = np.array(extrinsics.rotation, dtype=np.float64).reshape(3, 3).T
    return CameraInfo(
        role=role,
        serial=said(rs.camera_info.serial_number),
        name=said(rs.camera_info.name),
        firmware=said(rs.camera_info.firmware_version),
        usb=said(rs.camera_info.usb_type_descriptor),
        color=camera_model(color.get_intrinsics(), rs),
        depth=camera_model(depth.get_intrinsics(), rs),
        depth_to_color=Pose(rotation, np.array(extrinsics.translation, dtype=np.float64)),
        fps=float(color.fps()),
    )


class FrameConverter:
    """Copies a frameset of the SDK into a :class:`Frame`; the SDK's own frames are free again on return.

    The driver lends out about sixteen frames, so none is ever kept. A frameset with colour alone is passed over as the
    SDK's late pairing, until several in a row say that the depth stream is dead: then depth is all zero.
    """

    def __init__(self, info: CameraInfo, rs: Any) -> None:
        self._role = info.role
        self._clock = DeviceClock(1000.0 / info.fps)
        self._domains = {
            rs.timestamp_domain.hardware_clock: TimeDomain.HARDWARE,
            rs.timestamp_domain.system_time: TimeDomain.SYSTEM,
            rs.timestamp_domain.global_time: TimeDomain.GLOBAL,
        }
        self._color = PictureBuffers((info.color.height, info.color.width, 3), np.uint8)
        self._depth = PictureBuffers((info.depth.height, info.depth.width), np.uint16)
        self._no_depth = np.zeros((info.depth.height, info.depth.width), np.uint16)
        self._no_depth.flags.writeable = False
        self._depth_scale = 0.001
        self._alone = 0

    def __call__(self, frames: Any) -> Frame | None:
        """Return the frame in the SDK's composite ``frames``, or ``None`` when it is not a whole one."""
        arrival_ns = time.monotonic_ns()
        color, depth = frames.get_color_frame(), frames.get_depth_frame()
        if not color:
            return None
        if depth:
            self._alone = 0
            self._depth_scale = float(depth.get_units())
            depth_picture = self._depth.copy(np.asanyarray(depth.get_data()))
        else:
            self._alone += 1
            if self._alone < _COLOR_ALONE:
                return None
            depth_picture = self._no_depth
        number = int(color.get_frame_number())
        time_ms, domain = self._clock.read(
            number, float(color.get_timestamp()), self._domains[color.get_frame_timestamp_domain()]
        )
        return Frame(
            role=self._role,
            color=self._color.copy(np.asanyarray(color.get_data())),
            depth=depth_picture,
            depth_scale=self._depth_scale,
            number=number,
            device_time_ms=time_ms,
            time_domain=domain,
            arrival_ns=arrival_ns,
        )
