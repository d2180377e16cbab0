"""Ten small software devices and a lamp that feeds them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from station.cameras.simulated import SimulatedCamera
from station.frames import ROLES
from station.geometry import CameraModel

FPS = 30


class Lamp:
    """Pushes the same picture into all cameras at their rate, the tick's number in its first depth pixel."""

    def __init__(self, cameras: list[SimulatedCamera]) -> None:
        self._cameras = cameras
        self._off = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lamp")

    def on(self) -> None:
        self._thread.start()

    def off(self) -> None:
        self._off.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        begun = time.monotonic()
        color, depth = np.zeros((120, 160, 3), np.uint8), np.zeros((120, 160), np.uint16)
        tick = 0
        while not self._off.wait(max(0.0, begun + tick / FPS - time.monotonic())):
            tick += 1
            depth[0, 0] = tick % 65536
            for camera in self._cameras:
                camera.push(color, depth, time.time() * 1000.0)


@pytest.fixture
def ten_cameras() -> Iterator[list[SimulatedCamera]]:
    pytest.importorskip("pyrealsense2")
    model = CameraModel(160, 120, 150.0, 150.0, 80.0, 60.0)
    cameras = [
        SimulatedCamera(role, f"{index:012d}", model, fps=FPS, stale_after_s=2.0) for index, role in enumerate(ROLES)
    ]
    lamp = Lamp(cameras)
    lamp.on()
    yield cameras
    lamp.off()


@pytest.fixture
def threads_come_back(ten_cameras: list[SimulatedCamera]) -> Callable[[], list[str]]:
    """Gives a function that lists the threads that were not there when the test began, the lamp's aside."""
    before = set(threading.enumerate())
    return lambda: sorted(t.name for t in threading.enumerate() if t not in before)
