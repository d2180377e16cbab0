"""The capture page's logic: which class, the running session, and what a person does; nothing waits here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from station.captures.catalog_values import Counts
from station.captures.session_values import Ask, SessionSnapshot, Step
from station.errors import StationError
from station.workflow.status import PartStatus
from ui.presenters.capture_review import THUMBNAIL_PX, CaptureReview
from ui.presenters.capture_session import counts_view, session_view
from ui.presenters.capture_source import CaptureDoor, CapturePicture, ClassFacts, NewClass
from ui.presenters.capture_view import CaptureCommand, CaptureStep, CaptureView, ClassRow, SessionView
from ui.presenters.capture_words import Said, hint_words, prompt_words
from ui.presenters.class_search import ClassSearch
from ui.presenters.errands import Errands
from ui.presenters.notices import Notices
from ui.presenters.operator_view import Sign, Tone
from ui.presenters.shelf import Shelf
from ui.presenters.sources import CameraDoor, WorkflowDoor
from ui.presenters.tiles import Tiles
from ui.presenters.wording import Wording

COUNTS_S = 5.0
"""Counts of all classes are read again after so long, and after every capture."""
MOST_NAMES = 2000
"""Classes whose names are known for the balance."""
_CLASS_PICTURES = 60


class CapturePresenter:
    """Pulls snapshots and gives back views; what touches the disk is an errand.

    Args:
        door: the data set and its capture session.
        workflow: the work at the plate.
        cameras: the rig's cameras.
        clock: monotonic seconds.
        words: language of the texts.
        errands: where calls are made that take their time.
    """

    def __init__(
        self,
        door: CaptureDoor,
        workflow: WorkflowDoor,
        cameras: CameraDoor,
        clock: Callable[[], float],
        words: Wording | None = None,
        errands: Errands | None = None,
    ) -> None:
        self._door = door
        self._workflow = workflow
        self._clock = clock
        self._words = words or Wording()
        self._errands = errands or Errands()
        self._pictures = Errands()
        self._notices = Notices(clock)
        self._newest = Shelf[tuple[str, int, str | None], CapturePicture | None](
            lambda key: door.newest(key[0], THUMBNAIL_PX), _CLASS_PICTURES, self._pictures
        )
        self.search = ClassSearch(door, self._errands, self._choose, self._no_such_number, self._fail)
        self.review = CaptureReview(door, self._errands, self._pictures, self._notices, self._send, self._label)
        self._tiles = Tiles(cameras)
        self._names: dict[str, str] = {}
        self._facts: ClassFacts | None = None
        self._facts_of = ""
        self._counts: Mapping[str, Counts] = {}
        self._counts_due_s = clock()
        self._counted: object = None
        self._counting = False
        """Whether counts are on their way; a disk that hangs is not asked again and again."""
        self._vocabulary: Mapping[str, Sequence[str]] = {}
        self._step = CaptureStep.CHOOSE
        self._form_trouble = ""
        self._for_all = False
        self._allowed: frozenset[CaptureCommand] = frozenset()

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def words(self) -> Wording:
        """Language of the texts."""
        return self._words

    def use_words(self, words: Wording) -> None:
        """Speak another language from the next view on."""
        self._words = self.review.words = words

    @property
    def rows(self) -> tuple[ClassRow, ...]:
        """The classes that were found last."""
        return tuple(self._row(one) for one in self.search.classes)

    @property
    def vocabulary(self) -> Mapping[str, Sequence[str]]:
        """The tags that a new class may have, by heading."""
        return self._vocabulary

    @property
    def load_kg(self) -> float | None:
        """What lies on the scale, at rest; ``None`` where nothing does or it is not known."""
        status = self._workflow.status
        resting = status.weight is not None and status.weight.stable
        return status.load_kg if resting and status.load_kg is not None and status.load_kg > 0.0 else None

    def newest_picture(self, class_id: str) -> CapturePicture | None:
        """Return the part in the class's newest capture, ``None`` while it is read or where there is none."""
        last = self.snapshot.last
        return self._newest.get((class_id, self._counts.get(class_id, Counts()).total, last and last.capture_id))

    @property
    def snapshot(self) -> SessionSnapshot:
        """The session's newest snapshot."""
        return self._door.work.snapshot

    def pull(self) -> None:
        """Hand over what the errands brought; called with every beat, whichever page is shown."""
        self._errands.collect()
        self._pictures.collect()

    def load(self) -> None:
        """Ask anew which classes there are and what they have; called when the page is shown."""
        self._counts_due_s = self._clock()
        self._errands.do(self._door.vocabulary, self._take_vocabulary, self._fail)
        self._errands.do(lambda: self._door.classes("", MOST_NAMES), self._take_names, self._fail)
        self.search.again()

    def view(self) -> CaptureView:
        """Return the page as it is now."""
        self.pull()
        snapshot = self.snapshot
        self._follow(snapshot)
        if snapshot.running and self._step not in (CaptureStep.REASON, CaptureStep.REVIEW):
            self._step = CaptureStep.SESSION
        if self._step is CaptureStep.REASON and not snapshot.can_override:
            self._step = CaptureStep.SESSION
        if self._step is CaptureStep.SESSION and not snapshot.running:
            self._step = CaptureStep.CHOOSE
        session: SessionView | None = None
        if self._step in (CaptureStep.SESSION, CaptureStep.REASON):
            session = self._session(snapshot)
        step = self.review.shown if self._step is CaptureStep.REVIEW else self._step
        said = self._said(snapshot)
        self._allowed = frozenset() if self._notices.busy else self._commands(snapshot)
        return CaptureView(
            step=step,
            tone=said.tone,
            sign=said.sign,
            headline=said.headline,
            detail=said.detail,
            message=self._notices.message(self._question(), self._trouble(snapshot), self._hint(snapshot)),
            session=session,
            review=self.review.view() if self._step is CaptureStep.REVIEW else None,
            form_trouble=self._form_trouble if step is CaptureStep.NEW_CLASS else "",
            busy=bool(self._notices.busy),
            allowed=self._allowed,
        )

    def _session(self, snapshot: SessionSnapshot) -> SessionView:
        status: PartStatus = self._workflow.status
        tiles = self._tiles.views(status, self._words)
        return session_view(snapshot, self._facts, self._counts, self._names, tiles, self._words)

    def _said(self, snapshot: SessionSnapshot) -> Said:
        translate = self._words.translate
        if self._step is CaptureStep.REASON:
            detail = translate("Capture", "A digit chooses a reason; Tab and a sentence of your own are fine, too.")
            if self._for_all:
                detail = translate("Capture", "The reason holds for the rest of this session. A: for this look alone.")
            return Said(Tone.WARNING, Sign.QUESTION, translate("Capture", "Why keep it?"), detail)
        if self._step is CaptureStep.SESSION:
            return prompt_words(snapshot, self._words)
        if self._step is CaptureStep.REVIEW:
            return self.review.said()
        if self._step is CaptureStep.NEW_CLASS:
            return Said(
                Tone.IDLE,
                Sign.PART,
                translate("Capture", "A new class"),
                translate("Capture", "Number and name are enough; a scanner reads the number."),
            )
        return Said(
            Tone.IDLE,
            Sign.PART,
            translate("Capture", "Which part gets captures?"),
            translate("Capture", "Search by name, number or tag, or scan its number."),
        )

    def _trouble(self, snapshot: SessionSnapshot) -> str:
        return snapshot.trouble or self._door.storage_trouble

    def _hint(self, snapshot: SessionSnapshot) -> str:
        if self._step is CaptureStep.REVIEW:
            return self.review.hint()
        if self._step is CaptureStep.SESSION:
            return hint_words(snapshot, self._words)
        return ""

    def _question(self) -> str:
        return self._words.translate(
            "Capture", "The plan is not full. End the session? Esc again: yes. Any other key: no."
        )

    def _commands(self, snapshot: SessionSnapshot) -> frozenset[CaptureCommand]:
        command = CaptureCommand
        if self._step is CaptureStep.CHOOSE:
            begin = {command.BEGIN} if self.search.classes else set[CaptureCommand]()
            return frozenset({command.NEW_CLASS, command.REVIEW, *begin})
        if self._step is CaptureStep.NEW_CLASS:
            weigh = {command.WEIGH} if self.load_kg is not None else set[CaptureCommand]()
            return frozenset({command.CREATE, command.BACK, *weigh})
        if self._step is CaptureStep.REASON:
            return frozenset({command.KEEP, command.FOR_ALL, command.BACK})
        if self._step is CaptureStep.REVIEW:
            return self.review.commands
        allowed = {command.END, command.REVIEW}
        allowed |= {command.RESUME} if snapshot.step is Step.PAUSED else {command.PAUSE}
        for able, what in (
            (snapshot.can_undo, command.UNDO),
            (snapshot.can_redo, command.REDO),
            (snapshot.can_skip, command.SKIP),
            (snapshot.can_override, command.KEEP),
            (snapshot.step is Step.DONE and not snapshot.saving, command.MORE),
            (snapshot.step not in (Step.PAUSED, Step.DONE, Step.PREPARING), command.TAKE),
        ):
            if able:
                allowed.add(what)
        return frozenset(allowed)

    # -- what a person does -------------------------------------------------------------------------------------------

    def do(self, command: CaptureCommand) -> None:
        """Do what needs nothing but the press; what does not fit the view that was given last is ignored."""
        if command not in self._allowed:
            return
        work, is_end = self._door.work, command is CaptureCommand.END
        if not is_end:
            self._notices.dismiss()
        if self._step is CaptureStep.REVIEW:
            if not self.review.do(command):
                self._step = CaptureStep.SESSION if self.snapshot.running else CaptureStep.CHOOSE
            return
        simple: dict[CaptureCommand, Callable[[], None]] = {
            CaptureCommand.TAKE: work.take_now,
            CaptureCommand.SKIP: work.skip,
            CaptureCommand.UNDO: work.undo,
            CaptureCommand.REDO: work.redo,
            CaptureCommand.PAUSE: work.pause,
            CaptureCommand.RESUME: work.resume,
        }
        if command in simple:
            simple[command]()
        elif is_end:
            self._end()
        elif command is CaptureCommand.MORE:
            positions = {one.place.position for one in self.snapshot.plan} - {None}
            work.start(self.snapshot.class_id, len(positions) + 1)
        elif command is CaptureCommand.KEEP:
            self._step, self._for_all = CaptureStep.REASON, False
        elif command is CaptureCommand.FOR_ALL:
            self._for_all = not self._for_all
        elif command is CaptureCommand.NEW_CLASS:
            self._step, self._form_trouble = CaptureStep.NEW_CLASS, ""
        elif command is CaptureCommand.BACK:
            self._step = CaptureStep.SESSION if self.snapshot.running else CaptureStep.CHOOSE

    def show_kept(self, class_id: str | None) -> None:
        """Show what is kept of the session's class, else of this one, or of all."""
        if CaptureCommand.REVIEW not in self._allowed:
            return
        self._notices.dismiss()
        snapshot = self.snapshot
        self.review.begin(snapshot.class_id if snapshot.running else class_id)
        self._step = CaptureStep.REVIEW

    def begin(self, class_id: str) -> None:
        """Begin the session of a class, in place of one that runs."""
        self._notices.dismiss()
        self._facts_of = ""
        self._door.work.start(class_id)
        self._step = CaptureStep.SESSION

    def keep(self, reason: str) -> None:
        """Keep the look in spite of its warnings, for a reason; an empty one is asked for again."""
        if not reason.strip():
            self.refuse(self._words.translate("Capture", "A reason is needed: it is kept with the capture."))
            return
        self._door.work.override(reason.strip(), for_all=self._for_all)
        self._step = CaptureStep.SESSION

    def create(self, told: NewClass) -> None:
        """Make a class and begin with it; what is missing or taken is said at the form."""
        self._form_trouble = ""
        if not told.number or not told.name:
            self._form_trouble = self._words.translate("Capture", "A number and a name are needed.")
            return

        def failed(error: StationError) -> None:
            self._form_trouble = str(error)

        sentence = self._words.translate("Capture", "The class is being made …")
        self._send(sentence, lambda: self._door.new_class(told), self._made, failed)

    def dismiss(self) -> None:
        """Forget the question or notice in the message line."""
        self._notices.dismiss()

    def refuse(self, sentence: str) -> None:
        """Show a sentence about something that could not be done."""
        self._notices.say(Tone.WARNING, sentence)

    def close(self) -> None:
        """End the errands; a session under way is left to the station, and is there again after the next start."""
        self._errands.close()
        self._pictures.close()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """End the session; a plan that is not full is asked about first."""
        full = self.snapshot.prompt.ask is Ask.END
        if not full and not self._notices.asking:
            self._notices.ask()
            return
        self._notices.dismiss()
        self._door.work.end()

    def _follow(self, snapshot: SessionSnapshot) -> None:
        """Read what the class is and has, anew after every capture that was kept."""
        kept = (snapshot.class_id, snapshot.kept, snapshot.last)
        due = kept != self._counted or self._clock() >= self._counts_due_s
        if due and not self._counting:
            if kept != self._counted and self._step is CaptureStep.REVIEW:
                self.review.look_again()
            self._counted = kept
            self._counts_due_s = self._clock() + COUNTS_S
            self._counting = True
            self._errands.do(self._door.counts, self._take_counts, self._not_counted)
        if snapshot.running and snapshot.class_id != self._facts_of:
            self._facts_of = class_id = snapshot.class_id
            self._errands.do(lambda: self._door.facts(class_id), self._take_facts, self._fail)

    def _made(self, class_id: str) -> None:
        """Begin with a class that was made just now; it is among those that are found from now on."""
        self.search.again()
        self.begin(class_id)

    def _choose(self, class_id: str) -> None:
        if self._step is CaptureStep.CHOOSE:
            self.begin(class_id)

    def _no_such_number(self, code: str) -> None:
        text = self._words.translate("Capture", "No class has the number {code}. F2 makes a new one.")
        self.refuse(text.format(code=code))

    def _label(self, class_id: str) -> str:
        return self._names.get(class_id, class_id)

    def _take_counts(self, counts: Mapping[str, Counts]) -> None:
        self._counting = False
        self._counts = counts

    def _not_counted(self, error: StationError) -> None:
        self._counting = False
        self._fail(error)

    def _take_vocabulary(self, vocabulary: Mapping[str, Sequence[str]]) -> None:
        self._vocabulary = vocabulary

    def _take_names(self, classes: Sequence[ClassFacts]) -> None:
        self._names.update({one.class_id: one.name or one.number for one in classes})

    def _take_facts(self, facts: ClassFacts | None) -> None:
        self._facts = facts
        if facts is not None:
            self._names[facts.class_id] = facts.name or facts.number

    def _row(self, one: ClassFacts) -> ClassRow:
        pieces = [", ".join(one.tags[:4])]
        if one.weight_kg is not None:
            pieces.append(self._words.weight(one.weight_kg))
        return ClassRow(
            class_id=one.class_id,
            number=one.number,
            name=one.name,
            detail="  ·  ".join(piece for piece in pieces if piece),
            counts=counts_view(one.counts, self._words),
        )

    def _send(
        self,
        sentence: str,
        call: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[StationError], None] | None = None,
    ) -> None:
        if self._notices.busy:
            return
        self._notices.begin(sentence)

        def refused(error: StationError) -> None:
            self._notices.busy = ""
            (failed or self._fail)(error)

        def finished(outcome: Any) -> None:
            self._notices.busy = ""
            done(outcome)

        self._errands.do(call, finished, refused)

    def _fail(self, error: StationError) -> None:
        self._notices.say(Tone.ERROR, str(error))
