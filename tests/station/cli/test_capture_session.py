"""A class is captured on the simulated rig from nothing to its whole plan, through a power cut in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.captures.session_state import FILE_NAME
from tests.station.cli.killed_run import Run, tree

pytest.importorskip("pyrealsense2")

MODULE = "tests.station.cli.capture_run"
CLASS = "pipe_elbow_42"


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_class_is_captured_through_a_power_cut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Run(MODULE, data, CLASS, 5)
    first.until("saving 8")
    first.kill()
    assert len(first.kept) >= 6
    after_cut = tree(data)
    for capture_id, folder in first.kept.items():
        assert after_cut[folder] == capture_id, "what was acknowledged is there"
    assert len(after_cut) <= 8

    second = Run(MODULE, data, CLASS, 500)
    resumed = second.until("resumed")
    assert resumed.split()[1:] == [str(len(after_cut)), CLASS], "the session goes on where it was"
    assert second.until("done") == "done 22"
    assert second.end() == 0
    found = tree(data)
    head = f"sets/{CLASS}"
    assert set(found) == {
        *(f"{head}/train_data/0/{rotation}" for rotation in range(12)),
        *(f"{head}/valid_data/{number}" for number in range(5)),
        *(f"{head}/test_data/{number}" for number in range(5, 10)),
    }
    assert len(set(found.values())) == 22
    assert {folder: found[folder] for folder in after_cut} == after_cut
    assert not list((data / "captures").rglob(".writing-*"))
    assert not (data / FILE_NAME).exists()
