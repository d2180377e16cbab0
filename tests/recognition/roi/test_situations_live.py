"""The plates that do not hold one whole part, live: simulated rig, virtual scale, real locator, whole workflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice

import numpy as np
import pytest

from recognition.roi import RoiLocator
from station.acquisition import Rig
from station.frames import FrameSet
from station.geometry import WorkVolume
from station.results import PartLocation, RankedClass, Recognition
from station.scale import SerialScale
from station.settings import SimulationSection
from station.simulation.fault_run import FaultBoard
from station.simulation.faults import FaultName
from station.simulation.library import PartLibrary
from station.simulation.live import SimulatedRig
from station.simulation.scale import VirtualScale
from station.simulation.tray import TRAY_KG
from station.workflow import Outcome, PartState, PartStatus, Workflow

pytest.importorskip("pyrealsense2")
pytestmark = pytest.mark.slow  # test_roi_situations and tests/station/workflow/test_situations are the fast forms

PATIENCE_S = 60.0


class Anyone:
    """Stands in for the model: names every part the same, and keeps the weights it was given."""

    model_id = "anyone"

    def __init__(self) -> None:
        self.weights: list[float | None] = []

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        self.weights.append(weight_kg)
        ranked = (RankedClass("part", 1.0),)
        return Recognition(
            ranked, ("part",), False, 0.0, np.zeros(4, np.float32), {}, tuple(frameset.frames), self.model_id
        )


class Station:
    """The simulated rig and its scale, and the station on them."""

    def __init__(self, stack: ExitStack, volume: WorkVolume) -> None:
        self.scale = stack.enter_context(VirtualScale(seed=3))
        self.sim = stack.enter_context(
            SimulatedRig(
                SimulationSection(size="640x480", fps=6, seed=3), stale_after_s=5.0, on_load=self.scale.set_load
            )
        )
        self.faults = FaultBoard(self.sim, self.scale)
        rig = Rig(self.sim.sources, fps=6)
        stack.callback(rig.stop)
        rig.start()
        self.model = Anyone()
        self.workflow = Workflow(
            rig,
            SerialScale(self.scale.url),
            RoiLocator(volume),
            self.model,
            self.sim.calibration,
            volume=volume,
        )
        stack.callback(self.workflow.stop)
        self.workflow.start()

    def wait(self, wanted: Callable[[PartStatus], bool]) -> PartStatus:
        deadline = time.monotonic() + PATIENCE_S
        status: PartStatus | None = self.workflow.status
        while status is not None and time.monotonic() < deadline:
            if wanted(status):
                return status
            status = self.workflow.wait_newer(status.sequence, PATIENCE_S)
        raise AssertionError(f"never came, the last was {self.workflow.status}")

    def wait_empty(self) -> PartStatus:
        return self.wait(lambda s: s.state is PartState.EMPTY and s.load_kg is not None and abs(s.load_kg) < 0.001)

    def wait_recognised(self, but: str | None = None) -> PartStatus:
        return self.wait(lambda s: s.state is PartState.RECOGNISED and s.capture_id != but)


@pytest.fixture
def station() -> Iterator[Station]:
    with ExitStack() as stack:
        made = Station(stack, WorkVolume())
        made.wait_empty()
        yield made


def small_parts() -> list[str]:
    """Three small, thick classes."""
    sized = (part for part in PartLibrary.load().classes if part.size_m[0] < 0.08 and part.size_m[2] > 0.025)
    return [part.class_id for part in islice(sized, 3)]


def test_hands_cables_two_parts_exchanges_and_parts_beyond_the_plate(station: Station) -> None:
    sim = station.sim
    first, second, third = small_parts()

    for fault in (FaultName.HAND, FaultName.CABLE):
        station.faults.set(fault, None, True)
        reached = station.wait(lambda s: s.outcome is Outcome.REACHED_INTO and s.state is PartState.SETTLING)
        assert "take it away" in reached.message
        station.faults.set(fault, None, False)
        station.wait_empty()

    station.faults.set(FaultName.HAND, None, True)
    sim.place(first, seed=11, at=(0.30, 0.20), moving=False)
    waited = station.wait(lambda s: s.outcome is Outcome.REACHED_INTO and (s.load_kg or 0.0) > 0.001)
    assert waited.part is None
    station.faults.set(FaultName.HAND, None, False)
    whole = station.wait_recognised()
    assert whole.part is not None
    assert whole.part.whole

    sim.place(second, seed=12, at=(0.12, 0.12), add=True)
    several = station.wait(lambda s: s.outcome is Outcome.SEVERAL_PARTS)
    assert several.part is not None
    assert several.part.location is not None
    assert len(several.part.location.each) == 2
    assert not several.answerable
    assert "2 parts" in several.message

    sim.place(third, seed=13, at=(0.24, 0.19))
    lone = station.wait_recognised()
    assert lone.capture_id is not None
    station.workflow.answer(lone.capture_id, "part")

    sim.place(first, seed=11, at=(0.20, 0.22), moving=False)
    exchanged = station.wait_recognised(but=lone.capture_id)
    assert exchanged.answer is None

    sim.place(first, seed=11, at=(-0.01, 0.19))
    outside = station.wait(lambda s: s.outcome is Outcome.OUTSIDE)
    assert outside.part is not None
    assert outside.answerable
    assert not outside.part.whole
    assert "beyond" in outside.message

    sim.clear(moving=True)
    station.wait_empty()


def test_a_part_too_light_for_the_scale_a_tray_and_a_scale_that_drifts(station: Station) -> None:
    sim, model = station.sim, station.model
    first, second, _ = small_parts()

    sim.place(first, seed=11, at=(0.30, 0.20), weight_kg=0.0001)
    light = station.wait_recognised()
    assert light.load_kg == pytest.approx(0.0001, abs=0.0002)
    assert model.weights == [None]
    sim.clear()
    station.wait_empty()

    sim.put_tray()
    seen = station.wait_recognised()
    assert seen.load_kg == pytest.approx(TRAY_KG, abs=0.001)
    station.workflow.tare()
    station.wait_empty()
    sim.place(second, seed=12)
    in_tray = station.wait_recognised(but=seen.capture_id)
    (truth,) = sim.truth()["parts"]
    assert model.weights[-1] == pytest.approx(truth["weight_kg"], abs=0.0005)
    assert in_tray.part is not None
    assert in_tray.part.location is not None
    assert in_tray.part.location.size_m is not None
    assert in_tray.part.location.size_m[0] == pytest.approx(truth["size_m"][0], abs=0.012)
    sim.clear()
    station.wait_empty()
    sim.take_tray()
    station.wait(lambda s: s.load_kg is not None and s.load_kg < -0.1)
    station.wait_empty()

    sim.place(first, seed=11, at=(0.30, 0.20))
    lying = station.wait_recognised()
    assert lying.load_kg is not None
    station.faults.set(FaultName.SCALE_DRIFT, None, True)
    drifting = station.wait(lambda s: "drifts" in s.scale_trouble)
    assert drifting.capture_id == lying.capture_id
    assert drifting.answerable
    assert drifting.load_kg == pytest.approx(lying.load_kg, abs=0.0005)
    sim.clear()
    station.wait_empty()
    station.faults.set(FaultName.SCALE_DRIFT, None, False)
    station.wait(lambda s: not s.scale_trouble)


def test_a_part_higher_than_the_work_volume() -> None:
    first, _, _ = small_parts()
    with ExitStack() as stack:
        station = Station(stack, WorkVolume(z=(0.0, 0.02)))
        station.wait_empty()
        station.sim.place(first, seed=11, at=(0.30, 0.20))
        high = station.wait(lambda s: s.outcome is Outcome.OUTSIDE)
        assert high.part is not None
        assert high.part.location is not None
        assert high.part.location.too_high
        assert "higher" in high.message
