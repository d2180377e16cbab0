"""The hardware driver against a pretended SDK that notes what is asked of it: real cameras are not at hand."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.cameras import realsense
from station.cameras import supervisor as supervisor_module
from station.cameras.realsense import RealSenseCamera
from station.cameras.source import CameraAbsentError
from station.cameras.supervisor import CameraState, CameraSupervisor
from station.errors import CameraError
from station.frames import Frame, TimeDomain
from station.settings import CameraEntry, DepthSection, RigSection
from tests.station.cameras.pretended_sdk import LENT, SERIAL, SERIALS, World, eventually

SMALL: dict[str, Any] = {"size": "640x480"}


def camera_of(preset: Path | None = None, entry: dict[str, Any] | None = None, **rig: Any) -> RealSenseCamera:
    section = RigSection.model_validate(SMALL | rig)
    return RealSenseCamera(CameraEntry(role="cam_03", serial=SERIAL, **(entry or {})), section, preset)


def first_frame(camera: RealSenseCamera) -> Frame:
    came = threading.Event()
    frames: list[Frame] = []

    def deliver(frame: Frame) -> None:
        frames.append(frame)
        came.set()

    camera.start(deliver)
    assert came.wait(5.0)
    return frames[0]


def opened_and_closed(camera: RealSenseCamera) -> None:
    first_frame(camera)
    camera.stop()


def ended(camera: RealSenseCamera) -> str:
    """Wait until the camera has closed itself and return why."""
    assert eventually(lambda: camera.fault is not None)
    reader = camera._reader
    assert reader is not None
    reader._thread.join(5.0)
    return str(camera.fault)


def test_the_device_is_opened_by_serial_with_the_rigs_profile(world: World) -> None:
    camera = camera_of(size="1280x720", fps=6)
    frame = first_frame(camera)
    camera.stop()
    assert world.started == [[(SERIAL,), ("depth", 1280, 720, "z16", 6), ("color", 1280, 720, "rgb8", 6)]]
    assert (frame.role, frame.color.shape, frame.depth.shape) == ("cam_03", (720, 1280, 3), (720, 1280))
    assert (camera.info.serial, camera.info.firmware, camera.info.usb) == (SERIAL, "5.16.0.1", "3.2")
    assert camera.info.depth_to_color.translation[0] == pytest.approx(0.015)
    assert not camera.info.registered
    assert world.stopped_in == ["cam_03-read"]


def test_depth_may_have_a_size_of_its_own(world: World) -> None:
    camera = camera_of(size="1280x720", depth_size="848x480", fps=15)
    frame = first_frame(camera)
    camera.stop()
    assert world.started == [[(SERIAL,), ("depth", 848, 480, "z16", 15), ("color", 1280, 720, "rgb8", 15)]]
    assert (frame.color.shape, frame.depth.shape) == ((720, 1280, 3), (480, 848))
    assert (camera.info.color.width, camera.info.depth.width) == (1280, 848)


def test_locked_colour_is_set_in_the_cameras_units_and_the_laser_as_the_rig_says(world: World) -> None:
    opened_and_closed(camera_of(exposure_us=8000.0, gain=70.0, white_balance_k=4600.0, laser=False))
    assert world.device.depth.options == {"inter_cam_sync_mode": 0.0, "emitter_enabled": 0.0}
    assert world.device.color.options == {
        "auto_exposure_priority": 0.0,
        "enable_auto_exposure": 0.0,
        "exposure": 80.0,
        "gain": 70.0,
        "enable_auto_white_balance": 0.0,
        "white_balance": 4600.0,
    }


def test_a_locked_exposure_without_a_gain_has_the_cameras_usual_gain(world: World) -> None:
    world.device.color.options["gain"] = 3.0
    opened_and_closed(camera_of(exposure_us=8000.0))
    assert world.device.color.options["gain"] == 64.0


@pytest.mark.parametrize("exposure_us", [None, 8000.0])
def test_exposure_never_lowers_the_frame_rate(exposure_us: float | None, world: World) -> None:
    opened_and_closed(camera_of(exposure_us=exposure_us))
    assert world.device.color.options["enable_auto_exposure"] == (1.0 if exposure_us is None else 0.0)
    assert world.device.color.options["auto_exposure_priority"] == 0.0


def test_a_cameras_own_laser_goes_before_the_rigs(world: World) -> None:
    opened_and_closed(camera_of(entry={"laser": False}, laser_power_mw=300.0))
    assert world.device.depth.options["emitter_enabled"] == 0.0
    assert "laser_power" not in world.device.depth.options
    opened_and_closed(camera_of(laser_power_mw=300.0))
    assert (world.device.depth.options["emitter_enabled"], world.device.depth.options["laser_power"]) == (1.0, 300.0)


@pytest.mark.parametrize(
    ("sync", "mode"), [("default", 0), ("master", 1), ("slave", 2), ("full-slave", 3), ("genlock", 4)]
)
def test_the_sync_mode_is_set_before_streaming(sync: str, mode: int, world: World) -> None:
    opened_and_closed(camera_of(entry={"sync": sync}))
    did = world.device.did()
    assert did.index(f"inter_cam_sync_mode={mode}") < did.index("start")


def test_a_sync_mode_that_the_model_lacks_is_said(world: World) -> None:
    world.device.depth.limits["inter_cam_sync_mode"] = (0.0, 2.0, 0.0)
    with pytest.raises(CameraError, match=r"sync = 4 is outside .* 0 to 2.*under \[\[cameras\]\]") as caught:
        camera_of(entry={"sync": "genlock"}).start(lambda _: None)
    assert not caught.value.retryable


def test_an_option_the_model_lacks_is_passed_over(world: World) -> None:
    world.device.depth.known -= {"emitter_enabled", "inter_cam_sync_mode"}
    opened_and_closed(camera_of())
    assert world.device.depth.options == {}


def test_a_preset_is_loaded_before_streaming_and_the_rigs_own_settings_come_after_it(
    world: World, tmp_path: Path
) -> None:
    preset = tmp_path / "dense.json"
    preset.write_text('{"param-disparityshift": 0}')
    opened_and_closed(camera_of(preset))
    did = world.device.did()
    loaded = did.index('preset {"param-disparityshift": 0}')
    assert loaded < did.index("start") < did.index("emitter_enabled=1")
    assert "advanced" not in did


def test_a_device_that_restarts_for_its_preset_is_waited_for(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realsense, "_RESTART_S", 0.2)
    monkeypatch.setattr(realsense, "_SETTLE_S", 0.02)
    world.device.advanced = False
    preset = tmp_path / "dense.json"
    preset.write_text("{}")
    opened_and_closed(camera_of(preset))
    did = world.device.did()
    assert did.index("advanced") < did.index("preset {}") < did.index("start")
    assert world.queries_in


def test_a_preset_that_cannot_be_read_or_is_refused_is_named(world: World, tmp_path: Path) -> None:
    preset = tmp_path / "dense.json"
    with pytest.raises(CameraError, match=r"dense\.json: The preset cannot be read"):
        camera_of(preset).start(lambda _: None)
    preset.write_text("[1]")
    with pytest.raises(CameraError, match=r"dense\.json: The preset is no JSON object"):
        camera_of(preset).start(lambda _: None)
    preset.write_text("{}")
    world.device.preset_error = "device busy"
    with pytest.raises(CameraError, match=r"cam_03 .*refuses the preset dense\.json: device busy") as caught:
        camera_of(preset).start(lambda _: None)
    assert caught.value.retryable
    assert world.started == []


def test_a_camera_that_is_not_there_is_named_with_those_that_are(world_of_ten: World) -> None:
    world_of_ten.devices[SERIAL].connected = False
    for serial in list(world_of_ten.devices)[4:]:
        world_of_ten.devices[serial].connected = False
    there = ", ".join(sorted(d.serial for d in world_of_ten.connected()))
    with pytest.raises(CameraError, match=rf"cam_03 \(serial {SERIAL}\).*not connected; connected are: {there}\."):
        camera_of().start(lambda _: None)


def test_a_slow_port_and_a_busy_camera_are_told_apart(world: World) -> None:
    world.start_error = "Couldn't resolve requests"
    world.device.usb = "2.1"
    with pytest.raises(CameraError, match=r"port 2-1\.1, USB 2\.1\).*too slow.*Use a USB 3 port"):
        camera_of().start(lambda _: None)
    world.device.usb = "3.2"
    with pytest.raises(CameraError, match=r"does not start.*Couldn't resolve requests.*no other program"):
        camera_of().start(lambda _: None)


def test_a_camera_that_streams_on_usb_2_all_the_same_is_warned_of(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.device.usb = "2.1"
    with caplog.at_level(logging.WARNING):
        opened_and_closed(camera_of())
    assert "The camera is on USB 2.1: use a USB 3 port and cable." in caplog.messages


def test_a_setting_outside_the_cameras_range_names_key_value_and_range(world: World) -> None:
    world.device.color.limits["white_balance"] = (3000.0, 6000.0, 4600.0)
    with pytest.raises(CameraError, match=r"white_balance_k = 2900 is outside .* 3000 to 6000") as caught:
        camera_of(white_balance_k=2900.0).start(lambda _: None)
    assert not caught.value.retryable
    assert len(world.stopped_in) == 1


def test_silence_closes_the_camera_in_its_own_thread_and_repeated_vain_openings_reset_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realsense, "_RESTART_S", 0.2)
    monkeypatch.setattr(realsense, "_SETTLE_S", 0.02)
    world.device.silent = True
    camera = camera_of(stale_after_s=0.1)
    for _ in range(3):
        camera.start(lambda _: None)
        assert "No frame came within 0.1 s since it was opened" in ended(camera)
        camera.stop()
    assert world.stopped_in == ["cam_03-read"] * 3
    assert "reset" not in world.device.did()
    world.device.silent = False
    opened_and_closed(camera)
    assert world.device.did().count("reset") == 1


def test_after_bounded_attempts_a_reset_is_the_last_one_and_then_it_has_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realsense, "_RESTART_S", 0.1)
    monkeypatch.setattr(realsense, "_SETTLE_S", 0.02)
    camera = camera_of(stale_after_s=0.1)
    pauses_s = tuple(0.001 * pause for pause in supervisor_module._PAUSES_S)
    supervisor = CameraSupervisor(camera, lambda _: None, stall_after_s=0.5, pauses_s=pauses_s, slow_pause_s=30.0)
    supervisor.start()
    assert supervisor.wait_state(CameraState.STREAMING, 10.0)
    world.device.silent = True
    assert supervisor.wait_state(CameraState.FAILED, 10.0)
    supervisor.stop()
    steps = [what for what in world.device.did() if what in ("start", "reset")]
    assert steps == ["start"] + ["start"] * 3 + ["reset", "start"]


def test_a_camera_that_comes_back_from_being_unplugged_is_not_reset(world: World) -> None:
    camera = camera_of(stale_after_s=0.1)
    world.device.connected = False
    for _ in range(6):
        with pytest.raises(CameraAbsentError):
            camera.start(lambda _: None)
    world.device.connected = True
    opened_and_closed(camera)
    assert "reset" not in world.device.did()


def test_a_camera_is_not_called_absent_while_another_does_not_answer(world_of_ten: World) -> None:
    world_of_ten.devices[SERIAL].connected = False
    world_of_ten.devices[SERIALS["cam_08"]].answers = False
    with pytest.raises(CameraError, match="and one does not answer") as caught:
        camera_of().start(lambda _: None)
    assert not isinstance(caught.value, CameraAbsentError)


def test_a_camera_that_falls_silent_is_named_with_port_link_and_last_frame(world: World) -> None:
    camera = camera_of(stale_after_s=0.1)
    first_frame(camera)
    world.device.silent = True
    said = ended(camera)
    camera.stop()
    assert f"cam_03 (serial {SERIAL}, port 2-1.1, USB 3.2)" in said
    assert f"No frame came within 0.1 s any more; the last was {world.device.number}." in said


def test_an_unplugged_camera_is_closed_by_its_own_thread_and_comes_back_without_a_restart(world: World) -> None:
    camera = camera_of(stale_after_s=0.1)
    first_frame(camera)
    world.device.connected = False
    ended(camera)
    assert world.stopped_in == ["cam_03-read"]
    camera.stop()
    # Closed and destroyed there: the SDK has crashed where it was done elsewhere.
    assert world.destroyed_in == ["cam_03-read"]
    with pytest.raises(CameraError, match="not connected; connected are: none"):
        camera.start(lambda _: None)
    world.device.connected = True
    opened_and_closed(camera)


def test_what_the_driver_says_when_it_breaks_is_passed_on(world: World) -> None:
    camera = camera_of()
    first_frame(camera)
    world.device.wait_error = "xioctl(VIDIOC_QBUF) failed"
    assert "xioctl(VIDIOC_QBUF) failed" in ended(camera)
    camera.stop()


def test_frames_are_copied_out_at_once_so_that_the_sdk_never_runs_dry(world: World) -> None:
    world.period_s = 0.001
    held: list[Frame] = []
    full = threading.Event()

    def hold(frame: Frame) -> None:
        held.append(frame)
        if len(held) == 4 * LENT:
            full.set()

    camera = camera_of()
    camera.start(hold)
    assert full.wait(20.0)
    camera.stop()
    assert len(world.lent) == 0
    assert len({id(frame.color.base) for frame in held}) == len(held)


def test_the_stream_is_opened_once_and_a_hundred_openings_leave_nothing_behind(world: World) -> None:
    world.period_s = 0.001
    opened_and_closed(camera_of())
    assert len(world.started) == 1
    threads = threading.active_count()
    camera = camera_of()
    for _ in range(100):
        opened_and_closed(camera)
    assert threading.active_count() == threads
    assert world.alive_pipelines() == 0
    assert len(world.lent) == 0


def test_a_clock_that_silently_becomes_the_systems_is_marked_in_every_frame(world: World) -> None:
    frames: list[Frame] = []
    camera = camera_of()
    camera.start(frames.append)
    assert eventually(lambda: len(frames) > 2)
    world.domain = "system"
    assert eventually(lambda: frames[-1].time_domain is TimeDomain.SYSTEM)
    camera.stop()
    assert frames[0].time_domain is TimeDomain.GLOBAL


def test_telemetry_says_heat_link_settings_and_the_filters_cost(world: World) -> None:
    camera = camera_of(exposure_us=8000.0)
    assert camera.read_telemetry() is None
    first_frame(camera)
    told = camera.read_telemetry()
    assert told is not None
    assert (told.role, told.serial, told.firmware, told.usb, told.port) == (
        "cam_03",
        SERIAL,
        "5.16.0.1",
        "3.2",
        "2-1.1",
    )
    assert (told.asic_c, told.projector_c) == (36.0, 33.0)
    assert (told.exposure_us, told.gain, told.white_balance_k) == (8000.0, 64.0, None)
    assert 0.0 < told.uptime_s < 60.0
    assert told.filter_ms == 0.0
    camera.stop()
    assert camera.read_telemetry() is None


def test_a_device_that_hangs_while_it_is_asked_never_holds_up_its_frames(world: World) -> None:
    frames: list[Frame] = []
    camera = camera_of()
    camera.start(frames.append)
    assert eventually(lambda: len(frames) > 1)
    world.device.hang = threading.Event()
    asking = threading.Thread(target=camera.read_telemetry)
    asking.start()
    seen = len(frames)
    assert eventually(lambda: len(frames) > seen + 20)
    assert asking.is_alive()
    camera.stop()
    world.device.hang.set()
    asking.join(5.0)


def test_filters_work_on_the_depth_alone_in_the_cameras_thread(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worked_in: list[str] = []

    class Filter:
        def __init__(self, *asked: float) -> None:
            self.asked = asked

        def process(self, depth: Any) -> Any:
            worked_in.append(threading.current_thread().name)
            assert depth.get_units() == 0.001
            return depth

    sdk = sys.modules["pyrealsense2"]
    for name in ("threshold_filter", "temporal_filter", "hole_filling_filter"):
        monkeypatch.setattr(sdk, name, Filter, raising=False)
    camera = camera_of(depth=DepthSection(max_m=2.0, temporal=True, hole_filling="nearest"))
    first_frame(camera)
    told = camera.read_telemetry()
    camera.stop()
    assert told is not None
    assert told.filter_ms > 0.0
    assert set(worked_in) == {"cam_03-read"}


def test_without_the_sdk_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrealsense2", None)
    with pytest.raises(CameraError, match=r"SDK cannot be loaded.*libusb"):
        camera_of().start(lambda _: None)


def test_pictures_are_what_the_camera_showed(world: World) -> None:
    frame = first_frame(camera := camera_of())
    camera.stop()
    assert (np.asarray(frame.depth) == 800).all()
    assert frame.color[0, 0].tolist() == [118, 118, 118]
