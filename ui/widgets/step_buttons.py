"""The buttons at a page's foot; each step of the page's work shows its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.key_button import KeyButton

Layout = Mapping[Any, tuple[tuple[Any, str], ...]]
"""For each step the commands in order, each with the name of its key."""


KEYS = {
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Escape: "Esc",
    Qt.Key.Key_Delete: "Del",
}
"""Keys that a scanner does not type, but for the Enter at a code's end."""


class StepButtons(QWidget):
    """Emits ``pressed`` with the command of the pressed button; the first one is the main one if Enter presses it."""

    pressed = Signal(object)

    def __init__(self, theme: Theme, layout: Layout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = layout
        self._step: Any = None
        self._buttons: dict[tuple[Any, Any], KeyButton] = {}
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for step, entries in layout.items():
            for place, (command, key) in enumerate(entries):
                button = KeyButton(theme, key, self, main=place == 0 and key == "Enter")
                button.clicked.connect(lambda *_, c=command: self.pressed.emit(c))
                button.hide()
                self._buttons[step, command] = button
                row.addWidget(button)

    def name(self, texts: Mapping[Any, str], keys: Mapping[str, str]) -> None:
        """Take the texts by command, and the names of keys that the language calls otherwise."""
        for step, entries in self._layout.items():
            for command, key in entries:
                button = self._buttons[step, command]
                button.name(texts[command], keys.get(key))
                # long names get more of the row than short ones
                self._row.setStretchFactor(button, button.sizeHint().width())

    def show_step(self, step: Any, allowed: Collection[Any]) -> None:
        """Show the buttons of a step and enable those that are allowed; of two on one key one is shown."""
        keys = dict(self._layout[step])
        taken = {keys[command] for command in allowed if command in keys}
        for (of, command), button in self._buttons.items():
            button.setEnabled(command in allowed)
            shared = of is step and [*keys.values()].count(keys[command]) > 1
            if shared:
                first = next(one for one, key in keys.items() if key == keys[command])
                button.setVisible(command in allowed or (keys[command] not in taken and command is first))
            elif self._step is not step:
                button.setVisible(of is step)
        self._step = step

    def button(self, command: Any) -> KeyButton:
        """Return the button of a command in the step that is shown; raises KeyError when it has none."""
        return self._buttons[self._step, command]

    def command_of(self, step: Any, key: str, allowed: Collection[Any] | None = None) -> Any:
        """Return what ``key`` presses in a step, ``None`` when nothing; of two on one key the one that is allowed."""
        found = [command for command, name in self._layout[step] if name == key]
        return next((one for one in found if allowed is not None and one in allowed), found[0] if found else None)

    def holds(self, widget: QWidget | None) -> bool:
        """Return whether ``widget`` is one of the buttons."""
        return isinstance(widget, KeyButton) and widget in self._buttons.values()

    def click(self, widget: QWidget | None) -> None:
        """Press the button that has the focus."""
        if isinstance(widget, KeyButton) and widget.isEnabled():
            widget.click()
