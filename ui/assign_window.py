"""The window in which cameras get their places: live pictures to point at, and the ten places of the rig."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from station.frames import ROLES
from ui.presenters.assigning import AssignPresenter
from ui.presenters.operator_view import BannerView, Sign, Tone
from ui.presenters.sources import CameraDoor
from ui.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.key_button import KeyButton
from ui.widgets.message import MessageLine
from ui.widgets.tile import CameraTile

REFRESH_MS = 66
COLUMNS = 5
_ARROWS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -COLUMNS,
    Qt.Key.Key_Down: COLUMNS,
}


class AssignWindow(QDialog):
    """Shows every camera live; accepted means that what was pointed at is to be written.

    Args:
        presenter: who has which place.
        cameras: the running cameras, each under a role for the time being.
        shown_as: that role by serial number.
        theme: tokens in force.
    """

    def __init__(
        self, presenter: AssignPresenter, cameras: CameraDoor, shown_as: Mapping[str, str], theme: Theme
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setWindowTitle(self.tr("Places of the cameras"))
        self._presenter = presenter
        self._cameras = cameras
        self._shown_as = dict(shown_as)
        self.banner = Banner(theme, (), self)
        self.tiles = {serial: PointedTile(theme, self) for serial in presenter.serials}
        self.places = {role: KeyButton(theme, str(number % 10), self) for number, role in enumerate(ROLES, start=1)}
        self.message = MessageLine(theme, self)
        self.write = KeyButton(theme, "Enter", self, main=True)
        self.leave = KeyButton(theme, "Esc", self)
        self._lay_out()
        for serial, tile in self.tiles.items():
            tile.pressed = lambda s=serial: self._after(lambda: presenter.choose(s))
        for role, button in self.places.items():
            button.clicked.connect(lambda *_, r=role: self._after(lambda: presenter.give(r)))
        self.write.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)
        self.write.name(self.tr("Write"))
        self.leave.name(self.tr("Leave without writing"))
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    def _lay_out(self) -> None:
        grid, places, buttons = QGridLayout(), QHBoxLayout(), QHBoxLayout()
        grid.setSpacing(6)
        for place, tile in enumerate(self.tiles.values()):
            grid.addWidget(tile, place // COLUMNS, place % COLUMNS)
        for button in self.places.values():
            places.addWidget(button, 1)
        buttons.addWidget(self.write, 2)
        buttons.addWidget(self.leave, 1)
        column = QVBoxLayout(self)
        column.addWidget(self.banner)
        column.addLayout(grid, 1)
        column.addLayout(places)
        column.addWidget(self.message)
        column.addLayout(buttons)

    def refresh(self) -> None:
        """Pull the newest pictures and what is known of them."""
        frames = {serial: self._cameras.preview(role) for serial, role in self._shown_as.items()}
        view = self._presenter.view({serial: frame is not None for serial, frame in frames.items()})
        self.banner.show_view(BannerView(Tone.WORKING, Sign.CAMERA, view.headline, view.detail, 0))
        self.message.show_message(view.message)
        for tile in view.tiles:
            widget, frame = self.tiles[tile.role], frames.get(tile.role)
            widget.show_view(tile)
            widget.show_picture(frame.color if frame else None, (frame.number, frame.arrival_ns) if frame else None)
            widget.mark(tile.role == view.chosen)
        for place in view.places:
            button = self.places[place.role]
            button.name(f"…{place.serial[-4:]}" if place.serial else self.tr("free"))
            button.setToolTip(place.serial)
            button.setProperty("main", place.given)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give a place by its digit, point with the arrows, write, leave."""
        key, text = Qt.Key(event.key()), event.text()
        if text.isdecimal() and len(text) == 1:
            self._after(lambda: self._presenter.give(ROLES[(int(text) - 1) % len(ROLES)]))
        elif key in _ARROWS:
            self._after(lambda: self._presenter.step(_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        else:
            super().keyPressEvent(event)

    def _after(self, act: Callable[[], None]) -> None:
        act()
        self.refresh()


class PointedTile(CameraTile):
    """A live view that can be pointed at."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._marked = False
        self.pressed: Callable[[], None] = lambda: None

    def mark(self, marked: bool) -> None:
        """Mark it as the one that is pointed at."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say that it was pointed at."""
        self.pressed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the view, and a frame when it is pointed at."""
        super().paintEvent(event)
        if self._marked:
            with QPainter(self) as painter:
                painter.setPen(QPen(QColor(self._theme.tone("working").strong), 6))
                painter.drawRect(self.rect().adjusted(3, 3, -3, -3))
