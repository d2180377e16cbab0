"""Cameras, their links, controllers and bandwidth, on trees as sysfs shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.cameras.bandwidth import camera_mb_s
from station.cameras.usb_tree import UsbController, usb_controllers
from station.doctor import Machine, Status, cameras, usb
from station.settings import RigSection, Settings
from tests.station.doctor.machines import (
    ALL_CAMERAS,
    CONFIGURED,
    SERIALS,
    add_camera,
    add_controller,
    add_usb,
    answering,
    camera,
    case_of,
    complete,
    write,
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return complete(tmp_path)


def test_an_absent_and_a_strange_camera_are_named(machine: Machine) -> None:
    there = [*ALL_CAMERAS[:6], *ALL_CAMERAS[7:], camera("999999999999")]
    found = cameras.cameras(case_of(replace(machine, ask=answering(there))))
    assert found.status is Status.FAIL
    assert f"1 of 10 cameras are absent: cam_07 ({SERIALS['cam_07']})" in found.found
    assert "Connected but not configured: 999999999999." in found.found
    assert "station cameras replace" in found.fix


def test_connected_cameras_without_a_role_are_a_warning(machine: Machine) -> None:
    found = cameras.cameras(case_of(machine, Settings()))
    assert found.status is Status.WARN
    assert all(serial in found.found for serial in SERIALS.values())
    assert "cam_01 to cam_10" in found.fix


def test_fewer_configured_than_the_rig_has_is_a_warning(machine: Machine) -> None:
    few = CONFIGURED.model_copy(update={"cameras": CONFIGURED.cameras[:3]})
    found = cameras.cameras(case_of(replace(machine, ask=answering(ALL_CAMERAS[:3])), few))
    assert found.status is Status.WARN
    assert "All 3 configured cameras" in found.found


def test_a_camera_that_does_not_answer_is_told(machine: Machine) -> None:
    silent = {**camera(""), "trouble": "failed to open: device busy"}
    found = cameras.cameras(case_of(replace(machine, ask=answering([*ALL_CAMERAS, silent]))))
    assert found.status is Status.WARN
    assert "1 connected did not answer: failed to open: device busy" in found.found


def test_a_camera_on_usb_2_is_named(machine: Machine) -> None:
    there = [camera(serial, usb="2.1" if role == "cam_03" else "3.2") for role, serial in SERIALS.items()]
    found = cameras.camera_links(case_of(replace(machine, ask=answering(there))))
    assert found.status is Status.FAIL
    assert found.found == f"Not on USB 3: {SERIALS['cam_03']} (USB 2.1)."


def test_a_camera_whose_link_is_not_told_is_not_slow(machine: Machine) -> None:
    there = [camera(serial, usb="" if role == "cam_03" else "3.2") for role, serial in SERIALS.items()]
    found = cameras.camera_links(case_of(replace(machine, ask=answering(there))))
    assert (found.status, SERIALS["cam_03"] in found.found) == (Status.WARN, True)


def test_mixed_and_old_firmware_are_told_with_their_numbers(machine: Machine) -> None:
    mixed = [camera(serial, "5.12.7.0" if role == "cam_03" else "5.16.0.1") for role, serial in SERIALS.items()]
    found = cameras.firmware(case_of(replace(machine, ask=answering(mixed))))
    assert found.status is Status.WARN
    assert "9 × 5.16.0.1, 1 × 5.12.7.0" in found.found
    old = [camera(serial, "5.12.7.0") for serial in SERIALS.values()]
    found = cameras.firmware(case_of(replace(machine, ask=answering(old))))
    assert found.status is Status.WARN
    assert "All have 5.12.7.0; the SDK advises 5.16.0.1" in found.found


def test_firmware_is_compared_among_cameras_of_one_model(machine: Machine) -> None:
    there = [
        {**camera(serial), "name": "Intel RealSense D455", "firmware": "5.17.0.10", "advised": "5.17.0.10"}
        if role == "cam_03"
        else camera(serial)
        for role, serial in SERIALS.items()
    ]
    found = cameras.firmware(case_of(replace(machine, ask=answering(there))))
    assert found.status is Status.OK
    assert "Intel RealSense D455: All have 5.17.0.10." in found.found
    there[0]["firmware"] = "5.12.7.0"
    found = cameras.firmware(case_of(replace(machine, ask=answering(there))))
    assert found.status is Status.WARN
    assert "8 × 5.16.0.1, 1 × 5.12.7.0" in found.found
    assert "D455" not in found.found


def test_controllers_join_both_of_their_buses_and_know_their_cameras(tmp_path: Path) -> None:
    add_controller(tmp_path, "0000:00:14.0", {1: 480, 2: 10000})
    add_controller(tmp_path, "0000:05:00.0", {3: 480, 4: 5000})
    add_controller(tmp_path, "0000:09:00.0", {10: 480})
    add_camera(tmp_path, "0000:00:14.0", "2-1")
    add_camera(tmp_path, "0000:00:14.0", "2-2.4.1")
    add_camera(tmp_path, "0000:00:14.0", "1-3", product="0ad6", speed=480)
    add_camera(tmp_path, "0000:05:00.0", "4-1", product="0b3a")
    add_usb(tmp_path, "4-2", "0000:05:00.0/usb4/4-2", {"idVendor": "8086", "idProduct": "1234", "product": "A disk"})
    add_usb(tmp_path, "4-3", "0000:05:00.0/usb4/4-3", {"idVendor": "38E5", "idProduct": "0b5c", "speed": "5000"})
    add_usb(tmp_path, "3-1", "0000:05:00.0/usb3/3-1", {"idVendor": "046d", "product": "Keyboard", "speed": "1.5"})
    found = usb_controllers(tmp_path)
    assert [(one.address, one.speed_mbit_s) for one in found] == [
        ("0000:00:14.0", 10000),
        ("0000:05:00.0", 5000),
        ("0000:09:00.0", 480),
    ]
    assert [[camera.port for camera in one.cameras] for one in found] == [["1-3", "2-1", "2-2.4.1"], ["4-1", "4-3"], []]
    assert found[0].cameras[0].speed_mbit_s == 480
    assert (found[1].cameras[0].vendor, found[1].cameras[0].product) == ("8086", "0b3a")
    assert usb_controllers(tmp_path / "nothing") == ()


def test_what_streams_need_and_links_carry() -> None:
    assert 10 * camera_mb_s(RigSection()) == pytest.approx(221, abs=0.5)
    assert 10 * camera_mb_s(RigSection(fps=30)) == pytest.approx(1106, abs=1)
    assert 10 * camera_mb_s(RigSection(size="848x480", fps=30)) == pytest.approx(488, abs=1)
    assert UsbController("a", 5000).usable_mb_s == pytest.approx(300)
    assert 500 < UsbController("a", 10000).usable_mb_s < 1212


@pytest.mark.parametrize(
    ("size", "fps", "on_one", "status"),
    [
        ("1280x720", 6, 10, Status.OK),
        ("1280x720", 15, 5, Status.OK),
        ("1280x720", 15, 6, Status.FAIL),
        ("640x480", 30, 8, Status.OK),
        ("640x480", 30, 9, Status.FAIL),
    ],
)
def test_a_controller_that_carries_too_much_is_named(
    size: str, fps: int, on_one: int, status: Status, tmp_path: Path
) -> None:
    for number, address in enumerate(("0000:01:00.0", "0000:02:00.0")):
        add_controller(tmp_path, address, {2 * number + 1: 480, 2 * number + 2: 5000})
    for port in range(1, on_one + 1):
        add_camera(tmp_path, "0000:01:00.0", f"2-{port}")
    rig = RigSection.model_validate({"size": size, "fps": fps})
    found = usb.bandwidth(case_of(Machine(root=tmp_path, platform="linux", ask=answering()), Settings(rig=rig)))
    assert found.status is status
    assert f"0000:01:00.0: {on_one} cameras need {on_one * camera_mb_s(rig):.0f}" in found.found
    assert ("0000:01:00.0" in found.fix) == (status is Status.FAIL)
    assert "0000:02:00.0" not in found.found


@pytest.mark.parametrize(("on_one", "status"), [(3, Status.OK), (4, Status.WARN)])
def test_more_than_three_cameras_on_one_controller_are_a_warning(on_one: int, status: Status, tmp_path: Path) -> None:
    add_controller(tmp_path, "0000:01:00.0", {1: 480, 2: 5000})
    for port in range(1, on_one + 1):
        add_camera(tmp_path, "0000:01:00.0", f"2-1.{port}")
    found = usb.controllers(case_of(Machine(root=tmp_path, platform="linux", ask=answering())))
    assert found.status is status
    assert f"0000:01:00.0: 5 Gbit/s, {on_one} cameras" in found.found


def test_controllers_without_usb_3_fail_and_none_is_a_warning(tmp_path: Path) -> None:
    add_controller(tmp_path, "0000:00:14.0", {1: 480})
    machine = Machine(root=tmp_path, platform="linux", ask=answering())
    assert usb.controllers(case_of(machine)).status is Status.FAIL
    empty = replace(machine, root=tmp_path / "empty")
    assert usb.controllers(case_of(empty)).status is Status.WARN
    assert "221 MB/s" in usb.bandwidth(case_of(empty)).found
    unplugged = usb.bandwidth(case_of(machine))
    assert unplugged.status is Status.WARN
    assert "No camera hangs" in unplugged.found


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("16\n", Status.WARN, "16 MB"),
        ("999", Status.WARN, "999 MB"),
        ("1000\n", Status.OK, "1000 MB"),
        ("0\n", Status.OK, "any memory"),
        ("", Status.WARN, "does not say"),
        ("many", Status.WARN, "does not say"),
    ],
)
def test_the_memory_of_usb_transfers_is_read(text: str, status: Status, words: str, tmp_path: Path) -> None:
    write(tmp_path, "sys/module/usbcore/parameters/usbfs_memory_mb", text)
    found = usb.usbfs_memory(case_of(Machine(root=tmp_path, platform="linux", ask=answering())))
    assert (found.status, words in found.found) == (status, True)
