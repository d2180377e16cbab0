"""Tells a bar-code scanner from a person: a scanner types faster than fingers and ends with Enter."""

from __future__ import annotations

import enum
from dataclasses import dataclass

GAP_S = 0.05
"""Two characters closer than this belong together; scanners need 1 to 20 ms, a key's own repetition is ignored."""

CODE_LENGTH = 4
"""A burst of at least so many characters is a code."""


class KeyKind(enum.StrEnum):
    """What was typed."""

    KEY = "key"
    """One character alone."""
    TEXT = "text"
    """A few characters at once, too few for a code: somebody types, or hit two keys with one finger."""
    CODE = "code"
    """A scanned code."""
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Typed:
    """One thing that was typed."""

    kind: KeyKind
    text: str = ""


class KeyReader:
    """Collects characters until it is clear what they are; times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._buffer = ""
        self._last_s = 0.0

    @property
    def waiting(self) -> bool:
        """Whether characters wait for ``settle``."""
        return bool(self._buffer)

    def character(self, text: str, now_s: float) -> list[Typed]:
        """Take one typed character; returns what became clear by it."""
        done = self.settle(now_s)
        self._buffer += text
        self._last_s = now_s
        return done

    def enter(self, now_s: float) -> list[Typed]:
        """Take the Enter key; it ends a code, or stands for itself."""
        if len(self._buffer) >= CODE_LENGTH and now_s - self._last_s < GAP_S:
            return self._take()
        return [*self._take(), Typed(KeyKind.ENTER)]

    def settle(self, now_s: float) -> list[Typed]:
        """Return what has become clear because nothing followed in time."""
        return self._take() if self._buffer and now_s - self._last_s >= GAP_S else []

    def _take(self) -> list[Typed]:
        text, self._buffer = self._buffer, ""
        if not text:
            return []
        if len(text) == 1:
            return [Typed(KeyKind.KEY, text)]
        return [Typed(KeyKind.CODE if len(text) >= CODE_LENGTH else KeyKind.TEXT, text)]
