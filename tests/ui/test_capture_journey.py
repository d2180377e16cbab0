"""A class is made and captured by the window's keys and buttons on the simulated rig, through a power cut in a save."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.captures.audit import Audit
from station.captures.catalog import Catalog
from station.captures.catalog_values import Counts
from station.captures.session_state import FILE_NAME
from station.file_calls import OS_FILES
from tests.station.cli.killed_run import Run, tree

pytest.importorskip("pyrealsense2")

MODULE = "tests.ui.capture_window_run"
CUT_AT = 8


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_from_a_new_class_to_its_whole_plan_through_a_power_cut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Run(MODULE, data, 5)
    class_id = first.until("made").split()[1]
    first.until(f"saving {CUT_AT}")
    first.kill()
    assert len(first.kept) >= CUT_AT - 1
    after_cut = tree(data)
    for capture_id, folder in first.kept.items():
        assert after_cut[folder] == capture_id, "what was acknowledged is there, whole"
    assert len(after_cut) in (CUT_AT - 1, CUT_AT)

    second = Run(MODULE, data, 500)
    resumed = second.until("resumed")
    assert resumed.split()[1:] == [str(len(after_cut)), class_id], "the session goes on where it was"
    said = second.until("says")
    assert said.startswith(f"says This session was interrupted. {len(after_cut)} captures are there, whole.")
    assert second.until("done") == "done 22"
    assert second.end() == 0

    found = tree(data)
    head = f"sets/{class_id}"
    assert set(found) == {
        *(f"{head}/train_data/0/{rotation}" for rotation in range(12)),
        *(f"{head}/valid_data/{number}" for number in range(5)),
        *(f"{head}/test_data/{number}" for number in range(5, 10)),
    }
    assert len(set(found.values())) == 22
    assert {folder: found[folder] for folder in after_cut} == after_cut
    for capture_id, folder in {**first.kept, **second.kept}.items():
        assert found[folder] == capture_id
    assert not list((data / "captures").rglob(".writing-*"))
    assert not (data / FILE_NAME).exists()
    catalog = Catalog(data / "catalog.sqlite")
    assert catalog.counts() == {class_id: Counts(12, 5, 5)}
    catalog.close()
    undone = [(row.action, row.capture_id) for row in Audit(OS_FILES, data / "captures").rows()]
    third = found[f"{head}/train_data/0/2"]
    assert undone == [("trash", third), ("restore", third)], "Z and Y on the third one left their rows"
