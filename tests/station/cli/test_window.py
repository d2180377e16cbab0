"""What the window is given when something of the station cannot be had."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.cli.assembly import NoModel, start_simulated
from station.cli.window import window_handles
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import ModelError
from station.parts import PartMaster
from station.settings import Settings, SimulationSection

pytest.importorskip("pyrealsense2")


def test_a_station_whose_index_cannot_be_opened_recognises_and_says_why_nothing_is_captured(tmp_path: Path) -> None:
    loaded = LoadedSettings(Settings(simulation=SimulationSection(size="640x480", fps=6, seed=3)), None, tmp_path)
    recognizer = NoModel(ModelError("There is no model."))
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(tmp_path / "data"))
        data.catalog.mkdir()
        parts = PartMaster(data.parts, data.references)
        stack.callback(parts.close)
        running = start_simulated(stack, loaded, recognizer)
        handles = window_handles(stack, loaded, data, recognizer, running, parts)
        assert handles.captures is None
        status, end = running.workflow.status, time.monotonic() + 60.0
        while not (said := [one for one in status.troubles if "catalog.sqlite" in one]):
            assert time.monotonic() < end, status.troubles
            status = running.workflow.wait_newer(status.sequence, 5.0) or status
        assert said[0].startswith("Nothing can be captured. ")
