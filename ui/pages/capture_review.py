"""The review: captures as a grid or one of them with its ten views, what is known of it, and another label for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from station.frames import ROLES
from ui.presenters.capture_review import CaptureReview
from ui.presenters.capture_source import ClassFacts
from ui.presenters.capture_view import CaptureCommand, CaptureStep, ReviewView
from ui.theme import Theme
from ui.widgets.capture_grid import CaptureGrid, GridSource
from ui.widgets.class_picker import ClassPicker
from ui.widgets.fact_list import FactList
from ui.widgets.key_button import KeyButton
from ui.widgets.mask_tile import MaskTile
from ui.widgets.row_list import Row

COLUMNS = 5
FILTER_KEYS = {CaptureCommand.STATE: "F", CaptureCommand.SCOPE: "C", CaptureCommand.SPLITS: "S"}


class ReviewStep(QWidget):
    """Emits ``pressed`` with the command of a filter's button."""

    pressed = Signal(object)

    def __init__(
        self, theme: Theme, review: CaptureReview, clock: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._review = review
        self._classes: tuple[ClassFacts, ...] = ()
        self.filters = {command: KeyButton(theme, key, self) for command, key in FILTER_KEYS.items()}
        self.grid = CaptureGrid(
            theme,
            GridSource(review.cell, review.thumbnail, review.more, lambda: review.complete),
            self,
        )
        self.tiles = {role: MaskTile(theme, self) for role in ROLES}
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setProperty("role", "section")
        self.facts = FactList(theme, self)
        self.picker = ClassPicker(theme, clock, self)
        self.line, self.list = self.picker.line, self.picker.list
        self._empty = QLabel(self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("role", "muted")
        self._middle = QStackedWidget(self)
        self._right = QStackedWidget(self)
        self._lay_out()
        for command, button in self.filters.items():
            button.clicked.connect(lambda *_, c=command: self.pressed.emit(c))
        self.grid.marked.connect(review.mark)
        self.grid.doubleClicked.connect(lambda *_: self.pressed.emit(CaptureCommand.OPEN))
        self.picker.asked.connect(review.search.find)
        self.picker.scanned.connect(review.search.scan)
        self.picker.picked.connect(review.search.choose)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        ten = QWidget(self)
        tiles = QGridLayout(ten)
        tiles.setContentsMargins(0, 0, 0, 0)
        tiles.setSpacing(6)
        for place, tile in enumerate(self.tiles.values()):
            tiles.addWidget(tile, place // COLUMNS, place % COLUMNS)
        for panel in (self.grid, ten, self._empty):
            self._middle.addWidget(panel)
        known = QWidget(self)
        column = QVBoxLayout(known)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.facts, 1)
        for panel in (known, self.picker):
            self._right.addWidget(panel)
        above = QHBoxLayout()
        above.setSpacing(8)
        for button in self.filters.values():
            above.addWidget(button, 1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(above)
        left.addWidget(self._middle, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addLayout(left, 1)
        row.addWidget(self._right)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.line.setPlaceholderText(self.tr("Name or number"))
        self.picker.none.setText(self.tr("No class is called so."))

    def show_view(self, view: ReviewView, step: CaptureStep) -> None:
        """Take what is to be shown."""
        for command, text in view.filters:
            self.filters[command].name(text)
            self.filters[command].setEnabled(step in (CaptureStep.REVIEW, CaptureStep.VIEWS))
        self.title.setText(view.facts_title)
        self.facts.show_facts(view.facts)
        self._empty.setText(view.empty)
        self.grid.setEnabled(step is CaptureStep.REVIEW)
        self.grid.show_rows(view.version, view.count, view.marked)
        for tile in view.tiles:
            self.tiles[tile.role].show_view(tile)
        for shown in self.tiles.values():
            if shown.masks_shown != view.masks:
                shown.masks_shown = view.masks
                shown.update()
        self._middle.setCurrentIndex(1 if view.tiles else 2 if view.empty else 0)
        labelling = step is CaptureStep.CLASS
        if labelling != (self._right.currentIndex() == 1):
            self.line.blockSignals(True)
            self.line.clear()
            self.line.blockSignals(False)
            self._right.setCurrentIndex(1 if labelling else 0)

    def show_pictures(self) -> None:
        """Show the pictures and classes that have come meanwhile."""
        if self._middle.currentIndex() == 0:
            self.grid.show_pictures()
        else:
            marked = self._review.marked
            pictures = self._review.pictures
            for role, tile in self.tiles.items():
                picture = pictures.get(role)
                of = (marked.capture_id, picture is not None) if marked else None
                tile.show_picture(picture.color if picture else None, of)
                tile.show_mask(picture.mask if picture else None, of)
        if self._classes is not self._review.search.classes:
            self._classes = self._review.search.classes
            self.picker.show_rows(_rows(self._classes))

    def _restyle(self) -> None:
        self._right.setFixedWidth(self._theme.px(310))


def _rows(classes: Sequence[ClassFacts]) -> tuple[Row, ...]:
    return tuple(Row(one.class_id, one.name or one.number, one.number) for one in classes)
