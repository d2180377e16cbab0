"""The capture page: one large sentence that says what to do next, the step under it, every action on a key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from ui.pages.capture_buttons import CaptureButtons
from ui.pages.capture_choose import ChooseStep
from ui.pages.capture_class import NewClassStep
from ui.pages.capture_review import FILTER_KEYS, ReviewStep
from ui.pages.capture_session import SessionStep
from ui.pages.keyed_page import KeyedPage
from ui.presenters.capture import CapturePresenter
from ui.presenters.capture_source import NewClass
from ui.presenters.capture_view import CaptureCommand as Command
from ui.presenters.capture_view import CaptureStep, CaptureView
from ui.presenters.operator_view import BannerView
from ui.presenters.sources import CameraDoor
from ui.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.message import MessageLine
from ui.widgets.pictures import ReferencePictures

_FUNCTION_KEYS = {Qt.Key.Key_F2: "F2", Qt.Key.Key_F5: "F5", Qt.Key.Key_F7: "F7"}
_SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_FILTERS = {key: command for command, key in FILTER_KEYS.items()}
_SHOWING = (CaptureStep.REVIEW, CaptureStep.VIEWS)


class CapturePage(KeyedPage):
    """Draws the presenter's view and passes keys and presses on to it; ``left`` asks for the operator page."""

    left = Signal()

    def __init__(
        self,
        presenter: CapturePresenter,
        cameras: CameraDoor,
        pictures: ReferencePictures,
        theme: Theme,
        clock: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(clock, _FUNCTION_KEYS, parent)
        self._presenter = presenter
        self._pictures = pictures
        self._view: CaptureView | None = None
        self.banner = Banner(theme, (), self)
        self.message = MessageLine(theme, self)
        self.choose = ChooseStep(theme, pictures.get, presenter.newest_picture, clock, self)
        self.new_class = NewClassStep(theme, self)
        self.session = SessionStep(theme, cameras, self)
        self.review = ReviewStep(theme, presenter.review, clock, self)
        self.buttons = CaptureButtons(theme, self)
        self.stack = QStackedWidget(self)
        for panel in (self.choose, self.new_class, self.session, self.review):
            self.stack.addWidget(panel)
        self._in_a_column(self.banner, self.stack, self.message, self.buttons, wide=self.stack)
        self.choose.picker.asked.connect(presenter.search.find)
        self.choose.picker.scanned.connect(presenter.search.scan)
        self.choose.picker.picked.connect(presenter.search.choose)
        self.new_class.told.connect(self._create)
        self.session.reasoned.connect(self._keep)
        self.review.pressed.connect(self.press)
        self.buttons.pressed.connect(self.press)
        self.retranslate()

    @property
    def view(self) -> CaptureView | None:
        """What is shown."""
        return self._view

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        for part in (self.choose, self.new_class, self.session, self.review, self.buttons):
            part.retranslate()
        self._view = None
        self.refresh()

    def refresh(self) -> None:
        """Pull the newest view and pictures; called by the window's timer while the page is shown."""
        view = self._presenter.view()
        if view != self._view:
            self._show(view)
        for class_id in self._presenter.review.take_pictured():
            self._pictures.forget(class_id)
        if view.step is CaptureStep.CHOOSE:
            self.choose.show_rows(self._presenter.rows)
            self.choose.show_picture()
        elif view.review is not None:
            self.review.show_pictures()
        elif view.session is not None:
            self.session.show_pictures(self._presenter.snapshot.look)

    def press(self, command: Command) -> None:
        """Do a command as its button or key does."""
        view = self._view
        if view is None or command not in view.allowed:
            return
        presenter = self._presenter
        if command is Command.BEGIN:
            presenter.search.choose(self.choose.class_id)
        elif command is Command.CREATE:
            self.new_class.tell()
        elif command is Command.KEEP and view.step is CaptureStep.REASON:
            self._keep(self.session.own.text())
        elif command is Command.REVIEW:
            presenter.show_kept(self.choose.class_id)
        elif command is Command.WEIGH:
            self.new_class.show_weight(presenter.load_kg)
        elif command is Command.CHOOSE:
            presenter.review.search.choose(self.review.list.key)
        else:
            presenter.do(command)
            if command is Command.NEW_CLASS:
                self.new_class.begin("" if presenter.rows else self.choose.line.text().strip(), presenter.vocabulary)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keys, and ask anew which classes there are."""
        super().showEvent(event)
        self._presenter.load()
        self._focus()

    def changeEvent(self, event: QEvent) -> None:
        """Take the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _moves(self, key: Qt.Key) -> bool:
        """Mark the capture beside the marked one."""
        if key not in _SIDEWAYS or self._view is None or self._view.step not in _SHOWING:
            return False
        self.review.grid.step(_SIDEWAYS[key])
        return True

    def _scan(self, code: str) -> None:
        """Put a scanned code into the line that it is meant for, whatever has the keys."""
        if self._view is None:
            return
        step = self._view.step
        pickers = {CaptureStep.CHOOSE: self.choose.picker, CaptureStep.CLASS: self.review.picker}
        if step in pickers:
            pickers[step].take_code(code)
        elif step is CaptureStep.NEW_CLASS:
            self.new_class.number.setText(code)

    def _press_key(self, key: str) -> None:
        view = self._view
        if view is None:
            return
        focus = QApplication.focusWidget()
        if key == "Enter" and self.buttons.holds(focus):
            self.buttons.click(focus)
            return
        if key == "Enter" and view.step is CaptureStep.NEW_CLASS and self.new_class.go_on():
            return
        if view.step is CaptureStep.REASON and key.isdigit():
            self.session.press_reason(int(key))
            return
        if view.step is CaptureStep.NEW_CLASS and key == "Space":
            self.new_class.toggle_marked()
            return
        command: Command | None = self.buttons.command_of(view.step, key, view.allowed)
        if command is None and view.step in _SHOWING:
            command = _FILTERS.get(key)
        if command is not Command.END:
            self._presenter.dismiss()
        if command is not None:
            self.press(command)
        elif key == "Esc" and view.step is CaptureStep.CHOOSE:
            self.left.emit()
        self.refresh()

    def _create(self, told: NewClass) -> None:
        self._presenter.create(told)
        self.refresh()

    def _keep(self, reason: str) -> None:
        self._presenter.keep(reason)
        self.refresh()

    def _show(self, view: CaptureView) -> None:
        old, self._view = self._view, view
        self.banner.show_view(BannerView(view.tone, view.sign, view.headline, view.detail, 0))
        self.message.show_message(view.message)
        self.buttons.show_step(view.step, view.allowed)
        if view.session is not None:
            self.session.show_view(view.session, view.step)
            self.stack.setCurrentWidget(self.session)
        elif view.review is not None:
            self.review.show_view(view.review, view.step)
            self.stack.setCurrentWidget(self.review)
        elif view.step is CaptureStep.NEW_CLASS:
            self.new_class.show_trouble(view.form_trouble)
            self.stack.setCurrentWidget(self.new_class)
        else:
            self.stack.setCurrentWidget(self.choose)
        came = (
            view.review is not None
            and not view.review.empty
            and (old is None or old.review is None or old.review.empty)
        )
        if old is None or old.step is not view.step or came:
            self._focus()

    def _focus(self) -> None:
        """Give the keys to the line of the step, or to the page itself."""
        if not self.isVisible() or self._view is None:
            return
        step = self._view.step
        lists = {CaptureStep.REVIEW: self.review.grid, CaptureStep.CLASS: self.review.line}
        if step is CaptureStep.CHOOSE:
            self.choose.picker.begin()
        elif step in lists:
            lists[step].setFocus()
        elif step is not CaptureStep.NEW_CLASS:  # which gives the keys to its first line itself
            self.setFocus()
