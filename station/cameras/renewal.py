"""Cameras that have streamed for a day are opened anew while nothing is going on, before they fail in mid-work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from station.repeated_look import RepeatedLook

_QUIET_LOOKS = 10


class Renewable(Protocol):
    """A camera that knows how long it has been open."""

    @property
    def uptime_s(self) -> float:
        """Seconds since it was opened, 0 while it is closed."""
        ...

    def renew(self) -> None:
        """Close, to be opened again by whoever watches it."""
        ...


class IdleRenewal(RepeatedLook):
    """A thread that renews one camera a look, the oldest first, while the station has been idle for ten looks.

    Args:
        cameras: those to renew.
        idle: whether nothing is going on now.
        after_s: age from which a camera is renewed.
        period_s: time between two looks.
    """

    def __init__(
        self, cameras: Sequence[Renewable], idle: Callable[[], bool], *, after_s: float, period_s: float = 60.0
    ) -> None:
        super().__init__("renewal", period_s)
        self._cameras = tuple(cameras)
        self._idle = idle
        self._after_s = after_s
        self._quiet = 0

    def _look(self) -> None:
        self._quiet = self._quiet + 1 if self._idle() else 0
        oldest = max(self._cameras, key=lambda camera: camera.uptime_s)
        if self._quiet >= _QUIET_LOOKS and oldest.uptime_s >= self._after_s:
            oldest.renew()
