"""The operator page's logic: one view out of the newest snapshots, and what the operator does to the workflow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from station.errors import StationError
from station.workflow.status import PartState, PartStatus, Verdict
from ui.presenters.cards import CARDS, result_cards
from ui.presenters.errands import Errands
from ui.presenters.keys import KeyKind, Typed
from ui.presenters.operator_view import Command, FoundPart, MessageView, OperatorView, Tone
from ui.presenters.part_names import PartNames
from ui.presenters.situation import Situation, situation
from ui.presenters.sources import CameraDoor, PartCatalog, PartEntry, WorkflowDoor
from ui.presenters.tiles import Tiles
from ui.presenters.votes import with_votes
from ui.presenters.weighing import weighing
from ui.presenters.wording import NO_VALUE, Wording

NOTICE_S = 6.0
"""How long the answer to a key press stays in the message line."""

FOUND = 30
"""So many results the search offers."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """A message that answers what the operator just did."""

    message: MessageView
    capture_id: str | None
    until_s: float
    of_part: bool = True
    """Whether it goes with the part that was shown."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A scanned class that contradicts the model; Enter says that it is right."""

    class_id: str
    capture_id: str


class OperatorPresenter:
    """Pulls snapshots and gives back views; nothing in here waits.

    What the operator does is always meant for the part of the view that was given last, never for one that came onto
    the plate a moment later.

    Args:
        workflow: the work at one part.
        parts: the part master.
        cameras: the rig's cameras.
        clock: monotonic seconds.
        words: language of the texts.
        has_scale: whether the station has a scale at all.
    """

    def __init__(
        self,
        workflow: WorkflowDoor,
        parts: PartCatalog,
        cameras: CameraDoor,
        clock: Callable[[], float],
        words: Wording | None = None,
        *,
        has_scale: bool = True,
    ) -> None:
        self._workflow = workflow
        self._names = PartNames(parts)
        self._tiles = Tiles(cameras)
        self._clock = clock
        self._words = words or Wording()
        self._has_scale = has_scale
        self._notice: _Notice | None = None
        self._question: _Question | None = None
        self._shown = workflow.status
        self._searched_for: str | None = None
        self._errands = Errands()

    def use_words(self, words: Wording) -> None:
        """Speak another language from the next view on."""
        self._words = words

    def view(self) -> OperatorView:
        """Return the page as it is now."""
        self._errands.collect()
        status = self._shown = self._workflow.status
        said = situation(status, self._names, self._words)
        load = weighing(status, self._words, has_scale=self._has_scale)
        location = status.part.location if status.part else None
        recognition = status.part.recognition if status.part else None
        size = self._words.size(location.size_m) if location and location.size_m else NO_VALUE
        return OperatorView(
            capture_id=status.capture_id,
            step=said.step,
            tone=said.tone,
            sign=said.sign,
            headline=said.headline,
            detail=said.detail,
            weight_text=load.text,
            weight_note=load.note,
            weight_tone=load.tone,
            size_text=size,
            cards=result_cards(status, self._names, self._words),
            cards_title=said.cards_title,
            rest_title=said.rest_title,
            tiles=with_votes(self._tiles.views(status, self._words), recognition, self._names, self._words),
            message=self._message(status, said),
            confirms_first=_confirms_first(status),
            allowed=_allowed(status),
        )

    def confirm(self) -> None:
        """Take the answer that is offered: the first card, "unknown", or the scanned class that was asked about."""
        status = self._shown
        question = self._question
        if question is not None and question.capture_id == status.capture_id:
            self._answer(status, question.class_id)
            return
        recognition = status.part.recognition if status.part else None
        now = self._workflow.status
        # An answer may have been given since the page was drawn; a hasty Enter must not replace it.
        answered = now.state is PartState.ANSWERED and now.capture_id == status.capture_id
        if answered or status.state is PartState.ANSWERED:
            self._say(Tone.IDLE, self._words.translate("Operator", "This part is answered. Take it off the plate."))
        elif recognition is None:
            self._say(Tone.IDLE, self._words.translate("Operator", "There is nothing to confirm yet."))
        elif recognition.unknown or not recognition.ranked:
            self._answer(status, Verdict.UNKNOWN)
        else:
            self._answer(status, recognition.ranked[0].class_id)

    def choose(self, place: int) -> None:
        """Answer with the card at ``place``, from 1."""
        status = self._shown
        recognition = status.part.recognition if status.part else None
        if recognition is None or not 1 <= place <= min(CARDS, len(recognition.ranked)):
            text = self._words.translate("Operator", "There is no result {place} to choose.")
            self._say(Tone.IDLE, text.format(place=place))
            return
        self._answer(status, recognition.ranked[place - 1].class_id)

    def choose_class(self, class_id: str) -> None:
        """Answer with a class from the search that was begun last."""
        if self._searched_for != self._shown.capture_id:
            text = self._words.translate("Operator", "The plate changed while you searched. Please search again.")
            self._say(Tone.WARNING, text)
            return
        self._answer(self._shown, class_id)

    def declare_new(self) -> None:
        """Answer that this is a part nobody has taught the station yet."""
        self._answer(self._shown, Verdict.NEW_PART)

    def undo(self) -> None:
        """Take the last answer back."""
        if self._question is not None:
            self.dismiss()
            return
        try:
            self._workflow.undo()
        except StationError as error:
            self._say(Tone.WARNING, str(error))
        else:
            self._say(Tone.IDLE, self._words.translate("Operator", "The last answer is taken back."))

    def look_again(self) -> None:
        """Recognise the part once more."""
        self.dismiss()
        try:
            self._workflow.look_again()
        except StationError as error:
            self._say(Tone.WARNING, str(error))

    def zero_scale(self) -> None:
        """Set the scale to zero with what lies on it."""
        translate = self._words.translate
        self._ask_scale(
            self._workflow.zero_scale,
            translate("Operator", "The scale is being zeroed: hands off the plate …"),
            translate("Operator", "The scale is at zero."),
        )

    def tare(self) -> None:
        """Take what lies on the plate for a tray."""
        translate = self._words.translate
        self._ask_scale(
            self._workflow.tare,
            translate("Operator", "The tray is being tared: hands off the plate …"),
            translate("Operator", "The tray is tared. Put the parts into it one by one."),
        )

    def close(self) -> None:
        """Wait for the scale's word, if one is awaited."""
        self._errands.close()

    def _ask_scale(self, wish: Callable[[], None], meanwhile: str, done: str) -> None:
        if self._errands.busy:
            return
        self._say(Tone.WORKING, meanwhile, of_part=False, for_s=math.inf)
        self._errands.do(
            wish,
            lambda _: self._say(Tone.IDLE, done, of_part=False),
            lambda error: self._say(Tone.WARNING, str(error), of_part=False),
        )

    def dismiss(self) -> None:
        """Forget the question or notice in the message line."""
        self._question = None
        self._notice = None

    def scanned(self, code: str) -> None:
        """Take a scanned bar code: the answer when it agrees with the model, a question when it does not."""
        translate = self._words.translate
        entry = self._names.by_code(code)
        if entry is None:
            text = translate("Operator", "No part has the number {code}. F2 searches by name, N declares a new part.")
            self._say(Tone.WARNING, text.format(code=code))
            return
        status = self._shown
        if status.capture_id is None or not status.answerable:
            text = translate("Operator", "{number} {name} scanned: put the part on the plate, then scan it again.")
            self._say(Tone.IDLE, text.format(number=entry.number, name=entry.name))
            return
        recognition = status.part.recognition if status.part else None
        offered = {line.class_id for line in recognition.ranked[:CARDS]} if recognition else {entry.class_id}
        if entry.class_id in offered and not (recognition and recognition.unknown):
            self._answer(status, entry.class_id)
            return
        self._notice = None
        self._question = _Question(entry.class_id, status.capture_id)

    def begin_search(self) -> bool:
        """Begin a search for the part that is shown; returns whether there is one to answer for."""
        if not self._shown.answerable:
            self._nothing_to_answer()
            return False
        self.dismiss()
        self._searched_for = self._shown.capture_id
        return True

    def search(self, text: str) -> tuple[FoundPart, ...]:
        """Return the classes that fit ``text``; the five results of this part for an empty one."""
        if not text.strip():
            recognition = self._shown.part.recognition if self._shown.part else None
            likely = [self._names.entry(line.class_id) for line in recognition.ranked[:FOUND]] if recognition else []
            found: Sequence[PartEntry] = [entry for entry in likely if entry is not None]
        else:
            found = self._names.search(text, FOUND)
        return tuple(FoundPart(e.class_id, e.number, e.name, ", ".join(e.tags)) for e in found)

    def typed(self, typed: Typed) -> str | None:
        """Do what was typed on the page; returns the text to open the search with, or ``None``."""
        if typed.kind is KeyKind.ENTER:
            self.confirm()
        elif typed.kind is KeyKind.CODE:
            self.scanned(typed.text)
        elif typed.kind is KeyKind.KEY and typed.text.isdecimal():
            self.choose(int(typed.text))
        elif typed.kind is KeyKind.KEY and typed.text in "nN":
            self.declare_new()
        elif typed.text == "/":
            return ""
        else:
            return typed.text.lstrip("/")
        return None

    def _answer(self, status: PartStatus, verdict: str | Verdict) -> None:
        self.dismiss()
        if status.capture_id is None or not status.answerable:
            self._nothing_to_answer()
            return
        try:
            self._workflow.answer(status.capture_id, verdict)
        except StationError as error:
            self._say(Tone.WARNING, str(error))

    def _nothing_to_answer(self) -> None:
        text = self._words.translate("Operator", "There is no part to answer for. Put one on the plate.")
        self._say(Tone.IDLE, text)

    def refuse(self, sentence: str) -> None:
        """Show a sentence about something that could not be done."""
        self._say(Tone.WARNING, sentence)

    def _say(self, tone: Tone, text: str, *, of_part: bool = True, for_s: float = NOTICE_S) -> None:
        self._question = None
        self._notice = _Notice(MessageView(tone, text), self._shown.capture_id, self._clock() + for_s, of_part)

    def _message(self, status: PartStatus, said: Situation) -> MessageView | None:
        asked = self._asked(status)
        if asked is not None:
            return asked
        notice = self._notice
        fits = notice is not None and (notice.capture_id == status.capture_id or not notice.of_part)
        if notice is not None and fits and self._clock() < notice.until_s:
            return notice.message
        self._notice = None
        if said.tone is Tone.ERROR and said.hint:
            return MessageView(Tone.ERROR, said.hint)
        troubles = (*status.troubles, *([self._names.trouble] if self._names.trouble else []))
        if troubles:
            return MessageView(Tone.WARNING, " ".join(troubles))
        return MessageView(Tone.IDLE, said.hint) if said.hint else None

    def _asked(self, status: PartStatus) -> MessageView | None:
        question = self._question
        if question is None or question.capture_id != status.capture_id or not status.answerable:
            self._question = None
            return None
        number, name = self._names.title(question.class_id)
        text = self._words.translate(
            "Operator", "Scanned: {number} {name}. The station sees something else. Enter: the scan is right. Esc: no."
        )
        return MessageView(Tone.WARNING, text.format(number=number, name=name))


def _confirms_first(status: PartStatus) -> bool:
    recognition = status.part.recognition if status.part else None
    return status.state is PartState.RECOGNISED and recognition is not None and not recognition.unknown


def _allowed(status: PartStatus) -> frozenset[Command]:
    allowed: set[Command] = set()
    recognition = status.part.recognition if status.part else None
    if status.answerable:
        allowed |= {Command.SEARCH, Command.NEW_PART}
        if recognition is not None:
            allowed |= {Command.CHOOSE}
            if status.state is not PartState.ANSWERED:
                allowed |= {Command.CONFIRM}
    if status.can_undo:
        allowed |= {Command.UNDO}
    return frozenset(allowed)
