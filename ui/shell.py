"""The window: menus, the pages, the simulation's hand and the status strip; it pulls by a timer."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QActionGroup, QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from ui.actions import ActionRegistry
from ui.handles import StationHandles
from ui.keys_dialog import KeysDialog
from ui.language import LANGUAGES, Language
from ui.pages.calibration_page import CalibrationPage
from ui.pages.capture_page import CapturePage
from ui.pages.health_page import HealthPage
from ui.pages.operator_page import OperatorPage
from ui.presenters.calibration import CalibrationPresenter
from ui.presenters.capture import CapturePresenter
from ui.presenters.health import HealthPresenter
from ui.presenters.operator import OperatorPresenter
from ui.presenters.status import StatusPresenter
from ui.shell_actions import MENUS, SIMULATION, THEME_TEXTS, PageName, specs
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
        pictures = ReferencePictures(handles.parts)
        self.page = OperatorPage(self._operator, handles.cameras, pictures, theme, clock, self)
        self._calibration: CalibrationPresenter | None = None
        self.calibration: CalibrationPage | None = None
        if handles.calibrations is not None:
            self._calibration = CalibrationPresenter(handles.calibrations, handles.cameras, clock, words)
            self.calibration = CalibrationPage(self._calibration, handles.cameras, theme, clock, self)
            self.calibration.left.connect(lambda: self.show_page(PageName.OPERATOR))
        self._health: HealthPresenter | None = None
        self.health: HealthPage | None = None
        if handles.health is not None:
            self._health = HealthPresenter(handles.health, handles.cameras, clock, words)
            self.health = HealthPage(self._health, theme, self)
        self._captures: CapturePresenter | None = None
        self.captures: CapturePage | None = None
        if handles.captures is not None:
            self._captures = CapturePresenter(handles.captures, handles.workflow, handles.cameras, clock, words)
            self.captures = CapturePage(self._captures, handles.cameras, pictures, theme, clock, self)
            self.captures.left.connect(lambda: self.show_page(PageName.OPERATOR))
        self.strip = StatusStrip(theme, self)
        self.simulation: SimulationStrip | None = None
        self.actions_registry = ActionRegistry(self)
        central = QWidget(self)
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.pages = QStackedWidget(central)
        places = {
            PageName.OPERATOR: self.page,
            PageName.CAPTURES: self.captures,
            PageName.CALIBRATION: self.calibration,
            PageName.HEALTH: self.health,
        }
        self._places = {name: page for name, page in places.items() if page is not None}
        for page in self._places.values():
            self.pages.addWidget(page)
        column.addWidget(self.pages, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(central)
        self._register()
        self._build_menus()
        self.show_page(PageName.OPERATOR)
        self.setMinimumSize(1024, 700)
        self._timer.timeout.connect(self.refresh)
        self._retranslate()
        self._timer.start()

    def refresh(self) -> None:
        """Pull everything that is new."""
        controls = self._handles.controls
        if controls is not None and (trouble := controls.take_trouble()):
            self.report(trouble)
        for presenter in (self._calibration, self._health, self._captures):
            if presenter is not None:
                presenter.pull()
        current = self.pages.currentWidget()
        for page in self._places.values():
            if page is current:
                page.refresh()
        self.strip.show_cells(self._status.cells())

    def report(self, sentence: str) -> None:
        """Show a sentence in the message line of the page that is shown."""
        presenters = {
            self.calibration: self._calibration,
            self.health: self._health,
            self.captures: self._captures,
        }
        (presenters.get(self.pages.currentWidget()) or self._operator).refuse(sentence)

    def show_page(self, name: PageName) -> None:
        """Show a page; the keys of the others do nothing meanwhile."""
        if name not in self._places:
            return
        self.page.close_search()
        self.pages.setCurrentWidget(self._places[name])
        self.actions_registry.use_page(name)
        self.actions_registry.action(f"page_{name}").setChecked(True)
        if self.simulation is not None:
            self.simulation.show_hands(
                parts=name is PageName.OPERATOR,
                board=name in (PageName.CALIBRATION, PageName.HEALTH),
                session=name is PageName.CAPTURES,
            )
            self.menuBar().setCornerWidget(self.simulation, Qt.Corner.TopRightCorner)
        self.refresh()

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
            "zero_scale": page.zero_scale,
            "tare": page.tare,
            "quit": self.close,
            "full_screen": self._toggle_full_screen,
            "keys": self._show_keys,
        }
        for place in self._places:
            handlers[f"page_{place}"] = lambda p=place: self.show_page(p)
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
            if self.captures is not None:
                handlers |= {"simulate_lay": self._lay_session_part}
            if self.calibration is not None or self.health is not None:
                handlers |= {"simulate_hold": self._hold_board, "simulate_away": controls.take_board_away}
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
                if self.actions_registry.has(action_id):
                    menu.addAction(self.actions_registry.action(action_id))
        pages = QActionGroup(self)
        for place in self._places:
            pages.addAction(self.actions_registry.action(f"page_{place}"))
        self._menus["station"].insertSeparator(self.actions_registry.action("quit"))
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
                if self.actions_registry.has(action_id):
                    self._menus["part"].addAction(self.actions_registry.action(action_id))
            self.simulation = SimulationStrip(controls, self._hold_board, self._lay_session_part, self)
            bar.setCornerWidget(self.simulation, Qt.Corner.TopRightCorner)

    def _retranslate(self) -> None:
        words = self._language.words()
        self._operator.use_words(words)
        self._status.use_words(words)
        for presenter in (self._calibration, self._health, self._captures):
            if presenter is not None:
                presenter.use_words(words)
        self.actions_registry.retranslate()
        titles = {
            "station": self.tr("Station"),
            "part": self.tr("Part"),
            "view": self.tr("View"),
            "help": self.tr("Help"),
        }
        for key, menu in self._menus.items():
            menu.setTitle(titles[key])
        if self.simulation is not None:
            self.simulation.retranslate()
        self.setWindowTitle(self.tr("{0} · part recognition").format(self._handles.facts.name))
        self.page.retranslate()
        if self.calibration is not None:
            self.calibration.retranslate()
        if self.health is not None:
            self.health.retranslate(words)
        if self.captures is not None:
            self.captures.retranslate()
        self.refresh()

    def _use_language(self, code: str) -> None:
        self._language.use(code)
        self._retranslate()

    def _hold_board(self) -> None:
        """Let the simulated hand hold the board where the advice wants it."""
        if self._handles.controls is not None and self._calibration is not None:
            self._handles.controls.hold_board(self._calibration.board_id, self._calibration.advised_roles)

    def _lay_session_part(self) -> None:
        """Let the simulated hand lay the capture session's part as the session asks for it."""
        if self._handles.controls is not None and self._captures is not None:
            snapshot = self._captures.snapshot
            self._handles.controls.lay(snapshot.class_id, snapshot.prompt.turn_deg)

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
        for presenter in (self._operator, self._calibration, self._health, self._captures):
            if presenter is not None:
                presenter.close()
        super().closeEvent(event)
