"""The result of a calibration: figures per camera, what was found, and the pictures with the largest errors."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.presenters.calibration_view import ResultView
from ui.theme import Theme
from ui.widgets.figures_table import FiguresTable
from ui.widgets.findings import Findings
from ui.widgets.worst_pictures import Fetch, WorstPictures


class ResultStep(QWidget):
    """Emits ``toggled`` with the placement whose mark is to be changed."""

    toggled = Signal(str)

    def __init__(self, theme: Theme, fetch: Fetch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = FiguresTable(theme, self)
        self.findings = Findings(theme, self)
        self.worst = WorstPictures(theme, fetch, self)
        self.worst.toggled.connect(self.toggled)
        self._findings_title = QLabel(self)
        self._worst_title = QLabel(self)
        for label in (self._findings_title, self._worst_title):
            label.setProperty("role", "section")
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self._findings_title)
        right.addWidget(self.findings, 2)
        right.addWidget(self._worst_title)
        right.addWidget(self.worst, 3)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.table, 3)
        row.addLayout(right, 2)

    def show_view(self, view: ResultView) -> None:
        """Take figures, sentences and pictures."""
        self.table.show_figures(view.titles, view.cameras)
        self.findings.show_sentences(view.findings)
        self._findings_title.setText(view.findings_title)
        self._worst_title.setText(view.worst_title)
        self.worst.show_views(view.worst)
