"""The health page: the station's and every camera's figures, what ails them, ten minutes of it, and the drift."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ui.presenters.health import HealthPresenter
from ui.presenters.health_view import HealthView, PlotKind, TableSection
from ui.presenters.wording import Wording
from ui.theme import Theme
from ui.widgets.figure_tiles import FigureTiles
from ui.widgets.health_table import HealthTable
from ui.widgets.key_button import KeyButton
from ui.widgets.message import MessageLine

if TYPE_CHECKING:
    from ui.widgets.recent_plot import RecentPlot
    from ui.widgets.trend_plot import TrendPlot


class HealthPage(QWidget):
    """Draws the presenter's view and passes keys and presses on to it.

    What is most urgent and the station's figures stand above, then the table; below it the plot, and what is to be
    done beside it.
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
        self.tiles = FigureTiles(theme, self)
        self.table = HealthTable(theme, self)
        self.trend: TrendPlot | None = None
        self.recent: RecentPlot | None = None
        self.message = MessageLine(theme, self)
        self.check = KeyButton(theme, "F5", self, main=True)
        self.switch_table = KeyButton(theme, "F2", self)
        self.switch_plot = KeyButton(theme, "F8", self)
        self.earlier = KeyButton(theme, "←", self)
        self.later = KeyButton(theme, "→", self)
        self._plot_title = _section(self)
        self._plot_title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
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
        for button, act in (
            (self.check, presenter.check),
            (self.switch_table, presenter.switch_table),
            (self.switch_plot, presenter.switch_plot),
            (self.earlier, lambda: presenter.step_quantity(-1)),
            (self.later, lambda: presenter.step_quantity(1)),
        ):
            button.clicked.connect(lambda *_, act=act: self._after(act))
        self.retranslate(self._words)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.summary, 2)
        above.addWidget(self.tiles, 4)
        choice = QHBoxLayout()
        choice.setSpacing(8)
        for button in (self.earlier, self.later):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            choice.addWidget(button)
        choice.addWidget(self._plot_title, 3)
        choice.addWidget(self.switch_plot, 2)
        self._plots = QStackedLayout()
        drawing = QVBoxLayout()
        drawing.setSpacing(6)
        drawing.addLayout(choice)
        drawing.addLayout(self._plots, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.switch_table, 1)
        buttons.addWidget(self.check, 1)
        side = QVBoxLayout()
        side.addWidget(self._warnings_title)
        side.addWidget(self._scroll, 1)
        side.addLayout(buttons)
        panels = QHBoxLayout()
        panels.setSpacing(12)
        panels.addLayout(drawing, 3)
        panels.addLayout(side, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addLayout(above)
        column.addWidget(self.table)
        column.addLayout(panels, 1)
        column.addWidget(self.message)

    @property
    def warnings_text(self) -> str:
        """What is said to the technician."""
        return self._warnings.text()

    @property
    def plot_title(self) -> str:
        """What the plot shows."""
        return self._plot_title.text()

    def retranslate(self, words: Wording) -> None:
        """Take the texts of the language in force."""
        self._words = words
        self._warnings_title.setText(self.tr("For the technician"))
        self.earlier.setToolTip(self.tr("The figure before"))
        self.later.setToolTip(self.tr("The next figure"))
        for button in (self.earlier, self.later):
            button.setAccessibleName(button.toolTip())
        self._view = None
        self.refresh()

    def refresh(self) -> None:
        """Pull the newest view; called by the window's timer while the page is shown."""
        view = self._presenter.view()
        if view is not self._view:
            self._show(view)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose camera, figure and plot, begin the check; everything else goes on to Qt."""
        presenter = self._presenter
        acts: dict[int, tuple[Callable[[], None], bool]] = {
            Qt.Key.Key_F5: (presenter.check, False),
            Qt.Key.Key_F2: (presenter.switch_table, False),
            Qt.Key.Key_F8: (presenter.switch_plot, False),
            Qt.Key.Key_Escape: (presenter.dismiss, False),
            Qt.Key.Key_Down: (lambda: presenter.step(1), True),
            Qt.Key.Key_Up: (lambda: presenter.step(-1), True),
            Qt.Key.Key_Right: (lambda: presenter.step_quantity(1), True),
            Qt.Key.Key_Left: (lambda: presenter.step_quantity(-1), True),
        }
        found = acts.get(event.key())
        if found is None:
            super().keyPressEvent(event)
            return
        act, repeats = found
        if repeats or not event.isAutoRepeat():
            self._after(act)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keys; the plots are made when they are first needed, for their library takes its time to load."""
        super().showEvent(event)
        if self.trend is None:
            from ui.widgets.recent_plot import RecentPlot
            from ui.widgets.trend_plot import TrendPlot

            self.recent = RecentPlot(self._theme, self)
            self.trend = TrendPlot(self._theme, self)
            self._plots.addWidget(self.recent)
            self._plots.addWidget(self.trend)
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
        self.tiles.show_tiles(view.tiles)
        self.table.show_rows(view.columns, view.rows, view.chosen)
        self.message.show_message(view.message)
        nothing = self.tr("Nothing is to be done.")
        self._warnings.setText("\n".join(f"•  {text}" for text in view.warnings) or nothing)
        self.check.setText(self.tr("End the check") if view.checking else self.tr("Daily check"))
        self.check.setEnabled(view.may_check)
        pictures = view.section is TableSection.PICTURES
        self.switch_table.setText(self.tr("Places") if pictures else self.tr("Pictures"))
        recent = view.plot_kind is PlotKind.RECENT
        self.switch_plot.setText(self.tr("Drift over days") if recent else self.tr("Last ten minutes"))
        self._plot_title.setText(view.plot_title)
        self._show_plot(view, recent)

    def _show_plot(self, view: HealthView, recent: bool) -> None:
        """Draw the plot that is seen; the other one waits until it is."""
        if self.recent is None or self.trend is None:
            return
        if recent:
            self.recent.show_view(view.recent, self.tr("min"))
        else:
            self.trend.show_view(view.trend, self._words)
        self._plots.setCurrentWidget(self.recent if recent else self.trend)


def _section(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", "section")
    return label
