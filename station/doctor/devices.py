"""The cameras that the SDK sees, asked in a child process: a hanging device must not hang the doctor."""

from __future__ import annotations

from dataclasses import dataclass

from station.doctor.machine import Machine

_TIMEOUT_S = 20.0

_CODE = """
import json
import pyrealsense2 as rs

def said(device, key):
    return str(device.get_info(key)) if device.supports(key) else ""

found = []
for device in rs.context().query_devices():
    try:
        found.append({
            "serial": said(device, rs.camera_info.serial_number),
            "name": said(device, rs.camera_info.name),
            "firmware": said(device, rs.camera_info.firmware_version),
            "advised": said(device, rs.camera_info.recommended_firmware_version),
            "usb": said(device, rs.camera_info.usb_type_descriptor),
        })
    except RuntimeError as error:
        found.append({"serial": "", "name": "", "firmware": "", "advised": "", "usb": "", "trouble": str(error)})
print(json.dumps({"version": getattr(rs, "__version__", ""), "cameras": found}))
"""


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """One connected camera as the SDK describes it; ``advised`` is the firmware that the SDK recommends."""

    serial: str
    name: str
    firmware: str
    advised: str
    usb: str


@dataclass(frozen=True, slots=True)
class FoundCameras:
    """The connected cameras, and why the SDK could not be asked, or which of them did not answer, else empty."""

    cameras: tuple[FoundCamera, ...] = ()
    trouble: str = ""


def find_cameras(machine: Machine) -> FoundCameras:
    """Ask the SDK in a child process; never raises."""
    if machine.version_of("pyrealsense2") is None:
        return FoundCameras((), "pyrealsense2 is not installed")
    answer = machine.ask(_CODE, _TIMEOUT_S)
    if answer.data is None:
        return FoundCameras((), f"the camera SDK could not be asked: {answer.trouble}")
    found: list[FoundCamera] = []
    silent: list[str] = []
    for entry in answer.data.get("cameras", []):
        if entry.get("trouble"):
            silent.append(str(entry["trouble"]))
        else:
            words = (str(entry.get(key, "")) for key in ("serial", "name", "firmware", "advised", "usb"))
            found.append(FoundCamera(*words))
    trouble = f"{len(silent)} connected did not answer: {silent[0]}" if silent else ""
    return FoundCameras(tuple(sorted(found, key=lambda camera: camera.serial)), trouble)
