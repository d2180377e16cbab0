"""A thread of its own for looking at something again and again, slowly."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

_log = logging.getLogger(__name__)

_JOIN_S = 5.0


class RepeatedLook(ABC):
    """Owns a thread named ``name`` that looks every ``period_s`` seconds from :meth:`start` to :meth:`stop`.

    A look that meets a fault is logged, once while it stays the same, and the next one is made all the same.

    Args:
        name: the thread's name.
        period_s: pause between two looks; :meth:`_pause_s` may give another rhythm.
        at_once: look before the first pause, too.
        hanging: the sentence for the log when a look does not come back at the end, as from a device that hangs. Given,
            the thread is a daemon: it must not keep the program from ending (docs/decisions/0014).
    """

    def __init__(self, name: str, period_s: float, *, at_once: bool = False, hanging: str = "") -> None:
        self._period_s = period_s
        self._at_once = at_once
        self._hanging = hanging or f"The thread {name} does not end."
        self._stopping = threading.Event()
        self._round = threading.Condition()
        self._rounds = 0
        self._fault = ""
        self._thread = threading.Thread(target=self._run, name=name, daemon=bool(hanging))

    @abstractmethod
    def _look(self) -> None:
        """Look once; runs in the thread."""

    def _pause_s(self) -> float:
        """Return how long to wait before the next look; runs in the thread."""
        return self._period_s

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End and join the thread, which is told in the log when it does not end; harmless when stopped already."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                _log.warning("%s", self._hanging)

    def wait_round(self, timeout_s: float) -> bool:
        """Wait until it has looked once more without a fault; return whether that was done in time."""
        return self._wait_rounds(self._rounds + 1, timeout_s)

    def _wait_rounds(self, count: int, timeout_s: float) -> bool:
        """Wait for ``count`` looks without a fault since the start; return whether they were in time."""
        with self._round:
            return self._round.wait_for(lambda: self._rounds >= count, timeout_s)

    def _run(self) -> None:
        if self._at_once and not self._stopping.is_set():
            self._look_once()
        while not self._stopping.wait(self._pause_s()):
            self._look_once()

    def _look_once(self) -> None:
        try:
            self._look()
        except Exception as fault:
            # Whoever watches must not fall silent because of one odd thing, nor fill the log with it.
            if self._fault != repr(fault):
                self._fault = repr(fault)
                _log.exception("The thread %s met a fault and looks again", self._thread.name)
            return
        self._fault = ""
        with self._round:
            self._rounds += 1
            self._round.notify_all()
