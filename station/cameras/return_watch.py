"""Notices cameras that were plugged in again; the SDK's own call for that does not always come."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from station.cameras.discovery import connected_cameras
from station.cameras.usb_tree import usb_controllers

_log = logging.getLogger(__name__)

_JOIN_S = 5.0
_BUS_PERIOD_S = 2.0
"""Looking at sysfs costs nothing."""
_SDK_PERIOD_S = 5.0
"""Asking the SDK takes half a second and touches the cameras that stream."""


class ReturnWatch:
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
        self._listing = listing
        self._away = away
        self._retry = retry
        self._period_s = period_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="return-watch")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        seen: set[str] | None = None
        came = False
        while not self._stopping.wait(self._period_s):
            away = self._away()
            if not away:
                seen, came = None, False
                continue
            try:
                now = set(self._listing())
            except RuntimeError as error:
                _log.debug("The connected cameras cannot be listed: %s", error)
                continue
            if came:
                for role in away:
                    self._retry(role)
            came = seen is not None and bool(now - seen)
            seen = now


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
