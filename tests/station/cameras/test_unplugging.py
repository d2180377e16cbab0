"""A camera that is unplugged and plugged in again, over and over: threads and memory stay what they were."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cameras.realsense import RealSenseCamera
from station.cameras.supervisor import CameraState, CameraSupervisor
from station.settings import CameraEntry, RigSection
from tests.station.cameras.pretended_sdk import SERIAL, World

_CLOSED_MB = 25.0
"""What the pictures of one camera take at 640x480 and 30 fps."""


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Whatever is freed is freed by itself: pictures are too large to wait for the collector."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the resident size from /proc")
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("cycles", [15, pytest.param(200, marks=pytest.mark.slow)])
def test_threads_and_memory_stay(cycles: int, world: World) -> None:
    rig = RigSection(size="640x480", fps=30, stale_after_s=0.05)
    camera = RealSenseCamera(CameraEntry(role="cam_03", serial=SERIAL), rig)
    supervisor = CameraSupervisor(camera, lambda _: None, stall_after_s=1.0, pauses_s=(0.02,) * 1000)
    supervisor.start()
    assert supervisor.wait_state(CameraState.STREAMING, 10.0)

    def cycle() -> None:
        world.device.connected = False
        assert supervisor.wait_state(CameraState.RECONNECTING, 10.0)
        world.device.connected = True
        supervisor.retry()
        assert supervisor.wait_state(CameraState.STREAMING, 10.0)

    for _ in range(3):
        cycle()
    threads, size_mb = threading.active_count(), resident_mb()
    for _ in range(cycles):
        cycle()
    assert threading.active_count() == threads
    assert resident_mb() - size_mb < 2 * _CLOSED_MB
    assert len(world.pipelines) <= 2
    supervisor.stop()
    assert len(world.pipelines) <= 1
