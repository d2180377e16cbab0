"""The operator page: the answer large, the ten views small, every action on a key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.presenters.cards import CARDS
from ui.presenters.keys import GAP_S, KeyReader, Typed
from ui.presenters.operator import OperatorPresenter
from ui.presenters.operator_view import BannerView, Command, MessageView, OperatorView, Step, Tone
from ui.presenters.sources import CameraDoor
from ui.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.card import ResultCard
from ui.widgets.headings import Headings
from ui.widgets.key_button import KeyButton
from ui.widgets.message import MessageLine
from ui.widgets.pictures import ReferencePictures
from ui.widgets.search import SearchPanel
from ui.widgets.tile import CameraTile
from ui.widgets.weight import WeightPanel


class OperatorPage(QWidget):
    """Draws the presenter's view and passes keys and presses on to it."""

    def __init__(
        self,
        presenter: OperatorPresenter,
        cameras: CameraDoor,
        pictures: ReferencePictures,
        theme: Theme,
        clock: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._cameras = cameras
        self._pictures = pictures
        self._theme = theme
        self._clock = clock
        self._view: OperatorView | None = None
        self._keys = KeyReader()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setTimerType(Qt.TimerType.PreciseTimer)
        self._settle.timeout.connect(lambda: self._do(self._keys.settle(self._clock())))

        self.banner = Banner(theme, (), self)
        self.weight = WeightPanel(theme, self)
        self.message = MessageLine(theme, self)
        self.cards = tuple(ResultCard(theme, self) for _ in range(CARDS))
        self.tiles = {role: CameraTile(theme, self) for role in cameras.roles}
        self.search = SearchPanel(theme, presenter.search, pictures.get, clock, self)
        self.buttons = {
            Command.CONFIRM: KeyButton(theme, "Enter", self, main=True),
            Command.SEARCH: KeyButton(theme, "F2", self),
            Command.NEW_PART: KeyButton(theme, "N", self),
            Command.UNDO: KeyButton(theme, "Ctrl+Z", self),
        }
        self._headings = Headings(theme, self)
        self._stack = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.banner, 1)
        top.addWidget(self.weight)
        results = QWidget(self)
        row = QHBoxLayout(results)
        row.setContentsMargins(0, 0, 0, 0)
        for card in self.cards:
            row.addWidget(card)
        self._stack.addWidget(results)
        self._stack.addWidget(self.search)
        buttons = QHBoxLayout()
        for button in self.buttons.values():
            buttons.addWidget(button)
        views = QHBoxLayout()
        views.setSpacing(5)
        for tile in self.tiles.values():
            views.addWidget(tile)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._headings)
        column.addWidget(self._stack, 1)
        column.addWidget(self.message)
        column.addLayout(buttons)
        column.addLayout(views)
        self._theme.changed.connect(self._restyle)
        self._restyle()

    def _connect(self) -> None:
        for place, card in enumerate(self.cards, start=1):
            card.clicked.connect(lambda *_, p=place: self._after(self._presenter.choose, p))
        self.buttons[Command.CONFIRM].clicked.connect(lambda *_: self.confirm())
        self.buttons[Command.SEARCH].clicked.connect(lambda *_: self.open_search())
        self.buttons[Command.NEW_PART].clicked.connect(lambda *_: self.declare_new())
        self.buttons[Command.UNDO].clicked.connect(lambda *_: self.undo())
        self.search.chosen.connect(self._choose_class)
        self.search.scanned.connect(lambda code: self._after(self._presenter.scanned, code))
        self.search.closed.connect(self.close_search)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.banner.use_steps(
            (self.tr("Empty"), self.tr("Settling"), self.tr("Captured"), self.tr("Recognised"), self.tr("Answered"))
        )
        self.weight.use_titles(self.tr("Weight"), self.tr("Size"))
        self.buttons[Command.SEARCH].setText(self.tr("Search"))
        self.buttons[Command.NEW_PART].setText(self.tr("New part"))
        self.buttons[Command.UNDO].name(self.tr("Undo"), self.tr("Ctrl+Z"))
        self.search.retranslate()
        self._redraw()

    def refresh(self) -> None:
        """Pull the newest view and pictures; called by the window's timer."""
        view = self._presenter.view()
        if view != self._view:
            self._show(view)
        for role, tile in self.tiles.items():
            frame = self._cameras.preview(role)
            tile.show_picture(frame.color if frame else None, (frame.number, frame.arrival_ns) if frame else None)

    def _redraw(self) -> None:
        self._view = None
        self.refresh()

    def confirm(self) -> None:
        """Take the offered answer, the marked result of the search, or press the button that has the focus."""
        if self.searching:
            self.search.choose_marked()
            return
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton) and self.isAncestorOf(focus) and focus.isEnabled():
            focus.click()
            return
        self._after(self._presenter.confirm)

    def declare_new(self) -> None:
        """Answer that this is a new part."""
        self._after(self._presenter.declare_new)

    def undo(self) -> None:
        """Take the last answer back."""
        self._after(self._presenter.undo)

    def look_again(self) -> None:
        """Recognise the part once more."""
        self._after(self._presenter.look_again)

    def zero_scale(self) -> None:
        """Set the scale to zero."""
        self._after(self._presenter.zero_scale)

    def tare(self) -> None:
        """Take what lies on the plate for a tray."""
        self._after(self._presenter.tare)

    def open_search(self, text: str = "") -> None:
        """Show the search in the place of the cards."""
        if self._presenter.begin_search():
            self._stack.setCurrentWidget(self.search)
            self.search.open_with(text)
        self._redraw()

    def close_search(self) -> None:
        """Show the cards again."""
        if self.searching:
            self._stack.setCurrentIndex(0)
            self.setFocus()
            self._redraw()

    @property
    def searching(self) -> bool:
        """Whether the search is open."""
        return self._stack.currentWidget() is self.search

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read keys and scanner alike; everything else goes on to Qt."""
        key = event.key()
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if event.isAutoRepeat() or not plain:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self._keys.enter(self._clock()))
        elif key == Qt.Key.Key_Backspace:
            self.undo()
        elif key == Qt.Key.Key_Escape:
            self._after(self._presenter.dismiss)
        elif event.text().strip() and event.text().isprintable():
            self._do(self._keys.character(event.text(), self._clock()))
            self._settle.start(round(GAP_S * 1000) + 5)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keys from the start."""
        super().showEvent(event)
        self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the tiles keep their shape."""
        super().resizeEvent(event)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        """Take the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _do(self, typed: list[Typed]) -> None:
        for one in typed:
            focus = QApplication.focusWidget()
            if not one.text and isinstance(focus, QAbstractButton):
                self.confirm()
                continue
            search = self._presenter.typed(one)
            if search is not None:
                self.open_search(search)
        self.refresh()

    def _after(self, act: Callable[..., None], *given: object) -> None:
        act(*given)
        self.close_search()
        self.refresh()

    def _choose_class(self, class_id: str) -> None:
        self._after(self._presenter.choose_class, class_id)

    def _show(self, view: OperatorView) -> None:
        old, self._view = self._view, view
        step = list(Step).index(view.step)
        self.banner.show_view(BannerView(view.tone, view.sign, view.headline, view.detail, step))
        self.weight.show_view(view)
        self._show_texts(view)
        for tile in view.tiles:
            self.tiles[tile.role].show_view(tile)
        if old is None or (old.cards, old.allowed) != (view.cards, view.allowed):
            self._show_cards(view)
        for command, button in self.buttons.items():
            searched = self.searching and command is Command.CONFIRM
            button.setEnabled(searched or command in view.allowed)
        if self.searching and old is not None and old.capture_id != view.capture_id:
            self.close_search()

    def _show_texts(self, view: OperatorView) -> None:
        """Title, message and the main button's name; the search has its own."""
        confirm = self.buttons[Command.CONFIRM]
        if self.searching:
            self._headings.show_texts(self.tr("Search"))
            hint = self.tr("Type a name, a number or a tag. ↑ ↓ mark a part, Enter answers with it, Esc closes.")
            self.message.show_message(MessageView(Tone.IDLE, hint))
            confirm.setText(self.tr("Take the marked part"))
            return
        unlikely = next((c for c, shown in zip(self.cards, view.cards, strict=False) if not shown.in_question), None)
        self._headings.show_texts(view.cards_title, view.rest_title, unlikely)
        self.message.show_message(view.message)
        unknown = Command.CONFIRM in view.allowed and not view.confirms_first
        confirm.setText(self.tr("Confirm “unknown”") if unknown else self.tr("Confirm"))

    def _show_cards(self, view: OperatorView) -> None:
        allowed = Command.CHOOSE in view.allowed
        for place, card in enumerate(self.cards):
            shown = view.cards[place] if place < len(view.cards) else None
            picture = self._pictures.get(shown.class_id) if shown else None
            card.show_view(shown, picture, leads=view.confirms_first and place == 0, allowed=allowed)

    def _restyle(self) -> None:
        # A tile is as high as a 4:3 picture of its width wants, within bounds that leave the cards their place.
        width = (self.width() - 20) // max(len(self.tiles), 1) - 5
        height = min(max(width * 3 // 4, self._theme.px(80)), self._theme.px(104))
        for tile in self.tiles.values():
            tile.setFixedHeight(height)
