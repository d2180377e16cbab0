"""What the workflow needs from the rig, as a protocol; ``station.acquisition.rig.Rig`` is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from station.cameras.supervisor import CameraStatus
from station.frames import Frame, FrameSet


class FramesetSource(Protocol):
    """Ten cameras as one."""

    roles: tuple[str, ...]

    def preview(self, role: str) -> Frame | None:
        """Return the newest frame of a camera without waiting, or ``None`` before the first."""
        ...

    def next_frameset(self, newer_than_ns: int = 0, timeout_s: float = 5.0) -> FrameSet | None:
        """Return the next frameset captured wholly after ``newer_than_ns`` (monotonic), ``None`` after the timeout.

        Its depth lies in the colour images' geometry.
        """
        ...

    def states(self) -> Mapping[str, CameraStatus]:
        """Return what is known of every camera now, by role."""
        ...


class HealthWatch(Protocol):
    """Watches cameras that stream; ``station.acquisition.rig_health.RigHealth`` is one."""

    def sentences(self) -> tuple[str, ...]:
        """Return at once a sentence for each thing that ails a camera now."""
        ...
