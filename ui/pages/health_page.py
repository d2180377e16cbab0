"""The health page: every camera's figures, what the calibration's checks say, and their trend over days."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.presenters.health import HealthPresenter
from ui.presenters.health_view import HealthView
from ui.presenters.wording import Wording
from ui.theme import Theme
from ui.widgets.health_table import HealthTable
from ui.widgets.key_button import KeyButton
from ui.widgets.message import MessageLine

if TYPE_CHECKING:
    from ui.widgets.trend_plot import TrendPlot


class HealthPage(QWidget):
    """Draws the presenter's view and passes keys and presses on to it.

    The table stands above; below it a row of panels, the plot first and what is to be done beside it.
    """

    def __init__(self, presenter: HealthPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._theme = theme
        self._words = Wording()
        self._view: HealthView | None = None
        self.summary = MessageLine(theme, self)
        self.table = HealthTable(theme, self)
        self.plot: TrendPlot | None = None
        self.message = MessageLine(theme, self)
        self.check = KeyButton(theme, "F5", self, main=True)
        self._plot_title = _section(self)
        self._warnings_title = _section(self)
        self._warnings = QLabel(self)
        self._warnings.setWordWrap(True)
        self._warnings.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(self._warnings)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._warnings.setAutoFillBackground(False)
        self._lay_out()
        self.table.chosen.connect(self._choose)
        self.check.clicked.connect(lambda *_: self._after(self._presenter.check))
        self.retranslate(self._words)

    def _lay_out(self) -> None:
        self._drawing = QVBoxLayout()
        self._drawing.addWidget(self._plot_title)
        side = QVBoxLayout()
        side.addWidget(self._warnings_title)
        side.addWidget(self._scroll, 1)
        side.addWidget(self.check)
        self._panels = QHBoxLayout()
        self._panels.setSpacing(12)
        self._panels.addLayout(self._drawing, 3)
        self._panels.addLayout(side, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(self.table)
        column.addLayout(self._panels, 1)
        column.addWidget(self.message)

    @property
    def warnings_text(self) -> str:
        """What is said to the technician."""
        return self._warnings.text()

    def retranslate(self, words: Wording) -> None:
        """Take the texts of the language in force."""
        self._words = words
        self._plot_title.setText(self.tr("Drift over days: distance from the calibrated place in mm"))
        self._warnings_title.setText(self.tr("For the technician"))
        self._view = None
        self.refresh()

    def refresh(self) -> None:
        """Pull the newest view; called by the window's timer while the page is shown."""
        view = self._presenter.view()
        if view is not self._view:
            self._show(view)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin the check, choose a camera; everything else goes on to Qt."""
        key = event.key()
        if event.isAutoRepeat() and key == Qt.Key.Key_F5:
            return
        if key == Qt.Key.Key_F5:
            self._after(self._presenter.check)
        elif key == Qt.Key.Key_Escape:
            self._after(self._presenter.dismiss)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._presenter.step(1 if key == Qt.Key.Key_Down else -1)
            self.refresh()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keys; the plot is made when it is first needed, for its library takes its time to load."""
        super().showEvent(event)
        if self.plot is None:
            from ui.widgets.trend_plot import TrendPlot

            self.plot = TrendPlot(self._theme, self)
            self._drawing.addWidget(self.plot, 1)
            self._view = None
        self.setFocus()
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew in the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._view = None
        super().changeEvent(event)

    def _choose(self, role: str) -> None:
        self._presenter.choose(role)
        self.refresh()

    def _after(self, act: Callable[[], None]) -> None:
        act()
        self.refresh()

    def _show(self, view: HealthView) -> None:
        self._view = view
        self.summary.show_message(view.summary)
        self.table.show_rows(view.titles, view.rows, view.chosen)
        self.message.show_message(view.message)
        nothing = self.tr("Nothing is to be done.")
        self._warnings.setText("\n".join(f"•  {text}" for text in view.warnings) or nothing)
        self.check.setText(self.tr("End the check") if view.checking else self.tr("Daily check"))
        self.check.setEnabled(view.may_check)
        if self.plot is not None:
            self.plot.show_view(view.trend, self._words)


def _section(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", "section")
    return label
