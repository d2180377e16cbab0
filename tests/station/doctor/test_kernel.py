"""Frame metadata, udev rules, libusb and the SDK, told from the files a system has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.doctor import Machine, Status, kernel
from tests.station.doctor.machines import (
    KERNEL,
    add_camera,
    add_controller,
    aliases,
    answering,
    case_of,
    complete,
    write,
)


def _plain(root: Path) -> Machine:
    write(root, "proc/sys/kernel/osrelease", f"{KERNEL}\n")
    return Machine(root=root, platform="linux", ask=answering())


def test_a_kernel_without_entries_for_the_connected_camera_is_told_with_its_name(tmp_path: Path) -> None:
    add_controller(tmp_path, "0000:01:00.0", {1: 480, 2: 5000})
    add_camera(tmp_path, "0000:01:00.0", "2-1", product="0b07")
    add_camera(tmp_path, "0000:01:00.0", "2-2", product="0b3a")
    machine = _plain(tmp_path)
    write(tmp_path, f"lib/modules/{KERNEL}/modules.alias", aliases(("8086", "0b07"), ("8086", "0b03")))
    found = kernel.metadata(case_of(machine))
    assert found.status is Status.WARN
    assert f"Kernel {KERNEL} does not know the frame metadata of 8086:0b3a:" in found.found
    write(tmp_path, f"lib/modules/{KERNEL}/modules.alias", aliases(("8086", "0b07"), ("8086", "0b3a")))
    assert kernel.metadata(case_of(machine)).status is Status.OK


def test_without_cameras_the_usual_models_are_asked_for(tmp_path: Path) -> None:
    machine = _plain(tmp_path)
    write(tmp_path, f"lib/modules/{KERNEL}/modules.alias", aliases(("8086", "0b07")))
    found = kernel.metadata(case_of(machine))
    assert "8086:0ad3, 8086:0b3a, 8086:0b5c" in found.found


def test_the_vendors_own_number_may_cover_all_its_cameras(tmp_path: Path) -> None:
    add_controller(tmp_path, "0000:01:00.0", {2: 5000})
    add_camera(tmp_path, "0000:01:00.0", "2-1", product="0b5c")
    write(tmp_path, "sys/devices/pci0000:00/0000:01:00.0/usb2/2-1/idVendor", "38e5\n")
    machine = _plain(tmp_path)
    write(tmp_path, f"lib/modules/{KERNEL}/modules.alias", "alias usb:v38E5p*d*dc*dsc*dp*ic0Eisc01ip*in* uvcvideo\n")
    assert kernel.metadata(case_of(machine)).status is Status.OK


def test_a_video_driver_built_into_the_kernel_is_read_too(tmp_path: Path) -> None:
    machine = _plain(tmp_path)
    entries = [f"uvcvideo.alias=usb:v8086p{p}d*dc*dsc*dp*ic0Eisc01ip00in*" for p in ("0AD3", "0B07", "0B3A", "0B5C")]
    text = "\0".join(["uvcvideo.license=GPL", *entries, ""])
    write(tmp_path, f"lib/modules/{KERNEL}/modules.builtin.modinfo", text)
    assert kernel.metadata(case_of(machine)).status is Status.OK


def test_a_kernel_that_shows_no_modules_is_a_warning(tmp_path: Path) -> None:
    found = kernel.metadata(case_of(_plain(tmp_path)))
    assert found.status is Status.WARN
    assert "do not show a video driver" in found.found


@pytest.mark.parametrize("folder", ["etc/udev/rules.d", "lib/udev/rules.d", "usr/lib/udev/rules.d", "run/udev/rules.d"])
def test_rules_are_found_wherever_udev_looks(folder: str, tmp_path: Path) -> None:
    rule = 'SUBSYSTEMS=="usb", ATTRS{idVendor}=="8086", ATTRS{idProduct}=="0b07", MODE:="0666"\n'
    write(tmp_path, f"{folder}/60-cameras.rules", rule)
    found = kernel.udev_rules(case_of(_plain(tmp_path)))
    assert found.status is Status.OK
    assert f"/{folder}/60-cameras.rules" in found.found


def test_rules_of_other_devices_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, "etc/udev/rules.d/70-wifi.rules", 'ATTRS{idVendor}=="8086", ATTRS{idProduct}=="0a2b"\n')
    write(tmp_path, "etc/udev/rules.d/99-realsense.rules.off", 'ATTRS{idVendor}=="8086", ATTRS{idProduct}=="0b07"\n')
    assert kernel.udev_rules(case_of(_plain(tmp_path))).status is Status.WARN
    (tmp_path / "etc/udev/rules.d/90-unreadable.rules").mkdir()
    assert kernel.udev_rules(case_of(_plain(tmp_path))).status is Status.WARN


@pytest.mark.parametrize(
    ("platform", "asked"), [("linux", ["libusb-1.0.so.0"]), ("darwin", ["libusb-1.0.0.dylib"]), ("win32", [])]
)
def test_libusb_is_asked_for_by_the_systems_name(platform: str, asked: list[str], tmp_path: Path) -> None:
    names: list[str] = []

    def loads(name: str) -> bool:
        names.append(name)
        return False

    found = kernel.libusb(case_of(replace(_plain(tmp_path), platform=platform, loads=loads)))
    assert names == asked
    assert found.status is (Status.FAIL if asked else Status.OK)


def test_an_absent_sdk_is_a_warning_and_one_that_does_not_load_a_failure(tmp_path: Path) -> None:
    machine = complete(tmp_path)
    absent = replace(machine, version_of=lambda name: None)
    assert kernel.camera_sdk(case_of(absent)).status is Status.WARN
    dead = replace(machine, ask=answering("libusb-1.0.so.0: cannot open shared object file"))
    found = kernel.camera_sdk(case_of(dead))
    assert found.status is Status.FAIL
    assert "libusb-1.0.so.0: cannot open" in found.found
    assert kernel.camera_sdk(case_of(machine)).found == "pyrealsense2 2.59.1."
