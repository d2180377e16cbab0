"""One registry of all actions: menus, buttons and key lists are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

CONTEXT = "Actions"
"""Translation context of the actions' texts."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action: ``text`` in English, ``shortcut`` for Qt, ``key`` as people read it.

    ``pages`` are those on which it works, empty for all. Keys that a scanner types too have no shortcut: the page
    reads them itself.
    """

    id: str
    text: str
    key: str = ""
    shortcut: str = ""
    checkable: bool = False
    pages: tuple[str, ...] = ()


class ActionRegistry(QObject):
    """Holds every action of the window by id."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions: dict[str, tuple[ActionSpec, QAction]] = {}

    def add(self, spec: ActionSpec, handler: Callable[[], object]) -> QAction:
        """Register an action; raises ValueError for an id or a shortcut that is taken."""
        others = [other for other, _ in self._actions.values() if other.shortcut and other.shortcut == spec.shortcut]
        clash = any(not spec.pages or not other.pages or set(spec.pages) & set(other.pages) for other in others)
        if spec.id in self._actions or clash:
            raise ValueError(f"action {spec.id!r} or its key {spec.shortcut!r} is taken")
        action = QAction(self)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(spec.checkable)
        action.triggered.connect(lambda *_: handler())
        self._actions[spec.id] = (spec, action)
        self._name(spec, action)
        return action

    def action(self, action_id: str) -> QAction:
        """Return an action; raises KeyError for an unknown id."""
        return self._actions[action_id][1]

    def use_page(self, page: str) -> None:
        """Let the actions of this page work and those of the others do nothing."""
        for spec, action in self._actions.values():
            if spec.pages:
                action.setEnabled(page in spec.pages)

    def has(self, action_id: str) -> bool:
        """Return whether the window has this action."""
        return action_id in self._actions

    def all_specs(self) -> list[ActionSpec]:
        """Return what was registered, in order."""
        return [spec for spec, _ in self._actions.values()]

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        for spec, action in self._actions.values():
            self._name(spec, action)

    @staticmethod
    def _name(spec: ActionSpec, action: QAction) -> None:
        text = QCoreApplication.translate(CONTEXT, spec.text)
        action.setText(text if spec.shortcut or not spec.key else f"{text}\t{spec.key}")
        action.setToolTip(f"{text} ({spec.key})" if spec.key else text)
