"""Writes one camera's frames into a file of the SDK, and reads such a file frame by frame, whole and in order."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.cameras.librealsense import camera_info, load_sdk
from station.cameras.software import SoftwareDevice
from station.errors import CameraError
from station.frames import CameraInfo, Frame

_WRITTEN_MS = 10_000
_WAITING = 2
"""Frames of a stream that are read ahead."""
_QUIET_MS = 500


class CameraRecorder:
    """Records frames as the station got them, whatever camera they came from, into a ``.db3`` file.

    The camera's own stream goes on untouched: the frames are shown to a device of software, which is recorded. Use it
    in one thread. Raises CameraError when the file cannot be made.
    """

    def __init__(self, info: CameraInfo, path: Path, depth_scale: float = 0.001) -> None:
        self._rs = load_sdk()
        self._path = path
        self._source = SoftwareDevice(self._rs, info, depth_scale)
        self._written = self._rs.frame_queue(_WAITING)
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
            for push, picture in ((self._source.push_depth, frame.depth), (self._source.push_color, frame.color)):
                push(picture, frame.number, frame.device_time_ms, frame.time_domain)
                if not self._written.try_wait_for_frame(_WRITTEN_MS)[0]:
                    raise CameraError("The recorder stands still.", where=str(self._path), todo="Check the disk.")
        except RuntimeError as error:
            raise CameraError(
                f"The recording broke off: {error}.", where=str(self._path), todo="Check the disk."
            ) from error

    def close(self) -> None:
        """End the file; harmless when closed already."""
        sensors, self._sensors = self._sensors, []
        for sensor in sensors:
            sensor.stop()
            sensor.close()
        # The SDK writes the file's index when the recorder goes.
        self._recorder = None


class FrameFile:
    """A recorded file read at whatever pace the reader has; nothing is left out. Raises CameraError when unreadable."""

    def __init__(self, role: str, path: Path) -> None:
        self._rs = load_sdk()
        self._role = role
        self._path = path
        try:
            device = self._rs.context().load_device(str(path))
            sensors = {self._kind(sensor): sensor for sensor in device.query_sensors()}
            depth, color = sensors["depth"], sensors["color"]
            profiles = depth.get_stream_profiles()[0], color.get_stream_profiles()[0]
            self.info: CameraInfo = camera_info(role, device, *profiles, self._rs)
        except (RuntimeError, KeyError, IndexError) as error:
            raise CameraError(
                f"The recording cannot be read: {error}.",
                where=str(path),
                todo="It must be a .db3 or .bag recording with one colour and one depth stream.",
            ) from error
        self._device, self._streams = device, (depth, color)

    @staticmethod
    def _kind(sensor: Any) -> str:
        return str(sensor.get_stream_profiles()[0].stream_type()).rpartition(".")[2]

    def pictures(self) -> Generator[tuple[int, float, NDArray[np.uint8], NDArray[np.uint16]]]:
        """Yield frame number, capture time in ms, colour (H, W, 3) and depth (h, w) of every whole frame, in order.

        Close the generator, or read it to its end, to let the file go.
        """
        rs = self._rs
        playback = self._device.as_playback()
        playback.set_real_time(False)
        queues = tuple(rs.frame_queue(_WAITING, keep_frames=True) for _ in self._streams)
        for sensor in self._streams:
            sensor.open(sensor.get_stream_profiles())
        for sensor, queue in zip(self._streams, queues, strict=True):
            sensor.start(queue)
        try:
            held: list[Any] = [None, None]
            while True:
                for which, queue in enumerate(queues):
                    while held[which] is None:
                        came, frame = queue.try_wait_for_frame(_QUIET_MS)
                        if came:
                            held[which] = frame
                        elif playback.current_status() == rs.playback_status.stopped:
                            return
                depth, color = held
                depth_number, number = int(depth.get_frame_number()), int(color.get_frame_number())
                # A frame of which one half is missing was cut off by the end of the recording or of the disk.
                if depth_number != number:
                    held[0 if depth_number < number else 1] = None
                    continue
                pictures = np.asanyarray(color.get_data()).copy(), np.asanyarray(depth.get_data()).copy()
                time_ms = float(color.get_timestamp())
                held = [None, None]
                del depth, color
                yield number, time_ms, *pictures
        finally:
            _close(self._streams, queues)


def _close(sensors: Sequence[Any], queues: Sequence[Any]) -> None:
    """Close a player's sensors while its queues are emptied: it waits for ever for room in a full one otherwise."""
    done = threading.Event()

    def drain() -> None:
        while not done.is_set():
            for queue in queues:
                queue.try_wait_for_frame(20)

    drainer = threading.Thread(target=drain, name="drain-recording")
    drainer.start()
    try:
        for sensor in sensors:
            sensor.stop()
            sensor.close()
    finally:
        done.set()
        drainer.join()
