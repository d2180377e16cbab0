"""The real rig from ``station.toml`` to framesets, on ten pretended cameras."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.cli.real_rig import open_real_rig, renew_when_idle
from station.config import load_settings
from station.errors import CameraError, ConfigError
from tests.station.cameras.pretended_sdk import SERIALS, World, pretended_sdk


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tuple(SERIALS.values()))
    world.period_s = 1 / 15
    monkeypatch.setitem(sys.modules, "pyrealsense2", pretended_sdk(world))
    return world


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    cameras = "".join(f'[[cameras]]\nrole = "{r}"\nserial = "{s}"\n' for r, s in SERIALS.items())
    (tmp_path / "dense.json").write_text("{}")
    path.write_text(f'[rig]\nsize = "640x480"\nfps = 15\npreset = "dense.json"\n{cameras}', encoding="utf-8")
    return path


def test_the_rig_streams_tells_its_figures_and_leaves_no_thread_behind(world: World, config: Path) -> None:
    loaded = load_settings(config, config.parent)
    threads = threading.active_count()
    with ExitStack() as stack:
        real = open_real_rig(stack, loaded)
        renew_when_idle(stack, real.cameras, lambda: False, loaded.settings.rig.renew_after_h)
        frameset = real.rig.next_frameset()
        assert frameset is not None
        assert set(frameset.frames) | set(frameset.missing) == set(SERIALS)
        assert real.telemetry.latest or real.telemetry.wait_round(5.0)
        assert real.telemetry.latest["cam_10"].firmware == "5.16.0.1"
        running = {thread.name for thread in threading.enumerate()}
        assert {"telemetry", "return-watch", "renewal", "matcher", "cam_07-read", "cam_07-watch"} <= running
    assert threading.active_count() == threads
    assert [what for _, what in world.log if what == "preset {}"] == ["preset {}"] * 10


def test_a_rig_that_cannot_start_leaves_no_thread_behind(world: World, config: Path) -> None:
    loaded = load_settings(config, config.parent)
    for device in world.devices.values():
        device.connected = False
    threads = threading.active_count()
    with pytest.raises(CameraError, match="10 of 10 cameras failed to start"), ExitStack() as stack:
        open_real_rig(stack, loaded)
    assert threading.active_count() == threads


def test_all_ten_must_be_named(world: World, config: Path) -> None:
    config.write_text("")
    with pytest.raises(ConfigError, match="missing cam_01"), ExitStack() as stack:
        open_real_rig(stack, load_settings(config, config.parent))
