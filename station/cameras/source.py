"""The one protocol every camera speaks, real, simulated or replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from station.errors import CameraError
from station.frames import CameraInfo, Frame

Deliver = Callable[[Frame], None]
"""Called in the camera's own thread with every frame; must not block."""


class CameraSource(Protocol):
    """One camera of the rig.

    ``role`` and ``serial`` are known before ``start``; ``info`` is what the opened device says.
    """

    role: str
    serial: str

    @property
    def info(self) -> CameraInfo:
        """The opened camera's models and versions; raises CameraError before ``start`` has succeeded."""
        ...

    @property
    def fault(self) -> CameraError | None:
        """Why the camera has closed by itself since the last ``start``, or ``None`` while all is well."""
        ...

    def start(self, deliver: Deliver) -> None:
        """Open the device and begin to deliver frames from its own thread; raises CameraError."""
        ...

    def stop(self) -> None:
        """Stop delivering, join the thread and close the device; harmless when stopped already."""
        ...


class CameraAbsentError(CameraError):
    """The camera is not connected: nothing is wrong with it, and it is looked for until it comes back."""


class EndOfReplay(CameraError):
    """A recording has been played to its end: nothing is wrong and nothing more will come."""
