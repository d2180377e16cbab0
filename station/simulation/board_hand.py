"""A hand that holds a printed board up to the simulated cameras, as somebody does who calibrates the rig."""

from __future__ import annotations

from collections.abc import Sequence

from station.boards import Board
from station.simulation.board_places import BoardPlaces, Held
from station.simulation.held_board import hand_board
from station.simulation.live import SimulatedRig


class BoardHand:
    """Moves a board about in a started rig; every call returns when the board is seen lying still in the hand.

    It goes by the geometry that the rig handed over when the hand came, not by the truth. ``seed`` decides the places.
    Raises SimulationError for a board that cannot be held and CalibrationError for a rig that is not started.
    """

    def __init__(self, rig: SimulatedRig, board: Board, seed: int = 0) -> None:
        self._rig = rig
        self.board = hand_board(board)
        self._places = BoardPlaces(self.board, rig.calibration, seed)

    def show_somewhere(self, *, moving: bool = True) -> Held:
        """Hold the board at the next of an endless row of different places, each seen by several cameras."""
        return self._hold(self._places.somewhere(), moving)

    def show_to(self, roles: Sequence[str], *, moving: bool = True) -> Held:
        """Hold the board where these cameras see it whole, or as many of them as can, tilted and near or far.

        Raises SimulationError when there is no such camera, and when none of them can see the whole board.
        """
        return self._hold(self._places.towards(roles), moving)

    def take_away(self) -> None:
        """Take the board out of the rig."""
        self._rig.take_board_away()

    def _hold(self, held: Held, moving: bool) -> Held:
        self._rig.hold_board(self.board, held.pose, moving=moving)
        return held
