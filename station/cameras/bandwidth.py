"""What the configured streams take of the USB controllers, and whether they can carry it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from station.cameras.usb_tree import UsbController
from station.errors import CameraError
from station.settings import RigSection, frame_size

_log = logging.getLogger(__name__)

_BYTES_PER_PIXEL = 2
"""Colour travels as YUYV and depth as Z16, two bytes each."""
_IDLE_MB_S = 1280 * 720 * 2 * _BYTES_PER_PIXEL * 6 / 1e6
"""A camera at 1280x720 and 6 fps: the profile that ten cameras can have on a single USB 3 controller."""


@dataclass(frozen=True, slots=True)
class ControllerLoad:
    """A controller, how many cameras hang on it, what they need and what it carries, MB/s."""

    address: str
    cameras: int
    needed_mb_s: float
    usable_mb_s: float

    @property
    def over(self) -> bool:
        """Whether more is needed than the controller can be counted on for."""
        return self.needed_mb_s > self.usable_mb_s

    def __str__(self) -> str:
        """Return the sentence's part for a list of controllers."""
        return f"{self.address}: {self.cameras} cameras need {self.needed_mb_s:.0f} of {self.usable_mb_s:.0f} MB/s"


def camera_mb_s(rig: RigSection) -> float:
    """Return what the colour and depth of one camera take of its link, MB/s."""
    pixels = sum(width * height for width, height in (frame_size(rig.size), frame_size(rig.depth_size or rig.size)))
    return pixels * _BYTES_PER_PIXEL * rig.fps / 1e6


def controller_loads(rig: RigSection, controllers: Sequence[UsbController]) -> tuple[ControllerLoad, ...]:
    """Return the load of every controller that has a camera; a camera without a role is counted, too."""
    each = camera_mb_s(rig)
    return tuple(
        ControllerLoad(one.address, len(one.cameras), len(one.cameras) * each, one.usable_mb_s)
        for one in controllers
        if one.cameras
    )


def require_budget(rig: RigSection, controllers: Sequence[UsbController]) -> None:
    """Refuse a profile faster than the default where a controller cannot carry it; otherwise say so in the log.

    Where the controllers cannot be told, as on other systems than Linux, the profile is let through with a warning.
    Raises CameraError.
    """
    loads = controller_loads(rig, controllers)
    faster = camera_mb_s(rig) > _IDLE_MB_S
    profile = f"{profile_words(rig)} ({camera_mb_s(rig):.0f} MB/s a camera)"
    if not loads:
        if faster:
            _log.warning("Whether the USB controllers can carry %s cannot be told.", profile)
        return
    over = "; ".join(str(load) for load in loads if load.over)
    if not over:
        return
    if faster:
        raise CameraError(
            f"The USB controllers cannot carry {profile}: {over}.",
            where="rig",
            todo="Move cameras to other controllers, or lower size or fps under [rig] in station.toml.",
        )
    _log.warning("The USB controllers may not carry %s: %s.", profile, over)


def profile_words(rig: RigSection) -> str:
    """Return the profile as a person reads it: ``1280x720 at 6 fps``, with the depth's size where it differs."""
    depth = f", depth {rig.depth_size}" if rig.depth_size not in (None, rig.size) else ""
    return f"{rig.size}{depth} at {rig.fps} fps"
