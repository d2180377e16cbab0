"""What may be done on purpose at the simulated plate: the plates that do not hold one whole part."""

from __future__ import annotations

import enum


class Situation(enum.StrEnum):
    """One thing to do at the plate; hands, cables and a drifting scale are faults, which begin and end."""

    TWO_PARTS = "two-parts"
    BEYOND = "beyond-the-plate"
    """A part that reaches beyond the printed frame."""
    EXCHANGE = "exchange"
    """Another part where one lay, from one picture to the next."""
    LIGHT_PART = "light-part"
    """A part that the scale does not feel."""
    TRAY = "tray"
    """An empty tray, to be tared."""
    NO_TRAY = "no-tray"
    """The tray is taken away with what is in it."""
