"""Who is told of every finished look at a part."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from station.workflow.status import CapturedPart

_log = logging.getLogger(__name__)

PartListener = Callable[[CapturedPart], None]
"""Called in the workflow's thread; must return quickly."""


class Listeners:
    """Any number of listeners; one that fails is logged and keeps nobody else from hearing."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._listeners: tuple[PartListener, ...] = ()

    def add(self, listener: PartListener) -> Callable[[], None]:
        """Tell ``listener`` of every part from now on; call what is returned to end that, harmless when ended."""

        def hear(part: CapturedPart) -> None:
            listener(part)

        # A function of its own, so that one listener that was added twice is taken away once.
        with self._changing:
            self._listeners = (*self._listeners, hear)

        def end() -> None:
            with self._changing:
                self._listeners = tuple(one for one in self._listeners if one is not hear)

        return end

    def tell(self, part: CapturedPart) -> None:
        """Tell every listener, in the order in which they came; never raises what a listener raises."""
        for listener in self._listeners:
            try:
                listener(part)
            except Exception:
                # Whoever listens is no part of the work at the plate: its fault must not cost the next part.
                _log.exception("A listener failed on %s", part.capture_id)
