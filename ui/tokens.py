"""Design tokens of the interface: one set of names, three sets of values. Knows no Qt."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ThemeName(enum.StrEnum):
    """The themes a user can choose."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class ToneColors:
    """Colours of one tone: ``strong`` for signs and lines, ``soft`` for the ground, ``on_strong`` upon ``strong``."""

    strong: str
    soft: str
    on_strong: str


@dataclass(frozen=True, slots=True)
class Colors:
    """Colours of one theme, each as ``#rrggbb``."""

    window: str
    surface: str
    sunken: str
    border: str
    text: str
    text_muted: str
    focus: str
    tile_ground: str
    tile_text: str
    idle: ToneColors
    working: ToneColors
    good: ToneColors
    unknown: ToneColors
    warning: ToneColors
    error: ToneColors

    def tone(self, name: str) -> ToneColors:
        """Return the colours of the tone called ``name``; raises AttributeError for a name that is none."""
        found = getattr(self, name)
        if not isinstance(found, ToneColors):
            raise AttributeError(name)
        return found


@dataclass(frozen=True, slots=True)
class Measures:
    """Sizes in pixels at scale 1 (a window of 1280×800); the theme multiplies them with its scale."""

    headline: int = 46
    headline_least: int = 26
    figure: int = 44
    title: int = 21
    body: int = 17
    small: int = 14
    gap: int = 10
    radius: int = 10
    line: int = 1
    target: int = 48
    """Edge of anything that is pressed."""
    target_least: int = 44
    """Floor for gloves; holds at every scale."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Everything a theme consists of."""

    name: ThemeName
    colors: Colors
    measures: Measures


LIGHT = Tokens(
    name=ThemeName.LIGHT,
    colors=Colors(
        window="#eef0f3",
        surface="#ffffff",
        sunken="#e4e7ec",
        border="#c9ced8",
        text="#14171c",
        text_muted="#525c6b",
        focus="#1558b8",
        tile_ground="#2a2f37",
        tile_text="#f4f6f8",
        idle=ToneColors("#566073", "#e9ecf1", "#ffffff"),
        working=ToneColors("#1558b8", "#e3edfb", "#ffffff"),
        good=ToneColors("#14713f", "#dff2e7", "#ffffff"),
        unknown=ToneColors("#63399b", "#efe7f9", "#ffffff"),
        warning=ToneColors("#8c5200", "#fdf0d8", "#ffffff"),
        error=ToneColors("#ae1f17", "#fce6e4", "#ffffff"),
    ),
    measures=Measures(),
)

DARK = Tokens(
    name=ThemeName.DARK,
    colors=Colors(
        window="#12151a",
        surface="#1c2027",
        sunken="#161a20",
        border="#3a424f",
        text="#f2f4f7",
        text_muted="#a9b3c1",
        focus="#7db2ff",
        tile_ground="#0a0c0f",
        tile_text="#f2f4f7",
        idle=ToneColors("#a9b3c1", "#242a33", "#12151a"),
        working=ToneColors("#7db2ff", "#17263d", "#0b1420"),
        good=ToneColors("#63d395", "#14301f", "#06170d"),
        unknown=ToneColors("#c4a1f5", "#2a1f3d", "#170d26"),
        warning=ToneColors("#f0b453", "#36270f", "#1f1403"),
        error=ToneColors("#ff8f86", "#3d1916", "#260a08"),
    ),
    measures=Measures(),
)

CONTRAST = Tokens(
    name=ThemeName.CONTRAST,
    colors=Colors(
        window="#000000",
        surface="#000000",
        sunken="#000000",
        border="#ffffff",
        text="#ffffff",
        text_muted="#ffffff",
        focus="#ffff00",
        tile_ground="#000000",
        tile_text="#ffffff",
        idle=ToneColors("#ffffff", "#000000", "#000000"),
        working=ToneColors("#00e5ff", "#000000", "#000000"),
        good=ToneColors("#00ff66", "#000000", "#000000"),
        unknown=ToneColors("#ff9cff", "#000000", "#000000"),
        warning=ToneColors("#ffd400", "#000000", "#000000"),
        error=ToneColors("#ff7a70", "#000000", "#000000"),
    ),
    measures=Measures(line=3),
)

THEMES: dict[ThemeName, Tokens] = {t.name: t for t in (LIGHT, DARK, CONTRAST)}
"""All themes by name."""


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two colours ``#rrggbb``, 1 to 21.

    Source: WCAG 2.2, definitions of relative luminance and contrast ratio.
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
