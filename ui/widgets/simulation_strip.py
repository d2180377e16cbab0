"""The hand at the simulated plate: put a part on, take it off, pull a camera's plug."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from ui.presenters.sources import SimulationControls
from ui.presenters.tiles import role_label


class SimulationStrip(QFrame):
    """Buttons that do to the simulated rig what hands do to a real one."""

    def __init__(self, controls: SimulationControls, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("simulation")
        self._controls = controls
        self._title = QLabel(self)
        self._title.setProperty("role", "section")
        self._next = self._button(controls.next_part)
        self._strange = self._button(controls.next_unknown_part)
        self._clear = self._button(controls.clear)
        self._cameras = self._button(None)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._cameras.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        for widget in (self._title, self._next, self._strange, self._clear, self._cameras):
            row.addWidget(widget)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._title.setText(self.tr("Simulation"))
        self._next.setText(self.tr("Next part  F6"))
        self._strange.setText(self.tr("Unlearned part  F7"))
        self._clear.setText(self.tr("Take off  F8"))
        self._cameras.setText(self.tr("Pull a camera"))

    def _button(self, pressed: Callable[[], None] | None) -> QPushButton:
        button = QPushButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if pressed is not None:
            button.clicked.connect(lambda *_: pressed())
        return button

    def _fill_menu(self) -> None:
        self._menu.clear()
        for role, plugged in self._controls.plugged().items():
            action = self._menu.addAction(self.tr("Camera {0} plugged in").format(role_label(role)))
            action.setCheckable(True)
            action.setChecked(plugged)
            action.triggered.connect(lambda on, r=role: self._controls.plug(r, on))
