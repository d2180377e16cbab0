"""A thread of its own for looking at something again and again, slowly."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

_JOIN_S = 5.0


class RepeatedLook(ABC):
    """Owns a thread named ``name`` that looks every ``period_s`` seconds from :meth:`start` to :meth:`stop`."""

    def __init__(self, name: str, period_s: float) -> None:
        self._period_s = period_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    @abstractmethod
    def _look(self) -> None:
        """Look once; runs in the thread."""

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End and join the thread; harmless when stopped already."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            self._look()
