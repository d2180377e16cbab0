"""Before a calibration: which board, which cameras, and the calibrations that are stored."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.presenters.boards_offered import OFFERED, PAPERS, board_choice
from ui.presenters.calibration_view import StartView
from ui.presenters.operator_view import Sign
from ui.presenters.tiles import role_label
from ui.presenters.wording import Wording
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.row_list import Row, RowList


class StartStep(QWidget):
    """Emits ``chosen`` when the board's id or the camera was changed."""

    chosen = Signal()

    def __init__(self, theme: Theme, roles: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._roles = roles
        self._words = Wording()
        self.offered = Choice(theme, self)
        self.board = QLineEdit(OFFERED[0], self)
        self.about = QLabel(self)
        self.about.setWordWrap(True)
        self.cameras = Choice(theme, self)
        self.paper = Choice(theme, self)
        self.paper.addItems(list(PAPERS))
        self.stored = RowList(theme, self)
        self._captions = {key: QLabel(self) for key in ("offered", "board", "cameras", "paper", "stored")}
        for caption in self._captions.values():
            caption.setProperty("role", "section")
        self._none = QLabel(self)
        self._none.setProperty("role", "muted")
        self._lay_out()
        self.offered.activated.connect(self._offer)
        self.board.textChanged.connect(self._describe)
        self.cameras.currentIndexChanged.connect(lambda *_: self.chosen.emit())

    def _lay_out(self) -> None:
        card = QFrame(self)
        card.setObjectName("card")
        left = QVBoxLayout(card)
        left.setContentsMargins(18, 14, 18, 14)
        left.setSpacing(6)
        for key, field in (("offered", self.offered), ("board", self.board)):
            left.addWidget(self._captions[key])
            left.addWidget(field)
        left.addWidget(self.about)
        left.addStretch(1)
        below = QHBoxLayout()
        for key, combo, share in (("cameras", self.cameras, 2), ("paper", self.paper, 1)):
            column = QVBoxLayout()
            column.addWidget(self._captions[key])
            column.addWidget(combo)
            below.addLayout(column, share)
        left.addLayout(below)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self._captions["stored"])
        right.addWidget(self._none)
        right.addWidget(self.stored, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(card, 1)
        row.addLayout(right, 1)

    @property
    def board_id(self) -> str:
        """The id in the line."""
        return self.board.text().strip()

    @property
    def only(self) -> str | None:
        """The role that is to be calibrated alone, ``None`` for all."""
        place = self.cameras.currentIndex() - 1
        return self._roles[place] if 0 <= place < len(self._roles) else None

    def retranslate(self, words: Wording) -> None:
        """Take the texts of the language in force."""
        self._words = words
        titles = {
            "offered": self.tr("Board"),
            "board": self.tr("Its id, as printed on the sheet"),
            "cameras": self.tr("Cameras"),
            "paper": self.tr("Paper to print on"),
            "stored": self.tr("Stored calibrations"),
        }
        for key, text in titles.items():
            self._captions[key].setText(text)
        self._none.setText(self.tr("None is stored yet."))
        names = [board_choice(board_id, words).name for board_id in OFFERED]
        cameras = [self.tr("All cameras"), *(self.tr("Camera {0} alone").format(role_label(r)) for r in self._roles)]
        self.offered.rename([*names, self.tr("Another board, by its id")])
        self.cameras.rename(cameras)
        self._describe()

    def show_view(self, view: StartView) -> None:
        """Take what is stored."""
        rows = [Row(one.id, one.title, one.detail, Sign.CHECK if one.active else None) for one in view.stored]
        self.stored.show_rows(tuple(rows))
        self._none.setVisible(not rows)

    def move_mark(self, step: int) -> None:
        """Mark another stored calibration."""
        self.stored.step(step)

    def _offer(self, place: int) -> None:
        if place < len(OFFERED):
            self.board.setText(OFFERED[place])
        else:
            self.board.setFocus()
            self.board.selectAll()

    def _describe(self) -> None:
        choice = board_choice(self.board_id, self._words)
        self.about.setText(choice.text)
        self.paper.setCurrentText(choice.paper)
        place = OFFERED.index(self.board_id) if self.board_id in OFFERED else len(OFFERED)
        self.offered.setCurrentIndex(place)
        self.chosen.emit()
