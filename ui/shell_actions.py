"""Which actions the window has, under which keys, on which page and in which menus.

Texts stay English here, marked for the translation by the name ``translate``; the registry translates them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from ui.actions import ActionSpec
from ui.presenters.wording import english as translate
from ui.tokens import ThemeName


class PageName(enum.StrEnum):
    """The window's pages."""

    OPERATOR = "operator"
    CALIBRATION = "calibration"
    HEALTH = "health"
    CAPTURES = "captures"


THEME_TEXTS = {
    ThemeName.LIGHT: translate("Actions", "Light"),
    ThemeName.DARK: translate("Actions", "Dark"),
    ThemeName.CONTRAST: translate("Actions", "High contrast"),
}

MENUS = {
    "station": ("page_operator", "page_captures", "page_calibration", "page_health", "quit"),
    "part": ("confirm", "search", "new_part", "undo", "look_again", "zero_scale", "tare"),
    "view": ("full_screen",),
    "help": ("keys",),
}
"""Ids by menu, in order; those that the window does not have are left out."""

SIMULATION = (
    "simulate_next",
    "simulate_unknown",
    "simulate_clear",
    "simulate_lay",
    "simulate_hold",
    "simulate_away",
)

_OPERATOR = (PageName.OPERATOR,)
_CAPTURES = (PageName.CAPTURES,)
_WITH_PARTS = (*_OPERATOR, *_CAPTURES)
_WITH_BOARD = (PageName.CALIBRATION, PageName.HEALTH)

_FIXED = (
    ActionSpec("page_operator", translate("Actions", "Parts"), "F3", "F3", checkable=True),
    ActionSpec("page_captures", translate("Actions", "Captures"), "F12", "F12", checkable=True),
    ActionSpec("page_calibration", translate("Actions", "Calibration"), "F4", "F4", checkable=True),
    ActionSpec("page_health", translate("Actions", "Health"), "F9", "F9", checkable=True),
    ActionSpec("confirm", translate("Actions", "Confirm the answer"), "Enter", pages=_OPERATOR),
    ActionSpec("choose", translate("Actions", "Choose one of the five results"), "1 … 5", pages=_OPERATOR),
    ActionSpec("search", translate("Actions", "Search for the right part"), "F2", "F2", pages=_OPERATOR),
    ActionSpec("new_part", translate("Actions", "Declare a new part"), "N", pages=_OPERATOR),
    ActionSpec("undo", translate("Actions", "Take the last answer back"), "Ctrl+Z", "Ctrl+Z", pages=_OPERATOR),
    ActionSpec("look_again", translate("Actions", "Look at the part again"), "F5", "F5", pages=_OPERATOR),
    ActionSpec("zero_scale", translate("Actions", "Zero the scale"), "Ctrl+0", "Ctrl+0", pages=_OPERATOR),
    ActionSpec("tare", translate("Actions", "Tare the tray on the scale"), "Ctrl+T", "Ctrl+T", pages=_OPERATOR),
    ActionSpec("full_screen", translate("Actions", "Full screen"), "F11", "F11"),
    ActionSpec("keys", translate("Actions", "All keys"), "F1", "F1"),
    ActionSpec("quit", translate("Actions", "Quit"), "Ctrl+Q", "Ctrl+Q"),
    ActionSpec("simulate_next", translate("Actions", "Simulation: next part"), "F6", "F6", pages=_OPERATOR),
    ActionSpec("simulate_unknown", translate("Actions", "Simulation: unlearned part"), "F7", "F7", pages=_OPERATOR),
    ActionSpec("simulate_clear", translate("Actions", "Simulation: take the part off"), "F8", "F8", pages=_WITH_PARTS),
    ActionSpec(
        "simulate_lay",
        translate("Actions", "Simulation: lay the session's part as asked"),
        "F6",
        "F6",
        pages=_CAPTURES,
    ),
    ActionSpec(
        "simulate_hold",
        translate("Actions", "Simulation: hold the board in the next place"),
        "F6",
        "F6",
        pages=_WITH_BOARD,
    ),
    ActionSpec("simulate_away", translate("Actions", "Simulation: take the board away"), "F7", "F7", pages=_WITH_BOARD),
)


def specs(languages: Mapping[str, str]) -> tuple[ActionSpec, ...]:
    """Return every action of the window; ``languages`` are names by code."""
    themes = tuple(ActionSpec(f"theme_{name}", text, checkable=True) for name, text in THEME_TEXTS.items())
    tongues = tuple(ActionSpec(f"language_{code}", name, checkable=True) for code, name in languages.items())
    return (*_FIXED, *themes, *tongues)
