"""A collection whose process is killed loses nothing that was taken."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import numpy as np
import pytest

from calibration.collecting.collector import CollectSettings
from calibration.collecting.session import CalibrationSession
from calibration.collecting.snapshot import Stage
from calibration.store import CalibrationStore
from tests.calibration.collecting.scripted import BOARD, PLATE, ScriptedRig, held, true_rig

ROLES = ("cam_05", "cam_09")
_PATIENCE_S = 60.0


def _session(rig: ScriptedRig, root: Path) -> CalibrationSession:
    return CalibrationSession(
        rig,
        CalibrationStore(root / "calibrations"),
        BOARD,
        plate=PLATE,
        folder=root / "pictures",
        settings=CollectSettings(pause_s=0.0, plate_s=1.0),
        clock_ns=rig.clock_ns,
    )


def _collect_for_ever(root: Path) -> None:
    rig = ScriptedRig(true_rig(ROLES))
    session = _session(rig, root)
    session.start()
    rng = np.random.default_rng(0)
    while True:
        before = session.snapshot
        if before.stage is Stage.BOARD:
            rig.show(held(rig.truth, ROLES, rng))
        until = time.monotonic() + 3.0
        while session.snapshot.pictures == before.pictures and time.monotonic() < until:
            session.wait_newer(session.snapshot.sequence, 1.0)


@pytest.mark.slow
def test_a_killed_collection_goes_on_with_every_picture_that_was_taken(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_collect_for_ever, args=(tmp_path,))
    process.start()
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while len(list((tmp_path / "pictures").glob("cam_09/board_*.png"))) < 4:
            assert process.is_alive()
            assert time.monotonic() < deadline, "no pictures were taken"
            process.join(0.02)
    finally:
        process.kill()
        process.join()
    lying = {file.stem for file in (tmp_path / "pictures").glob("*/board_*.png")}
    session = _session(ScriptedRig(true_rig(ROLES)), tmp_path)
    session.start()
    try:
        snapshot = session.snapshot
        while snapshot.stage is not Stage.BOARD:
            newer = session.wait_newer(snapshot.sequence, _PATIENCE_S)
            assert newer is not None
            snapshot = newer
    finally:
        session.stop()
    assert snapshot.trouble == ""
    assert snapshot.plate == ROLES
    assert {one.placement for one in snapshot.pictures} == lying
    # all but the one that was being written hold both cameras' pictures
    assert sum(one.roles == ROLES for one in snapshot.pictures) >= len(lying) - 1
