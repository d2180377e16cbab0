"""The calibration page: one large sentence, the step under it, every action on a key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QMenu, QStackedWidget, QWidget

from ui.pages.calibration_buttons import CalibrationButtons
from ui.pages.calibration_collect import CollectStep
from ui.pages.calibration_quiet import QuietStep
from ui.pages.calibration_result import ResultStep
from ui.pages.calibration_start import StartStep
from ui.pages.keyed_page import KeyedPage
from ui.presenters.boards_offered import board_choice
from ui.presenters.calibration import CalibrationPresenter
from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.presenters.calibration_view import CalibrationStep, CalibrationView
from ui.presenters.operator_view import BannerView
from ui.presenters.sources import EXPORT_FORMS, CameraDoor
from ui.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.file_questions import FileQuestions
from ui.widgets.message import MessageLine

FORM_NAMES = {"opencv": "OpenCV YAML", "ros": "ROS camera_info", "kalibr": "Kalibr YAML", "colmap": "COLMAP"}


class CalibrationPage(KeyedPage):
    """Draws the presenter's view and passes keys and presses on to it; ``left`` asks for the operator page."""

    left = Signal()

    def __init__(
        self,
        presenter: CalibrationPresenter,
        cameras: CameraDoor,
        theme: Theme,
        clock: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(clock, parent=parent)
        self._presenter = presenter
        self._theme = theme
        self._view: CalibrationView | None = None
        self.files = FileQuestions(self)
        self.banner = Banner(theme, (), self)
        self.message = MessageLine(theme, self)
        self.start = StartStep(theme, tuple(cameras.roles), self)
        self.collect = CollectStep(theme, cameras, self)
        self.quiet = QuietStep(theme, self)
        self.result = ResultStep(theme, presenter.picture, self)
        self.buttons = CalibrationButtons(theme, self)
        self.stack = QStackedWidget(self)
        for panel in (self.start, self.collect, self.quiet, self.result):
            self.stack.addWidget(panel)
        self._in_a_column(self.banner, self.stack, self.message, self.buttons, wide=self.stack)
        self.start.chosen.connect(self._choose)
        self.result.toggled.connect(self._toggle_mark)
        self.buttons.pressed.connect(self.press)
        self.retranslate()

    @property
    def view(self) -> CalibrationView | None:
        """What is shown."""
        return self._view

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.start.retranslate(self._presenter.words)
        self.collect.retranslate()
        self.quiet.retranslate()
        self.buttons.retranslate()
        self._view = None
        self.refresh()

    def refresh(self) -> None:
        """Pull the newest view and pictures; called by the window's timer while the page is shown."""
        view = self._presenter.view()
        if view != self._view:
            self._show(view)
        if view.collect is not None:
            self.collect.show_pictures()
        if view.result is not None:
            self.result.show_view(view.result)

    def press(self, command: Command) -> None:
        """Do a command as its button or key does."""
        view = self._view
        if view is None or command not in view.allowed:
            return
        presenter = self._presenter
        if command is Command.USE and self.start.stored.key:
            presenter.use(self.start.stored.key)
        elif command is Command.DROP and self.collect.pictures.key:
            presenter.toggle_picture(self.collect.pictures.key)
        elif command is Command.PRINT:
            name = f"{presenter.board_id}.pdf"
            paper = self.start.paper.currentText()
            self.files.file(self.tr("Print the board"), name, lambda path: presenter.print_board(path, paper))
        elif command is Command.REPORT:
            self.files.file(self.tr("Write the report"), self.tr("calibration.pdf"), presenter.report)
        elif command is Command.EXPORT:
            self._ask_form()
        else:
            presenter.do(command)
            if command is Command.DONE:
                self.left.emit()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keys, and ask anew what is active."""
        super().showEvent(event)
        self.setFocus()
        self._presenter.load()

    def changeEvent(self, event: QEvent) -> None:
        """Take the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _moves(self, key: Qt.Key) -> bool:
        """Mark the row above or below."""
        if key not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return False
        self._move(-1 if key == Qt.Key.Key_Up else 1)
        return True

    def _scan(self, code: str) -> None:
        """Take a scanned board id."""
        if board_choice(code, self._presenter.words).board is not None:
            self.start.board.setText(code)

    def _press_key(self, key: str) -> None:
        view = self._view
        if view is None:
            return
        focus = QApplication.focusWidget()
        if key == "Enter" and self.buttons.holds(focus):
            self.buttons.click(focus)
            return
        command: Command | None = self.buttons.command_of(view.step, key)
        if command not in (Command.STOP, Command.ACCEPT):  # pressed again, these answer their own question
            self._presenter.dismiss()
        if command is not None:
            self.press(command)
        elif key == "Esc" and view.step in (CalibrationStep.START, CalibrationStep.ACCEPTED):
            self.left.emit()
        self.refresh()

    def _move(self, step: int) -> None:
        panel = self.stack.currentWidget()
        if panel is self.start:
            self.start.move_mark(step)
        elif panel is self.collect:
            self.collect.move_mark(step)

    def _choose(self) -> None:
        self._presenter.board_id = self.start.board_id
        self._presenter.only = self.start.only

    def _toggle_mark(self, placement: str) -> None:
        self._presenter.toggle_mark(placement)
        self.refresh()

    def _ask_form(self) -> None:
        """Ask for which program, then for the folder."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for form in EXPORT_FORMS:
            action = menu.addAction(FORM_NAMES[form])
            action.triggered.connect(lambda *_, f=form: self._ask_folder(f))
        button = self.buttons.button(Command.EXPORT)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
        menu.setActiveAction(menu.actions()[0])

    def _ask_folder(self, form: str) -> None:
        title = self.tr("Export into a folder")
        self.files.folder(title, lambda path: self._presenter.export(path, form))

    def _show(self, view: CalibrationView) -> None:
        old, self._view = self._view, view
        self.banner.use_steps(view.step_names)
        ring = view.collect.still if view.collect is not None else None
        self.banner.show_view(BannerView(view.tone, view.sign, view.headline, view.detail, view.step_index, ring))
        self.message.show_message(view.message)
        self.buttons.show_step(view.step, view.allowed)
        if view.start is not None:
            self.start.show_view(view.start)
            self.stack.setCurrentWidget(self.start)
        elif view.collect is not None:
            self.collect.show_view(view.collect, with_pictures=view.step is CalibrationStep.BOARD)
            self.stack.setCurrentWidget(self.collect)
        elif view.result is not None:
            self.stack.setCurrentWidget(self.result)
        else:
            self.quiet.show_progress(view.progress if view.step is CalibrationStep.SOLVING else None)
            self.stack.setCurrentWidget(self.quiet)
        if old is not None and old.step is not view.step and self.isVisible():
            self.setFocus()
