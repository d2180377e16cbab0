"""What went wrong lately between the cameras' threads and the framesets, counted."""

from __future__ import annotations

import time
from dataclasses import dataclass

_LATELY_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class MatchingTroubles:
    """Counts since the start, each 0 when nothing was added to it in the last minute.

    ``overflow`` are pictures that came faster than they could be matched and were left out; ``faults`` is how often
    matching met a fault, each of which costs a picture or a frameset.
    """

    overflow: int = 0
    faults: int = 0

    def sentences(self) -> tuple[str, ...]:
        """Return a sentence for each trouble."""
        told: list[str] = []
        if self.overflow:
            told.append(
                f"Pictures come faster than they can be matched: {self.overflow} were left out so far. "
                "Close other programs on this computer, or lower size or fps under [rig]."
            )
        if self.faults:
            told.append(
                f"Matching the cameras' pictures met a fault, {self.faults} times so far, and goes on. "
                "Keep the log and tell the makers of the program."
            )
        return tuple(told)


class Tally:
    """Counts something in one thread; any thread reads it."""

    def __init__(self) -> None:
        self.total = 0
        self._last_ns = 0

    def add(self) -> None:
        """Count one more."""
        self._last_ns = time.monotonic_ns()
        self.total += 1

    @property
    def lately(self) -> int:
        """All that were counted, 0 when there was none in the last minute."""
        return self.total if self.total and time.monotonic_ns() - self._last_ns < _LATELY_NS else 0
