"""A simulated camera: a real software device of the SDK, into which somebody else pushes the pictures."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.cameras.librealsense import FrameConverter, camera_info, load_sdk
from station.cameras.reader import FrameReader
from station.cameras.software import SoftwareDevice
from station.cameras.source import CameraAbsentError, Deliver
from station.errors import CameraError
from station.frames import CameraInfo
from station.geometry import CameraModel, Pose

_QUEUE = 16
"""Framesets that the SDK keeps for a slow reader before it drops the oldest; more than come at once after a jam."""
_REMEMBERED = 256
"""Capture times that are kept of each camera."""


@dataclass(slots=True)
class _Opened:
    device: SoftwareDevice
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
        stale_after_s: float = 3.0,
    ) -> None:
        self.role = role
        self.serial = serial
        self._model = model
        self._fps = fps
        self._stale_after_s = stale_after_s
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._feeding = False
        self._begun = False
        self._plugged = True
        self._number = 0
        self._pushed = 0
        self._to_lose = 0
        self._underway = 0
        """Pictures lost since the last one that the device took."""
        self._lost = 0
        self._opens = 0
        self._times: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)
        self._usb = "3.2"

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
            raise CameraAbsentError(
                "The camera is not connected.", where=self.where, todo="Plug it in again.", retryable=True
            )
        opened = self._open(load_sdk())
        with self._lock:
            self._opens += 1
            self._opened = opened
            self._feeding = True
            self._begun = False
            self._to_lose = self._underway = 0
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

    def plug_into(self, usb: str) -> None:
        """Pull the cable and put it into a port of this USB version, as "2.1": no picture until it is opened anew."""
        with self._lock:
            self._usb = usb
            self._feeding = False

    def lose(self, count: int = 1) -> None:
        """Lose the next ``count`` pictures of an open camera on their way: their numbers are never seen."""
        with self._lock:
            if self._feeding and self._plugged:
                self._to_lose += count

    def truth(self) -> dict[str, Any]:
        """Return, as JSON, what really happened, to hold the station's report against.

        ``pushed`` counts the pictures that the device took, ``lost`` those that were lost on purpose between two of
        them while it was open, ``opened`` how often the device was opened; ``times_ms`` holds the newest pictures as
        (number, true capture time in UTC ms).
        """
        with self._lock:
            return {
                "pushed": self._pushed,
                "lost": self._lost,
                "opened": self._opens,
                "times_ms": [[number, time_ms] for number, time_ms in self._times],
            }

    def push(
        self, color: NDArray[np.uint8], depth: NDArray[np.uint16], time_ms: float, *, clock_ahead_ms: float = 0.0
    ) -> bool:
        """Give the sensors the next picture; return whether it reached them: the camera may be away, the picture lost.

        ``color`` is (H, W, 3) uint8 RGB, ``depth`` (H, W) uint16, both of the camera's size and contiguous; raises
        CameraError for others. ``time_ms`` is the capture time, UTC milliseconds; the camera's clock, which stamps the
        picture, is ``clock_ahead_ms`` ahead of it.
        """
        with self._lock:
            opened = self._opened
            if opened is None or not self._feeding or not self._plugged:
                return False
            opened.device.check(color, depth)
            self._number += 1
            if self._to_lose:
                self._to_lose -= 1
                # What is lost before the first picture of an opened camera is missed by nobody.
                self._underway += self._begun
                return False
            opened.device.push(color, depth, self._number, time_ms + clock_ahead_ms)
            self._pushed += 1
            self._begun = True
            self._lost += self._underway
            self._underway = 0
            self._times.append((self._number, time_ms))
        return True

    def _open(self, rs: Any) -> _Opened:
        device = SoftwareDevice(rs, self._described())
        info = camera_info(self.role, device.device, *device.profiles, rs)
        syncer = rs.syncer(_QUEUE)
        for sensor, profile in zip(device.sensors, device.profiles, strict=True):
            sensor.open(profile)
            sensor.start(syncer)

        def close() -> None:
            with self._lock:
                self._feeding = False
            for sensor in device.sensors:
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
        return _Opened(device, reader, info)

    def _described(self) -> CameraInfo:
        return CameraInfo(
            role=self.role,
            serial=self.serial,
            name="Simulated RealSense D415",
            firmware="5.16.0.1",
            usb=self._usb,
            color=self._model,
            depth=self._model,
            depth_to_color=Pose.identity(),
            fps=float(self._fps),
        )
