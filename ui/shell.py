"""The window: menus, the operator page, the simulation's hand and the status strip; it pulls by a timer."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QActionGroup, QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from ui.actions import ActionRegistry
from ui.handles import StationHandles
from ui.keys_dialog import KeysDialog
from ui.language import LANGUAGES, Language
from ui.pages.operator_page import OperatorPage
from ui.presenters.operator import OperatorPresenter
from ui.presenters.status import StatusPresenter
from ui.shell_actions import MENUS, SIMULATION, THEME_TEXTS, specs
from ui.theme import Theme
from ui.tokens import ThemeName
from ui.widgets.pictures import ReferencePictures
from ui.widgets.simulation_strip import SimulationStrip
from ui.widgets.status_strip import StatusStrip

REFRESH_MS = 66
"""The window looks for news fifteen times a second."""


class MainWindow(QMainWindow):
    """The station's window.

    Args:
        handles: what the window shows and acts upon.
        theme: tokens in force.
        language: language in force.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        handles: StationHandles,
        theme: Theme,
        language: Language,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._theme = theme
        self._language = language
        self._handles = handles
        words = language.words()
        self._operator = OperatorPresenter(
            handles.workflow, handles.parts, handles.cameras, clock, words, has_scale=handles.facts.has_scale
        )
        self._status = StatusPresenter(handles.workflow, handles.cameras, handles.facts, words)
        self.page = OperatorPage(
            self._operator, handles.cameras, ReferencePictures(handles.parts), theme, clock, self
        )
        self.strip = StatusStrip(theme, self)
        self.simulation: SimulationStrip | None = None
        self.actions_registry = ActionRegistry(self)
        central = QWidget(self)
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.page, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(central)
        self._register()
        self._build_menus()
        self.setMinimumSize(1024, 700)
        self._timer.timeout.connect(self.refresh)
        self._retranslate()
        self._timer.start()

    def refresh(self) -> None:
        """Pull everything that is new."""
        controls = self._handles.controls
        if controls is not None and (trouble := controls.take_trouble()):
            self._operator.refuse(trouble)
        self.page.refresh()
        self.strip.show_cells(self._status.cells())

    def report(self, sentence: str) -> None:
        """Show a sentence in the message line."""
        self._operator.refuse(sentence)

    def _register(self) -> None:
        page = self.page
        # Choosing by digit is the page's own; the entry is there so that the list of keys is complete.
        handlers: dict[str, Callable[[], object]] = {
            "confirm": page.confirm,
            "choose": page.setFocus,
            "search": page.open_search,
            "new_part": page.declare_new,
            "undo": page.undo,
            "look_again": page.look_again,
            "quit": self.close,
            "full_screen": self._toggle_full_screen,
            "keys": self._show_keys,
        }
        for name in ThemeName:
            handlers[f"theme_{name}"] = lambda n=name: self._theme.use(n)
        for code in LANGUAGES:
            handlers[f"language_{code}"] = lambda c=code: self._use_language(c)
        controls = self._handles.controls
        if controls is not None:
            handlers |= {
                "simulate_next": controls.next_part,
                "simulate_unknown": controls.next_unknown_part,
                "simulate_clear": controls.clear,
            }
        for spec in specs(LANGUAGES):
            if spec.id in handlers:
                self.addAction(self.actions_registry.add(spec, handlers[spec.id]))

    def _build_menus(self) -> None:
        self._menus = {}
        bar = self.menuBar()
        for key, ids in MENUS.items():
            menu = bar.addMenu("")
            self._menus[key] = menu
            for action_id in ids:
                menu.addAction(self.actions_registry.action(action_id))
        for ids, now in (
            ([f"theme_{name}" for name in THEME_TEXTS], f"theme_{self._theme.tokens.name}"),
            ([f"language_{code}" for code in LANGUAGES], f"language_{self._language.code}"),
        ):
            group = QActionGroup(self)
            self._menus["view"].addSeparator()
            for action_id in ids:
                action = self.actions_registry.action(action_id)
                group.addAction(action)
                action.setChecked(action_id == now)
                self._menus["view"].addAction(action)
        controls = self._handles.controls
        if controls is not None:
            for action_id in SIMULATION:
                self._menus["part"].addAction(self.actions_registry.action(action_id))
            self.simulation = SimulationStrip(controls, self)
            bar.setCornerWidget(self.simulation, Qt.Corner.TopRightCorner)

    def _retranslate(self) -> None:
        words = self._language.words()
        self._operator.use_words(words)
        self._status.use_words(words)
        self.actions_registry.retranslate()
        titles = {"part": self.tr("Part"), "view": self.tr("View"), "help": self.tr("Help")}
        for key, menu in self._menus.items():
            menu.setTitle(titles[key])
        if self.simulation is not None:
            self.simulation.retranslate()
        self.setWindowTitle(self.tr("{0} · part recognition").format(self._handles.facts.name))
        self.page.retranslate()
        self.refresh()

    def _use_language(self, code: str) -> None:
        self._language.use(code)
        self._retranslate()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _show_keys(self) -> None:
        dialog = KeysDialog(self.actions_registry, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let all sizes follow the window."""
        super().resizeEvent(event)
        self._theme.fit(event.size().width(), event.size().height())

    def changeEvent(self, event: QEvent) -> None:
        """Stop pulling while nobody can see it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            (self._timer.stop if self.isMinimized() else self._timer.start)()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop pulling before the station is taken down."""
        self._timer.stop()
        super().closeEvent(event)
