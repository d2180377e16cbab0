"""The calibration page's logic: one view out of the newest snapshots, and what a person does to the calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from calibration.acceptance import doubts
from calibration.collecting.result import ViewPicture
from calibration.collecting.snapshot import Stage
from calibration.store import StoredCalibration
from station.errors import StationError
from station.geometry import RigCalibration
from ui.presenters.boards_offered import OFFERED, board_choice
from ui.presenters.calibration_collect import JustTaken, collect_view
from ui.presenters.calibration_commands import TO_THE_WORK, allowed_commands, dropping, toggling
from ui.presenters.calibration_result import result_view
from ui.presenters.calibration_situation import accepted, at_start, step_index, step_names, under_way
from ui.presenters.calibration_start import start_view
from ui.presenters.calibration_view import CalibrationCommand, CalibrationStep, CalibrationView
from ui.presenters.calibration_words import doubts_sentence, sheet_sentence
from ui.presenters.calibration_worst import WorstPictures
from ui.presenters.errands import Errands
from ui.presenters.notices import Notices
from ui.presenters.operator_view import Tone
from ui.presenters.sources import CalibrationDoor, CalibrationWork, CameraDoor
from ui.presenters.wording import Wording


class CalibrationPresenter:
    """Pulls snapshots and gives back views; what may take its time is an errand.

    Args:
        door: the station's calibrations.
        cameras: the rig's cameras.
        clock: monotonic seconds.
        words: language of the texts.
        errands: where calls are made that take their time.
    """

    def __init__(
        self,
        door: CalibrationDoor,
        cameras: CameraDoor,
        clock: Callable[[], float],
        words: Wording | None = None,
        errands: Errands | None = None,
    ) -> None:
        self._door = door
        self._cameras = cameras
        self._words = words or Wording()
        self._errands = errands or Errands()
        self._notices = Notices(clock)
        self._taken = JustTaken(clock)
        self._worst = WorstPictures(self._errands)
        self._work: CalibrationWork | None = None
        self._accepted: RigCalibration | None = None
        self._active: StoredCalibration | None = None
        self._stored: tuple[StoredCalibration, ...] = ()
        self._loaded = False
        self._shown = CalibrationStep.START
        self._allowed: frozenset[CalibrationCommand] = frozenset()
        self._asked = CalibrationCommand.STOP
        self.board_id = OFFERED[0]
        self.only: str | None = None
        """The role that is calibrated alone, ``None`` for all."""

    def use_words(self, words: Wording) -> None:
        """Speak another language from the next view on."""
        self._words = words

    @property
    def words(self) -> Wording:
        """Language of the texts."""
        return self._words

    @property
    def roles(self) -> Sequence[str]:
        """The rig's roles."""
        return self._cameras.roles

    @property
    def active(self) -> StoredCalibration | None:
        """The calibration that the station recognises with, as known last."""
        return self._active

    @property
    def loaded(self) -> bool:
        """Whether it is known by now what is active."""
        return self._loaded

    @property
    def calibrating(self) -> bool:
        """Whether a calibration is under way."""
        return self._work is not None

    @property
    def advised_roles(self) -> tuple[str, ...]:
        """The cameras that the advice is about now."""
        return self._work.snapshot.advice_roles if self._work is not None else ()

    def load(self) -> None:
        """Ask anew what is active and what is stored."""
        self._errands.do(lambda: (self._door.active(), tuple(self._door.listing())), self._take_listing, self._fail)

    def pull(self) -> None:
        """Hand over what the errands brought; called with every beat, whichever page is shown."""
        self._errands.collect()

    def view(self) -> CalibrationView:
        """Return the page as it is now."""
        self._errands.collect()
        words, roles = self._words, self.roles
        snapshot = self._work.snapshot if self._work is not None else None
        start = collect = result = None
        if snapshot is not None:
            self._worst.follow(snapshot.result)
            taken = self._taken.after(snapshot.pictures)
            if snapshot.stage in (Stage.PLATE, Stage.BOARD):
                collect = collect_view(snapshot, roles, self._cameras.states(), taken, words)
            said = under_way(snapshot, roles, collect, words)
            if said.step is CalibrationStep.RESULT and snapshot.result is not None:
                result = result_view(snapshot.result, roles, self._worst.marked, words)
        elif self._accepted is not None:
            said = accepted(self._accepted, words)
        else:
            start = start_view(self._active, self._stored, words, loaded=self._loaded)
            said = at_start(start, words)
        if said.step is not self._shown:
            self._notices.asking = False
        self._shown = said.step
        question = words.translate("Calibration", "Give this calibration up? Esc again: yes. Any other key: no.")
        if self._asked is CalibrationCommand.ACCEPT and snapshot is not None and snapshot.result is not None:
            question = doubts_sentence(doubts(snapshot.result), snapshot.result.solution, words)
        allowed = allowed_commands(
            said.step,
            snapshot,
            ready_board=board_choice(self.board_id, words).board is not None,
            stored=bool(self._stored),
            marked=bool(self._worst.marked),
        )
        self._allowed = frozenset() if self._notices.busy else allowed
        return CalibrationView(
            step=said.step,
            tone=said.tone,
            sign=said.sign,
            headline=said.headline,
            detail=said.detail,
            step_names=step_names(words),
            step_index=step_index(said.step),
            message=self._notices.message(question, snapshot.trouble if snapshot else "", said.hint),
            start=start,
            collect=collect,
            progress=snapshot.progress if snapshot is not None else 0.0,
            result=result,
            busy=bool(self._notices.busy),
            allowed=self._allowed,
        )

    def do(self, command: CalibrationCommand) -> None:
        """Do what needs nothing but the press; what does not fit the view that was given last is ignored."""
        translate = self._words.translate
        if command not in self._allowed:
            return
        if command in TO_THE_WORK:
            self._tell(TO_THE_WORK[command])
        elif command is CalibrationCommand.DROP_WORST:
            self._tell(dropping(self._worst.marked))
        elif command is CalibrationCommand.BEGIN:
            board_id, only = self.board_id.strip(), self.only
            sentence = translate("Calibration", "The cameras are being made ready …")
            self._send(sentence, lambda: self._door.begin(board_id, only), self._begun)
        elif command is CalibrationCommand.ACCEPT:
            self._accept()
        elif command is CalibrationCommand.BACK:
            sentence = translate("Calibration", "The calibration is being exchanged …")
            self._send(sentence, self._door.back, self._used)
        elif command is CalibrationCommand.STOP:
            self._stop()
        elif command in (CalibrationCommand.ANEW, CalibrationCommand.DONE):
            self._accepted = None
            self.dismiss()

    def use(self, calibration_id: str) -> None:
        """Make an older calibration the active one."""
        sentence = self._words.translate("Calibration", "The calibration is being exchanged …")
        self._send(sentence, lambda: self._door.use(calibration_id), self._used)

    def toggle_picture(self, placement: str) -> None:
        """Drop a picture, or keep a dropped one after all."""
        self._tell(toggling(placement))

    def toggle_mark(self, placement: str) -> None:
        """Mark one of the worst pictures for dropping, or take the mark away."""
        self._worst.toggle(placement)

    def print_board(self, path: Path, paper: str) -> None:
        """Write the chosen board's sheet."""
        board_id = self.board_id.strip()
        self._send(
            self._words.translate("Calibration", "The board is being drawn …"),
            lambda: self._door.write_board(board_id, path, paper),
            lambda sheets: self._notices.say(Tone.GOOD, sheet_sentence(sheets, path, self._words)),
        )

    def report(self, path: Path) -> None:
        """Write the report of what is shown."""
        shown = self._accepted.id if self._accepted else None
        sentence = self._words.translate("Calibration", "The report is being written …")
        self._send(sentence, lambda: self._door.report(shown, path), lambda _: self._written(path))

    def export(self, path: Path, form: str) -> None:
        """Write what is shown for other programs into the folder ``path``."""
        shown = self._accepted.id if self._accepted else None
        sentence = self._words.translate("Calibration", "The calibration is being exported …")
        self._send(sentence, lambda: self._door.export(shown, path, form), lambda _: self._written(path))

    def dismiss(self) -> None:
        """Forget the question or notice in the message line."""
        self._notices.dismiss()

    def refuse(self, sentence: str) -> None:
        """Show a sentence about something that could not be done."""
        self._notices.say(Tone.WARNING, sentence)

    def picture(self, placement: str, role: str) -> ViewPicture | None:
        """Return a taken picture when it is there; it is fetched when first asked for."""
        return self._worst.picture(self._work, (placement, role)) if self._work is not None else None

    def close(self) -> None:
        """End the errands; a calibration under way is left to the station, which ends it with itself."""
        self._errands.close()

    def _send(self, sentence: str, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        if self._notices.busy:
            return
        self._notices.begin(sentence)

        def finished(outcome: Any) -> None:
            self._notices.busy = ""
            done(outcome)

        self._errands.do(call, finished, self._fail)

    def _tell(self, act: Callable[[CalibrationWork], None]) -> None:
        self.dismiss()
        if self._work is None or self._notices.busy:
            return
        try:
            act(self._work)
        except StationError as error:
            self._fail(error)

    def _fail(self, error: StationError) -> None:
        self._notices.busy = ""
        self._notices.say(Tone.ERROR, str(error))

    def _begun(self, work: CalibrationWork) -> None:
        self._work, self._accepted = work, None
        self._taken.forget()

    def _stored_it(self, calibration: RigCalibration) -> None:
        self._accepted, self._work = calibration, None
        self._errands.do(self._door.end, lambda _: None, self._fail)
        self.load()

    def _ended(self) -> None:
        self._work = None
        text = self._words.translate("Calibration", "The calibration was given up. Nothing was changed.")
        self._notices.say(Tone.IDLE, text)
        self.load()

    def _used(self, calibration: RigCalibration) -> None:
        self._accepted = None
        text = self._words.translate("Calibration", "Calibration {id} is active again.")
        self._notices.say(Tone.GOOD, text.format(id=calibration.id))
        self.load()

    def _take_listing(self, known: tuple[StoredCalibration | None, tuple[StoredCalibration, ...]]) -> None:
        self._active, self._stored = known
        self._loaded = True

    def _accept(self) -> None:
        """Accept the result; asks first where something speaks against it."""
        result = self._work.snapshot.result if self._work is not None else None
        against = result is not None and bool(doubts(result))
        if against and not self._sure_of(CalibrationCommand.ACCEPT):
            return
        sentence = self._words.translate("Calibration", "The calibration is being stored …")
        self._send(sentence, lambda: self._door.accept(even_so=against), self._stored_it)

    def _sure_of(self, command: CalibrationCommand) -> bool:
        """Return whether the question about a command stands already; asks it otherwise."""
        if self._notices.asking and self._asked is command:
            return True
        self._asked = command
        self._notices.ask()
        return False

    def _stop(self) -> None:
        """Give the calibration up; asks first, so that no hasty key loses the pictures."""
        if self._sure_of(CalibrationCommand.STOP):
            self._send(self._words.translate("Calibration", "One moment …"), self._door.end, lambda _: self._ended())

    def _written(self, path: Path) -> None:
        self._notices.say(Tone.GOOD, self._words.translate("Calibration", "{path} is written.").format(path=path))
