"""What others warn of, asked whenever the snapshot is renewed."""

from __future__ import annotations

import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)

Warner = Callable[[], str]
"""Says what is wrong, nothing while all is well; must answer at once, in any thread."""


class Heeded:
    """Any number of warners; one that fails is logged once, said, and keeps no other from being heard."""

    def __init__(self) -> None:
        self._warners: tuple[Warner, ...] = ()
        self._failed: tuple[Warner, ...] = ()

    def add(self, warner: Warner) -> None:
        """Ask ``warner``, too, from now on."""
        self._warners = (*self._warners, warner)

    def sentences(self) -> tuple[str, ...]:
        """Return what all of them say now; never raises what one raises."""
        return tuple(self._ask(warner) for warner in self._warners)

    def _ask(self, warner: Warner) -> str:
        try:
            return warner()
        except Exception as fault:
            # It is asked between a weight and its answer: its fault must cost neither.
            if warner not in self._failed:
                self._failed = (*self._failed, warner)
                _log.exception("What may be wrong could not be found out")
            return f"What may be wrong could not be found out: {fault!r}. Look into the log."
