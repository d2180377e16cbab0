"""The hand that puts parts on the simulated plate, at the push of a button and without making the window wait."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from station.errors import StationError
from station.frames import ROLES
from station.simulation.live import SimulatedRig


class DemoHand:
    """Acts on the simulated rig in a thread of its own named ``hand``; an action asked for meanwhile waits its turn.

    ``known`` and ``unknown`` are the classes that the model was trained on and those it has never seen.
    """

    def __init__(self, rig: SimulatedRig, known: Sequence[str], unknown: Sequence[str], seed: int) -> None:
        self._rig = rig
        self._known = tuple(known)
        self._unknown = tuple(unknown)
        self._rng = random.Random(f"{seed} hand")
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hand")
        self._busy = threading.Semaphore(2)
        self._plugged = dict.fromkeys(ROLES, True)
        self._trouble: str | None = None

    def next_part(self) -> None:
        """Exchange what lies on the plate for another part the model knows."""
        self._exchange(self._known)

    def next_unknown_part(self) -> None:
        """Exchange what lies on the plate for a part the model has never seen."""
        self._exchange(self._unknown or self._known)

    def clear(self) -> None:
        """Take everything off the plate."""
        self._do(self._rig.clear)

    def plugged(self) -> Mapping[str, bool]:
        """Return, per role, whether the simulated camera is plugged in."""
        return dict(self._plugged)

    def plug(self, role: str, plugged: bool) -> None:
        """Plug a simulated camera in or pull it out; takes no time, so it does not wait for the hand."""
        if plugged:
            self._rig.replug(role)
        else:
            self._rig.unplug(role)
        self._plugged[role] = plugged

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
        self._do(lambda: self._rig.place(class_id, seed))

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
