"""Cameras are found by serial and held against the configuration."""

from __future__ import annotations

import sys

import pytest

from station.cameras.discovery import Presence, camera_table, connected_cameras, usb_port
from tests.station.cameras.pretended_sdk import SERIALS, World


def test_all_ten_are_found_with_their_words(world_of_ten: World) -> None:
    found = connected_cameras(sys.modules["pyrealsense2"])
    assert [camera.serial for camera in found] == list(SERIALS.values())
    first = found[0]
    assert (first.name, first.firmware, first.usb) == ("Intel RealSense D435", "5.16.0.1", "3.2")
    assert (first.port, first.controller) == ("2-1.1", "0000:00:14.0")


def test_expected_against_found_is_a_table(world_of_ten: World) -> None:
    devices = world_of_ten.devices
    devices[SERIALS["cam_02"]].connected = False
    devices[SERIALS["cam_04"]].usb = "2.1"
    devices[SERIALS["cam_07"]].answers = False
    expected = {role: serial for role, serial in SERIALS.items() if role != "cam_09"}
    table = camera_table(expected, connected_cameras(sys.modules["pyrealsense2"]))
    assert [(line.role, line.presence) for line in table] == [
        ("cam_01", Presence.OK),
        ("cam_02", Presence.ABSENT),
        ("cam_03", Presence.OK),
        ("cam_04", Presence.SLOW),
        ("cam_05", Presence.OK),
        ("cam_06", Presence.OK),
        ("cam_07", Presence.ABSENT),
        ("cam_08", Presence.OK),
        ("cam_10", Presence.OK),
        ("", Presence.NO_ROLE),
        ("", Presence.SILENT),
    ]
    assert table[1].camera.serial == SERIALS["cam_02"]
    assert table[-2].camera.serial == SERIALS["cam_09"]
    assert table[-1].camera.trouble == "failed to open the device"


@pytest.mark.parametrize(
    ("place", "port"),
    [
        ("/sys/devices/pci0000:00/0000:00:14.0/usb2/2-3/2-3.1/2-3.1:1.0/video4linux/video0", "2-3.1"),
        ("4-1.2.3-11", "4-1.2.3"),
        ("2-1-5", "2-1"),
        (r"\\?\usb#vid_8086&pid_0b07&mi_00#6&2d0d2f5&0&0000#{e5323777-f976-4f5b-9b55-b94699c46e44}\global", ""),
        ("", ""),
    ],
)
def test_the_port_is_read_from_whatever_the_system_calls_it(place: str, port: str) -> None:
    assert usb_port(place) == port
