"""Units of weights and sizes in a table of parts."""

from __future__ import annotations

from collections.abc import Mapping

KG: Mapping[str, float] = {"kg": 1.0, "g": 1e-3, "lb": 0.45359237}
"""Kilograms of a unit."""
METRES: Mapping[str, float] = {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "in": 0.0254}
"""Metres of a unit."""
