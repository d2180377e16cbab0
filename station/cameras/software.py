"""A device of the SDK made of software: what a simulated camera shows through, and what a recording is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import CameraError
from station.frames import CameraInfo, TimeDomain
from station.geometry import CameraModel


class SoftwareDevice:
    """An SDK ``software_device`` with one depth and one colour sensor, which says of itself what ``info`` says.

    ``sensors`` and ``profiles`` are (depth, colour). Pictures enter by :meth:`push`; what becomes of them is for
    whoever opened the sensors.
    """

    def __init__(self, rs: Any, info: CameraInfo, depth_scale: float = 0.001) -> None:
        self._rs = rs
        self._info = info
        self._depth_scale = depth_scale
        self._domains = {
            TimeDomain.HARDWARE: rs.timestamp_domain.hardware_clock,
            TimeDomain.SYSTEM: rs.timestamp_domain.system_time,
            TimeDomain.GLOBAL: rs.timestamp_domain.global_time,
            TimeDomain.DERIVED: rs.timestamp_domain.hardware_clock,
        }
        self.device = rs.software_device()
        for key, value in (
            (rs.camera_info.name, info.name),
            (rs.camera_info.serial_number, info.serial),
            (rs.camera_info.firmware_version, info.firmware),
            (rs.camera_info.usb_type_descriptor, info.usb),
        ):
            self.device.register_info(key, value)
        depth_sensor, color_sensor = self.device.add_sensor("Stereo Module"), self.device.add_sensor("RGB Camera")
        depth_sensor.add_read_only_option(rs.option.depth_units, depth_scale)
        depth = depth_sensor.add_video_stream(self._stream(rs.stream.depth, rs.format.z16, 1, 2, info.depth))
        color = color_sensor.add_video_stream(self._stream(rs.stream.color, rs.format.rgb8, 2, 3, info.color))
        between = rs.extrinsics()
        # The SDK keeps rotations by columns.
        between.rotation = info.depth_to_color.rotation.T.ravel().tolist()
        between.translation = info.depth_to_color.translation.tolist()
        depth.register_extrinsics_to(color, between)
        self.device.create_matcher(rs.matchers.default)
        self.sensors = (depth_sensor, color_sensor)
        self.profiles = (depth, color)

    def check(self, color: NDArray[np.uint8], depth: NDArray[np.uint16]) -> None:
        """Raise CameraError for pictures the SDK would misread: it reads past a short array without a word."""
        where = f"{self._info.role} (serial {self._info.serial})"
        shape = (self._info.color.height, self._info.color.width)
        if color.shape != (*shape, 3) or color.dtype != np.uint8 or not color.flags.c_contiguous:
            raise CameraError(f"The colour picture is {color.shape} {color.dtype}, not {shape} RGB.", where=where)
        shape = (self._info.depth.height, self._info.depth.width)
        if depth.shape != shape or depth.dtype != np.uint16 or not depth.flags.c_contiguous:
            raise CameraError(f"The depth picture is {depth.shape} {depth.dtype}, not {shape}.", where=where)

    def push(
        self,
        color: NDArray[np.uint8],
        depth: NDArray[np.uint16],
        number: int,
        time_ms: float,
        domain: TimeDomain = TimeDomain.GLOBAL,
    ) -> None:
        """Give both sensors a picture, checked by :meth:`check`, with its frame counter and capture time."""
        self.push_depth(depth, number, time_ms, domain)
        self.push_color(color, number, time_ms, domain)

    def push_depth(
        self,
        depth: NDArray[np.uint16],
        number: int,
        time_ms: float,
        domain: TimeDomain = TimeDomain.GLOBAL,
        depth_scale: float | None = None,
    ) -> None:
        """Give the depth sensor a picture (h, w) uint16 in units of ``depth_scale`` metres, else of the device's."""
        self._push(0, depth, number, time_ms, domain, depth_scale)

    def push_color(
        self, color: NDArray[np.uint8], number: int, time_ms: float, domain: TimeDomain = TimeDomain.GLOBAL
    ) -> None:
        """Give the colour sensor a picture (H, W, 3) uint8."""
        self._push(1, color, number, time_ms, domain)

    def _push(
        self,
        which: int,
        picture: NDArray[Any],
        number: int,
        time_ms: float,
        domain: TimeDomain,
        depth_scale: float | None = None,
    ) -> None:
        rs, sensor = self._rs, self.sensors[which]
        # Without the actual frame rate the syncer does not pair depth and colour.
        sensor.set_metadata(rs.frame_metadata_value.actual_fps, round(self._info.fps * 1000))
        sensor.set_metadata(rs.frame_metadata_value.frame_counter, number)
        sensor.set_metadata(rs.frame_metadata_value.frame_timestamp, int(time_ms * 1000))
        sensor.set_metadata(rs.frame_metadata_value.time_of_arrival, int(time_ms))
        frame = rs.software_video_frame()
        frame.pixels = picture
        frame.bpp = picture.strides[1]
        frame.stride = picture.strides[0]
        frame.timestamp = time_ms
        frame.domain = self._domains[domain]
        frame.frame_number = number
        frame.profile = self.profiles[which].as_video_stream_profile()
        frame.depth_units = depth_scale or self._depth_scale
        sensor.on_video_frame(frame)

    def _stream(self, kind: Any, fmt: Any, uid: int, bytes_per_pixel: int, model: CameraModel) -> Any:
        rs = self._rs
        intrinsics = rs.intrinsics()
        intrinsics.width, intrinsics.height = model.width, model.height
        intrinsics.fx, intrinsics.fy, intrinsics.ppx, intrinsics.ppy = model.fx, model.fy, model.cx, model.cy
        intrinsics.model = rs.distortion.brown_conrady
        intrinsics.coeffs = list(model.distortion)
        stream = rs.video_stream()
        stream.type, stream.index, stream.uid, stream.fmt = kind, 0, uid, fmt
        stream.width, stream.height, stream.fps = model.width, model.height, round(self._info.fps)
        stream.bpp = bytes_per_pixel
        stream.intrinsics = intrinsics
        return stream
