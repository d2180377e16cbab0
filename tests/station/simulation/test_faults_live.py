"""Each fault on purpose is seen, named among the station's troubles, and over when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.acquisition.picture_health import Finding, Symptom
from station.cli.assembly import NoModel, RunningStation, start_simulated
from station.config import LoadedSettings
from station.errors import ModelError
from station.settings import Settings, SimulationSection
from station.simulation.fault_run import FaultBoard
from station.simulation.faults import FaultName
from station.workflow.status import PartStatus

pytest.importorskip("pyrealsense2")

ROLE = "cam_04"
SEEN_S = 30.0


class Bench:
    """A whole station on the simulated rig, without a model."""

    def __init__(self, running: RunningStation) -> None:
        assert running.simulation is not None
        assert running.virtual_scale is not None
        assert running.health is not None
        self.running = running
        self.health = running.health
        self.board = FaultBoard(running.simulation, running.virtual_scale)

    def wait(self, accept: Callable[[PartStatus], bool]) -> bool:
        """Wait until the station's status pleases ``accept``."""
        workflow = self.running.workflow
        until = time.monotonic() + SEEN_S
        status = workflow.status
        while not accept(status) and time.monotonic() < until:
            status = workflow.wait_newer(status.sequence, until - time.monotonic()) or workflow.status
        return accept(status)

    def wait_quiet(self) -> bool:
        return self.wait(lambda status: not status.troubles)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    settings = Settings(simulation=SimulationSection(size="640x480", fps=15, seed=3))
    folder: Path = tmp_path_factory.mktemp("station")
    with ExitStack() as stack:
        running = start_simulated(stack, LoadedSettings(settings, None, folder), NoModel(ModelError("None.")))
        yield Bench(running)


def found(symptom: Symptom) -> Callable[[tuple[Finding, ...]], bool]:
    return lambda findings: [(one.role, one.symptom) for one in findings] == [(ROLE, symptom)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "symptom"),
    [
        (FaultName.DEAD_DEPTH, Symptom.NO_DEPTH),
        (FaultName.FROZEN_PICTURE, Symptom.FROZEN),
        (FaultName.LATE_FRAMES, Symptom.LATE),
        (FaultName.CLOCK_JUMP, Symptom.CLOCK),
        (FaultName.WHITE_BALANCE, Symptom.TINTED),
        (FaultName.DIRTY_LENS, Symptom.BLURRED),
        (FaultName.USB_2, Symptom.SLOW_USB),
        (FaultName.LOST_FRAMES, Symptom.LOSSY),
    ],
)
def test_what_ails_a_camera_that_streams_is_named_and_passes(bench: Bench, fault: FaultName, symptom: Symptom) -> None:
    assert bench.wait_quiet()
    bench.board.set(fault, ROLE, True)
    assert bench.health.wait(found(symptom), SEEN_S), bench.health.findings
    assert bench.wait(lambda status: any(one.startswith(f"{ROLE}: ") for one in status.troubles))
    bench.board.set(fault, ROLE, False)
    assert bench.health.wait(lambda findings: not findings, SEEN_S), bench.health.findings
    assert bench.wait_quiet()


@pytest.mark.slow
@pytest.mark.parametrize("fault", [FaultName.UNPLUG, FaultName.STALL])
def test_a_camera_that_gives_nothing_is_named_and_comes_back(bench: Bench, fault: FaultName) -> None:
    assert bench.wait_quiet()
    before = bench.running.rig.states()[ROLE].restarts
    bench.board.set(fault, ROLE, True)
    assert bench.wait(lambda status: any(ROLE in one and "No frame" in one for one in status.troubles))
    bench.board.set(fault, ROLE, False)
    assert bench.wait_quiet()
    told = bench.running.simulation.truth()["cameras"][ROLE] if bench.running.simulation else {}
    assert told["opened"] >= bench.running.rig.states()[ROLE].restarts - before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (FaultName.SCALE_SILENT, "silent"),
        (FaultName.SCALE_GARBAGE, "nothing intelligible"),
        (FaultName.SCALE_NOISY, "jumps about"),
        (FaultName.SCALE_DRIFT, "drifts"),
    ],
)
def test_what_ails_the_scale_is_named_and_passes(bench: Bench, fault: FaultName, words: str) -> None:
    assert bench.wait_quiet()
    bench.board.set(fault, None, True)
    assert bench.wait(lambda status: any(words in one for one in status.troubles)), (
        bench.running.workflow.status.troubles
    )
    bench.board.set(fault, None, False)
    assert bench.wait_quiet(), bench.running.workflow.status.troubles
