"""Hears a running station: its parts, and on stderr its troubles."""

from __future__ import annotations

import queue
import sys
import time

from station.workflow.status import CapturedPart
from station.workflow.weighing import NO_SCALE
from station.workflow.workflow import Workflow

_POLL_S = 0.5


class Listener:
    """Gives the parts as they are recognised, and says each new trouble of the station once.

    :meth:`hear` is the workflow's ``on_part``.
    """

    def __init__(self) -> None:
        self._parts: queue.Queue[CapturedPart] = queue.Queue()
        self._troubles: set[str] = set()

    def hear(self, part: CapturedPart) -> None:
        """Take a part; runs in the workflow's thread."""
        self._parts.put(part)

    def next(self, workflow: Workflow, timeout_s: float) -> CapturedPart | None:
        """Wait for the next part; ``None`` after ``timeout_s`` seconds without one."""
        until = time.monotonic() + timeout_s
        while (left_s := until - time.monotonic()) > 0:
            self.say_troubles(workflow.status.troubles)
            try:
                return self._parts.get(timeout=min(left_s, _POLL_S))
            except queue.Empty:
                continue
        return None

    def forget(self) -> None:
        """Drop the parts that nobody has asked for."""
        while not self._parts.empty():
            self._parts.get_nowait()

    def say_troubles(self, troubles: tuple[str, ...]) -> None:
        """Print the troubles that were not there the last time."""
        # Whoever reads lines knows from --weight whether there is a scale.
        now = set(troubles) - {NO_SCALE}
        for trouble in troubles:
            if trouble in now - self._troubles:
                print(trouble, file=sys.stderr, flush=True)
        self._troubles = now
