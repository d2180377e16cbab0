"""What travels through the station: frames, framesets and weights, immutable and with units."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from station.geometry import CameraModel, Pose

ColorImage = NDArray[np.uint8]
"""RGB image (H, W, 3)."""
DepthImage = NDArray[np.uint16]
"""Depth image (H, W) in units of its ``depth_scale``; 0 is "no measurement"."""
MaskImage = NDArray[np.uint8]
"""Mask (H, W), 255 on the part and 0 elsewhere."""

ROLES: tuple[str, ...] = tuple(f"cam_{n:02d}" for n in range(1, 11))
"""The ten places of the rig."""


class TimeDomain(enum.StrEnum):
    """Whose clock a frame's ``device_time_ms`` was read from."""

    HARDWARE = "hardware"
    SYSTEM = "system"
    GLOBAL = "global"
    DERIVED = "derived"
    """Frame number × period, when the device's clock cannot be trusted."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """What a camera says of itself once it is opened.

    ``color`` and ``depth`` are the factory models of the two streams; ``depth_to_color`` maps points of
    the depth camera's frame into the colour camera's, metres. Depth that is already in the colour
    image's geometry has ``depth == color`` and the identity.
    """

    role: str
    serial: str
    name: str
    firmware: str
    usb: str
    color: CameraModel
    depth: CameraModel
    depth_to_color: Pose
    fps: float

    @property
    def registered(self) -> bool:
        """Whether depth already lies in the colour image's geometry."""
        return self.depth == self.color and bool(np.allclose(self.depth_to_color.matrix, np.eye(4)))


@dataclass(frozen=True, slots=True)
class Frame:
    """Colour and depth of one camera at one instant.

    ``color`` is (H, W, 3) uint8 RGB, ``depth`` (H, W) uint16 in units of ``depth_scale`` metres, both read-only.
    ``number`` is the camera's own counter, ``device_time_ms`` its capture time in ``time_domain``,
    ``arrival_ns`` the host's monotonic clock at arrival.
    """

    role: str
    color: ColorImage
    depth: DepthImage
    depth_scale: float
    number: int
    device_time_ms: float
    time_domain: TimeDomain
    arrival_ns: int


@dataclass(frozen=True, slots=True)
class FrameSet:
    """The frames of all cameras at one instant; ``missing`` names the roles without one.

    ``skew_ms`` is the latest minus the earliest capture time inside it, ``taken_at`` the UTC time and
    ``monotonic_ns`` the host's monotonic time of the newest arrival.
    """

    frames: Mapping[str, Frame]
    missing: tuple[str, ...]
    skew_ms: float
    taken_at: datetime
    monotonic_ns: int


@dataclass(frozen=True, slots=True)
class WeightReading:
    """One line of the scale: kilograms, whether it is stable, monotonic arrival time and the raw text."""

    kg: float
    stable: bool
    monotonic_ns: int
    raw: str
