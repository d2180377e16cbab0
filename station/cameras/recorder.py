"""Writes one camera's frames into a recording of the SDK, whatever camera they came from."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from station.cameras.librealsense import load_sdk
from station.cameras.software import SoftwareDevice
from station.errors import CameraError
from station.frames import CameraInfo, Frame

_WRITTEN_MS = 10_000
_UNSETTLED = 16
"""So many frames may be on their way to the disk."""
_QUIET_S = 0.15
"""A file that has not grown for so long has everything; a picture is compressed in a fifth of that."""
_LOOK_S = 0.02
_SETTLED_S = 60.0


class CameraRecorder:
    """Records frames as the station got them, whatever camera they came from, into a ``.db3`` file.

    The camera's own stream goes on untouched: the frames are shown to a device of software, which is recorded. Use it
    in one thread. Raises CameraError when the file cannot be made.

    The SDK compresses and writes in a thread of its own behind a queue of a gigabyte, throws away without a word what
    does not fit, and at the end all that is not written within ten seconds. So every few frames the next one waits
    until those are on disk: a machine that is too slow holds up whoever writes, who knows then.
    """

    def __init__(self, info: CameraInfo, path: Path, depth_scale: float = 0.001) -> None:
        self._rs = load_sdk()
        self._path = path
        self._source = SoftwareDevice(self._rs, info, depth_scale)
        self._written = self._rs.frame_queue(1)
        self._unsettled = 0
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
        """Append a frame; returns when the recorder has both pictures, and the disk all but the last. CameraError."""
        self._source.check(frame.color, frame.depth)
        try:
            if self._unsettled >= _UNSETTLED:
                self._settle()
            self._unsettled += 1
            self._source.push_depth(
                frame.depth, frame.number, frame.device_time_ms, frame.time_domain, frame.depth_scale
            )
            self._await_written()
            self._source.push_color(frame.color, frame.number, frame.device_time_ms, frame.time_domain)
            self._await_written()
        except (OSError, RuntimeError) as error:
            raise CameraError(
                f"The recording broke off: {error}.", where=str(self._path), todo="Check the disk."
            ) from error

    def _await_written(self) -> None:
        if not self._written.try_wait_for_frame(_WRITTEN_MS)[0]:
            raise CameraError("The recorder stands still.", where=str(self._path), todo="Check the disk.")

    def _settle(self) -> None:
        """Wait until all that was given is on disk; raises CameraError when that does not end."""
        pause = threading.Event()
        size, since = -1, time.monotonic()
        until = since + _SETTLED_S
        # The SDK's own way to wait holds up every thread of Python, so it comes when there is nothing left to wait for.
        while time.monotonic() - since < _QUIET_S:
            if time.monotonic() > until:
                raise CameraError(
                    f"The disk does not keep up within {_SETTLED_S:g} s.",
                    where=str(self._path),
                    todo="Use a faster one.",
                )
            now = self._path.stat().st_size
            if now != size:
                size, since = now, time.monotonic()
            pause.wait(_LOOK_S)
        self._recorder.pause()
        self._recorder.resume()
        # A picture that comes sooner is stamped with a time before the pause.
        pause.wait(_LOOK_S)
        self._unsettled = 0

    def close(self) -> None:
        """End the file when all is on disk; harmless when closed already. Raises CameraError."""
        sensors, self._sensors = self._sensors, []
        try:
            if sensors and self._unsettled:
                self._settle()
        except (OSError, RuntimeError) as error:
            raise CameraError(
                f"The recording broke off: {error}.", where=str(self._path), todo="Check the disk."
            ) from error
        finally:
            self._end(sensors)

    def _end(self, sensors: list[Any]) -> None:
        for sensor in sensors:
            sensor.stop()
            sensor.close()
        # The SDK writes the file's index when the recorder goes.
        self._recorder = None
