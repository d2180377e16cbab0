"""The hand at the simulated rig: what comes onto the plate, a board before the cameras, a camera's plug and place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from station.simulation.faults import CAMERA_FAULTS, PLATE_FAULTS, SCALE_FAULTS, FaultName, place_of
from station.simulation.situations import Situation
from ui.presenters.sources import SimulationControls
from ui.presenters.tiles import role_label


class SimulationStrip(QFrame):
    """Buttons that do to the simulated rig what hands do to a real one.

    ``hold`` holds the board in the next place, ``lay`` lays the part of a capture session as it is asked for.
    """

    def __init__(
        self,
        controls: SimulationControls,
        hold: Callable[[], None],
        lay: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("simulation")
        self._controls = controls
        self._title = QLabel(self)
        self._title.setProperty("role", "section")
        self.next = self._button(controls.next_part)
        self.strange = self._button(controls.next_unknown_part)
        self.clear = self._button(controls.clear)
        self.lay = self._button(lay)
        self.situation = self._button(None)
        self._situation_menu = QMenu(self)
        self._situation_menu.aboutToShow.connect(self._fill_situations)
        self.situation.setMenu(self._situation_menu)
        self.hold = self._button(hold)
        self.away = self._button(controls.take_board_away)
        self.knock = self._button(None)
        self.plug = self._button(None)
        self._knock_menu = QMenu(self)
        self._knock_menu.aboutToShow.connect(self._fill_knocks)
        self.knock.setMenu(self._knock_menu)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.plug.setMenu(self._menu)
        self.fault = self._button(None)
        self._fault_menu = QMenu(self)
        self._fault_menu.aboutToShow.connect(self._fill_faults)
        self.fault.setMenu(self._fault_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(6)
        row.addWidget(self._title)
        hands = (self.next, self.lay, self.strange, self.clear, self.situation, self.hold, self.away)
        for button in (*hands, self.knock, self.plug, self.fault):
            row.addWidget(button)
        self.show_hands(parts=True)
        self.retranslate()

    def show_hands(self, *, parts: bool = False, board: bool = False, session: bool = False) -> None:
        """Show the buttons for parts, for the board, for a capture session's part; cameras can be knocked anywhere."""
        for button in (self.next, self.strange, self.situation):
            button.setVisible(parts)
        self.lay.setVisible(session)
        self.clear.setVisible(parts or session)
        for button in (self.hold, self.away):
            button.setVisible(board)
        # Beside the parts there is no room for it; the menu of faults has the plugs, too.
        for button in (self.knock, self.plug):
            button.setVisible(not parts)
        self.adjustSize()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._title.setText(self.tr("Simulation"))
        self.next.setText(self.tr("Next part  F6"))
        self.lay.setText(self.tr("Lay the part  F6"))
        self.strange.setText(self.tr("Unlearned part  F7"))
        self.clear.setText(self.tr("Take off  F8"))
        self.situation.setText(self.tr("Situations"))
        self.hold.setText(self.tr("Hold the board  F6"))
        self.away.setText(self.tr("Take it away  F7"))
        self.knock.setText(self.tr("Knock a camera"))
        self.plug.setText(self.tr("Pull a camera"))
        self.fault.setText(self.tr("Faults"))

    def _button(self, pressed: Callable[[], None] | None) -> QPushButton:
        button = QPushButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if pressed is not None:
            button.clicked.connect(lambda *_: pressed())
        return button

    def _fill_situations(self) -> None:
        menu = self._situation_menu
        menu.clear()
        held = self._controls.faults()
        for fault in PLATE_FAULTS:
            self._let_toggle(menu.addAction(self._fault_text(fault)), fault, None, (fault, place_of(fault)) in held)
        menu.addSeparator()
        for situation in Situation:
            action = menu.addAction(self._situation_text(situation))
            action.triggered.connect(lambda *_, s=situation: self._controls.arrange(s))

    def _situation_text(self, situation: Situation) -> str:
        texts = {
            Situation.TWO_PARTS: self.tr("Two parts"),
            Situation.BEYOND: self.tr("A part beyond the plate"),
            Situation.EXCHANGE: self.tr("Exchange the part in one move"),
            Situation.LIGHT_PART: self.tr("A part too light for the scale"),
            Situation.TRAY: self.tr("Put a tray down (then tare it: Ctrl+T)"),
            Situation.NO_TRAY: self.tr("Take the tray away"),
        }
        return texts[situation]

    def _fill_menu(self) -> None:
        self._menu.clear()
        for role, plugged in self._controls.plugged().items():
            action = self._menu.addAction(self.tr("Camera {0} plugged in").format(role_label(role)))
            action.setCheckable(True)
            action.setChecked(plugged)
            action.triggered.connect(lambda on, r=role: self._controls.plug(r, on))

    def _fill_knocks(self) -> None:
        self._knock_menu.clear()
        for role in self._controls.plugged():
            action = self._knock_menu.addAction(self.tr("Knock camera {0}").format(role_label(role)))
            action.triggered.connect(lambda *_, r=role: self._controls.knock(r))

    def _fill_faults(self) -> None:
        self._fault_menu.clear()
        held = self._controls.faults()
        for fault in CAMERA_FAULTS:
            cameras = self._fault_menu.addMenu(self._fault_text(fault))
            for role in self._controls.plugged():
                action = cameras.addAction(self.tr("Camera {0}").format(role_label(role)))
                self._let_toggle(action, fault, role, (fault, role) in held)
        self._fault_menu.addSeparator()
        for fault in SCALE_FAULTS:
            action = self._fault_menu.addAction(self._fault_text(fault))
            self._let_toggle(action, fault, None, (fault, place_of(fault)) in held)

    def _let_toggle(self, action: QAction, fault: FaultName, role: str | None, held: bool) -> None:
        action.setCheckable(True)
        action.setChecked(held)
        action.triggered.connect(lambda on: self._controls.set_fault(fault, role, on))

    def _fault_text(self, fault: FaultName) -> str:
        texts = {
            FaultName.UNPLUG: self.tr("Unplugged"),
            FaultName.STALL: self.tr("Sends nothing"),
            FaultName.DEAD_DEPTH: self.tr("Depth dead"),
            FaultName.FROZEN_PICTURE: self.tr("Picture frozen"),
            FaultName.LATE_FRAMES: self.tr("Pictures late"),
            FaultName.LOST_FRAMES: self.tr("Pictures lost"),
            FaultName.CLOCK_JUMP: self.tr("Clock jumps"),
            FaultName.WHITE_BALANCE: self.tr("White balance wrong"),
            FaultName.DIRTY_LENS: self.tr("Lens dirty"),
            FaultName.USB_2: self.tr("On USB 2"),
            FaultName.SCALE_SILENT: self.tr("Scale silent"),
            FaultName.SCALE_NOISY: self.tr("Scale noisy"),
            FaultName.SCALE_GARBAGE: self.tr("Scale sends nonsense"),
            FaultName.SCALE_DRIFT: self.tr("Scale drifts"),
            FaultName.HAND: self.tr("A hand over the plate"),
            FaultName.CABLE: self.tr("A cable on the plate"),
        }
        return texts[fault]
