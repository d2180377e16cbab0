"""What goes wrong on the way from the cameras to the framesets stands among the operator's troubles."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from station.cli.assembly import NoModel, start_simulated
from station.config import LoadedSettings
from station.errors import ModelError
from station.settings import Settings, SimulationSection

SEEN_S = 60.0


@pytest.mark.slow
def test_a_frame_that_cannot_be_matched_is_said_and_framesets_go_on(tmp_path: Path) -> None:
    settings = Settings(simulation=SimulationSection(size="640x480", fps=6, seed=3))
    with ExitStack() as stack:
        running = start_simulated(stack, LoadedSettings(settings, None, tmp_path), NoModel(ModelError("None.")))
        frame = running.rig.preview("cam_04")
        assert frame is not None
        running.rig._take(replace(frame, device_time_ms=math.nan))
        status, until_s = running.workflow.status, time.monotonic() + SEEN_S
        while not any("Matching the cameras' pictures met a fault" in trouble for trouble in status.troubles):
            assert time.monotonic() < until_s, status.troubles
            status = running.workflow.wait_newer(status.sequence, 1.0) or status
        now_ns = time.monotonic_ns()
        assert running.rig.next_frameset(now_ns, SEEN_S) is not None
