"""Which fonts the interface writes with, and whether the machine has any."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

PREFERRED = ("Inter", "Segoe UI", "Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial")
"""Families in order of preference; all draw clear figures and German letters."""

ALIASES = frozenset({"Monospace", "Sans Serif", "Serif"})
"""Names that fontconfig offers even where no font is installed."""


def interface_families() -> list[str]:
    """Return the families to write with, best first; Qt takes the first that has a letter."""
    have = set(QFontDatabase.families())
    return [family for family in PREFERRED if family in have] or ["Sans Serif"]


def fonts_installed() -> bool:
    """Return whether the machine has any font at all; without one every text stays blank."""
    return bool(set(QFontDatabase.families()) - ALIASES)
