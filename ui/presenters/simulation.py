"""The hand at the simulated plate: takes wishes at once and carries them out one by one in a thread of its own."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from station.errors import StationError

_WISHES = 4
"""So many wishes wait; a further one is refused in a sentence."""


class SimulatedPlate(Protocol):
    """What the hand needs of the simulated rig; every call may take seconds and raise StationError."""

    def place(self, class_id: str, seed: int) -> None:
        """Put a part on the plate instead of what lies there."""
        ...

    def clear(self) -> None:
        """Take everything off the plate."""
        ...

    def unplug(self, role: str) -> None:
        """Pull the cable of a camera."""
        ...

    def replug(self, role: str) -> None:
        """Put the cable of a camera back."""
        ...


class SimulationHand:
    """Puts parts on the simulated plate; a context manager that owns its thread ``Simulated-hand``.

    Args:
        plate: the simulated rig.
        known: classes that the model has learned.
        unlearned: classes that it has never seen; may be empty.
        roles: the rig's roles.
        seed: decides which parts come and how they lie.
    """

    def __init__(
        self, plate: SimulatedPlate, known: Sequence[str], unlearned: Sequence[str], roles: Sequence[str], seed: int
    ) -> None:
        self._plate = plate
        self._known = tuple(known)
        self._unlearned = tuple(unlearned)
        self._random = random.Random(seed)
        self._plugged = dict.fromkeys(roles, True)
        self._wishes: queue.Queue[Callable[[], None] | None] = queue.Queue(_WISHES)
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="Simulated-hand")

    def __enter__(self) -> SimulationHand:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the wish at hand and end the thread."""
        while True:
            try:
                self._wishes.put_nowait(None)
                break
            except queue.Full:
                self._drop_one()
        self._thread.join()

    def next_part(self) -> None:
        """Exchange what lies on the plate for another part the model knows."""
        self._place_any(self._known)

    def next_unknown_part(self) -> None:
        """Exchange what lies on the plate for a part the model has never seen."""
        self._place_any(self._unlearned)

    def place(self, class_id: str, seed: int) -> None:
        """Exchange what lies on the plate for this part."""
        self._wish(lambda: self._plate.place(class_id, seed))

    def clear(self) -> None:
        """Take everything off the plate."""
        self._wish(self._plate.clear)

    def plugged(self) -> Mapping[str, bool]:
        """Return, per role, whether the simulated camera is to be plugged in."""
        return dict(self._plugged)

    def plug(self, role: str, plugged: bool) -> None:
        """Plug a simulated camera in or pull it out."""
        self._plugged[role] = plugged
        self._wish(lambda: (self._plate.replug if plugged else self._plate.unplug)(role))

    def take_trouble(self) -> str | None:
        """Return the sentence of the newest wish that failed, once."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def _place_any(self, classes: tuple[str, ...]) -> None:
        if not classes:
            self._trouble = "The library has no such part to put on the plate."
            return
        self.place(self._random.choice(classes), self._random.randrange(2**31))

    def _wish(self, wish: Callable[[], None]) -> None:
        try:
            self._wishes.put_nowait(wish)
        except queue.Full:
            self._trouble = "The simulated rig is still busy with what you asked for before. Wait a moment."

    def _drop_one(self) -> None:
        try:
            self._wishes.get_nowait()
        except queue.Empty:
            return

    def _run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            try:
                wish()
            except StationError as error:
                self._trouble = str(error)
