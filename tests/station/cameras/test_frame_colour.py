"""Exposure, gain and white balance out of the pictures' metadata, and no more of it than can be believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from station.cameras.frame_colour import FrameColour
from station.cameras.librealsense import FrameConverter, camera_info
from station.cameras.realsense import RealSenseCamera
from station.cameras.software import SoftwareDevice
from station.cameras.telemetry import CameraTelemetry
from station.frames import CameraInfo
from station.geometry import CameraModel, Pose
from station.settings import CameraEntry, RigSection
from tests.station.cameras.pretended_sdk import SERIAL, World, eventually

MODEL = CameraModel(64, 48, 60.0, 60.0, 31.5, 23.5)


@pytest.mark.parametrize(
    ("stamps", "read"),
    [
        ({}, FrameColour()),
        ({"actual_exposure": 123}, FrameColour(exposure_us=12300.0)),
        ({"actual_exposure": 80, "gain_level": 32, "white_balance": 4700}, FrameColour(8000.0, 32.0, 4700.0)),
    ],
)
def test_the_sdks_metadata_is_read_where_it_is_supported(stamps: dict[str, int], read: FrameColour) -> None:
    rs = pytest.importorskip("pyrealsense2")
    described = CameraInfo("cam_01", "1", "D415", "5.16", "3.2", MODEL, MODEL, Pose.identity(), 15.0)
    device = SoftwareDevice(rs, described)
    syncer = rs.syncer(10)
    for sensor, profile in zip(device.sensors, device.profiles, strict=True):
        sensor.open(profile)
        sensor.start(syncer)
    for name, value in stamps.items():
        device.sensors[1].set_metadata(getattr(rs.frame_metadata_value, name), value)
    converter = FrameConverter(camera_info("cam_01", device.device, *device.profiles, rs), rs)
    color, depth = np.zeros((48, 64, 3), np.uint8), np.full((48, 64), 700, np.uint16)
    frame = None
    for number in range(1, 20):
        device.push(color, depth, number, 1000.0 + 66.6 * number)
        came, frames = syncer.try_wait_for_frames(2000)
        frame = converter(frames) if came else None
        del frames
        if frame is not None:
            break
    for sensor in device.sensors:
        sensor.stop()
        sensor.close()
    assert frame is not None
    assert converter.colour == read


def told_by(world: World, stamps: dict[str, int], **rig: Any) -> CameraTelemetry:
    world.device.stamps = stamps
    settings = RigSection.model_validate({"size": "640x480"} | rig)
    camera = RealSenseCamera(CameraEntry(role="cam_03", serial=SERIAL), settings)
    came: list[object] = []
    camera.start(came.append)
    assert eventually(lambda: bool(came))
    told = camera.read_telemetry()
    camera.stop()
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("rig", "stamps", "known"),
    [
        # Locked: as set, whatever a picture says that was under way.
        ({"exposure_us": 8000.0, "gain": 70.0, "white_balance_k": 4600.0}, {}, (8000.0, 70.0, 4600.0)),
        ({"exposure_us": 8000.0, "gain": 70.0}, {"actual_exposure": 81, "white_balance": 3900}, (8000.0, 70.0, 3900.0)),
        # Automatic: what the pictures say, unless it is what was once set by hand, which some sensors go on saying.
        ({}, {}, (None, None, None)),
        ({}, {"actual_exposure": 90, "gain_level": 64, "white_balance": 3900}, (9000.0, 64.0, 3900.0)),
        ({}, {"actual_exposure": 166, "gain_level": 64, "white_balance": 4600}, (None, None, None)),
        ({}, {"gain_level": 64}, (None, None, None)),
    ],
)
def test_what_a_camera_tells_of_its_colour(
    rig: dict[str, float], stamps: dict[str, int], known: tuple[float | None, ...], world: World
) -> None:
    told = told_by(world, stamps, **rig)
    assert (told.exposure_us, told.gain, told.white_balance_k) == known
