"""The live step of a calibration: ten tiles, the pairs that are tied, and the pictures that were taken."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.presenters.calibration_view import CollectView
from ui.presenters.operator_view import Sign
from ui.presenters.sources import CameraDoor
from ui.theme import Theme
from ui.widgets.board_tile import BoardTile
from ui.widgets.pair_matrix import PairMatrix
from ui.widgets.row_list import Row, RowList

COLUMNS = 5


class CollectStep(QWidget):
    """Shows the plate's and the board's step; in the plate's, pairs and pictures are not there yet."""

    def __init__(self, theme: Theme, cameras: CameraDoor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cameras = cameras
        self.tiles = {role: BoardTile(theme, self) for role in cameras.roles}
        self.matrix = PairMatrix(theme, self)
        self.pictures = RowList(theme, self)
        self._pairs_title = QLabel(self)
        self._pairs_text = QLabel(self)
        self._pairs_text.setWordWrap(True)
        self._pictures_title = QLabel(self)
        for label in (self._pairs_title, self._pictures_title):
            label.setProperty("role", "section")
        self._side = QWidget(self)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for place, tile in enumerate(self.tiles.values()):
            grid.addWidget(tile, place // COLUMNS, place % COLUMNS)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addWidget(self._pairs_title)
        side.addWidget(self.matrix, 5)
        side.addWidget(self._pairs_text)
        side.addWidget(self._pictures_title)
        side.addWidget(self.pictures, 3)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(grid, 1)
        row.addWidget(self._side)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._pairs_title.setText(self.tr("Pictures that two cameras share"))

    def show_view(self, view: CollectView, *, with_pictures: bool) -> None:
        """Take tiles, pairs and pictures; ``with_pictures``: the board's step."""
        for tile in view.tiles:
            self.tiles[tile.role].show_view(tile)
        self._side.setVisible(with_pictures)
        self.matrix.show_view(view.matrix)
        self._pairs_text.setText(view.matrix.summary)
        self._pictures_title.setText(view.pictures_title)
        self.pictures.show_rows(
            tuple(
                Row(one.placement, one.title, one.detail, Sign.CROSS if one.dropped else Sign.CHECK, one.dropped)
                for one in view.pictures
            )
        )

    def show_pictures(self) -> None:
        """Pull the newest picture of every camera."""
        for role, tile in self.tiles.items():
            frame = self._cameras.preview(role)
            tile.show_picture(frame.color if frame else None, (frame.number, frame.arrival_ns) if frame else None)

    def move_mark(self, step: int) -> None:
        """Mark another picture."""
        self.pictures.step(step)

    def _restyle(self) -> None:
        self._side.setFixedWidth(self._theme.px(290))
        # two lines are kept for the sentence, so that nothing below it jumps
        self._pairs_text.setFixedHeight(self._theme.px(44))
