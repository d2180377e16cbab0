"""The status strip: cameras, scale, model, calibration and journal, each in a few words."""

from __future__ import annotations

from dataclasses import dataclass

from station.cameras.supervisor import CameraState
from station.workflow.status import PartStatus, Rest
from ui.presenters.operator_view import StatusCell, StatusTone
from ui.presenters.sources import CameraDoor, WorkflowDoor
from ui.presenters.tiles import camera_state_text, role_label
from ui.presenters.wording import NO_VALUE, Wording

_DELIVERING = frozenset({CameraState.STREAMING, CameraState.ENDED})


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What does not change while the window is open.

    ``model`` is its id, ``model_trouble`` the sentence of a model that could not be loaded.
    """

    name: str
    model: str
    has_scale: bool = True
    has_journal: bool = True
    model_trouble: str = ""


class StatusPresenter:
    """Makes the strip's cells out of the newest snapshots."""

    def __init__(
        self, workflow: WorkflowDoor, cameras: CameraDoor, facts: StationFacts, words: Wording | None = None
    ) -> None:
        self._workflow = workflow
        self._cameras = cameras
        self._facts = facts
        self._words = words or Wording()

    def use_words(self, words: Wording) -> None:
        """Speak another language from the next cells on."""
        self._words = words

    def cells(self) -> tuple[StatusCell, ...]:
        """Return the strip as it is now."""
        status = self._workflow.status
        return (
            self._camera_cell(),
            self._scale_cell(status),
            self._model_cell(),
            self._calibration_cell(status),
            self._journal_cell(status),
        )

    def _camera_cell(self) -> StatusCell:
        translate = self._words.translate
        states = self._cameras.states()
        bad = [s for s in states.values() if s.state not in _DELIVERING]
        lost = [s for s in bad if s.state is not CameraState.STARTING]
        text = f"{len(states) - len(bad)} / {len(states)}"
        if lost:
            missing = ", ".join(role_label(s.role) for s in lost)
            text = translate("Status", "{text}  ·  {missing} missing").format(text=text, missing=missing)
            tone = StatusTone.ERROR if len(lost) == len(states) else StatusTone.WARNING
        else:
            tone = StatusTone.BUSY if bad else StatusTone.OK
        reasons = "\n".join(f"{role_label(s.role)}: {s.reason or camera_state_text(s.state, self._words)}" for s in bad)
        return StatusCell("cameras", translate("Status", "Cameras"), text, tone, reasons)

    def _scale_cell(self, status: PartStatus) -> StatusCell:
        translate = self._words.translate
        title = translate("Status", "Scale")
        if not self._facts.has_scale:
            return StatusCell("scale", title, translate("Status", "none"), StatusTone.OFF)
        if status.weight is None:
            return StatusCell("scale", title, translate("Status", "does not answer"), StatusTone.ERROR)
        if status.scale_trouble:
            return StatusCell("scale", title, translate("Status", "doubtful"), StatusTone.WARNING, status.scale_trouble)
        text = translate("Status", "stable") if status.weight.stable else translate("Status", "moving")
        return StatusCell("scale", title, text, StatusTone.OK)

    def _model_cell(self) -> StatusCell:
        facts = self._facts
        tone = StatusTone.ERROR if facts.model_trouble or not facts.model else StatusTone.OK
        title = self._words.translate("Status", "Model")
        return StatusCell("model", title, facts.model or NO_VALUE, tone, facts.model_trouble)

    def _calibration_cell(self, status: PartStatus) -> StatusCell:
        translate = self._words.translate
        title = translate("Status", "Calibration")
        if status.rest is Rest.CALIBRATING:
            return StatusCell("calibration", title, translate("Status", "under way"), StatusTone.BUSY)
        if not status.calibration_id:
            why = translate("Status", "Without a calibration nothing is recognised.")
            return StatusCell("calibration", title, translate("Status", "none"), StatusTone.ERROR, why)
        tone = StatusTone.WARNING if status.calibration_doubts else StatusTone.OK
        return StatusCell("calibration", title, status.calibration_id, tone, "\n".join(status.calibration_doubts))

    def _journal_cell(self, status: PartStatus) -> StatusCell:
        translate = self._words.translate
        title = translate("Status", "Journal")
        if not self._facts.has_journal:
            return StatusCell("journal", title, translate("Status", "not kept"), StatusTone.OFF)
        if status.answers_waiting:
            text = translate("Status", "{count} waiting for the disk").format(count=status.answers_waiting)
            why = translate("Status", "The disk refuses entries; they are kept in memory until it takes them.")
            return StatusCell("journal", title, text, StatusTone.WARNING, why)
        return StatusCell("journal", title, translate("Status", "complete"), StatusTone.OK)
