"""A pretended ``pyrealsense2``: ten scripted cameras that break on request and note what is asked of them."""

from __future__ import annotations

import collections
import gc
import itertools
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from station.frames import ROLES

SERIALS = {role: f"91211207{number:04d}" for number, role in enumerate(ROLES, start=1)}
SERIAL = SERIALS["cam_03"]
LENT = 15
"""So many frames the SDK lends out; held longer, no further one comes."""
_OPTIONS = [
    "inter_cam_sync_mode",
    "emitter_enabled",
    "laser_power",
    "enable_auto_exposure",
    "auto_exposure_priority",
    "exposure",
    "gain",
    "enable_auto_white_balance",
    "white_balance",
    "asic_temperature",
    "projector_temperature",
]
_INFOS = [
    "serial_number",
    "name",
    "firmware_version",
    "usb_type_descriptor",
    "physical_port",
    "recommended_firmware_version",
]


class Sensor:
    def __init__(self, device: Device, options: str) -> None:
        self._device = device
        self.known = set(options.split())
        self.options: dict[str, float] = {}
        self.limits = {
            "exposure": (1.0, 10000.0, 166.0),
            "white_balance": (2800.0, 6500.0, 4600.0),
            "gain": (0.0, 128.0, 64.0),
            "laser_power": (0.0, 360.0, 150.0),
            "inter_cam_sync_mode": (0.0, 259.0, 0.0),
        }

    def supports(self, option: str) -> bool:
        return option in self.known

    def get_option_range(self, option: str) -> SimpleNamespace:
        low, high, default = self.limits.get(option, (0.0, 1.0, 1.0))
        return SimpleNamespace(min=low, max=high, default=default)

    def get_option(self, option: str) -> float:
        device = self._device
        if device.hang is not None:
            device.hang.wait(20.0)
        if not device.connected:
            raise RuntimeError("get_xu(...) failed! Last Error: No such device")
        temperatures = {"asic_temperature": device.asic_c, "projector_temperature": device.projector_c}
        return temperatures.get(option, self.options.get(option, self.get_option_range(option).default))

    def set_option(self, option: str, value: float) -> None:
        if option == "inter_cam_sync_mode" and self._device.streaming:
            raise RuntimeError("the sync mode cannot be set while streaming")
        with self._device.touched(f"{option}={value:g}"):
            self.options[option] = value


class Device:
    """One camera: what it says, how it breaks, and what its colour pictures show of the settings."""

    def __init__(self, world: World, serial: str, number: int) -> None:
        self.world = world
        self.serial = serial
        self.usb = "3.2"
        self.port = f"2-1.{number}"
        self.firmware = "5.16.0.1"
        self.connected = True
        self.answers = True
        self.streaming = False
        self.silent = False
        self.wait_error: str | None = None
        self.advanced = True
        self.preset_error: str | None = None
        self.asic_c, self.projector_c = 36.0, 33.0
        self.hang: threading.Event | None = None
        self.stuck: threading.Event | None = None
        self.stamps: dict[str, int] = {}
        self.number = 0
        self.light, self.kelvin = 1.5, 4300.0
        self.depth = Sensor(
            self, "inter_cam_sync_mode emitter_enabled laser_power asic_temperature projector_temperature"
        )
        self.color = Sensor(
            self, "enable_auto_exposure auto_exposure_priority exposure gain enable_auto_white_balance white_balance"
        )
        self._exposed: collections.deque[tuple[float, float, float]] = collections.deque(maxlen=3)

    @contextmanager
    def touched(self, what: str) -> Iterator[None]:
        """Note that the device is set; real ones answer "busy" when another is set at the same time."""
        if not self.world.busy.acquire(blocking=False):
            raise RuntimeError("Device or resource busy")
        try:
            threading.Event().wait(self.world.slowness_s)
            self.world.log.append((self.serial, what))
            yield
        finally:
            self.world.busy.release()

    def did(self) -> list[str]:
        return [what for serial, what in self.world.log if serial == self.serial]

    def level(self) -> tuple[float, float, float]:
        """Mean red, green and blue of the next picture; settings act two pictures later, as in a real sensor."""
        options = self.color.options
        level = 118.0
        if not options.get("enable_auto_exposure", 1.0):
            level = self.light * options["exposure"] * options["gain"] / 64.0
        kelvin = self.kelvin if options.get("enable_auto_white_balance", 1.0) else options["white_balance"]
        self._exposed.append((level * kelvin / self.kelvin, level, level * self.kelvin / kelvin))
        return self._exposed[0]

    # What the SDK's device offers.

    def supports(self, key: str) -> bool:
        return key in _INFOS

    def get_info(self, key: str) -> str:
        if not self.answers:
            raise RuntimeError("failed to open the device")
        place = f"/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/{self.port}/{self.port}:1.0/video4linux/video0"
        words = (self.serial, "Intel RealSense D435", self.firmware, self.usb, place, "5.16.0.1")
        return dict(zip(_INFOS, words, strict=True))[key]

    def first_depth_sensor(self) -> Sensor:
        return self.depth

    def first_color_sensor(self) -> Sensor:
        return self.color

    def hardware_reset(self) -> None:
        self.world.log.append((self.serial, "reset"))


class LentFrame:
    """A frame of the SDK's pool; its pixels are written over once it was given back."""

    def __init__(
        self, data: np.ndarray[Any, Any], number: int, world: World, stamps: dict[str, int] | None = None
    ) -> None:
        self._data, self._number, self._world, self._stamps = data, number, world, stamps or {}
        self._time_ms = time.time() * 1000.0

    def get_data(self) -> np.ndarray[Any, Any]:
        return self._data

    def get_frame_number(self) -> int:
        return self._number

    def get_timestamp(self) -> float:
        return self._time_ms

    def get_frame_timestamp_domain(self) -> str:
        return self._world.domain

    def supports_frame_metadata(self, key: str) -> bool:
        return key in self._stamps

    def get_frame_metadata(self, key: str) -> int:
        return self._stamps[key]

    def get_units(self) -> float:
        return 0.001


class World:
    """What is connected, what breaks, and what was asked for."""

    def __init__(self, serials: tuple[str, ...] = (SERIAL,)) -> None:
        self.devices = {serial: Device(self, serial, number) for number, serial in enumerate(serials, start=1)}
        self.start_error: str | None = None
        self.domain = "global"
        self.period_s = 0.01
        self.slowness_s = 0.0
        self.query_s = 0.0
        self.busy = threading.Lock()
        self.log: list[tuple[str, str]] = []
        self.started: list[list[tuple[Any, ...]]] = []
        self.stopped_in: list[str] = []
        self.destroyed_in: list[str] = []
        self.queries_in: list[str] = []
        self.lent: weakref.WeakSet[LentFrame] = weakref.WeakSet()
        self.pipelines: weakref.WeakSet[Any] = weakref.WeakSet()

    @property
    def device(self) -> Device:
        """The only camera of a world of one."""
        (device,) = self.devices.values()
        return device

    def connected(self) -> list[Device]:
        return [device for device in self.devices.values() if device.connected]

    def alive_pipelines(self) -> int:
        gc.collect()
        return len(self.pipelines)


def pretended_sdk(world: World) -> SimpleNamespace:
    class Profile:
        def __init__(self, width: int, height: int, fps: int) -> None:
            self._size, self._fps = (width, height), fps

        def as_video_stream_profile(self) -> Profile:
            return self

        def get_intrinsics(self) -> SimpleNamespace:
            width, height = self._size
            return SimpleNamespace(
                width=width,
                height=height,
                fx=0.72 * width,
                fy=0.72 * width,
                ppx=width / 2,
                ppy=height / 2,
                model="brown",
                coeffs=[0.0] * 5,
            )

        def get_extrinsics_to(self, _: Any) -> SimpleNamespace:
            return SimpleNamespace(rotation=[1, 0, 0, 0, 1, 0, 0, 0, 1], translation=[0.015, 0, 0])

        def fps(self) -> int:
            return self._fps

    class Config:
        def __init__(self) -> None:
            self.serial = ""
            self.streams: dict[str, tuple[Any, ...]] = {}

        def enable_device(self, serial: str) -> None:
            self.serial = serial

        def enable_stream(self, *stream: Any) -> None:
            self.streams[stream[0]] = stream

        def resolve(self, _: Any) -> SimpleNamespace:
            device = world.devices.get(self.serial)
            if device is None or not device.connected:
                raise RuntimeError("No device connected")
            return SimpleNamespace(
                get_device=lambda: device,
                get_stream=lambda name: Profile(*self.streams[name][1:3], self.streams[name][4]),
            )

    class Pipeline:
        def __init__(self) -> None:
            world.pipelines.add(self)
            self._device: Device | None = None
            self._sizes: list[tuple[int, int]] = []

        def __del__(self) -> None:
            world.destroyed_in.append(threading.current_thread().name)

        def start(self, config: Config) -> SimpleNamespace:
            profile = config.resolve(None)
            self._device = profile.get_device()
            if world.start_error:
                raise RuntimeError(world.start_error)
            if self._device.stuck is not None:
                self._device.stuck.wait(20.0)
            with self._device.touched("start"):
                world.started.append([(config.serial,), *config.streams.values()])
                self._sizes = [tuple(config.streams[name][1:3]) for name in ("depth", "color")]
                self._device.streaming = True
            return profile

        def try_wait_for_frames(self, timeout_ms: int) -> tuple[bool, Any]:
            device = self._device
            assert device is not None
            if device.wait_error:
                raise RuntimeError(device.wait_error)
            if device.silent or not device.connected or len(world.lent) >= LENT * len(world.devices):
                threading.Event().wait(min(timeout_ms / 1000.0, 0.02))
                return False, None
            threading.Event().wait(world.period_s)
            device.number += 1
            (dw, dh), (cw, ch) = self._sizes
            shown = np.clip(np.rint(device.level()), 0, 255).astype(np.uint8)
            color = LentFrame(np.full((ch, cw, 3), shown, np.uint8), device.number, world, dict(device.stamps))
            depth = LentFrame(np.full((dh, dw), 800, np.uint16), device.number, world)
            world.lent |= {color, depth}
            return True, SimpleNamespace(get_color_frame=lambda: color, get_depth_frame=lambda: depth)

        def stop(self) -> None:
            assert self._device is not None
            self._device.streaming = False
            world.stopped_in.append(threading.current_thread().name)

    class AdvancedMode:
        def __init__(self, device: Device) -> None:
            self._device = device

        def is_enabled(self) -> bool:
            return self._device.advanced

        def toggle_advanced_mode(self, wanted: bool) -> None:
            world.log.append((self._device.serial, "advanced"))
            self._device.advanced = wanted

        def load_json(self, text: str) -> None:
            if self._device.preset_error:
                raise RuntimeError(self._device.preset_error)
            with self._device.touched(f"preset {text}"):
                pass

    def query_devices() -> list[Device]:
        world.queries_in.append(threading.current_thread().name)
        threading.Event().wait(world.query_s)
        return world.connected()

    return SimpleNamespace(
        config=Config,
        pipeline=Pipeline,
        pipeline_wrapper=lambda pipeline: pipeline,
        rs400_advanced_mode=AdvancedMode,
        context=lambda: SimpleNamespace(query_devices=query_devices),
        stream=SimpleNamespace(depth="depth", color="color"),
        format=SimpleNamespace(z16="z16", rgb8="rgb8"),
        option=SimpleNamespace(**{name: name for name in _OPTIONS}),
        camera_info=SimpleNamespace(**{name: name for name in _INFOS}),
        distortion=SimpleNamespace(
            none="none", brown_conrady="brown", inverse_brown_conrady="inverse", modified_brown_conrady="modified"
        ),
        frame_metadata_value=SimpleNamespace(
            **{name: name for name in ("actual_exposure", "gain_level", "white_balance")}
        ),
        timestamp_domain=SimpleNamespace(hardware_clock="hardware", system_time="system", global_time="global"),
    )


def eventually(condition: Any, timeout_s: float = 10.0) -> bool:
    """Look every few milliseconds whether ``condition()`` holds."""
    until = time.monotonic() + timeout_s
    pause = threading.Event()
    for _ in itertools.count():
        if condition():
            return True
        if time.monotonic() > until:
            return False
        pause.wait(0.005)
    return False
