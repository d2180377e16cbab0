"""How much room on a disk is enough for the station's data."""

from __future__ import annotations

import enum

_USUAL_GB = 20.0
"""About a thousand captures of ten views."""
_SPARE = 1.5


class DiskRoom(enum.StrEnum):
    """How much room there is."""

    ENOUGH = "enough"
    LITTLE = "little"
    """It should be made soon."""
    NONE = "none"
    """Captures are refused."""


def enough_from_gb(least_free_gb: float) -> float:
    """Return from how many GB on there is enough: 20, or half as much again as captures need."""
    return max(_USUAL_GB, _SPARE * least_free_gb)


def disk_room(free_gb: float, least_free_gb: float) -> DiskRoom:
    """Judge free space; with less than ``least_free_gb`` (``[station]`` in station.toml) no capture is taken."""
    if free_gb < least_free_gb:
        return DiskRoom.NONE
    return DiskRoom.LITTLE if free_gb < enough_from_gb(least_free_gb) else DiskRoom.ENOUGH
