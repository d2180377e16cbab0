"""Notices cameras that were plugged in again; the SDK's own call for that does not always come."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from station.cameras.discovery import connected_cameras
from station.cameras.usb_tree import usb_controllers
from station.repeated_look import RepeatedLook

_log = logging.getLogger(__name__)

_BUS_PERIOD_S = 2.0
"""Looking at sysfs costs nothing."""
_SDK_PERIOD_S = 5.0
"""Asking the SDK takes half a second and touches the cameras that stream."""


class ReturnWatch(RepeatedLook):
    """A thread that looks slowly at what is connected while cameras are away, and has them tried when something came.

    Args:
        listing: what is connected now, as names; may be slow.
        away: the roles that do not stream now.
        retry: called for each of them one period after something new was found, when the device has started.
        period_s: time between two looks.
    """

    def __init__(
        self,
        listing: Callable[[], Collection[str]],
        away: Callable[[], Collection[str]],
        retry: Callable[[str], None],
        *,
        period_s: float,
    ) -> None:
        # The SDK lists nothing while a camera that hangs is being opened.
        hanging = "The cameras still cannot be listed: one of them hangs."
        super().__init__("return-watch", period_s, hanging=hanging)
        self._listing = listing
        self._away = away
        self._retry = retry
        self._seen: set[str] | None = None
        self._came = False

    def _look(self) -> None:
        away = self._away()
        if not away:
            self._seen, self._came = None, False
            return
        try:
            now = set(self._listing())
        except RuntimeError as error:
            _log.debug("The connected cameras cannot be listed: %s", error)
            return
        if self._came:
            for role in away:
                self._retry(role)
        self._came = self._seen is not None and bool(now - self._seen)
        self._seen = now


def watch_for_returns(
    rs: Any, away: Callable[[], Collection[str]], retry: Callable[[str], None], root: Path = Path("/")
) -> ReturnWatch:
    """Return a watch that looks at the USB bus in sysfs below ``root``, or asks the SDK where there is none."""

    def ports() -> list[str]:
        return [camera.port for controller in usb_controllers(root) for camera in controller.cameras]

    def serials() -> list[str]:
        return [camera.serial for camera in connected_cameras(rs)]

    if usb_controllers(root):
        return ReturnWatch(ports, away, retry, period_s=_BUS_PERIOD_S)
    return ReturnWatch(serials, away, retry, period_s=_SDK_PERIOD_S)
