"""Calls that may take their time, done one after another in a thread of their own; Qt's thread hears of it later."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from station.errors import StationError

Result = TypeVar("Result")
Done = Callable[[], None]


class Errands:
    """Runs what is asked for in order; :meth:`collect` hands the outcomes over in the caller's thread."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="errands")
        self._closed = False
        self._under_way: list[tuple[Future[Any], Callable[[Any], None], Callable[[StationError], None]]] = []

    @property
    def busy(self) -> bool:
        """Whether something is still to be handed over."""
        return bool(self._under_way)

    def do(
        self,
        call: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[StationError], None],
    ) -> None:
        """Run ``call`` in the thread; ``done`` or ``failed`` comes with a later :meth:`collect`.

        After :meth:`close` nothing is run: a window that is closed may be asked for a view once more.
        """
        if self._closed:
            return
        self._under_way.append((self._pool.submit(call), done, failed))

    def collect(self) -> None:
        """Hand over what has finished; an error that is no StationError is handed over as one, then raised here."""
        while self._under_way and self._under_way[0][0].done():
            future, done, failed = self._under_way.pop(0)
            try:
                outcome = future.result()
            except StationError as error:
                failed(error)
            except Exception as error:
                failed(StationError(f"Something unexpected happened: {error!r}."))
                raise
            else:
                done(outcome)

    def close(self) -> None:
        """Wait for the call under way, forget the rest and end the thread."""
        self._closed = True
        self._under_way = []
        self._pool.shutdown(wait=True, cancel_futures=True)
