"""Writes one camera's frames into a recording of the SDK, whatever camera they came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.cameras.librealsense import load_sdk
from station.cameras.software import SoftwareDevice
from station.errors import CameraError
from station.frames import CameraInfo, Frame

_WRITTEN_MS = 10_000


class CameraRecorder:
    """Records frames as the station got them, whatever camera they came from, into a ``.db3`` file.

    The camera's own stream goes on untouched: the frames are shown to a device of software, which is recorded. Use it
    in one thread. Raises CameraError when the file cannot be made.
    """

    def __init__(self, info: CameraInfo, path: Path, depth_scale: float = 0.001) -> None:
        self._rs = load_sdk()
        self._path = path
        self._source = SoftwareDevice(self._rs, info, depth_scale)
        self._written = self._rs.frame_queue(1)
        try:
            self._recorder: Any = self._rs.recorder(str(path), self._source.device)
            self._sensors: list[Any] = list(self._recorder.query_sensors())
            for sensor in self._sensors:
                sensor.open(sensor.get_stream_profiles())
                sensor.start(self._written)
        except RuntimeError as error:
            raise CameraError(
                f"The recording cannot be written: {error}.", where=str(path), todo="Check the folder and the disk."
            ) from error

    def write(self, frame: Frame) -> None:
        """Append a frame; returns when both pictures have passed the recorder. Raises CameraError."""
        self._source.check(frame.color, frame.depth)
        try:
            self._source.push_depth(frame.depth, frame.number, frame.device_time_ms, frame.time_domain)
            self._await_written()
            self._source.push_color(frame.color, frame.number, frame.device_time_ms, frame.time_domain)
            self._await_written()
        except RuntimeError as error:
            raise CameraError(
                f"The recording broke off: {error}.", where=str(self._path), todo="Check the disk."
            ) from error

    def _await_written(self) -> None:
        if not self._written.try_wait_for_frame(_WRITTEN_MS)[0]:
            raise CameraError("The recorder stands still.", where=str(self._path), todo="Check the disk.")

    def close(self) -> None:
        """End the file; harmless when closed already."""
        sensors, self._sensors = self._sensors, []
        for sensor in sensors:
            sensor.stop()
            sensor.close()
        # The SDK writes the file's index when the recorder goes.
        self._recorder = None
