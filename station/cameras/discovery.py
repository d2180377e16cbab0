"""Which cameras are connected, and how that compares with what is configured."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from station.cameras.device_access import DEVICE_ACCESS
from station.cameras.librealsense import device_word

_PORT = re.compile(r"(?:^|/)(\d+-\d+(?:\.\d+)*)(?=[-:/]|$)")
_CONTROLLER = re.compile(r"([^/]+)/usb\d+/")


@dataclass(frozen=True, slots=True)
class ConnectedCamera:
    """A camera as the SDK finds it.

    ``usb`` is the version of its link ("3.2"), ``port`` its place on the bus (``2-1.3``) and ``controller`` the PCI
    address above it, both empty where the system does not tell. ``advised`` is the firmware that the SDK recommends.
    ``trouble`` is why it does not answer; it has no serial then.
    """

    serial: str
    name: str = ""
    firmware: str = ""
    usb: str = ""
    port: str = ""
    controller: str = ""
    advised: str = ""
    trouble: str = ""

    @property
    def slow(self) -> bool:
        """Whether it hangs on USB 2 or older."""
        return self.usb[:1] in ("1", "2")


class Presence(enum.StrEnum):
    """How a line of the table of cameras stands."""

    OK = "ok"
    SLOW = "on USB 2"
    ABSENT = "not connected"
    NO_ROLE = "no role"
    SILENT = "does not answer"


@dataclass(frozen=True, slots=True)
class CameraLine:
    """One line of expected against found: ``role`` is empty for a camera without one."""

    role: str
    camera: ConnectedCamera
    presence: Presence


def usb_port(physical_port: str) -> str:
    """Return the place on the bus in the SDK's "physical port", a sysfs path or a short name; empty when unknown."""
    found = _PORT.findall(physical_port)
    return str(found[-1]) if found else ""


def describe(device: Any, rs: Any) -> ConnectedCamera:
    """Return what a device of the SDK says; raises RuntimeError when it does not answer."""
    key = rs.camera_info
    place = device_word(device, key.physical_port)
    controller = _CONTROLLER.search(place)
    return ConnectedCamera(
        serial=device_word(device, key.serial_number),
        name=device_word(device, key.name),
        firmware=device_word(device, key.firmware_version),
        usb=device_word(device, key.usb_type_descriptor),
        port=usb_port(place),
        controller=controller.group(1) if controller else "",
        advised=device_word(device, key.recommended_firmware_version),
    )


def connected_cameras(rs: Any) -> tuple[ConnectedCamera, ...]:
    """Ask the SDK for the connected cameras as :func:`list_cameras` does, after waiting for cameras being opened."""
    with DEVICE_ACCESS.held_by("listing"):
        return list_cameras(rs)


def list_cameras(rs: Any) -> tuple[ConnectedCamera, ...]:
    """Ask the SDK for the connected cameras, by serial; takes about half a second; for whoever holds ``DEVICE_ACCESS``.

    A camera that does not answer is listed with its trouble. Raises RuntimeError when the SDK cannot list at all.
    """
    found: list[ConnectedCamera] = []
    for device in rs.context().query_devices():
        try:
            found.append(describe(device, rs))
        except RuntimeError as error:
            found.append(ConnectedCamera("", trouble=str(error)))
    return tuple(sorted(found, key=lambda camera: camera.serial))


def camera_table(expected: Mapping[str, str], found: Sequence[ConnectedCamera]) -> tuple[CameraLine, ...]:
    """Return expected (serial by role) against found: the roles in their order, then the cameras without one."""
    by_serial = {camera.serial: camera for camera in found if camera.serial}
    lines: list[CameraLine] = []
    for role, serial in expected.items():
        camera = by_serial.pop(serial, None)
        if camera is None:
            lines.append(CameraLine(role, ConnectedCamera(serial), Presence.ABSENT))
        else:
            lines.append(CameraLine(role, camera, Presence.SLOW if camera.slow else Presence.OK))
    lines += [CameraLine("", camera, Presence.NO_ROLE) for camera in by_serial.values()]
    lines += [CameraLine("", camera, Presence.SILENT) for camera in found if not camera.serial]
    return tuple(lines)
