"""What speaks against taking a solved rig into use, and that a store and a station refuse a world beside the plate."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calibration.acceptance import DoubtKind, doubts, require_no_doubts
from calibration.collecting.result import SolvedRig
from calibration.comparison import compare
from calibration.findings import Finding, FindingKind
from calibration.fitting import RigCamera, fit_to_rig
from calibration.rig_result import rig_calibration
from calibration.solve import SolveOptions, solve_rig
from calibration.store import CalibrationStore
from calibration.synthetic import BOARD, ring
from station.cli.main import app
from station.cli.rig_calibration import chosen
from station.errors import CalibrationError
from station.geometry import PLATE_WORLD, RigCalibration
from tests.calibration.rendered import picture_of

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@cache
def solved() -> SolvedRig:
    truth = ring(2, placements=12, cameras=4)
    solution = solve_rig(truth.views, truth.models)
    calibration = rig_calibration(solution, {}, "a ring", AT, dict.fromkeys(truth.models, "Intel RealSense D435"))
    return SolvedRig(calibration, solution, None, None, ())


def against(active: RigCalibration, found: SolvedRig) -> SolvedRig:
    return replace(found, comparison=compare(active, found.calibration))


def test_a_good_one_is_taken_as_it_is() -> None:
    moved = replace(solved().calibration, created_at="earlier")
    assert doubts(solved()) == doubts(against(moved, solved())) == ()
    require_no_doubts(solved())


def test_cameras_that_the_active_one_has_are_missed() -> None:
    active = solved().calibration
    fewer = {role: camera for role, camera in active.cameras.items() if role != "cam_03"}
    found = against(active, replace(solved(), calibration=replace(active, cameras=fewer)))
    (doubt,) = doubts(found)
    assert (doubt.kind, doubt.roles) == (DoubtKind.LOST, ("cam_03",))
    with pytest.raises(CalibrationError, match=r"It has no cam_03, which the active calibration has\. .*--even-so"):
        require_no_doubts(found)


def test_an_unsure_camera_is_named_unless_it_stays_as_it_was() -> None:
    solution = solved().solution
    for bound in (3.5, float("nan")):
        unsure = {**solution.cameras, "cam_02": replace(solution.cameras["cam_02"], position_mm=bound)}
        found = replace(solved(), solution=replace(solution, cameras=unsure))
        (doubt,) = doubts(found)
        assert (doubt.kind, doubt.roles) == (DoubtKind.UNSURE, ("cam_02",))
        assert doubts(against(solved().calibration, found)) == ()


@pytest.mark.parametrize("kind", [FindingKind.INTRINSICS_DOUBTED, FindingKind.SQUARES, FindingKind.NOISY])
def test_what_the_solve_itself_found_wrong_counts(kind: FindingKind) -> None:
    finding = Finding(kind, "Something is wrong.")
    found = replace(solved(), solution=replace(solved().solution, findings=(finding,)))
    (doubt,) = doubts(found)
    assert (doubt.kind, doubt.text, doubt.finding) == (DoubtKind.FOUND, finding.text, finding)


def test_the_world_is_that_of_the_camera_held_fast_or_of_the_plate() -> None:
    assert solved().calibration.world == solved().solution.fixed == "cam_01"
    truth = ring(2, placements=12, cameras=4)
    most = max(truth.boards, key=lambda board: sum(view.placement == board for view in truth.views))
    views = [replace(v, placement="plate", board="plate", turns=()) if v.placement == most else v for v in truth.views]
    solution = solve_rig(views, truth.models, SolveOptions(fixed_placement="plate"))
    assert rig_calibration(solution, {}, "a ring", AT).world == PLATE_WORLD


def test_a_world_beside_the_plate_is_neither_made_active_nor_used(tmp_path: Path) -> None:
    calibration = solved().calibration
    store = CalibrationStore(tmp_path)
    store.add(calibration)
    with pytest.raises(CalibrationError, match="is cam_01 and not the plate"):
        store.use(calibration.id)
    assert store.active_id is None
    cameras = {
        role: RigCamera(camera.serial, (camera.model.width, camera.model.height))
        for role, camera in calibration.cameras.items()
    }
    fitted = fit_to_rig(calibration, cameras)
    assert fitted.calibration is None
    assert "not the plate" in fitted.refusal
    assert chosen(calibration, cameras).remarks == (fitted.refusal,)
    assert chosen(replace(calibration, world=""), cameras).calibration is not None
    kept = chosen(replace(calibration, world=PLATE_WORLD), cameras).calibration
    assert kept is not None
    assert kept.world == PLATE_WORLD


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures of a chessboard alone, of three cameras."""
    config = tmp_path / "station.toml"
    config.write_text(f'[station]\ndata_dir = "{(tmp_path / "data").as_posix()}"\n')
    monkeypatch.setenv("STATION_CONFIG", str(config))
    truth = ring(0, placements=8, cameras=3)
    for role, model in truth.models.items():
        folder = tmp_path / "pictures" / role
        folder.mkdir(parents=True)
        (folder / "camera.json").write_text(json.dumps(model.to_json()))
    for view in truth.views:
        picture = picture_of(BOARD, truth.models[view.role], truth.cameras[view.role] @ truth.boards[view.placement])
        cv2.imwrite(str(tmp_path / "pictures" / view.role / f"{view.placement}.png"), np.asarray(picture))
    return tmp_path / "pictures"


def test_without_the_plate_a_solve_is_stored_and_told_but_not_used(pictures: Path, tmp_path: Path) -> None:
    command = ["calibrate", "solve", "--images", str(pictures), "--board", BOARD.id, "--use", "--even-so", "--json"]
    done = CliRunner().invoke(app, command)
    assert "not the plate" in str(done.exception)
    figures = json.loads(done.stdout)
    assert figures["active"] is False
    store = CalibrationStore(tmp_path / "data" / "calibrations")
    assert store.holds(figures["id"])
    assert store.active_id is None
