"""The cameras that the SDK sees, asked in a child process: a hanging device must not hang the doctor."""

from __future__ import annotations

from dataclasses import dataclass, fields

from station.cameras.discovery import ConnectedCamera
from station.doctor.machine import Machine

_TIMEOUT_S = 20.0

_CODE = """
import dataclasses, json
import pyrealsense2 as rs
from station.cameras.discovery import list_cameras

found = [dataclasses.asdict(camera) for camera in list_cameras(rs)]
print(json.dumps({"version": getattr(rs, "__version__", ""), "cameras": found}))
"""
_WORDS = tuple(field.name for field in fields(ConnectedCamera))


@dataclass(frozen=True, slots=True)
class FoundCameras:
    """The connected cameras, and why the SDK could not be asked, or which of them did not answer, else empty."""

    cameras: tuple[ConnectedCamera, ...] = ()
    trouble: str = ""


def find_cameras(machine: Machine) -> FoundCameras:
    """Ask the SDK in a child process; never raises."""
    if machine.version_of("pyrealsense2") is None:
        return FoundCameras((), "pyrealsense2 is not installed")
    answer = machine.ask(_CODE, _TIMEOUT_S)
    if answer.data is None:
        return FoundCameras((), f"the camera SDK could not be asked: {answer.trouble}")
    listed = [
        ConnectedCamera(**{word: str(entry.get(word, "")) for word in _WORDS})
        for entry in answer.data.get("cameras", [])
    ]
    silent = [camera.trouble for camera in listed if camera.trouble]
    trouble = f"{len(silent)} connected did not answer: {silent[0]}" if silent else ""
    found = sorted((camera for camera in listed if not camera.trouble), key=lambda camera: camera.serial)
    return FoundCameras(tuple(found), trouble)
