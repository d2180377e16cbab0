"""A camera whose opening hangs is named, and so is what the others wait for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from station.acquisition import Rig
from station.cameras import supervisor as supervision
from station.cameras.device_access import DEVICE_ACCESS
from station.cameras.realsense import RealSenseCamera
from station.cameras.supervisor import CameraState, CameraSupervisor
from station.errors import CameraError
from station.settings import CameraEntry, RigSection
from station.workflow.device_watch import DeviceWatch
from tests.station.cameras.pretended_sdk import SERIALS, World, eventually

ROLES = ("cam_03", "cam_04", "cam_05")


def camera(role: str) -> RealSenseCamera:
    entry = CameraEntry.model_validate({"role": role, "serial": SERIALS[role]})
    return RealSenseCamera(entry, RigSection(size="640x480"))


@pytest.fixture
def supervised(world_of_ten: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, CameraSupervisor]]:
    """Three cameras that are not started yet; a quarter of a second is far too long for opening one."""
    monkeypatch.setattr(supervision, "_OVERDUE_S", 0.25)
    monkeypatch.setattr(supervision, "_STEP_S", 0.25)
    found = {role: CameraSupervisor(camera(role), lambda _: None, stall_after_s=1.0) for role in ROLES}
    yield found
    for one in found.values():
        one.stop()


class Watch:
    """What the station says of these cameras, asked as the workflow does."""

    def __init__(self, supervised: dict[str, CameraSupervisor]) -> None:
        rig = SimpleNamespace(states=lambda: {role: one.status for role, one in supervised.items()})
        self._watch, self._now_ns = DeviceWatch(rig, None), 0  # type: ignore[arg-type]

    def troubles(self) -> tuple[str, ...]:
        self._now_ns += 10**9
        assert self._watch.ask(self._now_ns)
        return self._watch.troubles


def test_a_camera_that_does_not_open_is_named_and_those_that_wait_name_it(
    world_of_ten: World, supervised: dict[str, CameraSupervisor], caplog: pytest.LogCaptureFixture
) -> None:
    world_of_ten.devices[SERIALS["cam_04"]].stuck = release = threading.Event()
    watch = Watch(supervised)
    supervised["cam_03"].start()
    assert supervised["cam_03"].wait_state(CameraState.STREAMING, 10.0)
    supervised["cam_04"].start()
    assert eventually(lambda: (holder := DEVICE_ACCESS.holder) is not None and holder.who == "cam_04")
    supervised["cam_05"].start()
    assert eventually(lambda: len(watch.troubles()) == 2)
    hanging, waiting = watch.troubles()
    assert "cam_04 (serial" in hanging
    assert "does not answer" in hanging
    assert "cam_05 (serial" in waiting
    assert "cam_04 has been opening for" in waiting
    states = {role: one.status for role, one in supervised.items()}
    assert {role: (one.state, one.waits_for) for role, one in states.items()} == {
        "cam_03": (CameraState.STREAMING, ""),
        "cam_04": (CameraState.STARTING, ""),
        "cam_05": (CameraState.STARTING, "cam_04"),
    }
    assert [record.role for record in caplog.records if "opening" in record.message] == ["cam_04", "cam_05"]  # type: ignore[attr-defined]
    release.set()
    for one in supervised.values():
        assert one.wait_state(CameraState.STREAMING, 10.0)
    assert watch.troubles() == ()


def test_a_listing_that_hangs_is_named(supervised: dict[str, CameraSupervisor]) -> None:
    with DEVICE_ACCESS.held_by("listing"):
        supervised["cam_03"].start()
        assert eventually(lambda: supervised["cam_03"].status.hangs_s > 0.0)
        assert "the listing of all cameras has hung" in supervised["cam_03"].status.reason
    assert supervised["cam_03"].wait_state(CameraState.STREAMING, 10.0)


def test_whoever_waits_for_cameras_that_open_one_after_the_other_does_not_hang(
    supervised: dict[str, CameraSupervisor],
) -> None:
    with DEVICE_ACCESS.held_by("cam_01"):
        supervised["cam_03"].start()
        pause = threading.Event()
        pause.wait(0.2)
    for _ in range(3):
        with DEVICE_ACCESS.held_by("cam_02"):
            assert supervised["cam_03"].status.hangs_s == 0.0
    assert supervised["cam_03"].wait_state(CameraState.STREAMING, 10.0)


def test_a_start_that_fails_says_which_camera_hangs(world_of_ten: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_OVERDUE_S", 0.1)
    monkeypatch.setattr(supervision, "_STEP_S", 0.05)
    world_of_ten.devices[SERIALS["cam_04"]].stuck = release = threading.Event()
    rig = Rig([camera("cam_04")], fps=15)
    ending = threading.Timer(1.0, release.set)
    ending.start()
    with pytest.raises(CameraError, match=r"cam_04.*does not answer"):
        rig.start(timeout_s=0.3)
    ending.join(10.0)
