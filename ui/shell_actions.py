"""Which actions the window has, under which keys and in which menus.

Texts stay English here, marked for the translation by the name ``translate``; the registry translates them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ui.actions import ActionSpec
from ui.presenters.wording import english as translate
from ui.tokens import ThemeName

THEME_TEXTS = {
    ThemeName.LIGHT: translate("Actions", "Light"),
    ThemeName.DARK: translate("Actions", "Dark"),
    ThemeName.CONTRAST: translate("Actions", "High contrast"),
}

MENUS = {
    "part": ("confirm", "search", "new_part", "undo", "look_again", "quit"),
    "view": ("full_screen",),
    "help": ("keys",),
}
"""Ids by menu, in order."""

SIMULATION = ("simulate_next", "simulate_unknown", "simulate_clear")

_FIXED = (
    ActionSpec("confirm", translate("Actions", "Confirm the answer"), "Enter"),
    ActionSpec("choose", translate("Actions", "Choose one of the five results"), "1 … 5"),
    ActionSpec("search", translate("Actions", "Search for the right part"), "F2", "F2"),
    ActionSpec("new_part", translate("Actions", "Declare a new part"), "N"),
    ActionSpec("undo", translate("Actions", "Take the last answer back"), "Ctrl+Z", "Ctrl+Z"),
    ActionSpec("look_again", translate("Actions", "Look at the part again"), "F5", "F5"),
    ActionSpec("full_screen", translate("Actions", "Full screen"), "F11", "F11"),
    ActionSpec("keys", translate("Actions", "All keys"), "F1", "F1"),
    ActionSpec("quit", translate("Actions", "Quit"), "Ctrl+Q", "Ctrl+Q"),
    ActionSpec("simulate_next", translate("Actions", "Simulation: next part"), "F6", "F6"),
    ActionSpec("simulate_unknown", translate("Actions", "Simulation: unlearned part"), "F7", "F7"),
    ActionSpec("simulate_clear", translate("Actions", "Simulation: take the part off"), "F8", "F8"),
)


def specs(languages: Mapping[str, str]) -> tuple[ActionSpec, ...]:
    """Return every action of the window; ``languages`` are names by code."""
    themes = tuple(ActionSpec(f"theme_{name}", text, checkable=True) for name, text in THEME_TEXTS.items())
    tongues = tuple(ActionSpec(f"language_{code}", name, checkable=True) for code, name in languages.items())
    return (*_FIXED, *themes, *tongues)
