"""A running workflow on the synthetic bench, with everything around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from station.journal import Journal
from station.journal_writer import JournalWriter
from station.workflow import CapturedPart, PartState, PartStatus, Workflow
from station.workflow.protocols import CalibrationCheck
from tests.station.workflow.bench_rig import BenchRig, SceneLocator, SceneRecognizer, Thing, ToldScale

PATIENCE_S = 20.0


class Bench:
    """A running workflow with everything around it."""

    def __init__(
        self, folder: Path, *, with_scale: bool = True, calibrated: bool = True, check: CalibrationCheck | None = None
    ) -> None:
        self.rig = BenchRig()
        self.scale = ToldScale()
        self.locator = SceneLocator(self.rig)
        self.recognizer = SceneRecognizer(self.rig)
        self.path = folder / "journal.sqlite"
        self.journal = JournalWriter(self.path, retry_s=0.05)
        self.parts: list[CapturedPart] = []
        self.workflow = Workflow(
            self.rig,
            self.scale if with_scale else None,
            self.locator,
            self.recognizer,
            self.rig.calibration if calibrated else None,
            self.journal,
            on_part=self.parts.append,
            check=check,
        )

    def start(self) -> None:
        self.journal.start()
        self.workflow.start()

    def stop(self) -> None:
        self.workflow.stop()
        self.journal.stop()

    def wait(self, wanted: Callable[[PartStatus], bool]) -> PartStatus:
        status: PartStatus | None = self.workflow.status
        while status is not None:
            if wanted(status):
                return status
            status = self.workflow.wait_newer(status.sequence, PATIENCE_S)
        raise AssertionError(f"never came, the last was {self.workflow.status}")

    def put(self, thing: Thing | None, kg: float) -> None:
        """Put a thing on the plate as a hand does: the scale is restless, then settles."""
        self.scale.say(kg, stable=False)
        self.rig.thing = thing
        self.scale.say(kg, stable=True)

    def recognised(self, name: str) -> PartStatus:
        return self.wait(
            lambda s: (
                s.state is PartState.RECOGNISED
                and s.part is not None
                and s.part.recognition is not None
                and s.part.recognition.ranked[0].class_id == name
            )
        )

    def kinds(self) -> list[tuple[str, str, str | None]]:
        assert self.journal.flush(PATIENCE_S)
        journal = Journal(self.path)
        found = [(e.kind.value, e.capture_id, e.class_id) for e in journal.entries()]
        journal.close()
        return found
