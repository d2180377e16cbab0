"""What the health page is told by a running station: figures of all cameras, and every fault by its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from calibration.store import CalibrationStore
from calibration.watch.trend import TrendStore
from station.cli.assembly import NoModel, RunningStation, start_simulated
from station.cli.health_door import StationHealth, begin_figures
from station.config import LoadedSettings
from station.errors import ModelError
from station.figures import Quantity, StationFigures
from station.frames import ROLES
from station.settings import Settings, SimulationSection
from station.simulation.fault_run import FaultBoard
from station.simulation.faults import CAMERA_FAULTS, SCALE_FAULTS, FaultName
from ui.presenters.health import HealthPresenter
from ui.presenters.health_view import HealthView

pytest.importorskip("pyrealsense2")

ROLE = "cam_04"
SEEN_S = 60.0
WORDS = {
    FaultName.UNPLUG: ("Camera 4 sends no pictures", "Camera 4 is away and is looked for"),
    FaultName.STALL: ("Camera 4 sends no pictures", "Camera 4 is away and is looked for"),
    FaultName.DEAD_DEPTH: ("Camera 4 measures no depth",),
    FaultName.FROZEN_PICTURE: ("Camera 4 shows the same picture",),
    FaultName.LATE_FRAMES: ("Camera 4 is", "later than the others"),
    FaultName.LOST_FRAMES: ("Camera 4 loses",),
    FaultName.CLOCK_JUMP: ("The clock of camera 4 has jumped",),
    FaultName.WHITE_BALANCE: ("Camera 4 is off in colour",),
    FaultName.DIRTY_LENS: ("Camera 4 has", "of the others' sharpness"),
    FaultName.USB_2: ("Camera 4 is connected by USB 2.1",),
    FaultName.SCALE_SILENT: ("The scale is silent",),
    FaultName.SCALE_NOISY: ("The weight jumps about",),
    FaultName.SCALE_GARBAGE: ("The scale sends nothing intelligible",),
    FaultName.SCALE_DRIFT: ("The scale drifts",),
}
"""What stands on the page; one sentence holds all of them, but for a camera without pictures, where any one does."""
FROM_THE_HAND = {FaultName.HAND, FaultName.CABLE}
"""What comes between the plate and the cameras is no fault of theirs: the parts page says it, and waits."""


class Bench:
    """A whole station on the simulated rig, without a model, and the page's presenter on it."""

    def __init__(self, running: RunningStation, figures: StationFigures, presenter: HealthPresenter) -> None:
        assert running.simulation is not None
        assert running.virtual_scale is not None
        self.running = running
        self.figures = figures
        self.presenter = presenter
        self.board = FaultBoard(running.simulation, running.virtual_scale)

    def until(self, wanted: Callable[[HealthView], bool]) -> HealthView:
        """Look at the page with each new row of figures until it is as wanted."""
        until_s = time.monotonic() + SEEN_S
        rows = len(self.figures.trace(Quantity.FPS).at_s)
        view = self.presenter.view()
        while not wanted(view):
            assert time.monotonic() < until_s, (view.warnings, view.rows)
            rows += 1
            self.figures.wait_rows(rows, 2.0)
            self.presenter.pull()
            view = self.presenter.view()
        return view


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder: Path = tmp_path_factory.mktemp("station")
    settings = Settings(simulation=SimulationSection(size="640x480", fps=15, seed=3))
    with ExitStack() as stack:
        running = start_simulated(stack, LoadedSettings(settings, None, folder), NoModel(ModelError("None.")))
        figures = begin_figures(stack, running, folder)
        checks, store = TrendStore(folder / "checks.sqlite", kept_days=30), CalibrationStore(folder / "calibrations")
        door = StationHealth(running, checks, store, 0.5, figures, 2.0)
        presenter = HealthPresenter(door, running.rig, time.monotonic)
        stack.callback(presenter.close)
        yield Bench(running, figures, presenter)


@pytest.mark.slow
def test_every_figure_of_ten_simulated_cameras_arrives(bench: Bench) -> None:
    assert bench.figures.wait_rows(4, SEEN_S)
    view = bench.until(lambda v: not v.warnings and all(row.cells[9].text != "–" for row in v.rows))
    for row in view.rows:
        told = {column.title: cell.text for column, cell in zip(view.columns[1:], row.cells, strict=True)}
        assert told["State"] == "streams"
        assert float(told["Pictures/s"]) == pytest.approx(15.0, abs=3.0)
        assert abs(float(told["Skew, ms"].replace("−", "-"))) < 1000.0 / 15 / 2
        assert float(told["Depth, %"]) > 50.0
        assert float(told["Sharpness"]) > 0.0
        assert 0.0 < float(told["Brightness, %"]) < 100.0
        assert told["USB"] == "3.2"
        assert [told[title] for title in ("Heat, °C", "Exposure, ms", "Filters, ms", "Open for")] == ["–"] * 4
    tiles = {tile.key: tile.text for tile in view.tiles}
    assert tiles["frameset"].startswith("10/10")
    assert tiles["scale"].endswith(("still", "moves"))
    assert all(tiles[key].endswith(unit) for key, unit in (("cpu", "%"), ("memory", "GB"), ("disk", "free")))
    for quantity in (Quantity.FPS, Quantity.AGE, Quantity.SKEW, Quantity.DEPTH, Quantity.CPU, Quantity.MEMORY):
        assert np.isfinite(bench.figures.trace(quantity).values[-1]).all(), quantity
    assert bench.figures.trace(Quantity.FPS).lines == ROLES


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", [*CAMERA_FAULTS, *SCALE_FAULTS])
def test_every_fault_is_named_on_the_page_and_passes(bench: Bench, fault: FaultName) -> None:
    bench.until(lambda v: not v.warnings)
    words = WORDS[fault]
    any_one = fault in (FaultName.UNPLUG, FaultName.STALL)

    def named(view: HealthView) -> bool:
        found = [[word in sentence for word in words] for sentence in view.warnings]
        return any(any(each) if any_one else all(each) for each in found)

    bench.board.set(fault, ROLE if fault.of_camera else None, True)
    try:
        view = bench.until(named)
        row = next(row for row in view.rows if row.role == ROLE)
        assert row.streams_badly == fault.of_camera
    finally:
        bench.board.set(fault, ROLE if fault.of_camera else None, False)
        bench.running.rig.retry(ROLE)
    bench.until(lambda v: not v.warnings)


def test_every_fault_has_its_words() -> None:
    assert WORDS.keys() | FROM_THE_HAND == set(FaultName)
