"""Hands-free capturing: each time the part was turned and lies still, one more capture of the plan is kept."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from station.captures.class_history import CaptureIndex
from station.captures.session_course import SessionCourse
from station.captures.session_doors import Means, PlateDoor, StoreDoor
from station.captures.session_values import SessionSnapshot
from station.captures.store import StoredCapture
from station.errors import StationError
from station.workflow.status import CapturedPart

_log = logging.getLogger(__name__)

_MOST_SAVING = 2
"""So many captures may be on their way to the disk before the next look waits; one of 1280×720 holds 55 MB."""
_MOST_WISHES = 16
_OWED_S = 10.0
"""At the end so long is waited for the disk to take what is on its way, when something was asked for after that."""
_GLANCE_S = 0.2
"""So often the plate is compared with the look that is waited over."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """Something a person asks for; ``settled`` ones wait until nothing is on its way to the disk."""

    do: Callable[[], None]
    settled: bool = False


class CaptureSession:
    """One capture session at a time, in a thread of its own named ``Capture``; everything else returns at once.

    It hears every finished look of the workflow. A look waits in a slot for one: when another comes before it was
    judged, as while two captures are being written still, the newer one takes its place, for the older shows what does
    not lie on the plate any more. Wishes wait in a queue of sixteen; one more is refused in ``trouble``.

    What is asked of it and fails stands in the snapshot's ``trouble``; nothing is shown as kept before the store has
    acknowledged it. The session is noted in ``state_path`` at each step. One that was not ended, as after a power cut,
    is there again, paused, after :meth:`open`.
    """

    def __init__(self, plate: PlateDoor, store: StoreDoor, index: CaptureIndex, means: Means, state_path: Path) -> None:
        self._plate = plate
        self._changed = threading.Condition()
        self._snapshot = SessionSnapshot()
        self._wishes: deque[_Wish] = deque()
        self._ended: deque[tuple[str, Future[StoredCapture]]] = deque()
        self._heard: CapturedPart | None = None
        self._passed_over = 0
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._leave: Callable[[], None] = lambda: None
        self._course = SessionCourse(
            plate,
            store,
            index,
            means,
            state_path,
            show=self._publish,
            saved=self._saved,
            cancelled=lambda: self._stopping,
        )

    # -- the thread ---------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start the thread and take up, paused, a session that an earlier program left."""
        if self._thread is not None:
            raise StationError("The capture session is opened already.")
        self._stopping = False
        self._wish(self._course.take_up)
        self._leave = self._plate.listen(self._hear)
        self._thread = threading.Thread(target=self._run, name="Capture")
        self._thread.start()

    def close(self, timeout_s: float = 30.0) -> None:
        """Do what was asked for before, and end the thread; a session that runs is there again after :meth:`open`.

        What is on its way to the disk is the store's to finish. Raises StationError when the thread does not end.
        """
        self._leave()
        with self._changed:
            self._stopping = True
            self._heard = None
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_OWED_S)
            with self._changed:
                # What waits for a disk that does not come back waits for the next start.
                self._wishes.clear()
                self._changed.notify_all()
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise StationError("The capture session's thread does not end.", todo="Restart the program.")
        self._thread = None

    # -- what people ask for; from any thread -------------------------------------------------------------------------

    @property
    def snapshot(self) -> SessionSnapshot:
        """The newest snapshot; cheap, from any thread."""
        return self._snapshot

    def wait_newer(self, sequence: int, timeout_s: float) -> SessionSnapshot | None:
        """Wait for a snapshot newer than ``sequence``; ``None`` after ``timeout_s`` seconds without one."""
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot.sequence > sequence, timeout_s)
            return self._snapshot if self._snapshot.sequence > sequence else None

    def start(self, class_id: str, positions: int | None = None) -> None:
        """Begin a session of a class, in place of one that runs; what the class has of its plan counts.

        ``positions`` is how many training positions it is to have, as in the settings when not given.
        """
        self._wish(lambda: self._course.start(class_id, positions), settled=True)

    def pause(self) -> None:
        """Take nothing until :meth:`resume`; parts are recognised meanwhile."""
        self._wish(self._course.pause)

    def resume(self) -> None:
        """Go on after :meth:`pause`, or with the session of an earlier program; what lies there is looked at."""
        self._wish(self._course.resume)

    def take_now(self) -> None:
        """Look at the part again as it lies, and take it if the gates let it."""
        self._wish(self._course.take_now)

    def override(self, reason: str, *, for_all: bool = False) -> None:
        """Take the look that soft gates warn of, for this reason; ``for_all`` lets it hold for the whole session."""
        self._wish(lambda: self._course.override(reason, for_all))

    def skip(self) -> None:
        """Leave the next place of the plan out."""
        self._wish(self._course.skip)

    def undo(self) -> None:
        """Take the last capture (into the trash) or the last skip back."""
        self._wish(self._course.undo, settled=True)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._wish(self._course.redo, settled=True)

    def end(self) -> None:
        """End the session; what is kept stays, and parts are recognised again."""
        self._wish(self._course.end, settled=True)

    def _wish(self, do: Callable[[], None], *, settled: bool = False) -> None:
        with self._changed:
            if len(self._wishes) < _MOST_WISHES:
                self._wishes.append(_Wish(do, settled))
            else:
                # Said at once, and again when the thread has come to its next snapshot.
                self._course.trouble = "The session is busy; try that again in a moment."
                self._replace(replace(self._snapshot, trouble=self._course.trouble))
            self._changed.notify_all()

    # -- hand-overs from other threads --------------------------------------------------------------------------------

    def _hear(self, part: CapturedPart) -> None:
        """Take a look over from the workflow's thread; nobody waits, and without a session nothing is held."""
        with self._changed:
            if self._course.hears and not self._stopping:
                self._passed_over += self._heard is not None
                self._heard = part
                self._changed.notify_all()

    def _saved(self, capture_id: str, future: Future[StoredCapture]) -> None:
        """Take the store's word over, in the store's thread."""
        with self._changed:
            self._ended.append((capture_id, future))
            self._changed.notify_all()

    # -- the loop -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work, _GLANCE_S)
                if self._stopping and not (self._ended or self._may_do() or self._owes()):
                    return
                job = self._next_job()
            try:
                job()
            except StationError as error:
                _log.warning("The capture session: %s", error)
                self._course.trouble = str(error)
            except Exception as fault:
                # The last guard of the thread: a fault is said, and the session goes on with what it knows.
                _log.exception("The capture session met a fault")
                self._course.trouble = f"The capture session met a fault: {fault!r}."
            self._publish()

    def _has_work(self) -> bool:
        leaves = self._stopping and not self._owes()
        return leaves or bool(self._ended) or self._may_do() or self._may_judge()

    def _owes(self) -> bool:
        """Whether something that was asked for waits until the disk has taken what is on its way."""
        return bool(self._wishes) and self._course.saving > 0

    def _may_do(self) -> bool:
        """Whether the first wish may be done now."""
        return bool(self._wishes) and not (self._wishes[0].settled and self._course.saving)

    def _may_judge(self) -> bool:
        """Whether the look that waits may be judged: wishes come first, even those that wait for the disk."""
        return self._heard is not None and not self._wishes and self._course.saving < _MOST_SAVING

    def _next_job(self) -> Callable[[], None]:
        """Return what to do next: what was saved, what people wish, the look that waits; the lock is held."""
        if self._ended:
            capture_id, future = self._ended.popleft()
            return lambda: self._course.settle(capture_id, future)
        if self._may_do():
            return self._wishes.popleft().do
        if self._may_judge() and (part := self._heard) is not None:
            self._heard = None
            return lambda: self._course.consider(part)
        return self._course.glance

    def _publish(self) -> None:
        """Replace the snapshot when anything in it has changed."""
        snapshot = self._course.snapshot()
        with self._changed:
            self._replace(replace(snapshot, passed_over=self._passed_over))

    def _replace(self, snapshot: SessionSnapshot) -> None:
        sequence = self._snapshot.sequence
        if replace(snapshot, sequence=sequence) != self._snapshot:
            self._snapshot = replace(snapshot, sequence=sequence + 1)
            self._changed.notify_all()
