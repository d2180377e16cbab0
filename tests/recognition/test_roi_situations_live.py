"""The plates that do not hold one whole part, live: simulated rig, real locator, whole workflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest

from recognition.roi import RoiLocator
from station.acquisition import Rig
from station.frames import FrameSet
from station.results import PartLocation, RankedClass, Recognition
from station.settings import SimulationSection
from station.simulation.library import PartLibrary
from station.simulation.live import SimulatedRig
from station.workflow import Outcome, PartState, PartStatus, Workflow

pytest.importorskip("pyrealsense2")
pytestmark = pytest.mark.slow  # test_roi_situations and tests/station/workflow/test_situations are the fast forms

PATIENCE_S = 30.0


class Anyone:
    """Stands in for the model: names every part the same."""

    model_id = "anyone"

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        ranked = (RankedClass("part", 1.0),)
        return Recognition(
            ranked, ("part",), False, 0.0, np.zeros(4, np.float32), {}, tuple(frameset.frames), self.model_id
        )


class Station:
    def __init__(self) -> None:
        self.sim = SimulatedRig(SimulationSection(size="640x480", fps=6, seed=3), stale_after_s=5.0)
        self.sim.start()
        self.rig = Rig(self.sim.sources, fps=6)
        self.rig.start()
        self.workflow = Workflow(self.rig, None, RoiLocator(), Anyone(), self.sim.calibration)
        self.workflow.start()

    def close(self) -> None:
        self.workflow.stop()
        self.rig.stop()
        self.sim.stop()

    def wait(self, wanted: Callable[[PartStatus], bool]) -> PartStatus:
        deadline = time.monotonic() + PATIENCE_S
        status: PartStatus | None = self.workflow.status
        while status is not None and time.monotonic() < deadline:
            if wanted(status):
                return status
            status = self.workflow.wait_newer(status.sequence, PATIENCE_S)
        raise AssertionError(f"never came, the last was {self.workflow.status}")


@pytest.fixture
def station() -> Iterator[Station]:
    made = Station()
    yield made
    made.close()


def test_every_situation_one_after_the_other(station: Station) -> None:
    sim = station.sim
    sized = (part for part in PartLibrary.load().classes if part.size_m[0] < 0.08 and part.size_m[2] > 0.025)
    first, second, third = (part.class_id for part in islice(sized, 3))
    station.wait(lambda s: s.state is PartState.EMPTY)

    sim.reach_in("arm")
    station.wait(lambda s: s.outcome is Outcome.REACHED_INTO and s.state is PartState.SETTLING)
    sim.place(first, seed=11, at=(0.30, 0.20), moving=False)
    station.wait(lambda s: s.outcome is Outcome.REACHED_INTO and s.state is PartState.SETTLING)
    sim.withdraw()
    whole = station.wait(lambda s: s.state is PartState.RECOGNISED)
    assert whole.part is not None
    assert whole.part.whole

    sim.place(second, seed=12, at=(0.12, 0.12), add=True)
    several = station.wait(lambda s: s.outcome is Outcome.SEVERAL_PARTS)
    assert several.part is not None
    assert several.part.location is not None
    assert len(several.part.location.each) == 2
    assert not several.answerable

    sim.place(third, seed=13, at=(0.24, 0.19))
    lone = station.wait(lambda s: s.state is PartState.RECOGNISED)
    assert lone.capture_id is not None
    station.workflow.answer(lone.capture_id, "part")

    sim.place(first, seed=11, at=(0.20, 0.22))
    exchanged = station.wait(lambda s: s.state is PartState.RECOGNISED and s.capture_id != lone.capture_id)
    assert exchanged.answer is None

    sim.place(first, seed=11, at=(-0.01, 0.19))
    outside = station.wait(lambda s: s.outcome is Outcome.OUTSIDE)
    assert outside.part is not None
    assert outside.answerable
    assert not outside.part.whole

    sim.clear(moving=True)
    station.wait(lambda s: s.state is PartState.EMPTY)
