"""The course of capture sessions, without threads: looks and wishes in, captures out, and what is to be shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic_ns

from station.captures.class_history import CaptureIndex, ClassHistory, KnownCapture
from station.captures.looked import Label, as_capture, masks_of
from station.captures.place import Place
from station.captures.pose import Pose
from station.captures.quality import ClassWeight, Expected, judge
from station.captures.quality_report import Gate, QualityReport
from station.captures.session_book import SessionBook
from station.captures.session_doors import Means, PlateDoor, StoreDoor
from station.captures.session_state import SessionState, forget_state, read_state, write_state
from station.captures.session_values import Ask, Prompt, SessionSnapshot, Step
from station.captures.store import StoredCapture
from station.errors import CaptureRefusedError, StationError
from station.workflow.status import CapturedPart, Outcome, Purpose

_log = logging.getLogger(__name__)

_STORE_S = 60.0
"""Moving a capture waits for those that are being saved."""
_FOLLOW_NS = 1_000_000_000
"""So often the catalog is asked what others did to the class."""
_RESTING = (Step.IDLE, Step.PREPARING, Step.PAUSED)


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A look that was held against the gates."""

    part: CapturedPart
    report: QualityReport
    pose: Pose | None
    taken: bool = False


class SessionCourse:
    """What happens in capture sessions; for one thread. Methods raise what ``trouble`` is to say.

    Args:
        plate: the workflow.
        store: takes the captures.
        index: the catalog.
        means: what looks are judged by.
        state_path: where the session is noted.
        show: called when something is to be shown before a method returns.
        saved: called, in the store's thread, when a save has ended.
        cancelled: whether the program ends.
    """

    def __init__(
        self,
        plate: PlateDoor,
        store: StoreDoor,
        index: CaptureIndex,
        means: Means,
        state_path: Path,
        *,
        show: Callable[[], None],
        saved: Callable[[str, Future[StoredCapture]], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._plate = plate
        self._store = store
        self._index = index
        self._means = means
        self._state_path = state_path
        self._show = show
        self._saved = saved
        self._cancelled = cancelled
        self._book: SessionBook | None = None
        self._judged: _Judged | None = None
        self._since_ns = 0
        self._followed_ns = 0
        self._resumed = False
        self.step = Step.IDLE
        self.trouble = ""

    @property
    def hears(self) -> bool:
        """Whether looks are for this session now; from any thread."""
        return self.step not in (*_RESTING, Step.DONE)

    @property
    def saving(self) -> int:
        """How many captures are on their way to the disk."""
        return len(self._book.on_way) if self._book else 0

    # -- looks --------------------------------------------------------------------------------------------------------

    def consider(self, part: CapturedPart) -> None:
        """Judge a look and take it, refuse it or ask about it; one for another purpose or of nothing is passed over."""
        book = self._book
        fresh = part.purpose is Purpose.CAPTURES and part.frameset.monotonic_ns >= self._since_ns
        # A part that is on its way while the plate is looked at is felt, but not seen yet: the next look sees it.
        empty = part.outcome is Outcome.EMPTY and part.weight_kg is None
        if book is None or not self.hears or not fresh or empty:
            return
        self.step, self.trouble, self._judged = Step.JUDGING, "", None
        self._show()
        self._follow(book)
        pose = self._pose(part)
        report = judge(part, self._means.limits, self._expected(book, part, pose))
        self._judged = _Judged(part, report, pose)
        reasons = {one.gate: book.state.overrides.get(one.gate, "") for one in report.warning}
        if report.refusing:
            self.step = Step.REFUSED
        elif all(reasons.values()):
            self._take(book, self._judged, reasons)
        else:
            self.step = Step.DOUBTFUL

    def _pose(self, part: CapturedPart) -> Pose | None:
        """Return how the part lies, in pictures as they are stored."""
        masks, frames = masks_of(part), part.frameset.frames
        calibration, blank = self._plate.calibration, self._means.origins.blank
        if not masks:
            return None
        if blank is not None and calibration is not None:
            frames = blank(part.frameset, calibration).frames
        return self._means.likeness.pose({role: frames[role].color for role in masks}, masks)

    def _follow(self, book: SessionBook) -> None:
        """Take over what others did to the class meanwhile, as on the review grid."""
        self._followed_ns = monotonic_ns()
        class_id, likeness = book.state.class_id, self._means.likeness
        if book.history.follow(self._store.root, self._index, class_id, likeness, book.on_way) and not book.on_way:
            book.agree_with(self._index)
            write_state(self._state_path, book.state)

    def _expected(self, book: SessionBook, part: CapturedPart, pose: Pose | None) -> Expected:
        means, calibration = self._means, self._plate.calibration
        doubts = means.check.warnings(part.calibration_id) if means.check else ()
        return Expected(
            roles=tuple(calibration.cameras) if calibration else (),
            has_scale=means.has_scale,
            weight=ClassWeight(self._nominal_kg(book.state.class_id), book.history.weights_kg),
            likeness=book.history.most_like(pose, means.likeness, means.limits.max_likeness) if pose else None,
            doubts=tuple(dict.fromkeys((*part.calibration_warnings, *doubts))),
        )

    def _nominal_kg(self, class_id: str) -> float | None:
        try:
            return self._means.nominal_kg(class_id)
        except StationError as error:
            _log.warning("The class's weight is not known: %s", error)
            return None

    def _take(self, book: SessionBook, judged: _Judged, reasons: Mapping[Gate, str]) -> None:
        """Give a judged look to the store for the next place of the plan."""
        place = book.next_place()
        if place is None:
            self.step = self._resting(book)
            return
        self.step = Step.FAILED  # until the store has it
        means, report = self._means, judged.report
        label = Label(book.state.class_id, "capture_page", "chosen", means.operator)
        calibration = self._plate.calibration
        capture = as_capture(judged.part, calibration, means.origins, label, quality=report, overrides=reasons)
        capture_id = capture.record.capture_id
        future = self._store.save(capture, place)
        book.send(capture_id, KnownCapture(place, judged.part.scale_kg, judged.pose))
        self._judged = replace(judged, taken=True)
        self.step = self._resting(book)
        future.add_done_callback(lambda done: self._saved(capture_id, done))

    def settle(self, capture_id: str, future: Future[StoredCapture]) -> None:
        """Take the store's word on a capture: it is kept, or its place is open again and the reason is raised."""
        book = self._book
        if book is None or capture_id not in book.on_way:
            return
        wanted = book.on_way[capture_id].place
        error = future.exception(0)
        if error is None:
            book.kept(capture_id, Place.from_folder(future.result(0).folder) or wanted)
            if self.step in (Step.WAITING, Step.DONE):
                self.step = self._resting(book)
            write_state(self._state_path, book.state)
            return
        book.lost(capture_id)
        self.step = Step.FAILED
        if not isinstance(error, StationError):
            raise error
        raise CaptureRefusedError(
            f"The capture for {wanted.folder.partition('/')[2]} was not kept. {error.what}",
            where=error.where,
            todo=error.todo,
            retryable=error.retryable,
        ) from error

    def glance(self) -> None:
        """Forget a refused or doubtful look as soon as it is not what lies on the plate any more.

        Now and then, see what others did to the class.
        """
        judged, book = self._judged, self._book
        if book is not None and self._running() and monotonic_ns() - self._followed_ns > _FOLLOW_NS:
            self._follow(book)
            if self.step in (Step.WAITING, Step.DONE):
                self.step = self._resting(book)
        if book is None or judged is None or self.step not in (Step.REFUSED, Step.DOUBTFUL):
            return
        if self._plate.status.capture_id != judged.part.capture_id:
            self._judged = None
            self.step = self._resting(book)

    def _resting(self, book: SessionBook) -> Step:
        return Step.WAITING if book.on_way or book.next_place() is not None else Step.DONE

    # -- begin and end ------------------------------------------------------------------------------------------------

    def take_up(self) -> None:
        """Take up, paused, the session that an earlier program left, if there is one."""
        state = read_state(self._state_path)
        if state is None:
            return
        self.step = Step.PREPARING
        self._show()
        self.step = Step.IDLE
        self._book = self._read(state)
        self.step, self._resumed = Step.PAUSED, True

    def start(self, class_id: str, positions: int | None) -> None:
        """Begin a session of a class, in place of one that runs."""
        limits = self._means.limits
        Place(class_id, "valid", number=0)  # refuses what cannot be a class's folder
        before = self.step
        self.step, self.trouble = Step.PREPARING, ""
        self._show()
        self.step = before
        state = SessionState(
            class_id=class_id,
            started_at=datetime.now(UTC),
            positions=positions or limits.positions,
            valid=limits.valid,
            test=limits.test,
        )
        book = self._read(state)
        write_state(self._state_path, book.state)
        self._book, self._resumed = book, False
        self._go_on(book)

    def _read(self, state: SessionState) -> SessionBook:
        means = self._means
        history = ClassHistory.read(self._store.root, self._index, state.class_id, means.likeness, self._cancelled)
        book = SessionBook(state, history)
        book.agree_with(self._index)
        return book

    def _go_on(self, book: SessionBook) -> None:
        """Let looks belong to the session from now on, and look at what lies there."""
        self._judged = None
        self._since_ns = monotonic_ns()
        self.step = self._resting(book)
        if self._plate.status.purpose is Purpose.CAPTURES:
            self._plate.look_again()
        else:
            self._plate.serve(Purpose.CAPTURES)

    def pause(self) -> None:
        """Take nothing until :meth:`resume`; parts are recognised meanwhile."""
        if self._book is not None and self.step is not Step.PAUSED:
            self.step, self._judged = Step.PAUSED, None
            self._plate.serve(Purpose.RECOGNITION)

    def resume(self) -> None:
        """Go on after :meth:`pause` or :meth:`take_up`."""
        if self._book is not None and self.step is Step.PAUSED:
            self.trouble = ""
            self._follow(self._book)
            self._go_on(self._book)

    def end(self) -> None:
        """End the session."""
        if self._book is None:
            return
        forget_state(self._state_path)
        self._book = self._judged = None
        self.step, self.trouble, self._resumed = Step.IDLE, "", False
        self._plate.serve(Purpose.RECOGNITION)

    # -- wishes -------------------------------------------------------------------------------------------------------

    def take_now(self) -> None:
        """Look at the part again as it lies."""
        if self._running() is not None:
            self.trouble = ""
            self._plate.look_again()

    def override(self, reason: str, for_all: bool) -> None:
        """Take the doubtful look for a reason; ``for_all`` lets the reason hold for the whole session."""
        book, judged = self._running(), self._judged
        if book is None:
            return
        if not reason.strip():
            raise CaptureRefusedError("A gate is overridden for a reason only.", todo="Say why in a few words.")
        self.glance()
        if self.step is not Step.DOUBTFUL or judged is None:
            raise CaptureRefusedError(
                "There is no doubtful look to keep; the part may have been moved.", todo="Take the capture again."
            )
        held = book.state.overrides
        reasons = {one.gate: held.get(one.gate) or reason.strip() for one in judged.report.warning}
        self.trouble = ""
        if for_all:
            book.override_always(reasons)
            write_state(self._state_path, book.state)
        self._take(book, judged, reasons)

    def skip(self) -> None:
        """Leave the next place of the plan out."""
        book = self._running()
        place = book.next_place() if book else None
        if book is not None and place is not None:
            book.skip(place)
            if self.step is not Step.DOUBTFUL:
                self.step = self._resting(book)
            write_state(self._state_path, book.state)

    def undo(self) -> None:
        """Take the last capture (into the trash) or the last skip back; nothing may be on its way."""
        book = self._running()
        if book is None or not book.state.done:
            return
        deed = book.state.done[-1]
        if deed.kind == "kept":
            self._store.trash(deed.subject, self._means.operator, "taken back in its session").result(_STORE_S)
        book.undone()
        self._after_deed(book)

    def redo(self) -> None:
        """Do again what was taken back last; nothing may be on its way."""
        book = self._running()
        if book is None or not book.state.undone:
            return
        deed = book.state.undone[-1]
        known = None
        if deed.kind == "kept":
            stored = self._store.restore(deed.subject, self._means.operator).result(_STORE_S)
            place = Place.from_folder(stored.folder)
            pose = ClassHistory.stored_pose(self._store.root / stored.folder, self._means.likeness)
            known = KnownCapture(place, stored.record.weight_kg, pose) if place else None
        book.redone(known)
        self._after_deed(book)

    def _after_deed(self, book: SessionBook) -> None:
        self.trouble, self._judged = "", None
        self.step = self._resting(book)
        write_state(self._state_path, book.state)

    def _running(self) -> SessionBook | None:
        """Return the book of the session that runs and is not paused, ``None`` where nothing is to be done."""
        return None if self.step in _RESTING else self._book

    # -- what is shown ------------------------------------------------------------------------------------------------

    def snapshot(self) -> SessionSnapshot:
        """Return the session as it is now, without a sequence number."""
        book, judged = self._book, self._judged
        if book is None:
            return SessionSnapshot(step=self.step, trouble=self.trouble)
        plan = book.plan()
        running = self._running() is not None
        return SessionSnapshot(
            step=self.step,
            class_id=book.state.class_id,
            prompt=self._prompt(book),
            plan=plan,
            progress=book.progress(plan),
            look=judged.part if judged else None,
            quality=judged.report if judged else None,
            taken=judged.taken if judged else False,
            last=book.last,
            can_undo=running and bool(book.state.done or book.on_way),
            can_redo=running and bool(book.state.undone) and not book.on_way,
            can_skip=running and book.next_place() is not None,
            can_override=self.step is Step.DOUBTFUL,
            overrides=book.state.overrides,
            trouble=self.trouble,
            resumed=self._resumed,
        )

    def _prompt(self, book: SessionBook) -> Prompt:
        asks = {Step.PAUSED: Ask.RESUME, Step.REFUSED: Ask.MEND, Step.FAILED: Ask.TAKE, Step.DOUBTFUL: Ask.DECIDE}
        ask = asks.get(self.step)
        if self.step is Step.PREPARING:
            return Prompt()
        if ask is None or (ask is Ask.DECIDE and self._merely_unturned(book)):
            return book.prompt()
        return Prompt(ask, book.next_place())

    def _merely_unturned(self, book: SessionBook) -> bool:
        """Whether the only doubt is that the part lies as in the capture before: the hand has not turned it yet."""
        warnings = self._judged.report.warning if self._judged else ()
        return all(
            one.gate is Gate.DUPLICATE and one.subject == book.newest_id and not one.symmetric for one in warnings
        )
