"""A simulated camera: a real software device of the SDK, into which somebody else pushes the pictures."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.cameras.librealsense import FrameConverter, camera_info, load_sdk
from station.cameras.reader import FrameReader
from station.cameras.source import Deliver
from station.errors import CameraError
from station.frames import CameraInfo
from station.geometry import CameraModel

_QUEUE = 8
"""Framesets that the SDK keeps for a slow reader before it drops the oldest."""


@dataclass(slots=True)
class _Opened:
    sdk: Any
    device: Any
    sensors: tuple[Any, Any]
    profiles: tuple[Any, Any]
    reader: FrameReader
    info: CameraInfo


class SimulatedCamera:
    """One role played by an SDK ``software_device`` with a depth and a colour sensor.

    Depth comes in the colour image's geometry. Pictures enter by :meth:`push`, in whatever thread has them, and leave
    through the SDK's syncer and the camera's own reader thread, as those of a real camera do. The frame counter never
    repeats, not even over a restart. ``model`` is the true colour camera, told as the factory's.
    """

    def __init__(
        self,
        role: str,
        serial: str,
        model: CameraModel,
        *,
        fps: int,
        depth_scale: float = 0.001,
        stale_after_s: float = 3.0,
    ) -> None:
        self.role = role
        self.serial = serial
        self._model = model
        self._fps = fps
        self._depth_scale = depth_scale
        self._stale_after_s = stale_after_s
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._feeding = False
        self._plugged = True
        self._number = 0

    @property
    def where(self) -> str:
        """Role and serial, as they stand in messages."""
        return f"{self.role} (serial {self.serial})"

    @property
    def info(self) -> CameraInfo:
        """What the opened device says; raises CameraError before ``start``."""
        if self._opened is None:
            raise CameraError("The camera is not open.", where=self.where)
        return self._opened.info

    @property
    def fault(self) -> CameraError | None:
        """Why the reader has closed the camera, if it has."""
        return self._opened.reader.fault if self._opened else None

    def start(self, deliver: Deliver) -> None:
        """Make the device, open its sensors and begin to deliver; raises CameraError while it is unplugged."""
        if self._opened is not None:
            raise CameraError("The camera is open already.", where=self.where)
        if not self._plugged:
            raise CameraError(
                "The camera is not connected.", where=self.where, todo="Plug it in again.", retryable=True
            )
        opened = self._open(load_sdk())
        with self._lock:
            self._opened = opened
            self._feeding = True
        opened.reader.start(deliver)

    def stop(self) -> None:
        """Close the device and join its thread."""
        opened = self._opened
        if opened is not None:
            opened.reader.stop()
            self._opened = None

    def unplug(self) -> None:
        """Pull the cable: no picture arrives any more and the camera cannot be opened."""
        self._plugged = False

    def replug(self) -> None:
        """Put the cable back: the next ``start`` succeeds."""
        self._plugged = True

    def push(self, color: NDArray[np.uint8], depth: NDArray[np.uint16], time_ms: float) -> bool:
        """Give the sensors the next picture; return whether the camera was there to take it.

        ``color`` is (H, W, 3) uint8 RGB, ``depth`` (H, W) uint16, both of the camera's size and contiguous, because the
        SDK reads past a short array without a word; ``time_ms`` is the capture time, UTC milliseconds.
        """
        shape = (self._model.height, self._model.width)
        if color.shape != (*shape, 3) or color.dtype != np.uint8 or not color.flags.c_contiguous:
            raise CameraError(f"The colour picture is {color.shape} {color.dtype}, not {shape} RGB.", where=self.where)
        if depth.shape != shape or depth.dtype != np.uint16 or not depth.flags.c_contiguous:
            raise CameraError(f"The depth picture is {depth.shape} {depth.dtype}, not {shape}.", where=self.where)
        with self._lock:
            opened = self._opened
            if opened is None or not self._feeding or not self._plugged:
                return False
            self._number += 1
            for sensor, profile, picture in zip(opened.sensors, opened.profiles, (depth, color), strict=True):
                self._push(opened.sdk, sensor, profile, picture, time_ms)
        return True

    def _push(self, rs: Any, sensor: Any, profile: Any, picture: NDArray[Any], time_ms: float) -> None:
        # Without the actual frame rate the syncer does not pair depth and colour.
        sensor.set_metadata(rs.frame_metadata_value.actual_fps, self._fps * 1000)
        sensor.set_metadata(rs.frame_metadata_value.frame_counter, self._number)
        sensor.set_metadata(rs.frame_metadata_value.frame_timestamp, int(time_ms * 1000))
        sensor.set_metadata(rs.frame_metadata_value.time_of_arrival, int(time_ms))
        frame = rs.software_video_frame()
        frame.pixels = picture
        frame.bpp = picture.strides[1]
        frame.stride = picture.strides[0]
        frame.timestamp = time_ms
        frame.domain = rs.timestamp_domain.global_time
        frame.frame_number = self._number
        frame.profile = profile.as_video_stream_profile()
        frame.depth_units = self._depth_scale
        sensor.on_video_frame(frame)

    def _make_device(self, rs: Any) -> tuple[Any, tuple[Any, Any], tuple[Any, Any]]:
        """Return a new software device, its depth and colour sensors and their stream profiles."""
        device = rs.software_device()
        device.register_info(rs.camera_info.name, "Simulated RealSense D415")
        device.register_info(rs.camera_info.serial_number, self.serial)
        device.register_info(rs.camera_info.firmware_version, "5.16.0.1")
        device.register_info(rs.camera_info.usb_type_descriptor, "3.2")
        depth_sensor, color_sensor = device.add_sensor("Stereo Module"), device.add_sensor("RGB Camera")
        depth_sensor.add_read_only_option(rs.option.depth_units, self._depth_scale)
        depth = depth_sensor.add_video_stream(self._stream(rs, rs.stream.depth, rs.format.z16, 1, 2))
        color = color_sensor.add_video_stream(self._stream(rs, rs.stream.color, rs.format.rgb8, 2, 3))
        same = rs.extrinsics()
        same.rotation, same.translation = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0]
        depth.register_extrinsics_to(color, same)
        device.create_matcher(rs.matchers.default)
        return device, (depth_sensor, color_sensor), (depth, color)

    def _open(self, rs: Any) -> _Opened:
        device, sensors, profiles = self._make_device(rs)
        info = camera_info(self.role, device, *profiles, rs)
        syncer = rs.syncer(_QUEUE)
        for sensor, profile in zip(sensors, profiles, strict=True):
            sensor.open(profile)
            sensor.start(syncer)

        def close() -> None:
            with self._lock:
                self._feeding = False
            for sensor in sensors:
                sensor.stop()
                sensor.close()

        reader = FrameReader(
            self.where,
            self.role,
            syncer.try_wait_for_frames,
            FrameConverter(info, rs),
            close,
            stale_after_s=self._stale_after_s,
        )
        return _Opened(rs, device, sensors, profiles, reader, info)

    def _stream(self, rs: Any, kind: Any, fmt: Any, uid: int, bytes_per_pixel: int) -> Any:
        model = self._model
        intrinsics = rs.intrinsics()
        intrinsics.width, intrinsics.height = model.width, model.height
        intrinsics.fx, intrinsics.fy, intrinsics.ppx, intrinsics.ppy = model.fx, model.fy, model.cx, model.cy
        intrinsics.model = rs.distortion.brown_conrady
        intrinsics.coeffs = list(model.distortion)
        stream = rs.video_stream()
        stream.type, stream.index, stream.uid, stream.fmt = kind, 0, uid, fmt
        stream.width, stream.height, stream.fps, stream.bpp = model.width, model.height, self._fps, bytes_per_pixel
        stream.intrinsics = intrinsics
        return stream
