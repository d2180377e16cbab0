"""What a driver must know of a scale's protocol: how its lines read and what may be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from station.scale.guards import WeightGuard
from station.scale.replies import Reply
from station.scale.stability import StabilityWindow


class LineParser(Protocol):
    """Reads the lines of one connection; may remember what earlier lines said."""

    def parse(self, line: bytes) -> Reply:
        """Return what a line without its end says; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class ScaleProtocol:
    """One protocol.

    ``parser``, ``guard`` and ``window`` make the parts of a new connection. ``stream`` asks for weights without end,
    ``poll`` for one; a protocol with neither sends by itself. ``zero`` and ``tare`` are commands, ``None`` where the
    driver does both by itself; ``acknowledges`` says that the scale answers them. Without ``flags_stability`` the
    window alone says when the weight stands still. ``lone_returns``: a carriage return alone ends a line.
    """

    name: str
    parser: Callable[[], LineParser]
    guard: Callable[[], WeightGuard]
    window: Callable[[], StabilityWindow] = StabilityWindow
    stream: bytes | None = None
    poll: bytes | None = None
    zero: bytes | None = None
    tare: bytes | None = None
    acknowledges: bool = True
    flags_stability: bool = True
    lone_returns: bool = False
