"""Operators' answers as captures: an answered look goes into the review queue, never straight into the training set."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol

from station.captures.class_history import CaptureIndex
from station.captures.looked import Label, as_capture
from station.captures.quality import ClassWeight, Expected, judge
from station.captures.session_doors import Means
from station.captures.store import StoredCapture
from station.captures.writer import NewCapture
from station.errors import DatasetError, StationError
from station.geometry import RigCalibration
from station.workflow.status import Answer, AnswerChange, CapturedPart

_log = logging.getLogger(__name__)

_MOST_LOOKS = 2
"""Answered looks that may wait; one of 1280×720 holds 55 MB."""
_REMEMBERED = 100
"""Captures whose answers may still be taken back, as many as the workflow's own undo goes; so many changes may wait."""
_STORE_S = 60.0
_PAGE = 500


class AnswersDoor(Protocol):
    """What is needed of the workflow; ``station.workflow.workflow.Workflow`` is one."""

    @property
    def calibration(self) -> RigCalibration | None:
        """The calibration that looks are made with."""
        ...

    def listen_to_answers(self, listener: Callable[[AnswerChange], None]) -> Callable[[], None]:
        """Tell of every answer that is given, replaced or taken back; call what is returned to end it."""
        ...


class ReviewDoor(Protocol):
    """What is needed of the store; ``station.captures.store.CaptureStore`` is one."""

    def keep_for_review(self, capture: NewCapture, class_id: str) -> Future[StoredCapture]:
        """Save a capture into the review queue."""
        ...

    def dismiss_review(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        """Move a capture from the review queue into the trash."""
        ...

    def restore(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        """Bring a capture back from the trash."""
        ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the keeping goes: captures put into the queue, answers that wait, looks that were let go, what failed last.

    ``full_classes`` are those whose quota is used up. ``refused`` counts looks that a hard gate kept out.
    """

    kept: int = 0
    refused: int = 0
    waiting: int = 0
    passed_over: int = 0
    full_classes: frozenset[str] = frozenset()
    trouble: str = ""


@dataclass(slots=True)
class _Version:
    """One form in which an answered look was put into the queue."""

    stored_id: str
    class_id: str
    queued: bool = True


class AnswerKeeper:
    """Keeps answered looks for review, in a thread of its own named ``AnswerKeeper``; the operator never waits.

    At most two answered looks wait with their pictures. One more lets the pictures of the oldest go, which is counted:
    a capture less is better than memory that grows. An answer that is replaced or taken back takes its capture out of
    the queue again, unless somebody has reviewed it meanwhile.

    Args:
        workflow: tells of answers.
        store: takes the captures.
        index: the catalog, which counts what a class has.
        means: what looks are judged by, and what records say of this station.
        operators: whether the operator's code is stored.
    """

    def __init__(
        self,
        workflow: AnswersDoor,
        store: ReviewDoor,
        index: CaptureIndex,
        means: Means,
        *,
        operators: bool = False,
    ) -> None:
        self._workflow = workflow
        self._store = store
        self._index = index
        self._means = means
        self._section = means.limits
        self._operators = operators
        self._changed = threading.Condition()
        self._waiting: deque[AnswerChange] = deque()
        self._busy = False
        self._stopping = False
        self._keeping = Keeping()
        self._versions: OrderedDict[str, list[_Version]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._leave: Callable[[], None] = lambda: None

    @property
    def keeping(self) -> Keeping:
        """How the keeping goes now; from any thread."""
        with self._changed:
            return replace(self._keeping, waiting=len(self._waiting) + self._busy)

    def open(self) -> None:
        """Start the thread and listen to answers; does nothing where no answer is to be kept."""
        if self._section.keep_answers == "never":
            return
        if self._thread is not None:
            raise StationError("Answers are kept already.")
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="AnswerKeeper")
        self._thread.start()
        self._leave = self._workflow.listen_to_answers(self._hear)

    def close(self, timeout_s: float = 90.0) -> None:
        """Keep what waits, end the thread and join it; raises StationError when it does not end."""
        self._leave()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise StationError("The keeping of answers does not end.", todo="Restart the program.")
        self._thread = None

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no answer waits and none is being kept; return whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout_s)

    def _hear(self, change: AnswerChange) -> None:
        """Take an answer over, in the thread of whoever gave it; pictures are held only of looks that are wanted."""
        if not self._wanted(change):
            change = replace(change, part=None)
        with self._changed:
            if change.part is not None:
                pictured = [n for n, one in enumerate(self._waiting) if one.part is not None]
                if len(pictured) >= _MOST_LOOKS:
                    oldest = pictured[0]
                    self._waiting[oldest] = replace(self._waiting[oldest], part=None)
                    self._keeping = replace(self._keeping, passed_over=self._keeping.passed_over + 1)
            if len(self._waiting) >= _REMEMBERED:
                self._waiting.popleft()
            self._waiting.append(change)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if not self._waiting:
                    return
                change = self._waiting.popleft()
                self._busy = True
            trouble = ""
            try:
                self._follow(change)
            except StationError as error:
                _log.warning("An answer was not kept as a capture: %s", error)
                trouble = str(error)
            except Exception as fault:
                # The last guard of the thread: the next answer is kept again.
                _log.exception("An answer could not be kept as a capture")
                trouble = f"An answer could not be kept as a capture: {fault!r}."
            with self._changed:
                self._keeping = replace(self._keeping, trouble=trouble)
            del change  # its pictures are not held while nothing is to be done

    def _follow(self, change: AnswerChange) -> None:
        """Bring the queue in line with the answer that holds for a capture now."""
        versions = self._versions.setdefault(change.capture_id, [])
        self._versions.move_to_end(change.capture_id)
        while len(self._versions) > _REMEMBERED:
            self._versions.popitem(last=False)
        class_id = change.holds.class_id if change.holds else None
        for version in versions:
            if version.queued and version.class_id != class_id:
                self._take_out(version)
        if class_id is None or any(version.queued for version in versions):
            return
        former = next((version for version in versions if version.class_id == class_id), None)
        if former is not None:
            self._store.restore(former.stored_id).result(_STORE_S)
            former.queued = True
        elif change.part is not None and change.holds is not None:
            self._keep(versions, change.part, change.holds, class_id)

    def _take_out(self, version: _Version) -> None:
        version.queued = False
        try:
            self._store.dismiss_review(version.stored_id).result(_STORE_S)
        except DatasetError as error:
            _log.info("An answer was taken back after its capture was reviewed: %s", error)

    def _keep(self, versions: list[_Version], part: CapturedPart, answer: Answer, class_id: str) -> None:
        if self._count(class_id) >= self._section.keep_per_class:
            with self._changed:
                self._keeping = replace(self._keeping, full_classes=self._keeping.full_classes | {class_id})
            return
        calibration = self._workflow.calibration
        report = judge(part, self._section, self._expected(part, class_id))
        if report.refusing:
            with self._changed:
                self._keeping = replace(self._keeping, refused=self._keeping.refused + 1)
            _log.info("An answer is not kept as a capture: %s", report.refusing[0].sentence)
            return
        operator = answer.operator if self._operators and answer.operator else None
        source = "corrected" if _corrects(part, class_id) else "confirmed"
        stored_id = f"{part.capture_id}-{len(versions) + 1}" if versions else part.capture_id
        capture = as_capture(
            part,
            calibration,
            self._means.origins,
            Label(class_id, "answer", source, operator),
            quality=report,
            capture_id=stored_id,
        )
        self._store.keep_for_review(capture, class_id).result(_STORE_S)
        versions.append(_Version(stored_id, class_id))
        with self._changed:
            self._keeping = replace(self._keeping, kept=self._keeping.kept + 1)

    def _expected(self, part: CapturedPart, class_id: str) -> Expected:
        """Return what the look is held against; its pose is compared with nothing, as nobody has turned the part."""
        means, calibration = self._means, self._workflow.calibration
        doubts = means.check.warnings(part.calibration_id) if means.check else ()
        return Expected(
            roles=tuple(calibration.cameras) if calibration else (),
            has_scale=means.has_scale,
            weight=ClassWeight(means.nominal_kg(class_id)),
            doubts=tuple(dict.fromkeys((*part.calibration_warnings, *doubts))),
        )

    def _wanted(self, change: AnswerChange) -> bool:
        part, answer = change.part, change.holds
        if part is None or answer is None or answer.class_id is None or not part.whole:
            return False
        return self._section.keep_answers == "all" or _corrects(part, answer.class_id)

    def _count(self, class_id: str) -> int:
        """Return how many captures of a class wait for review or were kept from answers."""
        waiting = self._index.search(class_id=class_id, state="review", limit=1).total or 0
        page = self._index.search(class_id=class_id, limit=_PAGE)
        kept = sum(entry.kept_from == "answer" for entry in page.entries)
        while page.after is not None and waiting + kept < self._section.keep_per_class:
            page = self._index.search(class_id=class_id, limit=_PAGE, after=page.after)
            kept += sum(entry.kept_from == "answer" for entry in page.entries)
        return waiting + kept


def _corrects(part: CapturedPart, class_id: str) -> bool:
    """Whether an answer says otherwise than the station, which called the part unknown or put another class first."""
    recognition = part.recognition
    return (
        recognition is None
        or recognition.unknown
        or not recognition.ranked
        or recognition.ranked[0].class_id != class_id
    )
