"""How well a solved rig measures boards that its solve did not use, in millimetres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Errors on left-out placements, mm on the board and px in the pictures.

    ``by_role`` is the root mean square error of each camera's own views, mm. ``points`` counts the corners.
    """

    rms_mm: float
    p95_mm: float
    rms_px: float
    by_role: Mapping[str, float]
    placements: int
    points: int
