"""A thread of its own for looking at something again and again, slowly."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

_log = logging.getLogger(__name__)

_JOIN_S = 5.0


class RepeatedLook(ABC):
    """Owns a thread named ``name`` that looks every ``period_s`` seconds from :meth:`start` to :meth:`stop`.

    Args:
        name: the thread's name.
        period_s: pause between two looks.
        at_once: look before the first pause, too.
        hanging: the sentence for the log when a look does not come back at the end, as from a device that hangs. Given,
            the thread is a daemon: it must not keep the program from ending.
    """

    def __init__(self, name: str, period_s: float, *, at_once: bool = False, hanging: str = "") -> None:
        self._period_s = period_s
        self._at_once = at_once
        self._hanging = hanging
        self._stopping = threading.Event()
        self._round = threading.Condition()
        self._rounds = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=bool(hanging))

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
            if self._hanging and self._thread.is_alive():
                _log.warning("%s", self._hanging)

    def wait_round(self, timeout_s: float) -> bool:
        """Wait until it has looked once more; return whether that was done in time."""
        with self._round:
            seen = self._rounds
            return self._round.wait_for(lambda: self._rounds > seen, timeout_s)

    def _run(self) -> None:
        if self._at_once and not self._stopping.is_set():
            self._look_once()
        while not self._stopping.wait(self._period_s):
            self._look_once()

    def _look_once(self) -> None:
        self._look()
        with self._round:
            self._rounds += 1
            self._round.notify_all()
