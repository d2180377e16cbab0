"""Who is told of what happens at the plate."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from station.workflow.status import AnswerChange, CapturedPart

_log = logging.getLogger(__name__)

News = TypeVar("News", CapturedPart, AnswerChange)

PartListener = Callable[[CapturedPart], None]
"""Called in the workflow's thread; must return quickly."""
AnswerListener = Callable[[AnswerChange], None]
"""Called in the thread of whoever answers; must return quickly."""


class Listeners(Generic[News]):
    """Any number of listeners; one that fails is logged and keeps nobody else from hearing."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._listeners: tuple[Callable[[News], None], ...] = ()

    def add(self, listener: Callable[[News], None]) -> Callable[[], None]:
        """Tell ``listener`` all news from now on; call what is returned to end that, harmless when ended."""

        def hear(news: News) -> None:
            listener(news)

        # A function of its own, so that one listener that was added twice is taken away once.
        with self._changing:
            self._listeners = (*self._listeners, hear)

        def end() -> None:
            with self._changing:
                self._listeners = tuple(one for one in self._listeners if one is not hear)

        return end

    def tell(self, news: News) -> None:
        """Tell every listener, in the order in which they came; never raises what a listener raises."""
        for listener in self._listeners:
            try:
                listener(news)
            except Exception:
                # Whoever listens is no part of the work at the plate: its fault must not cost the next part.
                _log.exception("A listener failed on %s", news.capture_id)
