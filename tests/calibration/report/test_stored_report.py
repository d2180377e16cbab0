"""What is stored of a solve comes back whole, and says what the solve said."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from calibration.collecting.result import SolvedRig
from calibration.report import RigReport, SolveReport, report_of, store_report, stored_report
from calibration.store import CalibrationStore
from calibration.synthetic import BOARD, RingTruth
from station.errors import CalibrationError


def test_a_report_comes_back_from_the_store_as_it_went_in(report: RigReport, tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "calibrations")
    found = stored_report(store, store_report(store, report)[:6])
    assert found.to_json() == report.to_json()
    assert found.pictures == report.pictures
    assert [one.id for one in store.listing()] == [report.calibration.id]


def test_the_figures_are_those_of_the_solve(report: RigReport, solved: SolvedRig) -> None:
    solve = report.solve
    assert solve is not None
    assert solve.boards == (BOARD.id,)
    assert solve.cameras["cam_03"].position_mm_95 == solved.solution.cameras["cam_03"].position_mm
    assert [finding.text for finding in solve.findings] == [finding.text for finding in solved.solution.findings]
    assert solve.held_out is not None
    assert solve.held_out.rms_mm == 0.21
    assert solve.opencv_apart_mm == {"cam_02": 0.05, "cam_03": 0.07}
    assert solve.comparison is not None
    assert solve.comparison.cameras["cam_01"].moved_mm == 0.1
    assert {**solve.to_json(), **json.loads(json.dumps(solved.solution.to_json()))} == solve.to_json(), (
        "what was stored before this report still stands in it"
    )


def test_coverage_counts_the_views_and_corners_that_were_used(report: RigReport, truth: RingTruth) -> None:
    solve = report.solve
    assert solve is not None
    corners = len(BOARD.corners)
    for role, coverage in solve.coverage.items():
        assert coverage.views == solve.cameras[role].views
        assert sum(map(sum, coverage.corners)) == coverage.views * corners
        distances = [
            np.linalg.norm((truth.cameras[role] @ truth.boards[p]).apply(BOARD.corners.mean(axis=0)[None]))
            for p, other in solved_names(truth, role)
            if other == role
        ]
        assert coverage.distances_m[1] <= max(distances) + 0.01
        assert coverage.tilts_deg[0] <= coverage.tilts_deg[1] < 80.0
    for pair in solve.pairs:
        views = {view.placement for view in truth.views if view.role == pair.first}
        both = [view for view in truth.views if view.role == pair.second and view.placement in views]
        assert 0 < pair.placements <= len(both)


def solved_names(truth: RingTruth, role: str) -> list[tuple[str, str]]:
    return [(view.placement, view.role) for view in truth.views if view.role == role]


def test_the_worst_views_come_with_their_corners_and_the_picture_around_them(
    report: RigReport, truth: RingTruth, solved: SolvedRig
) -> None:
    solve = report.solve
    assert solve is not None
    assert [(one.placement, one.role) for one in solve.worst] == list(solved.worst)
    for one in solve.worst:
        true = truth.models[one.role].project(
            (truth.cameras[one.role] @ truth.boards[one.placement]).apply(BOARD.corners)
        )
        expected = np.array(one.expected)
        # a turned view may be told in the other order
        assert min(np.abs(expected - true).max(), np.abs(expected[::-1] - true).max()) < 1.0
        x, y, width, height = one.region
        assert (expected >= [x, y]).all()
        assert (expected <= [x + width, y + height]).all()
        image = cv2.imdecode(np.frombuffer(report.pictures[one.picture], np.uint8), cv2.IMREAD_COLOR)
        assert image.shape[1] == min(width, 800)
        assert image.shape[0] / image.shape[1] == pytest.approx(height / width, abs=0.01)


def test_a_report_without_pictures_is_a_report(solved: SolvedRig, truth: RingTruth) -> None:
    report = report_of(solved, truth.views)
    assert report.pictures == {}
    assert report.solve is not None
    assert all(one.picture == "" for one in report.solve.worst)


def test_what_an_earlier_version_stored_is_read(solved: SolvedRig) -> None:
    earlier = {**solved.solution.to_json(), "refused": []}
    found = SolveReport.from_json(earlier, "file")
    assert found.rms_px == solved.solution.rms_px
    assert (found.worst, found.held_out, found.boards) == ((), None, ())


def test_a_damaged_or_newer_report_is_refused_in_a_sentence(report: RigReport, tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    name = store_report(store, report)
    path = tmp_path / f"{name}.report.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "rms_px": "many"}), encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"report\.json: .*rms_px"):
        stored_report(store, name)
    path.write_text(json.dumps({**data, "schema": 2}), encoding="utf-8")
    with pytest.raises(CalibrationError, match="newer program"):
        stored_report(store, name)


def test_a_picture_that_is_gone_or_leads_elsewhere_is_left_out(report: RigReport, tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    name = store_report(store, report)
    secret = tmp_path / "secret"
    secret.write_text("not for the report")
    assert store.picture(name, "../secret") is None
    first = sorted(report.pictures)[0]
    (tmp_path / f"{name}.pictures" / first).unlink()
    assert set(stored_report(store, name).pictures) == set(report.pictures) - {first}
