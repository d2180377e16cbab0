"""The running session: ring and plan, ten views with the part's outline, what the gates say, and the balance."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from station.workflow.status import CapturedPart
from ui.presenters.capture_view import CaptureStep, SessionView
from ui.presenters.sources import CameraDoor
from ui.theme import Theme
from ui.widgets.balance_bars import BalanceBars
from ui.widgets.gate_list import GateList
from ui.widgets.key_button import KeyButton
from ui.widgets.mask_tile import MaskTile
from ui.widgets.plan_rows import PlanRows
from ui.widgets.progress_ring import ProgressRing

COLUMNS = 5
MOST_REASONS = 6


class SessionStep(QWidget):
    """Emits ``reasoned`` with the reason for which a look is to be kept in spite of its warnings."""

    reasoned = Signal(str)

    def __init__(self, theme: Theme, cameras: CameraDoor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cameras = cameras
        self._view: SessionView | None = None
        self.tiles = {role: MaskTile(theme, self) for role in cameras.roles}
        self.ring = ProgressRing(theme, self)
        self.plan = PlanRows(theme, self)
        self.gates = GateList(theme, self)
        self.bars = BalanceBars(theme, self)
        self.title = QLabel(self)
        self.detail = QLabel(self)
        self.detail.setProperty("role", "muted")
        for label in (self.title, self.detail):
            label.setWordWrap(True)
        self._gates_title = QLabel(self)
        self._bars_title = QLabel(self)
        self._reasons_title = QLabel(self)
        for label in (self._gates_title, self._bars_title, self._reasons_title):
            label.setProperty("role", "section")
            label.setWordWrap(True)
        self.reasons = [KeyButton(theme, str(number), self) for number in range(1, MOST_REASONS + 1)]
        self.own = QLineEdit(self)
        self._side = QWidget(self)
        self._right = QStackedWidget(self)
        self._lay_out()
        for button in self.reasons:
            button.clicked.connect(lambda *_, b=button: self.reasoned.emit(b.text()))
        theme.changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        left = QVBoxLayout(self._side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(4)
        left.addWidget(self.title)
        left.addWidget(self.detail)
        left.addWidget(self.ring, 1)
        left.addWidget(self.plan)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for place, tile in enumerate(self.tiles.values()):
            grid.addWidget(tile, place // COLUMNS, place % COLUMNS)
        middle = QVBoxLayout()
        middle.setSpacing(6)
        middle.addLayout(grid, 3)
        middle.addWidget(self._bars_title)
        middle.addWidget(self.bars, 1)
        judged, asked = QWidget(self), QWidget(self)
        for panel, widgets in (
            (judged, (self._gates_title, self.gates)),
            (asked, (self._reasons_title, *self.reasons, self.own)),
        ):
            column = QVBoxLayout(panel)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(6)
            for widget in widgets:
                column.addWidget(widget, 1 if widget is self.gates else 0)
            if panel is asked:
                column.addStretch(1)
            self._right.addWidget(panel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self._side)
        row.addLayout(middle, 1)
        row.addWidget(self._right)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._bars_title.setText(self.tr("This class and the smallest ones: training + validation + test"))
        self._reasons_title.setText(self.tr("The reason is kept with the capture"))
        self.own.setPlaceholderText(self.tr("Another reason"))

    def show_view(self, view: SessionView, step: CaptureStep) -> None:
        """Take what is to be shown."""
        self._view = view
        self.title.setText(view.class_title)
        self.detail.setText(view.class_detail)
        self.ring.show_view(view.ring)
        self.plan.show_rows(view.plan)
        self._gates_title.setText(view.gates_title)
        self.gates.show_gates(view.gates)
        self.bars.show_bars(view.balance)
        for number, button in enumerate(self.reasons):
            button.setVisible(number < len(view.reasons))
            if number < len(view.reasons):
                button.name(view.reasons[number].text)
        for one in view.tiles:
            tile = self.tiles[one.tile.role]
            tile.show_view(one.tile)
            tile.mark_faulty(one.faulty)
        asking = step is CaptureStep.REASON
        if asking != (self._right.currentIndex() == 1):
            self.own.clear()
            self._right.setCurrentIndex(1 if asking else 0)

    def show_pictures(self, look: CapturedPart | None) -> None:
        """Show the look's pictures with the part's outline, or the live ones while there is no look."""
        shown = self._view.tiles if self._view is not None else ()
        location = look.location if look is not None else None
        for one in shown:
            role, tile = one.tile.role, self.tiles[one.tile.role]
            frame = look.frameset.frames.get(role) if look is not None and one.look_id else None
            if look is not None and frame is not None and location is not None:
                tile.show_picture(frame.color, look.capture_id)
                tile.show_mask(location.mask.get(role), look.capture_id)
                continue
            live = self._cameras.preview(role)
            tile.show_picture(live.color if live else None, (live.number, live.arrival_ns) if live else None)
            tile.show_mask(None, None)

    def press_reason(self, number: int) -> None:
        """Choose the reason with this digit."""
        if 1 <= number <= MOST_REASONS and not self.reasons[number - 1].isHidden():
            self.reasons[number - 1].click()

    def _restyle(self) -> None:
        sizes = self._theme.tokens.measures
        self._side.setFixedWidth(self._theme.px(270))
        self._right.setFixedWidth(self._theme.px(310))
        self.title.setFont(self._theme.font(sizes.title, bold=True))
