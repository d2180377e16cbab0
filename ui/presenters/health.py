"""The health page's logic: figures, the calibration's checks and trend, and the daily check; nothing waits here."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from calibration.watch.daily import DailyCheck
from calibration.watch.verdicts import WatchReport
from station.cameras.supervisor import CameraStatus
from station.errors import StationError
from ui.presenters.errands import Errands
from ui.presenters.health_cells import columns, picture_cells, place_cells, state_cell
from ui.presenters.health_long_form import details, trouble
from ui.presenters.health_plot import HealthPlot
from ui.presenters.health_source import CheckHistory, HealthDoor
from ui.presenters.health_tiles import figure_tiles
from ui.presenters.health_view import HealthRow, HealthView, TableSection, TrendLine, TrendView
from ui.presenters.health_words import (
    camera_sentence,
    daily_sentence,
    elapsed,
    finding_sentence,
    heat_sentences,
    matching_sentences,
    mute_sentence,
    role_knocked,
    scale_sentence,
    warnings,
)
from ui.presenters.notices import Notices
from ui.presenters.operator_view import MessageView, Tone
from ui.presenters.sources import CameraDoor
from ui.presenters.tiles import role_label
from ui.presenters.wording import Wording

DAYS = 90
"""So far back the trend reaches."""
LOOK_S = 0.5
"""Figures change twice a second: faster than that nobody reads."""
HISTORY_S = 60.0
"""The trend is read again after so long, or soon after a new check."""
_SOON_S = 2.0
_WORST = (Tone.ERROR, Tone.WARNING, Tone.WORKING)


class HealthPresenter:
    """Pulls figures and gives back views.

    Args:
        door: the watch over cameras and calibration.
        cameras: the rig's cameras.
        clock: monotonic seconds, of the clock that frames are stamped with.
        words: language of the texts.
        now: the present instant, UTC.
    """

    def __init__(
        self,
        door: HealthDoor,
        cameras: CameraDoor,
        clock: Callable[[], float],
        words: Wording | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._door = door
        self._cameras = cameras
        self._clock = clock
        self._now = now
        self._words = words or Wording()
        self._reading = Errands()
        self._checking = Errands()
        self._cancel = threading.Event()
        self._notices = Notices(clock)
        self._history: CheckHistory | None = None
        self._history_of = ("", "")
        self._history_due_s = clock()
        self._chosen = ""
        self._section = TableSection.PICTURES
        self._plot = HealthPlot(door.trace)
        self._view: HealthView | None = None
        self._looked_s = 0.0

    def use_words(self, words: Wording) -> None:
        """Speak another language from the next view on."""
        self._words = words
        self._view = None

    def pull(self) -> None:
        """Take what threads have finished; called by the window's timer."""
        if self._reading.busy or self._checking.busy:
            self._reading.collect()
            self._checking.collect()

    def close(self) -> None:
        """End the daily check and the threads."""
        self._cancel.set()
        self._checking.close()
        self._reading.close()

    def choose(self, role: str) -> None:
        """Mark a camera in table and plot; a second time takes the mark away."""
        self._chosen = "" if role == self._chosen else role
        self._view = None

    def step(self, by: int) -> None:
        """Mark the next camera, or with a negative number the one before."""
        roles = tuple(self._cameras.roles)
        place = roles.index(self._chosen) + by if self._chosen in roles else (0 if by > 0 else len(roles) - 1)
        self._chosen = roles[place % len(roles)]
        self._view = None

    def switch_table(self) -> None:
        """Change between the pictures' figures and the cameras' places."""
        pictures = self._section is TableSection.PICTURES
        self._section = TableSection.PLACE if pictures else TableSection.PICTURES
        self._view = None

    def switch_plot(self) -> None:
        """Change between the last ten minutes and the drift over days."""
        self._plot.toggle()
        self._view = None

    def step_quantity(self, by: int) -> None:
        """Show the next quantity in the plot, or with a negative number the one before."""
        self._plot.step(by)
        self._view = None

    def check(self) -> None:
        """Begin the daily check, or end the one under way."""
        self._view = None
        if self._checking.busy:
            self._cancel.set()
        elif self._door.calibration_id:
            self._cancel = threading.Event()
            cancelled = self._cancel.is_set
            board = self._history.board_id if self._history else ""
            text = self._words.translate(
                "Health", "Hold the board {board} still above the middle of the plate, where many cameras see it whole."
            )
            self._notices.begin(text.format(board=board).replace("  ", " "))
            self._checking.do(lambda: self._door.daily_check(cancelled), self._checked, self._failed)

    def dismiss(self) -> None:
        """End the check under way, else forget the message."""
        if self._checking.busy:
            self._cancel.set()
        else:
            self._notices.dismiss()
        self._view = None

    def refuse(self, sentence: str) -> None:
        """Show a sentence in the message line."""
        self._notices.say(Tone.ERROR, sentence)
        self._view = None

    def view(self) -> HealthView:
        """Return the page; figures are taken anew twice a second."""
        now_s = self._clock()
        if self._view is None or now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._read_history(now_s)
            self._view = self._make()
        return self._view

    def _read_history(self, now_s: float) -> None:
        report = self._door.report
        wanted = (self._door.calibration_id, report.capture_id if report else "")
        if wanted[0] != self._history_of[0]:
            self._history = None
            self._history_due_s = now_s
        elif wanted != self._history_of:
            self._history_due_s = min(self._history_due_s, now_s + _SOON_S)
        self._history_of = wanted
        if now_s >= self._history_due_s and not self._reading.busy:
            self._history_due_s = now_s + HISTORY_S
            self._reading.do(lambda: self._door.history(DAYS), self._take_history, self._unread)

    def _take_history(self, history: CheckHistory | None) -> None:
        if history is None or history.trend.calibration_id == self._history_of[0]:
            self._history = history
            self._view = None

    def _unread(self, error: StationError) -> None:
        self.refuse(str(error))

    def _checked(self, check: DailyCheck) -> None:
        self._notices.busy = ""
        self._view = None
        tone, text = daily_sentence(check, self._words)
        self._notices.say(tone, text)

    def _failed(self, error: StationError) -> None:
        self._notices.busy = ""
        self.refuse(str(error))

    def _make(self) -> HealthView:
        report = self._report()
        trends = self._history.trend.cameras if self._history else ()
        limit_mm = self._history.trend.warn_mm if self._history else 0.0
        states = self._cameras.states()
        rows = tuple(self._row(states[role], report) for role in self._cameras.roles)
        found = (
            *(camera_sentence(states[role], self._words) for role in self._cameras.roles),
            *(finding_sentence(finding, self._words) for finding in self._door.findings),
            *heat_sentences(self._door.figures, self._words),
            mute_sentence(self._door.figures, self._words),
            *matching_sentences(self._door.figures, self._words),
            scale_sentence(self._door.scale_trouble_kind, self._door.scale_trouble, self._words),
            *warnings(report, trends, limit_mm, self._words),
        )
        # Pictures and checks may find the same; it is said once.
        said = tuple(dict.fromkeys(sentence for sentence in found if sentence))
        alarming = {row.role for row in rows if row.streams_badly}
        told = next((row for row in rows if row.role == self._chosen), None)
        wrong, known = (told.trouble, told.details) if told else ("", "")
        return HealthView(
            summary=self._summary(rows, report, said),
            tiles=figure_tiles(self._door, self._words),
            section=self._section,
            columns=columns(self._section, self._words),
            rows=rows,
            chosen=self._chosen,
            plot_kind=self._plot.kind,
            plot_title=self._plot.title(self._words),
            trend=self._trend(),
            recent=self._plot.view(self._chosen, alarming, self._words),
            warnings=said,
            checking=self._checking.busy,
            may_check=bool(self._door.calibration_id),
            message=self._notices.message("", wrong.replace("\n", " "), known.replace("\n", " ") or self._hint()),
        )

    def _hint(self) -> str:
        translate = self._words.translate
        return translate("Health", "↑ ↓ mark a camera in the table and in the plot. ← → choose what the plot shows.")

    def _report(self) -> WatchReport | None:
        """Return the newest check, unless it was made under an earlier calibration."""
        report = self._door.report
        return report if report is not None and report.calibration_id == self._door.calibration_id else None

    def _row(self, status: CameraStatus, report: WatchReport | None) -> HealthRow:
        role = status.role
        frame = self._cameras.preview(role)
        age_s = None if frame is None else max(0.0, self._clock() - frame.arrival_ns * 1e-9)
        verdict = report.cameras.get(role) if report else None
        depth = report.depth.get(role) if report else None
        since = self._history.knocked_since.get(role) if self._history else None
        if since is None and role_knocked(verdict) and report is not None:
            since = report.checked_at
        now = self._door.figures
        figures = now.cameras.get(role) if now else None
        symptoms = {finding.symptom for finding in self._door.findings if finding.role == role}
        state = state_cell(status, self._words)
        pictures = picture_cells(status, age_s, figures, symptoms, self._words)
        place = place_cells(verdict, depth, since, self._now(), self._words)
        streaming = {cell.tone for cell in (state, *pictures)} | ({Tone.WARNING} if symptoms else set())
        # The camera's own sign counts the section that is not shown, too.
        tones = streaming | {cell.tone for cell in place}
        return HealthRow(
            role,
            role_label(role),
            next((tone for tone in _WORST if tone in tones), Tone.GOOD),
            (state, *(pictures if self._section is TableSection.PICTURES else place)),
            bool(streaming & {Tone.WARNING, Tone.ERROR}),
            trouble(status, verdict),
            details(figures, self._words),
        )

    def _summary(self, rows: tuple[HealthRow, ...], report: WatchReport | None, said: tuple[str, ...]) -> MessageView:
        translate = self._words.translate
        missing = [row.label for row in rows if row.cells[0].tone is Tone.ERROR]
        if missing:
            text = translate("Health", "Camera {cameras} gives no pictures.")
            return MessageView(Tone.ERROR, text.format(cameras=", ".join(missing)))
        if not self._door.calibration_id:
            return MessageView(Tone.WARNING, translate("Health", "The station is not calibrated."))
        if report is None and not said:
            text = translate("Health", "Calibration {id} is in use; it was not checked yet. Every part is a check.")
            return MessageView(Tone.IDLE, text.format(id=self._door.calibration_id))
        if report is None:
            text = translate("Health", "{count} things need a technician. The calibration was not checked yet.")
            return MessageView(Tone.WARNING, text.format(count=len(said)))
        ago = elapsed(report.checked_at, self._now(), self._words)
        if said:
            text = translate("Health", "{count} things need a technician. Checked {ago}.")
            if len(said) == 1:
                text = translate("Health", "One thing needs a technician. Checked {ago}.")
            return MessageView(Tone.WARNING, text.format(count=len(said), ago=ago))
        text = translate("Health", "All cameras stream and stand in their places. Checked {ago}.")
        return MessageView(Tone.GOOD, text.format(ago=ago))

    def _trend(self) -> TrendView:
        translate = self._words.translate
        history = self._history
        lines = tuple(
            TrendLine(
                camera.role,
                role_label(camera.role),
                tuple((_noon(day.day), day.median_mm) for day in camera.days),
                bool(camera.warning),
            )
            for camera in (history.trend.cameras if history else ())
        )
        note = "" if lines else translate("Health", "No checks yet. Every part that is recognised adds one.")
        return TrendView(lines, history.trend.warn_mm if history else 0.0, self._chosen, note)


def _noon(day: dt.date) -> float:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
