"""Cameras that ran long are opened anew while the station is idle, one at a time, the oldest first."""

from __future__ import annotations

import threading

from station.cameras.realsense import RealSenseCamera
from station.cameras.renewal import IdleRenewal
from station.cameras.supervisor import CameraState, CameraSupervisor
from station.settings import CameraEntry, RigSection
from tests.station.cameras.pretended_sdk import SERIAL, World, eventually


class Aged:
    def __init__(self, uptime_s: float) -> None:
        self.uptime_s = uptime_s
        self.renewed = 0

    def renew(self) -> None:
        self.renewed += 1
        self.uptime_s = 0.0


def test_only_the_old_ones_are_renewed_and_only_while_idle() -> None:
    old, older, young = Aged(100.0), Aged(200.0), Aged(99.0)
    busy = threading.Event()
    busy.set()
    looks: list[int] = []

    def idle() -> bool:
        looks.append(older.renewed + old.renewed)
        return not busy.is_set()

    renewal = IdleRenewal([old, older, young], idle, after_s=100.0, period_s=0.002)
    renewal.start()
    assert eventually(lambda: len(looks) > 15)
    assert old.renewed == older.renewed == 0
    busy.clear()
    assert eventually(lambda: old.renewed == 1)
    before = len(looks)
    assert eventually(lambda: len(looks) > before + 5)
    renewal.stop()
    assert (old.renewed, older.renewed, young.renewed) == (1, 1, 0)
    # Never two between two looks.
    assert sorted(set(looks)) == [0, 1, 2]


def test_a_renewed_camera_closes_in_its_own_thread_and_its_supervisor_opens_it_again(world: World) -> None:
    camera = RealSenseCamera(CameraEntry(role="cam_03", serial=SERIAL), RigSection(size="640x480"))
    assert camera.uptime_s == 0.0
    camera.renew()
    supervisor = CameraSupervisor(camera, lambda _: None, stall_after_s=1.0, pauses_s=(0.05,))
    supervisor.start()
    assert supervisor.wait_state(CameraState.STREAMING, 10.0)
    assert camera.uptime_s > 0.0
    camera.renew()
    assert supervisor.wait_state(CameraState.RECONNECTING, 10.0)
    assert supervisor.wait_state(CameraState.STREAMING, 10.0)
    supervisor.stop()
    assert len(world.started) == 2
    assert world.stopped_in == ["cam_03-read", "cam_03-read"]
    assert camera.uptime_s == 0.0
