"""Words and figures in the user's language; the translation itself comes in as a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Translate = Callable[[str, str], str]
"""Takes a context and the English text, gives the text in the user's language."""

NO_VALUE = "–"
"""Stands where there is no figure."""


def english(context: str, text: str) -> str:
    """Return the English text as it is; the translation that needs none."""
    return text


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: its translation and its decimal point."""

    translate: Translate = english
    decimal_point: str = "."

    def number(self, value: float, digits: int) -> str:
        """Return a figure with ``digits`` decimals and a true minus sign."""
        text = f"{value:.{digits}f}"
        if float(text) == 0.0:
            text = text.lstrip("-")
        return text.replace("-", "−").replace(".", self.decimal_point)

    def weight(self, kg: float) -> str:
        """Return a weight: grams below one kilogram, kilograms from there."""
        if abs(kg) < 1.0:
            return f"{self.number(kg * 1000, 1)} g"
        return f"{self.number(kg, 4 if abs(kg) < 3.0 else 3)} kg"

    def percent(self, share: float) -> str:
        """Return a share in per cent; never 100 % for less than certain, never 0 % for more than nothing."""
        if 0.9995 <= share < 1.0:
            return f"> {self.number(99.9, 1)} %"
        if 0.0 < share < 0.0005:
            return f"< {self.number(0.1, 1)} %"
        return f"{self.number(share * 100, 1)} %"

    def size(self, size_m: tuple[float, float, float]) -> str:
        """Return the three edges in millimetres."""
        return " × ".join(self.number(edge * 1000, 0) for edge in size_m) + " mm"
