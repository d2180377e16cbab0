"""The workflow's thread: pictures and weights in, one answer per part out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from station.errors import StationError, StorageError
from station.frames import FrameSet, WeightReading
from station.geometry import RigCalibration, WorkVolume
from station.scale.source import ScaleChange, ScaleSource
from station.settings import TriggerSection
from station.workflow.answers import AnswerDesk, AnswerJournal, AnswerRefusedError, may_be_answered
from station.workflow.cycle import PartCycle, Step
from station.workflow.device_watch import DeviceWatch
from station.workflow.geometry_in_use import GeometryInUse
from station.workflow.heeded import Heeded
from station.workflow.listeners import AnswerListener, Listeners, PartListener
from station.workflow.look import Eyes, look
from station.workflow.plate_view import PlateView
from station.workflow.protocols import CalibrationCheck, PartLocator, Recognizer
from station.workflow.snapshot import snapshot
from station.workflow.sources import FramesetSource, HealthWatch
from station.workflow.status import (
    AnswerChange,
    CapturedPart,
    Outcome,
    PartState,
    PartStatus,
    Purpose,
    Rest,
    Verdict,
)
from station.workflow.trigger import Sight
from station.workflow.weighing import Weighing

__all__ = ["AnswerRefusedError", "Workflow"]

_log = logging.getLogger(__name__)

_TICK_S = 0.04
_FRAMESET_S = 2.0
_AFTER_FAULT_S = 1.0


class Workflow:
    """Takes parts from the plate to an answer, in a thread of its own named ``Workflow``.

    Args:
        rig: the running cameras.
        scale: the scale, or ``None`` for a station without one; started and stopped by the workflow.
        locator: finds the part; called in the workflow's thread, as is the recogniser.
        recognizer: names the part.
        calibration: the geometry that locator and recogniser are given; ``None`` for a station that is not calibrated:
            it looks at nothing until :meth:`use_calibration`.
        journal: takes every look at a part and every answer; started and stopped by its owner. ``None`` keeps no
            record.
        trigger: when a part counts as lying still.
        volume: the work volume, whose floor is watched for motion.
        on_part: the first of those that :meth:`listen`.
        clock: monotonic nanoseconds; another one for a recording, which has its own time.
        check: given every look and every picture of the empty plate; what it warns of stands among the troubles.
        health: what it says of cameras that stream badly stands among the troubles.
    """

    def __init__(
        self,
        rig: FramesetSource,
        scale: ScaleSource | None,
        locator: PartLocator,
        recognizer: Recognizer,
        calibration: RigCalibration | None,
        journal: AnswerJournal | None = None,
        trigger: TriggerSection | None = None,
        *,
        volume: WorkVolume | None = None,
        on_part: PartListener | None = None,
        check: CalibrationCheck | None = None,
        health: HealthWatch | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        trigger = trigger or TriggerSection()
        self._rig = rig
        self._journal = journal
        self._locator = locator
        self._recognizer = recognizer
        self._check = check
        self._clock = clock
        self._listeners = Listeners[CapturedPart]()
        self._answer_listeners = Listeners[AnswerChange]()
        self._purpose = Purpose.RECOGNITION
        if on_part is not None:
            self._listeners.add(on_part)
        self._geometry = GeometryInUse(calibration)
        self._plate = PlateView(rig, trigger, volume or WorkVolume())
        self._plate.aim(calibration)
        self._weighing = Weighing(scale)
        self._devices = DeviceWatch(rig, health)
        self._cycle = PartCycle(step_kg=self._weighing.step_kg, part_steps=trigger.part_weight_steps)
        self._desk = AnswerDesk(journal)
        self._part: CapturedPart | None = None
        self._heeded = Heeded()
        self._rig_trouble = ""
        self._fault = ""
        self._changed = threading.Condition(threading.RLock())
        self._status = PartStatus(0, PartState.SETTLING, Outcome.EMPTY, "The station is starting.")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the scale and the thread; a scale that cannot be opened becomes a trouble, not an error."""
        if self._thread is not None:
            raise StationError("The workflow is started already.")
        self.start_scale()
        self._thread = threading.Thread(target=self._run, name="Workflow")
        self._thread.start()

    def start_scale(self) -> None:
        """Start the scale alone, for whoever calls :meth:`turn` in a thread of his own."""
        self._stopping.clear()
        self._weighing.start(self._weigh, self._scale_report, self._scale_changed)

    def stop(self, timeout_s: float = 30.0) -> None:
        """Stop the thread and the scale and wait for both; raises StationError when the thread does not end.

        A recognition that runs is waited for, at most ``timeout_s`` seconds. Harmless when stopped already.
        """
        self._stopping.set()
        try:
            self._weighing.stop()
        finally:
            if self._thread is not None:
                self._thread.join(timeout_s)
        if self._thread is not None and self._thread.is_alive():
            raise StationError("The workflow's thread does not end.", todo="Restart the program.")
        self._thread = None

    @property
    def status(self) -> PartStatus:
        """The newest snapshot; cheap, from any thread."""
        return self._status

    def wait_newer(self, sequence: int, timeout_s: float) -> PartStatus | None:
        """Wait for a snapshot newer than ``sequence``; ``None`` after ``timeout_s`` seconds without one."""
        with self._changed:
            self._changed.wait_for(lambda: self._status.sequence > sequence, timeout_s)
            return self._status if self._status.sequence > sequence else None

    def listen(self, listener: PartListener) -> Callable[[], None]:
        """Tell ``listener`` of every finished look at a part from now on (not of an empty plate or a hand over it).

        It is called in the workflow's thread and must return quickly; when it fails, that is logged and the work goes
        on. Call what is returned to end it; a call under way may still come to its end then. From any thread.
        """
        return self._listeners.add(listener)

    def listen_to_answers(self, listener: AnswerListener) -> Callable[[], None]:
        """Tell ``listener`` of every answer that is given, replaced or taken back; otherwise as :meth:`listen`.

        It is called in the thread of whoever answers, without the workflow's lock.
        """
        return self._answer_listeners.add(listener)

    def heed(self, trouble: Callable[[], str]) -> None:
        """Let what ``trouble`` says stand among the troubles from now on; it says nothing while all is well.

        It is asked whenever something may have changed: in the workflow's thread, the scale's, or that of whoever
        calls, always under the workflow's lock. It must answer at once. When it fails, that is logged and said.
        """
        with self._changed:
            self._heeded.add(trouble)

    def serve(self, purpose: Purpose) -> None:
        """Use the looks at parts for this from now on; what lies on the plate is looked at again, where it changes.

        For captures nothing is recognised and nothing can be answered. A look under way ends as it began, and says so.
        """
        with self._changed:
            if purpose is not self._purpose:
                self._purpose = purpose
                self._cycle.look_again()
                self._publish()

    def answer(self, capture_id: str, verdict: str | Verdict, operator: str = "") -> None:
        """Give the answer for the capture that is shown: a class id, or ``Verdict.UNKNOWN`` / ``NEW_PART``.

        Returns at once; the disk is written elsewhere. Answering again replaces the answer (a new row). Raises
        AnswerRefusedError when the capture is not the one on the plate any more or cannot be answered, StorageError
        when the journal takes no more; then nothing has changed.
        """
        with self._changed:
            part = self._part
            if part is None or part.capture_id != capture_id:
                raise AnswerRefusedError(
                    "The answer is for a part that is not on the plate any more; it was not taken.",
                    todo="Answer for the part that is shown now.",
                )
            if not self._cycle.answerable:
                raise AnswerRefusedError(
                    "Something changes on the plate; the answer was not taken.",
                    todo="Wait until the part lies still.",
                    retryable=True,
                )
            answer = self._desk.give(part, verdict, operator)
            self._cycle.answered(done=True)
            self._publish()
        self._answer_listeners.tell(AnswerChange(capture_id, answer, part))

    def undo(self, operator: str = "") -> str:
        """Take the last answer back (a new row) and return its capture id.

        The part becomes a question again when it still lies on the plate. Raises AnswerRefusedError when there is
        nothing to undo, StorageError when the journal takes no more.
        """
        with self._changed:
            undone, holds = self._desk.undo(operator)
            part = self._part if self._part and self._part.capture_id == undone.capture_id else None
            if part is not None:
                self._cycle.answered(done=self._desk.answer is not None)
            self._publish()
        self._answer_listeners.tell(AnswerChange(undone.capture_id, holds, part))
        return undone.capture_id

    def look_again(self) -> None:
        """Take and recognise a new capture of what lies on the plate, as soon as it is still."""
        with self._changed:
            self._cycle.look_again()
            self._publish()

    def zero_scale(self) -> None:
        """Zero the scale with what lies on the plate and wait for its word; raises ScaleError when it refuses.

        A tray that was tared is forgotten. A scale that does it later than it was waited for is followed all the same.
        """
        self._weighing.scale.zero()

    def tare(self) -> None:
        """Take what lies on the plate for a tray and wait for the scale's word; raises ScaleError when it refuses.

        Its weight is taken off, and the plate with it counts as the empty one until the scale feels that the tray was
        taken away, or until the scale is zeroed. A scale that does it later than it was waited for is followed all the
        same.
        """
        scale = self._weighing.scale
        with self._changed:
            self._weighing.expect_tray(self._cycle.load_kg)
        scale.tare()

    @property
    def scale_trouble_kind(self) -> str:
        """The word for what is wrong with the scale, empty where there is none for it."""
        return self._weighing.trouble_kind

    @property
    def scale_trouble(self) -> str:
        """What is wrong with the scale now, empty while it weighs."""
        return self._weighing.trouble

    @property
    def calibration(self) -> RigCalibration | None:
        """The calibration that the next look uses, ``None`` without one; from any thread."""
        return self._geometry.newest.calibration

    def use_calibration(self, calibration: RigCalibration | None, remarks: Sequence[str] = ()) -> None:
        """Work with another calibration from the next look on, or with ``None`` look at nothing; from any thread.

        A look under way ends with the calibration it began with. The empty plate is learned anew, and what lies on the
        plate is looked at again. ``remarks`` are sentences that stand among the troubles while it is used.
        """
        with self._changed:
            self._geometry.use(calibration, remarks)
            self._cycle.look_again()
            self._publish()

    def pause(self, rest: Rest = Rest.CALIBRATING) -> None:
        """Look at nothing until :meth:`resume`, and close the question; from any thread.

        A look under way is ended, but not shown.
        """
        with self._changed:
            self._geometry.pause(rest)
            self._cycle.look_again()
            self._publish()

    def resume(self) -> None:
        """Go on after :meth:`pause`: the empty plate is learned anew. Harmless when nothing was paused."""
        with self._changed:
            if self._geometry.resume():
                self._publish()

    def _take_over(self) -> Eyes | None:
        """Take the next calibration over, if there is one; return who looks, ``None`` while nothing is looked at."""
        with self._changed:
            geometry = self._geometry.take_over()
            if geometry is not None:
                self._plate.aim(geometry.calibration)
                self._locator.forget_empty()
                self._cycle.look_again()
            calibration = self._geometry.at_work
            recognizer = self._recognizer if self._purpose is Purpose.RECOGNITION else None
            return Eyes(self._locator, recognizer, calibration) if calibration else None

    def _weigh(self, reading: WeightReading) -> None:
        """Take a reading; runs in the scale's thread, so that a part that is lifted cannot be answered any more."""
        with self._changed:
            self._weighing.take(reading)
            self._cycle.weigh(reading)
            self._publish()

    def _scale_report(self, error: StationError | None) -> None:
        with self._changed:
            self._weighing.report(error)
            if error is not None:
                self._cycle.lose_scale()
            self._publish()

    def _scale_changed(self, change: ScaleChange) -> None:
        with self._changed:
            if change is ScaleChange.TARED:
                self._cycle.tared(self._weighing.tray_kg(self._cycle.load_kg))
            else:
                self._cycle.zeroed()
            self._weighing.change(change)
            self._publish()

    def _run(self) -> None:
        while not self._stopping.wait(_TICK_S):
            try:
                self.turn()
            except Exception as fault:
                # The last guard of the station's heart: a fault is said and logged, and the plate is looked at anew.
                _log.exception("The workflow met a fault")
                with self._changed:
                    self._fault = f"The workflow met a fault and looks at the plate anew: {fault!r}."
                    self._cycle.look_again()
                    self._publish()
                self._stopping.wait(_AFTER_FAULT_S)

    def turn(self) -> None:
        """Look once at what rig and scale have to say, and do what follows; the workflow's thread does so always."""
        eyes = self._take_over()
        now_ns = self._clock()
        if self._devices.ask(now_ns):
            self._weighing.watch_rest(now_ns)
        if eyes is None:
            with self._changed:
                self._publish()
            return
        sight = self._plate.see(now_ns)
        with self._changed:
            step = self._cycle.step(sight, now_ns)
            self._publish()
        if step is Step.LOOK:
            self._look(eyes, sight, now_ns)
        elif step is Step.RENEW or step is Step.LEARN:
            self._renew(eyes, step, now_ns)
        elif step is Step.FORGET:
            eyes.locator.forget_empty()
            self._plate.forget_empty()
            with self._changed:
                self._cycle.forgot_tray()
                self._publish()

    def _look(self, eyes: Eyes, sight: Sight, triggered_ns: int) -> None:
        frameset = self._take(triggered_ns)
        if frameset is None:
            return
        matched_ms = (self._clock() - triggered_ns) / 1e6
        asked = eyes.recognizer is not None
        self._plate.mark_capture(frameset.frames)
        with self._changed:
            if self._geometry.outdated or asked is not (self._purpose is Purpose.RECOGNITION):
                return
            self._cycle.captured(sight)
            weighed = self._cycle.weighed
            self._part = None
            self._desk.next_part()
            self._publish()
        part = look(eyes, frameset, weighed, matched_ms)
        purpose = Purpose.RECOGNITION if asked else Purpose.CAPTURES
        part = replace(part, calibration_warnings=self._doubts(part.calibration_id), purpose=purpose)
        with self._changed:
            empty = self._cycle.looked(part.outcome, answerable=asked and may_be_answered(part))
            self._part = part if self._cycle.holds else None
            counts = self._cycle.holds or part.outcome not in (Outcome.EMPTY, Outcome.REACHED_INTO)
            if counts and asked:
                # Written down before it is shown: its answer must come after it in the journal.
                self._note(part)
            self._publish()
        if empty:
            self._learn(eyes, frameset)
        elif self._check is not None:
            self._check.offer(frameset, eyes.calibration, part.capture_id)
        if counts:
            self._listeners.tell(part)
        self._fault = ""

    def _note(self, part: CapturedPart) -> None:
        try:
            answered = part.recognition.model_id if part.recognition else self._recognizer.model_id
            self._desk.note(part, answered)
        except (StorageError, ValueError) as error:  # ValueError: a number that JSON does not have
            _log.warning("A recognition was not written down: %s", error)

    def _renew(self, eyes: Eyes, wanted: Step, now_ns: int) -> None:
        """Take the plate's picture anew, unless something came onto it while the frameset was waited for."""
        frameset = self._take(now_ns)
        sight = self._plate.see(self._clock())
        with self._changed:
            if frameset is None or self._cycle.step(sight, now_ns) is not wanted:
                self._publish()
                return
            if wanted is Step.LEARN:
                self._cycle.learned_tray()
        self._learn(eyes, frameset, tray=wanted is Step.LEARN)

    def _learn(self, eyes: Eyes, frameset: FrameSet, *, tray: bool = False) -> None:
        try:
            (eyes.locator.learn_tray if tray else eyes.locator.learn_empty)(frameset, eyes.calibration)
        except StationError as error:
            _log.warning("The empty plate was not learned: %s", error)
        self._plate.learn_empty(frameset.frames)
        if self._check is not None:
            self._check.offer(frameset, eyes.calibration, "")
        with self._changed:
            self._cycle.renewed(self._clock())

    def _doubts(self, calibration_id: str) -> tuple[str, ...]:
        return self._check.warnings(calibration_id) if self._check else ()

    def _take(self, newer_than_ns: int) -> FrameSet | None:
        frameset = self._rig.next_frameset(newer_than_ns, _FRAMESET_S)
        with self._changed:
            self._rig_trouble = "" if frameset else f"The cameras gave no pictures for {_FRAMESET_S:g} s."
            self._publish()
        return frameset

    def _publish(self) -> None:
        """Replace the snapshot when anything in it has changed; the lock is held."""
        cycle = self._cycle
        if cycle.state is PartState.EMPTY or not cycle.holds:
            self._part = None
            self._desk.next_part()
        if cycle.state is PartState.EMPTY and cycle.weight is not None:
            self._weighing.seen_empty()
        journal = self._journal.state if self._journal else None
        status = snapshot(
            self._status.sequence,
            cycle,
            self._part,
            self._desk,
            self._geometry,
            troubles=(
                self._fault,
                self.scale_trouble,
                self._rig_trouble,
                journal.trouble if journal else "",
                *self._heeded.sentences(),
                *self._devices.troubles,
            ),
            scale_trouble=self.scale_trouble,
            doubts=self._doubts(self._geometry.newest.calibration_id),
            journal=journal,
            purpose=self._purpose,
        )
        if status != self._status:
            self._status = replace(status, sequence=self._status.sequence + 1)
            self._changed.notify_all()
