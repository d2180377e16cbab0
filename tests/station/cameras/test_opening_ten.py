"""Ten pretended cameras as one rig: opened and set one at a time, waited for side by side, lost and found again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest

from station.acquisition.rig import Rig
from station.cameras import return_watch
from station.cameras.configured import configured_cameras
from station.cameras.return_watch import watch_for_returns
from station.cameras.supervisor import CameraState
from station.errors import CameraError
from station.frames import ROLES
from station.settings import CameraEntry, RigSection, Settings
from tests.station.cameras.pretended_sdk import SERIALS, World, eventually
from tests.station.cameras.test_return_watch import unplug, watching
from tests.station.doctor.machines import add_camera, add_controller


def rig_of(folder: Path, **values: Any) -> Rig:
    settings = Settings(
        rig=RigSection.model_validate({"size": "640x480", "fps": 15, "stale_after_s": 0.5} | values),
        cameras=tuple(CameraEntry.model_validate({"role": r, "serial": s}) for r, s in SERIALS.items()),
    )
    return Rig(configured_cameras(settings, folder, folder), fps=15)


def seen_by(rig: Rig) -> set[str]:
    """The cameras of the next frameset; a busy host may lose some of one."""
    frameset = rig.next_frameset(timeout_s=1.0)
    return set() if frameset is None else set(frameset.frames)


@pytest.fixture
def world(world_of_ten: World) -> World:
    world_of_ten.period_s = 1 / 15
    world_of_ten.slowness_s = 0.002
    return world_of_ten


@contextmanager
def running(rig: Rig, **how: Any) -> Iterator[Rig]:
    rig.start(**how)
    try:
        yield rig
    finally:
        rig.stop()


def test_ten_cameras_with_presets_are_opened_and_set_one_at_a_time(world: World, tmp_path: Path) -> None:
    (tmp_path / "dense.json").write_text("{}")
    with running(rig_of(tmp_path, preset="dense.json", exposure_us=8000.0)) as rig:
        assert {status.state for status in rig.states().values()} <= {CameraState.STARTING, CameraState.STREAMING}
        assert eventually(lambda: seen_by(rig) == set(ROLES), 30.0)
    # Two set at once would have answered "busy", and that camera would have been opened again.
    assert len(world.started) == 10
    owners = [serial for serial, _ in world.log]
    turns = [owner for index, owner in enumerate(owners) if index == 0 or owners[index - 1] != owner]
    assert sorted(turns) == sorted(SERIALS.values())


def test_depth_is_aligned_for_the_frameset_that_is_used_alone_and_in_no_cameras_thread(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aligned_in: list[str] = []
    align = cv2.registerDepth

    def noted(*given: Any, **named: Any) -> Any:
        aligned_in.append(threading.current_thread().name)
        return align(*given, **named)

    monkeypatch.setattr(cv2, "registerDepth", noted)
    with running(rig_of(tmp_path)) as rig:
        assert eventually(lambda: rig.matched > 5, 30.0)
        assert rig.next_frameset(registered=False) is not None
        assert aligned_in == []
        frameset = rig.next_frameset()
        assert frameset is not None
        assert len(aligned_in) == len(frameset.frames)
        assert all(name.startswith("register") for name in aligned_in)
        matched = rig.matched
        assert eventually(lambda: rig.matched > matched + 5, 30.0)
        assert len(aligned_in) == len(frameset.frames)


def test_one_error_lists_every_camera_that_failed_and_why(world: World, tmp_path: Path) -> None:
    world.devices[SERIALS["cam_02"]].connected = False
    world.devices[SERIALS["cam_05"]].color.limits["exposure"] = (1.0, 50.0, 20.0)
    world.devices[SERIALS["cam_09"]].silent = True
    threads = threading.active_count()
    rig = rig_of(tmp_path, exposure_us=8000.0)
    with pytest.raises(CameraError) as caught:
        rig.start(timeout_s=3.0)
    lines = str(caught.value).split("\n")
    assert lines[0] == "rig: 3 of 10 cameras failed to start:"
    assert "cam_02 (serial 912112070002): The camera is not connected" in lines[1]
    assert "cam_05 (serial 912112070005, port 2-1.5, USB 3.2): exposure_us = 8000 is outside" in lines[2]
    assert "cam_09 (serial 912112070009, port 2-1.9, USB 3.2): No frame came" in lines[3]
    assert len(lines) == 4
    assert threading.active_count() == threads


def test_nine_go_on_while_one_is_away_and_it_is_used_again_when_it_comes_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(return_watch, "_BUS_PERIOD_S", 0.05)
    add_controller(tmp_path, "0000:01:00.0", {1: 480, 2: 5000})
    for number in range(1, 11):
        add_camera(tmp_path, "0000:01:00.0", f"2-1.{number}")
    device = world.devices[SERIALS["cam_04"]]
    with running(rig_of(tmp_path)) as rig:

        def away() -> list[str]:
            return [r for r, s in rig.states().items() if s.state in (CameraState.RECONNECTING, CameraState.FAILED)]

        watch = watch_for_returns(sys.modules["pyrealsense2"], away, rig.retry, tmp_path)
        with watching(watch):
            device.connected = False
            unplug(tmp_path, device.port)
            assert rig.wait_state("cam_04", CameraState.RECONNECTING, 30.0)
            assert eventually(lambda: seen_by(rig) == set(ROLES) - {"cam_04"}, 30.0)
            device.connected = True
            add_camera(tmp_path, "0000:01:00.0", device.port)
            assert rig.wait_state("cam_04", CameraState.STREAMING, 30.0)
    assert len(world.started) == 11
