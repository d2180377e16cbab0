"""The real rig's cameras as the configuration names them."""

from __future__ import annotations

from pathlib import Path

from station.cameras.bandwidth import require_budget
from station.cameras.realsense import RealSenseCamera
from station.cameras.usb_tree import usb_controllers
from station.frames import ROLES
from station.settings import CameraEntry, Settings


def configured_cameras(settings: Settings, folder: Path, root: Path = Path("/")) -> tuple[RealSenseCamera, ...]:
    """Return the cameras in the rig's order, not opened yet.

    ``folder`` is the configuration file's, from which relative presets start; ``root`` holds ``sys``. Raises
    CameraError where the profile asks for more than a USB controller can carry.
    """
    require_budget(settings.rig, usb_controllers(root))
    given = {entry.role: entry for entry in settings.cameras}
    return tuple(configured_camera(given[role], settings, folder) for role in ROLES if role in given)


def configured_camera(entry: CameraEntry, settings: Settings, folder: Path) -> RealSenseCamera:
    """Return one of them."""
    preset = entry.preset or settings.rig.preset
    return RealSenseCamera(entry, settings.rig, None if preset is None else folder / preset)
