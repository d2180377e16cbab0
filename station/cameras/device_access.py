"""One at a time: who sets, opens or lists cameras, and who is doing so now."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the cameras to himself, and since when (monotonic nanoseconds)."""

    who: str
    since_ns: int


class DeviceAccess:
    """A lock that tells its holder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: Holder | None = None

    @property
    def holder(self) -> Holder | None:
        """Who holds it now; from any thread, at once."""
        return self._holder

    @contextmanager
    def held_by(self, who: str) -> Generator[None]:
        """Wait for it and hold it; ``who`` is a camera's role, or says in a word what is done with all of them."""
        with self._lock:
            self._holder = Holder(who, time.monotonic_ns())
            try:
                yield
            finally:
                self._holder = None


DEVICE_ACCESS = DeviceAccess()
"""Held while cameras are listed, opened, reset or set: they answer "busy" when that is done to several at once."""
