"""Cameras are asked for their figures in a thread of its own, and warned of when they are hot."""

from __future__ import annotations

import logging
import threading

import pytest

from station.cameras.realsense import RealSenseCamera
from station.cameras.telemetry import Heat, TelemetryWatch
from station.settings import CameraEntry, RigSection
from tests.station.cameras.pretended_sdk import SERIALS, World, eventually

SMALL = RigSection(size="640x480", stale_after_s=0.2)


def cameras_of(*roles: str) -> list[RealSenseCamera]:
    return [RealSenseCamera(CameraEntry.model_validate({"role": r, "serial": SERIALS[r]}), SMALL) for r in roles]


def test_the_newest_figures_of_every_open_camera_are_there_without_waiting(world_of_ten: World) -> None:
    one, two, closed = cameras_of("cam_01", "cam_02", "cam_03")
    one.start(lambda _: None)
    two.start(lambda _: None)
    watch = TelemetryWatch([one, two, closed], period_s=0.02)
    watch.start()
    assert watch.wait_round(5.0)
    assert set(watch.latest) == {"cam_01", "cam_02"}
    world_of_ten.devices[one.serial].asic_c = 44.5
    assert eventually(lambda: watch.latest["cam_01"].asic_c == 44.5)
    assert watch.latest["cam_01"].heat is Heat.WARM
    world_of_ten.devices[two.serial].connected = False
    assert eventually(lambda: set(watch.latest) == {"cam_01"})
    watch.stop()
    one.stop()
    two.stop()


def test_a_device_that_hangs_holds_up_the_asking_alone(world_of_ten: World) -> None:
    frames: list[object] = []
    (camera,) = cameras_of("cam_01")
    camera.start(frames.append)
    world_of_ten.devices[camera.serial].hang = release = threading.Event()
    watch = TelemetryWatch([camera], period_s=0.01)
    watch.start()
    seen = len(frames)
    assert eventually(lambda: len(frames) > seen + 10)
    assert dict(watch.latest) == {}
    watch.stop()
    camera.stop()
    release.set()
    watch._thread.join(5.0)


def test_heat_is_told_once_at_40_and_at_55_degrees(world: World, caplog: pytest.LogCaptureFixture) -> None:
    (camera,) = cameras_of("cam_03")
    camera.start(lambda _: None)
    watch = TelemetryWatch([camera], period_s=0.005)
    watch.start()
    with caplog.at_level(logging.INFO, logger="station.cameras.telemetry"):
        for asic_c, projector_c, told in (
            (39.9, 30.0, 0),
            (40.0, 30.0, 1),
            (39.0, 30.0, 1),
            (41.0, 30.0, 1),
            (41.0, 55.0, 2),
            (53.0, 52.5, 2),
            (51.0, 45.0, 3),
            (36.9, 30.0, 4),
        ):
            world.device.asic_c, world.device.projector_c = asic_c, projector_c
            assert watch.wait_round(5.0)
            assert watch.wait_round(5.0)
            assert len(caplog.messages) == told, (asic_c, projector_c)
    watch.stop()
    camera.stop()
    assert caplog.messages == [
        "The camera is warm: processor 40 °C, projector 30 °C.",
        "The camera is hot: processor 41 °C, projector 55 °C.",
        "The camera is warm: processor 51 °C, projector 45 °C.",
        "The camera is normal: processor 37 °C, projector 30 °C.",
    ]
