"""The hardware driver against a pretended SDK that notes what is asked of it: real cameras are not at hand."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from station.cameras.realsense import RealSenseCamera
from station.errors import CameraError
from station.frames import Frame
from station.settings import RigSection

SERIAL = "912112070001"


class Sensor:
    def __init__(self) -> None:
        self.options: dict[str, float] = {}
        self.lacks: set[str] = set()
        self.limits = {"exposure": (1.0, 10000.0), "white_balance": (2800.0, 6500.0)}

    def supports(self, option: str) -> bool:
        return option not in self.lacks

    def get_option_range(self, option: str) -> SimpleNamespace:
        low, high = self.limits.get(option, (0.0, 1.0))
        return SimpleNamespace(min=low, max=high)

    def set_option(self, option: str, value: float) -> None:
        self.options[option] = value


class Picture:
    def __init__(self, data: np.ndarray, number: int) -> None:
        self._data, self._number = data, number

    def get_data(self) -> np.ndarray:
        return self._data

    def get_frame_number(self) -> int:
        return self._number

    def get_timestamp(self) -> float:
        return self._number * 1000 / 6

    def get_frame_timestamp_domain(self) -> str:
        return "global"

    def get_units(self) -> float:
        return 0.001


class World:
    """What is connected, what breaks, and what was asked for."""

    def __init__(self) -> None:
        self.connected = {SERIAL: "3.2"}
        self.start_error: str | None = None
        self.wait_error: str | None = None
        self.silent = False
        self.started: list[Any] = []
        self.stopped_in: list[str] = []
        self.resets = 0
        self.number = 0
        self.depth, self.color = Sensor(), Sensor()


def pretended_sdk(world: World) -> SimpleNamespace:
    intrinsics = SimpleNamespace(
        width=1280, height=720, fx=910.0, fy=910.0, ppx=640.0, ppy=360.0, model="brown", coeffs=[0.0] * 5
    )
    extrinsics = SimpleNamespace(rotation=[1, 0, 0, 0, 1, 0, 0, 0, 1], translation=[0.015, 0, 0])

    class Profile:
        def as_video_stream_profile(self) -> Profile:
            return self

        def get_intrinsics(self) -> SimpleNamespace:
            return intrinsics

        def get_extrinsics_to(self, _: Any) -> SimpleNamespace:
            return extrinsics

        def fps(self) -> int:
            return 6

    class Device:
        def __init__(self, serial: str) -> None:
            self._said = {"serial_number": serial, "usb_type_descriptor": world.connected.get(serial, "")}

        def supports(self, key: str) -> bool:
            return key in self._said

        def get_info(self, key: str) -> str:
            return self._said[key]

        def first_depth_sensor(self) -> Sensor:
            return world.depth

        def first_color_sensor(self) -> Sensor:
            return world.color

        def hardware_reset(self) -> None:
            world.resets += 1

    class Config:
        def __init__(self) -> None:
            self.asked: list[tuple[Any, ...]] = []

        def enable_device(self, serial: str) -> None:
            self.asked.append((serial,))

        def enable_stream(self, *stream: Any) -> None:
            self.asked.append(stream)

    class Pipeline:
        def start(self, config: Config) -> SimpleNamespace:
            if world.start_error or SERIAL not in world.connected:
                raise RuntimeError(world.start_error or "No device connected")
            world.started.append(config.asked)
            return SimpleNamespace(get_device=lambda: Device(SERIAL), get_stream=lambda _: Profile())

        def try_wait_for_frames(self, _: int) -> tuple[bool, Any]:
            if world.wait_error:
                raise RuntimeError(world.wait_error)
            if world.silent:
                threading.Event().wait(0.02)
                return False, None
            threading.Event().wait(0.01)
            world.number += 1
            color = Picture(np.full((720, 1280, 3), 5, np.uint8), world.number)
            depth = Picture(np.full((720, 1280), 800, np.uint16), world.number)
            return True, SimpleNamespace(get_color_frame=lambda: color, get_depth_frame=lambda: depth)

        def stop(self) -> None:
            world.stopped_in.append(threading.current_thread().name)

    exposure = ["enable_auto_exposure", "auto_exposure_priority", "exposure"]
    options = ["emitter_enabled", *exposure, "enable_auto_white_balance", "white_balance"]
    return SimpleNamespace(
        config=Config,
        pipeline=Pipeline,
        context=lambda: SimpleNamespace(query_devices=lambda: [Device(s) for s in world.connected]),
        stream=SimpleNamespace(depth="depth", color="color"),
        format=SimpleNamespace(z16="z16", rgb8="rgb8"),
        option=SimpleNamespace(**{name: name for name in options}),
        camera_info=SimpleNamespace(
            serial_number="serial_number",
            name="name",
            firmware_version="firmware_version",
            usb_type_descriptor="usb_type_descriptor",
        ),
        distortion=SimpleNamespace(
            none="none", brown_conrady="brown", inverse_brown_conrady="inverse", modified_brown_conrady="modified"
        ),
        timestamp_domain=SimpleNamespace(hardware_clock="hardware", system_time="system", global_time="global"),
    )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setitem(sys.modules, "pyrealsense2", pretended_sdk(world))
    return world


def first_frame(camera: RealSenseCamera) -> Frame:
    came = threading.Event()
    frames: list[Frame] = []

    def deliver(frame: Frame) -> None:
        frames.append(frame)
        came.set()

    camera.start(deliver)
    assert came.wait(5.0)
    return frames[0]


def test_the_device_is_opened_by_serial_with_the_rigs_profile(world: World) -> None:
    camera = RealSenseCamera("cam_03", SERIAL, RigSection(size="1280x720", fps=6))
    frame = first_frame(camera)
    camera.stop()
    assert world.started == [
        [(SERIAL,), ("depth", 1280, 720, "z16", 6), ("color", 1280, 720, "rgb8", 6)],
    ]
    assert (frame.role, frame.color.shape, frame.depth.shape) == ("cam_03", (720, 1280, 3), (720, 1280))
    assert camera.info.serial == SERIAL
    assert not camera.info.registered
    assert world.stopped_in == ["cam_03-read"]


def test_locked_exposure_and_white_balance_are_set_in_the_cameras_units(world: World) -> None:
    camera = RealSenseCamera("cam_03", SERIAL, RigSection(exposure_us=8000.0, white_balance_k=4600.0, laser=False))
    first_frame(camera)
    camera.stop()
    assert world.depth.options == {"emitter_enabled": 0.0}
    assert world.color.options == {
        "enable_auto_exposure": 0.0,
        "exposure": 80.0,
        "enable_auto_white_balance": 0.0,
        "white_balance": 4600.0,
    }


def test_automatic_exposure_never_lowers_the_frame_rate(world: World) -> None:
    camera = RealSenseCamera("cam_03", SERIAL, RigSection())
    first_frame(camera)
    camera.stop()
    assert world.color.options["enable_auto_exposure"] == 1.0
    assert world.color.options["auto_exposure_priority"] == 0.0


def test_an_option_the_model_lacks_is_passed_over(world: World) -> None:
    world.depth.lacks.add("emitter_enabled")
    camera = RealSenseCamera("cam_03", SERIAL, RigSection())
    first_frame(camera)
    camera.stop()
    assert world.depth.options == {}


def test_a_camera_that_is_not_there_is_named_with_those_that_are(world: World) -> None:
    world.connected = {"111": "3.2", "222": "3.2"}
    camera = RealSenseCamera("cam_03", SERIAL, RigSection())
    with pytest.raises(CameraError, match=rf"cam_03 \(serial {SERIAL}\).*not connected; connected are: 111, 222"):
        camera.start(lambda _: None)


def test_a_slow_port_and_a_busy_camera_are_told_apart(world: World) -> None:
    world.start_error = "Couldn't resolve requests"
    world.connected = {SERIAL: "2.1"}
    camera = RealSenseCamera("cam_03", SERIAL, RigSection())
    with pytest.raises(CameraError, match=r"USB 2\.1.*too slow.*Use a USB 3 port"):
        camera.start(lambda _: None)
    world.connected = {SERIAL: "3.2"}
    with pytest.raises(CameraError, match=r"does not start.*Couldn't resolve requests.*no other program"):
        camera.start(lambda _: None)


def test_a_setting_outside_the_cameras_range_names_key_value_and_range(world: World) -> None:
    world.color.limits["white_balance"] = (3000.0, 6000.0)
    camera = RealSenseCamera("cam_03", SERIAL, RigSection(white_balance_k=2900.0))
    with pytest.raises(CameraError, match=r"white_balance_k = 2900 is outside .* 3000 to 6000") as caught:
        camera.start(lambda _: None)
    assert not caught.value.retryable
    assert len(world.stopped_in) == 1


def test_silence_closes_the_camera_in_its_own_thread_and_repeated_vain_openings_reset_it(world: World) -> None:
    world.silent = True
    camera = RealSenseCamera("cam_03", SERIAL, RigSection(stale_after_s=0.1))
    for _ in range(2):
        camera.start(lambda _: None)
        reader = camera._reader
        assert reader is not None
        reader._thread.join(5.0)
        assert "No frame came within 0.1 s since it was opened" in str(camera.fault)
        camera.stop()
    assert world.stopped_in == ["cam_03-read", "cam_03-read"]
    assert world.resets == 0
    world.silent = False
    first_frame(camera)
    camera.stop()
    assert world.resets == 1


def test_what_the_driver_says_when_it_breaks_is_passed_on(world: World) -> None:
    camera = RealSenseCamera("cam_03", SERIAL, RigSection())
    first_frame(camera)
    world.wait_error = "xioctl(VIDIOC_QBUF) failed"
    reader = camera._reader
    assert reader is not None
    reader._thread.join(5.0)
    assert "xioctl(VIDIOC_QBUF) failed" in str(camera.fault)
    camera.stop()


def test_without_the_sdk_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrealsense2", None)
    with pytest.raises(CameraError, match=r"SDK cannot be loaded.*libusb"):
        RealSenseCamera("cam_03", SERIAL, RigSection()).start(lambda _: None)
