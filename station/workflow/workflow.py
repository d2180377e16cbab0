"""The workflow's thread: framesets and weights in, one answer per part out."""

from __future__ import annotations

from collections.abc import Callable

from station.errors import StationError
from station.geometry import RigCalibration
from station.journal import JournalWriter
from station.scale.source import ScaleSource
from station.settings import TriggerSection
from station.workflow.protocols import PartLocator, Recognizer
from station.workflow.sources import FramesetSource
from station.workflow.status import CapturedPart, PartStatus, Verdict


class AnswerRefusedError(StationError):
    """The answer is for a part that is not, or not any more, the one on the plate."""


class Workflow:
    """Takes parts from the plate to an answer, in a thread of its own named ``Workflow``.

    Args:
        rig: delivers framesets whose depth lies in the colour images' geometry.
        scale: the scale, or ``None`` for a station without one; started and stopped by the workflow.
        locator, recognizer: as in ``station.workflow.protocols``; both are called in the workflow's thread.
        calibration: the geometry that the locator is given.
        journal: takes every recognition and every answer; ``None`` keeps no record.
        trigger: when a part counts as lying still.
        on_part: called in the workflow's thread with every finished look at a part (not with an empty plate);
            must return quickly.
    """

    def __init__(
        self,
        rig: FramesetSource,
        scale: ScaleSource | None,
        locator: PartLocator,
        recognizer: Recognizer,
        calibration: RigCalibration,
        journal: JournalWriter | None = None,
        trigger: TriggerSection | None = None,
        *,
        on_part: Callable[[CapturedPart], None] | None = None,
    ) -> None: ...

    def start(self) -> None:
        """Start the scale and the thread; a scale that cannot be opened becomes a trouble, not an error."""

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop the thread and the scale and wait for both; raises StationError when the thread does not end."""

    @property
    def status(self) -> PartStatus:
        """The newest snapshot; cheap, from any thread."""
        ...

    def wait_newer(self, sequence: int, timeout_s: float) -> PartStatus | None:
        """Wait for a snapshot newer than ``sequence``; ``None`` after ``timeout_s`` seconds without one."""
        ...

    def answer(self, capture_id: str, verdict: str | Verdict, operator: str = "") -> None:
        """Give the answer for the capture that is shown: a class id, or ``Verdict.UNKNOWN`` / ``NEW_PART``.

        Returns at once, the journal is written elsewhere. Answering again replaces the answer (a new row). Raises
        AnswerRefusedError when the capture is not the one on the plate any more, or cannot be answered.
        """

    def undo(self, operator: str = "") -> str:
        """Take the last answer back (a new row) and return its capture id.

        The part becomes a question again when it still lies on the plate. Raises AnswerRefusedError when there is nothing to undo.
        """
        ...

    def look_again(self) -> None:
        """Take and recognise a new capture of what lies on the plate."""

    def zero_scale(self) -> None:
        """Zero the scale with what lies on the plate; raises ScaleError when there is none or it refuses."""
