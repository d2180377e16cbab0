"""Two calibrations of the same rig beside each other: how far each camera moved between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameraMotion:
    """How far a camera's centre moved, mm, and how far it turned, degrees."""

    moved_mm: float
    turned_deg: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Motion by role for the roles in both; ``only_before`` and ``only_after`` are roles in one of them."""

    before_id: str
    cameras: Mapping[str, CameraMotion]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
