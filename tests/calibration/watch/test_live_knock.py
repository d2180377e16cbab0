"""The live simulated rig: a camera is knocked, and the watch names it from the captures of parts."""

from __future__ import annotations

import time

import pytest

from calibration.watch.verdicts import WatchReport
from calibration.watch.watcher import CalibrationWatch
from station.acquisition.rig import Rig
from station.boards import FrameBoard
from station.settings import SimulationSection
from station.simulation.live import SimulatedRig

PARTS = ("stepper_nema23", "stepper_nema23", "stepper_nema23")


@pytest.mark.slow
def test_a_knocked_camera_of_the_live_rig_is_named_within_three_captures() -> None:
    section = SimulationSection(size="640x480", fps=6, seed=2)
    reports: list[WatchReport] = []
    watch = CalibrationWatch(FrameBoard(), on_report=reports.append)
    with SimulatedRig(section) as simulation:
        rig = Rig(simulation.sources, fps=section.fps)
        rig.start()
        watch.start()
        try:

            def capture(name: str) -> None:
                frameset = rig.next_frameset(time.monotonic_ns(), 20.0)
                assert frameset is not None
                watch.offer(frameset, simulation.calibration, name)
                assert watch.wait_idle(60.0)

            capture("")
            simulation.knock("cam_07", shift_m=(0.0, 0.0014, -0.0014))
            for number, part in enumerate(PARTS):
                simulation.place(part, seed=number)
                capture(f"part {number}")
        finally:
            watch.stop()
            rig.stop()
    assert reports[0].knocked == ()
    assert reports[-1].knocked == ("cam_07",)
    assert watch.warnings(simulation.calibration.id) == (reports[-1].cameras["cam_07"].text,)
