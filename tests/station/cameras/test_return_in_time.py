"""A camera that was unplugged is in use again soon after it was plugged in, by itself, with the true waits."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from station.acquisition.rig import Rig
from station.cameras.configured import configured_cameras
from station.cameras.return_watch import watch_for_returns
from station.cameras.supervisor import CameraState
from station.cli.real_rig import away_from
from station.settings import CameraEntry, RigSection, Settings
from tests.station.cameras.pretended_sdk import SERIALS, World
from tests.station.cameras.test_return_watch import unplug
from tests.station.doctor.machines import add_camera, add_controller

IN_USE_S = 15.0
"""What is promised."""
ROLE = "cam_04"
FPS = 6
QUERY_S = 0.5
"""Listing the cameras takes a real SDK so long, and setting one option or starting a camera so long:"""
SET_S = 0.1


class Bench:
    """Ten pretended cameras at the default profile's rate, on a pretended USB bus or on a system without one."""

    def __init__(self, world: World, root: Path, stack: ExitStack, *, bus: bool, watched: bool, boot_s: float) -> None:
        self._boot_s = boot_s
        world.period_s, world.slowness_s = 1 / FPS, SET_S
        self.world = world
        self.device = world.devices[SERIALS[ROLE]]
        self._root = root if bus else None
        if bus:
            add_controller(root, "0000:01:00.0", {1: 480, 2: 10000})
            for number in range(1, 11):
                add_camera(root, "0000:01:00.0", f"2-1.{number}")
        settings = Settings(
            rig=RigSection(size="640x480", fps=FPS),
            cameras=tuple(CameraEntry(role=role, serial=serial) for role, serial in SERIALS.items()),
        )
        self.rig = Rig(configured_cameras(settings, root, root), fps=FPS)
        stack.callback(self.rig.stop)
        self.rig.start(timeout_s=60.0)
        world.query_s = QUERY_S
        if watched:
            watch = watch_for_returns(sys.modules["pyrealsense2"], lambda: away_from(self.rig), self.rig.retry, root)
            stack.callback(watch.stop)
            watch.start()

    def unplug(self) -> None:
        self.device.connected = False
        if self._root is not None:
            unplug(self._root, self.device.port)

    def plug_in(self) -> None:
        """Put the cable in; the device stands on the bus before it can be opened."""
        if self._root is not None:
            add_camera(self._root, "0000:01:00.0", self.device.port)
        booted = threading.Timer(self._boot_s, self._boot)
        booted.start()

    def _boot(self) -> None:
        self.device.connected = True

    def in_use_after_s(self) -> float:
        """Return how long it takes from now until a picture of the camera stands in a frameset."""
        begun = time.monotonic()
        while time.monotonic() < begun + 3.0 * IN_USE_S:
            frameset = self.rig.next_frameset(time.monotonic_ns(), timeout_s=1.0)
            if frameset is not None and ROLE in frameset.frames:
                return time.monotonic() - begun
        raise AssertionError(f"{ROLE} does not come back: {self.rig.states()[ROLE]}")


@pytest.mark.slow
@pytest.mark.parametrize("away_s", [6.0, 30.0])
@pytest.mark.parametrize(
    ("bus", "watched", "boot_s"),
    [
        pytest.param(True, True, 0.0, id="usb-bus"),
        pytest.param(True, True, 5.0, id="usb-bus, slow to start"),
        pytest.param(False, True, 0.0, id="sdk"),
        pytest.param(False, False, 0.0, id="supervisor-alone"),
    ],
)
def test_it_is_in_use_again_in_time_without_anybody_asking(
    world_of_ten: World,
    tmp_path: Path,
    bus: bool,
    watched: bool,
    boot_s: float,
    away_s: float,
    record_property: Callable[[str, Any], None],
) -> None:
    with ExitStack() as stack:
        bench = Bench(world_of_ten, tmp_path, stack, bus=bus, watched=watched, boot_s=boot_s)
        states: set[CameraState] = set()
        bench.unplug()
        until = time.monotonic() + away_s
        while time.monotonic() < until:
            states.add(bench.rig.states()[ROLE].state)
            threading.Event().wait(0.05)
        bench.plug_in()
        took_s = bench.in_use_after_s()
        record_property("in_use_after_s", round(took_s, 2))
        print(f"away {away_s:g} s, ready after {boot_s:g} s, in use again after {took_s:.1f} s")
        assert took_s < IN_USE_S
        # It was looked for all the time: nothing has failed.
        assert states == {CameraState.STREAMING, CameraState.STALLED, CameraState.RECONNECTING}
        assert bench.rig.states()[ROLE].restarts == 1
        assert "reset" not in bench.device.did()
