"""How long work on the captures tells its progress and is told to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.errors import DatasetError


class CancelledError(DatasetError):
    """Work on the captures was told to end before it was done."""


def _tell_nobody(done: int, total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Course:
    """``progress(done, total)`` is called after every piece, ``cancelled`` is asked before the next one."""

    progress: Callable[[int, int], None] = _tell_nobody
    cancelled: Callable[[], bool] = lambda: False

    def advance(self, done: int, total: int) -> None:
        """Tell the progress; raises CancelledError when the work shall end."""
        self.progress(done, total)
        if self.cancelled():
            raise CancelledError(f"Cancelled after {done} of {total}.")


QUIET = Course()
"""A course that tells nothing and goes to the end."""
