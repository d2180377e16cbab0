"""Ten real software devices as one rig: matched, unplugged, plugged in again, stopped."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from station.acquisition import Rig
from station.cameras.simulated import SimulatedCamera
from station.cameras.supervisor import CameraState
from station.errors import CameraError
from station.frames import ROLES

FPS = 30
Threads = Callable[[], list[str]]


def frameset_without(rig: Rig, missing: tuple[str, ...], timeout_s: float = 10.0) -> bool:
    """Wait for a frameset that lacks exactly these roles."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        frameset = rig.next_frameset(time.monotonic_ns())
        if frameset is not None and frameset.missing == missing:
            return True
    return False


def test_ten_cameras_give_framesets_newer_than_asked_and_numbers_never_repeat(
    ten_cameras: list[SimulatedCamera],
) -> None:
    rig = Rig(ten_cameras, fps=FPS)
    rig.start()
    try:
        numbers: dict[str, list[int]] = {role: [] for role in ROLES}
        for _ in range(15):
            now = time.monotonic_ns()
            frameset = rig.next_frameset(now)
            assert frameset is not None
            assert frameset.missing == ()
            assert frameset.monotonic_ns > now
            assert all(frame.arrival_ns > now for frame in frameset.frames.values())
            assert frameset.skew_ms <= 1000 / FPS
            for role, frame in frameset.frames.items():
                numbers[role].append(frame.number)
        assert all(found == sorted(set(found)) for found in numbers.values())
        assert rig.overflow == 0
        assert rig.preview("cam_04") is not None
        assert rig.newest is not None
        assert rig.newest.captured_ns.keys() == set(ROLES)
        assert all(status.state is CameraState.STREAMING for status in rig.states().values())
    finally:
        rig.stop()


def test_one_camera_is_unplugged_and_comes_back_while_nine_go_on(
    ten_cameras: list[SimulatedCamera], threads_come_back: Threads
) -> None:
    rig = Rig(ten_cameras, fps=FPS)
    rig.start()
    running = threads_come_back()
    try:
        ten_cameras[3].unplug()
        assert rig.wait_state("cam_04", CameraState.STALLED, 10.0)
        assert frameset_without(rig, ("cam_04",))
        assert rig.wait_state("cam_04", CameraState.RECONNECTING, 10.0)
        assert "cam_04" in rig.states()["cam_04"].reason
        begun, matched = time.monotonic(), rig.matched
        assert frameset_without(rig, ("cam_04",))
        assert all(rig.states()[role].state is CameraState.STREAMING for role in ROLES if role != "cam_04")
        assert rig.matched > matched
        assert time.monotonic() - begun < 5.0
        ten_cameras[3].replug()
        rig.retry("cam_04")
        assert rig.wait_state("cam_04", CameraState.STREAMING, 15.0)
        assert frameset_without(rig, ())
        assert threads_come_back() == running
    finally:
        rig.stop()
    assert threads_come_back() == []


def test_a_failed_start_names_every_camera_that_failed_and_leaves_nothing_open(
    ten_cameras: list[SimulatedCamera], threads_come_back: Threads
) -> None:
    for index in (1, 6):
        ten_cameras[index].unplug()
    rig = Rig(ten_cameras, fps=FPS)
    with pytest.raises(CameraError) as caught:
        rig.start(timeout_s=5.0)
    message = str(caught.value)
    assert "2 of 10 cameras failed to start" in message
    assert "cam_02 (serial 000000000001): The camera is not connected" in message
    assert "cam_07 (serial 000000000006): The camera is not connected" in message
    assert threads_come_back() == []


def test_with_a_minimum_the_rig_starts_with_those_that_are_there(ten_cameras: list[SimulatedCamera]) -> None:
    ten_cameras[9].unplug()
    rig = Rig(ten_cameras, fps=FPS)
    rig.start(minimum=9, timeout_s=10.0)
    try:
        assert frameset_without(rig, ("cam_10",))
        assert rig.states()["cam_10"].state in (CameraState.RECONNECTING, CameraState.FAILED)
    finally:
        rig.stop()


def test_without_light_the_wait_for_a_frameset_ends(ten_cameras: list[SimulatedCamera]) -> None:
    rig = Rig(ten_cameras[:2], fps=FPS)
    rig.start()
    try:
        for camera in ten_cameras[:2]:
            camera.unplug()
        assert rig.next_frameset(time.monotonic_ns() + 10**9, timeout_s=0.2) is None
    finally:
        rig.stop()


def test_frames_held_for_long_stay_what_they_were(ten_cameras: list[SimulatedCamera]) -> None:
    rig = Rig(ten_cameras[:1], fps=FPS)
    rig.start()
    try:
        held = []
        for _ in range(25):
            frameset = rig.next_frameset(time.monotonic_ns())
            assert frameset is not None
            held.append(frameset.frames["cam_01"])
        ticks = [int(frame.depth[0, 0]) for frame in held]
        assert ticks == sorted(set(ticks))
    finally:
        rig.stop()


def test_a_rig_without_cameras_is_refused() -> None:
    with pytest.raises(CameraError, match="no camera"):
        Rig([], fps=FPS)
