"""The hand at the simulated rig: parts, the printed board, knocked cameras; it does not make the window wait."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor

from station.boards import board_from_id
from station.errors import StationError
from station.frames import ROLES
from station.simulation.board_hand import BoardHand
from station.simulation.fault_run import FaultBoard
from station.simulation.faults import FaultName
from station.simulation.live import SimulatedRig
from station.simulation.situations import Situation

_KNOCK_M, _KNOCK_DEG = 0.003, 0.5
"""How far a knocked camera moves, and how far it turns."""
_LEFT, _RIGHT, _EDGE = (0.13, 0.19), (0.34, 0.19), (-0.01, 0.19)
"""Where two parts lie beside each other, and where one reaches beyond the plate, metres."""
_LIGHT_KG = 1e-4


class DemoHand:
    """Acts on the simulated rig in a thread of its own named ``hand``; an action asked for meanwhile waits its turn.

    ``faults`` is the board of the faults on purpose; ``known`` and ``unknown`` are the classes that the model was
    trained on and those it has never seen, ``small`` those of the known ones of which two lie well side by side.
    """

    def __init__(
        self,
        rig: SimulatedRig,
        faults: FaultBoard,
        known: Sequence[str],
        unknown: Sequence[str],
        seed: int,
        *,
        small: Sequence[str] = (),
    ) -> None:
        self._rig = rig
        self._faults = faults
        self._known = tuple(known)
        self._unknown = tuple(unknown)
        self._small = tuple(small) or self._known
        self._seed = seed
        self._rng = random.Random(f"{seed} hand")
        self._boards: dict[str, BoardHand] = {}
        self._laid = ""
        """The class that a capture session's hand laid last, while it lies there."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hand")
        self._busy = threading.Semaphore(2)
        self._trouble: str | None = None

    def next_part(self) -> None:
        """Exchange what lies on the plate for another part the model knows."""
        self._exchange(self._known)

    def next_unknown_part(self) -> None:
        """Exchange what lies on the plate for a part the model has never seen."""
        self._exchange(self._unknown or self._known)

    def clear(self) -> None:
        """Take everything off the plate."""
        self._laid = ""
        self._do(self._rig.clear)

    def lay(self, class_id: str, turn_deg: float) -> None:
        """Lay a part of this class down: turned by so much where it lies already, or anew for 0.

        A class that was made just now is played by a part of the library that the model does not know.
        """
        if class_id == self._laid and turn_deg:
            self._do(lambda: self._rig.turn(turn_deg))
            return
        seed = self._rng.randrange(2**31)
        played_by = class_id
        if class_id not in (*self._known, *self._unknown):
            played_by = random.Random(class_id).choice(self._unknown or self._known)
        self._do(lambda: self._rig.place(played_by, seed))
        self._laid = class_id

    def arrange(self, situation: Situation) -> None:
        """Do at the plate what makes this situation."""
        part, seed = self._rng.choice(self._small), self._rng.randrange(2**31)
        other = self._rng.choice(self._small)
        match situation:
            case Situation.TWO_PARTS:
                self._do(lambda: self._lay_two((part, other), seed))
            case Situation.BEYOND:
                self._do(lambda: self._rig.place(part, seed, at=_EDGE))
            case Situation.EXCHANGE:
                self._do(lambda: self._rig.place(part, seed, moving=False))
            case Situation.LIGHT_PART:
                self._do(lambda: self._rig.place(part, seed, weight_kg=_LIGHT_KG))
            case Situation.TRAY:
                self._do(self._rig.put_tray)
            case Situation.NO_TRAY:
                self._do(self._rig.take_tray)

    def hold_board(self, board_id: str, roles: tuple[str, ...]) -> None:
        """Hold a printed board where these cameras see it well; with no roles at the next of many places."""
        self._do(lambda: self._show(board_id, roles))

    def take_board_away(self) -> None:
        """Take the printed board out of all pictures."""
        self._do(self._rig.take_board_away)

    def knock(self, role: str) -> None:
        """Knock a camera in some direction, by 3 mm and 0.5°."""
        shift, turn = self._direction(_KNOCK_M), self._direction(_KNOCK_DEG)
        self._do(lambda: self._rig.knock(role, shift, turn))

    def plugged(self) -> Mapping[str, bool]:
        """Return, per role, whether the simulated camera is plugged in."""
        held = self._faults.held
        return {role: (FaultName.UNPLUG, role) not in held for role in ROLES}

    def plug(self, role: str, plugged: bool) -> None:
        """Plug a simulated camera in or pull it out; takes no time, so it does not wait for the hand."""
        self.set_fault(FaultName.UNPLUG, role, not plugged)

    def faults(self) -> Set[tuple[FaultName, str]]:
        """Return the faults on purpose that hold now, each with its camera's role, ``"scale"`` or ``"plate"``."""
        return self._faults.held

    def set_fault(self, fault: FaultName, role: str | None, on: bool) -> None:
        """Begin or end a fault on purpose; only those of the plate take their time and wait for the hand."""
        if fault.of_plate:
            self._do(lambda: self._faults.set(fault, role, on))
            return
        try:
            self._faults.set(fault, role, on)
        except StationError as error:
            self._trouble = str(error)

    def take_trouble(self) -> str | None:
        """Return the sentence of the newest action that failed, once."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def close(self) -> None:
        """Wait for the action under way and end the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _exchange(self, classes: Sequence[str]) -> None:
        class_id = self._rng.choice(classes)
        seed = self._rng.randrange(2**31)
        self._laid = ""
        self._do(lambda: self._rig.place(class_id, seed))

    def _lay_two(self, classes: tuple[str, str], seed: int) -> None:
        self._rig.place(classes[0], seed, at=_LEFT)
        self._rig.place(classes[1], seed + 1, at=_RIGHT, add=True)

    def _show(self, board_id: str, roles: tuple[str, ...]) -> None:
        if board_id not in self._boards:
            self._boards[board_id] = BoardHand(self._rig, board_from_id(board_id), self._seed)
        board = self._boards[board_id]
        if roles:
            board.show_to(roles)
        else:
            board.show_somewhere()

    def _direction(self, length: float) -> tuple[float, float, float]:
        """Return a vector of this length that points anywhere."""
        vector = [self._rng.gauss(0.0, 1.0) for _ in range(3)]
        scale = length / math.hypot(*vector)
        return vector[0] * scale, vector[1] * scale, vector[2] * scale

    def _do(self, action: Callable[[], None]) -> None:
        # Impatient pushes are dropped rather than queued: nobody wants the plate to go on changing afterwards.
        if self._busy.acquire(blocking=False):
            self._pool.submit(self._run, action)

    def _run(self, action: Callable[[], None]) -> None:
        try:
            action()
        except StationError as error:
            self._trouble = str(error)
        finally:
            self._busy.release()
