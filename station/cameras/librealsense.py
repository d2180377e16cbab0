"""The border to the camera SDK: its values become the station's own."""

from __future__ import annotations

import importlib
import math
import time
from typing import Any

import numpy as np

from station.cameras.buffers import PictureBuffers
from station.cameras.clock import DeviceClock
from station.cameras.depth_filters import DepthFilters
from station.cameras.frame_colour import FrameColour, stamped_colour
from station.errors import CameraError
from station.frames import CameraInfo, DepthImage, Frame, TimeDomain
from station.geometry import Array, CameraModel, Pose

_HELD = 4
"""Pictures of a camera in use at once: newest, preview, newest frameset, the one at work."""
_WAITING_S = 0.4
"""And those of so much time may wait in the matcher."""
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
        distortion = _fit_brown(coefficients, _normalised_grid(intrinsics))
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


def _fit_brown(coefficients: Array, ideal: Array) -> Array:
    """Fit Brown's (k1, k2, p1, p2, k3), (5,), to the SDK's modified model over ideal points (N, 2).

    The modified model, in which the tangential terms take the radially scaled point, is written out in the SDK's
    ``rsutil.h``; the SDK projects its "inverse" model by the same formula. Brown's model is linear in its
    coefficients, so one least-squares solve gives them.
    """
    k1, k2, p1, p2, k3 = coefficients
    x, y = ideal[:, 0], ideal[:, 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    u, v = x * radial, y * radial
    seen_x = u + 2 * p1 * u * v + p2 * (r2 + 2 * u * u)
    seen_y = v + 2 * p2 * u * v + p1 * (r2 + 2 * v * v)
    rows_x = np.stack([x * r2, x * r2**2, 2 * x * y, r2 + 2 * x * x, x * r2**3], axis=1)
    rows_y = np.stack([y * r2, y * r2**2, r2 + 2 * y * y, 2 * x * y, y * r2**3], axis=1)
    moved = np.concatenate([seen_x - x, seen_y - y])
    solution, *_ = np.linalg.lstsq(np.vstack([rows_x, rows_y]), moved, rcond=None)
    return np.asarray(solution, dtype=np.float64)


def device_word(device: Any, key: Any) -> str:
    """Return one of a device's words about itself, empty where it has none."""
    return str(device.get_info(key)) if device.supports(key) else ""


def camera_info(role: str, device: Any, depth_profile: Any, color_profile: Any, rs: Any) -> CameraInfo:
    """Return what an opened device says of itself and its two streams."""
    depth, color = depth_profile.as_video_stream_profile(), color_profile.as_video_stream_profile()
    extrinsics = depth.get_extrinsics_to(color)
    # The SDK keeps rotations by columns.
    rotation = np.array(extrinsics.rotation, dtype=np.float64).reshape(3, 3).T
    return CameraInfo(
        role=role,
        serial=device_word(device, rs.camera_info.serial_number),
        name=device_word(device, rs.camera_info.name),
        firmware=device_word(device, rs.camera_info.firmware_version),
        usb=device_word(device, rs.camera_info.usb_type_descriptor),
        color=camera_model(color.get_intrinsics(), rs),
        depth=camera_model(depth.get_intrinsics(), rs),
        depth_to_color=Pose(rotation, np.array(extrinsics.translation, dtype=np.float64)),
        fps=float(color.fps()),
    )


class FrameConverter:
    """Copies a frameset of the SDK into a :class:`Frame`; the SDK's own frames are free again on return.

    The driver lends out about sixteen frames, so none is ever kept. The SDK's pairing gives the first depth and colour
    alone, one after the other: they are joined here when their times are less than half a period apart. Any other
    colour alone is passed over, until several in a row say that the depth stream is dead: then depth is all zero.

    ``filters`` work on the depth while it is still the SDK's.
    """

    def __init__(self, info: CameraInfo, rs: Any, filters: DepthFilters | None = None) -> None:
        self._rs = rs
        self._role = info.role
        self._filters = filters
        self._half_ms = 500.0 / info.fps
        self._clock = DeviceClock(2.0 * self._half_ms)
        self._domains = {
            rs.timestamp_domain.hardware_clock: TimeDomain.HARDWARE,
            rs.timestamp_domain.system_time: TimeDomain.SYSTEM,
            rs.timestamp_domain.global_time: TimeDomain.GLOBAL,
        }
        count = _HELD + math.ceil(_WAITING_S * info.fps)
        self._color = PictureBuffers((info.color.height, info.color.width, 3), np.uint8, count)
        self._depth = PictureBuffers((info.depth.height, info.depth.width), np.uint16, count)
        self._no_depth = np.zeros((info.depth.height, info.depth.width), np.uint16)
        self._no_depth.flags.writeable = False
        self._depth_scale = 0.001
        self._alone = 0
        self._lone_depth: tuple[float, DepthImage] | None = None
        self.colour = FrameColour()
        """What the newest colour picture says of its exposure, gain and white balance."""

    @property
    def misses(self) -> int:
        """How many pictures found all prepared memory in use and got memory of their own."""
        return self._color.misses + self._depth.misses

    def __call__(self, frames: Any) -> Frame | None:
        """Return the frame in the SDK's composite ``frames``, or ``None`` when it is not a whole one."""
        arrival_ns = time.monotonic_ns()
        color, depth = frames.get_color_frame(), frames.get_depth_frame()
        depth_picture: DepthImage | None = None
        if depth:
            self._depth_scale = float(depth.get_units())
            if self._filters:
                depth = self._filters(depth)
            depth_picture = self._depth.copy(np.asanyarray(depth.get_data()))
        if not color:
            self._lone_depth = (float(depth.get_timestamp()), depth_picture) if depth_picture is not None else None
            return None
        if depth_picture is None:
            depth_picture = self._without_depth(float(color.get_timestamp()))
            if depth_picture is None:
                return None
        else:
            self._alone = 0
        self.colour = stamped_colour(color, self._rs)
        number = int(color.get_frame_number())
        time_ms, domain = self._clock.read(
            number, float(color.get_timestamp()), self._domains[color.get_frame_timestamp_domain()], arrival_ns
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

    def _without_depth(self, time_ms: float) -> DepthImage | None:
        """Return the depth for a colour picture that came alone, or ``None`` when it is to be passed over."""
        lone, self._lone_depth = self._lone_depth, None
        if lone is not None and abs(lone[0] - time_ms) < self._half_ms:
            return lone[1]
        self._alone += 1
        return self._no_depth if self._alone >= _COLOR_ALONE else None
