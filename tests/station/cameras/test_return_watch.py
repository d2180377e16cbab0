"""A camera that was plugged in again is tried at once, though the SDK calls nobody."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.cameras import return_watch
from station.cameras.return_watch import ReturnWatch, watch_for_returns
from tests.station.cameras.pretended_sdk import SERIALS, World, eventually
from tests.station.doctor.machines import add_camera, add_controller


@contextmanager
def watching(watch: ReturnWatch) -> Iterator[None]:
    watch.start()
    try:
        yield
    finally:
        watch.stop()


class Away:
    """The cameras that are away, and those that were tried again."""

    def __init__(self, *roles: str) -> None:
        self.roles = list(roles)
        self.tried: list[str] = []


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(return_watch, "_BUS_PERIOD_S", 0.01)
    monkeypatch.setattr(return_watch, "_SDK_PERIOD_S", 0.01)


def unplug(root: Path, port: str) -> None:
    folder = root / "sys/bus/usb/devices"
    shutil.rmtree((folder / port).resolve())
    for link in (folder / port, folder / f"{port}:1.0"):
        link.unlink()


def test_a_device_that_comes_onto_the_bus_has_the_absent_cameras_tried(world: World, tmp_path: Path) -> None:
    add_controller(tmp_path, "0000:01:00.0", {1: 480, 2: 5000})
    for port in ("2-1", "2-2"):
        add_camera(tmp_path, "0000:01:00.0", port)
    away = Away("cam_03", "cam_04")
    watch = watch_for_returns(sys.modules["pyrealsense2"], lambda: away.roles, away.tried.append, tmp_path)
    unplug(tmp_path, "2-2")
    with watching(watch):
        looked = threading.Event()
        looked.wait(0.1)
        assert away.tried == []
        add_camera(tmp_path, "0000:01:00.0", "2-2")
        assert eventually(lambda: len(away.tried) == 2)
        looked.wait(0.1)
    assert away.tried == ["cam_03", "cam_04"]
    # The bus alone was looked at: asking the SDK touches the cameras that stream.
    assert world.queries_in == []


def test_where_the_bus_cannot_be_seen_the_sdk_is_asked_off_the_camera_threads_and_only_while_one_is_away(
    world_of_ten: World, tmp_path: Path
) -> None:
    world = world_of_ten
    away = Away()
    watch = watch_for_returns(sys.modules["pyrealsense2"], lambda: away.roles, away.tried.append, tmp_path)
    with watching(watch):
        threading.Event().wait(0.1)
        assert world.queries_in == []
        world.devices[SERIALS["cam_03"]].connected = False
        away.roles.append("cam_03")
        assert eventually(lambda: len(world.queries_in) > 3)
        assert away.tried == []
        world.devices[SERIALS["cam_03"]].connected = True
        assert eventually(lambda: away.tried == ["cam_03"])
        away.roles.clear()
    assert set(world.queries_in) == {"return-watch"}


def test_an_sdk_that_cannot_list_ends_nothing(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away("cam_03")
    asked: list[int] = []

    def broken() -> None:
        asked.append(1)
        raise RuntimeError("no backend")

    sdk = sys.modules["pyrealsense2"]
    whole = sdk.context
    monkeypatch.setattr(sdk, "context", broken)
    watch = watch_for_returns(sdk, lambda: away.roles, away.tried.append, tmp_path)
    with watching(watch):
        assert eventually(lambda: len(asked) > 3)
        world.device.connected = False
        monkeypatch.setattr(sdk, "context", whole)
        assert eventually(lambda: bool(world.queries_in))
        world.device.connected = True
        assert eventually(lambda: away.tried == ["cam_03"])
