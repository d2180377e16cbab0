"""A hand-over between threads that keeps the newest value only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the newest value; an unread older one is dropped, so that a slow reader never holds up the writer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None

    @property
    def latest(self) -> T | None:
        """The newest value, or ``None`` before the first."""
        return self._value

    def put(self, value: T) -> None:
        """Replace the value and wake all that wait."""
        with self._changed:
            self._value = value
            self._changed.notify_all()

    def wait(self, accept: Callable[[T], bool], timeout_s: float) -> T | None:
        """Wait until the newest value pleases ``accept``; return it, or ``None`` after ``timeout_s`` seconds.

        A value that is replaced before this thread gets to look at it is not seen.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._value is not None and accept(self._value), timeout_s)
            return self._value if self._value is not None and accept(self._value) else None
