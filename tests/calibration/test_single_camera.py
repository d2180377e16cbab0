"""One camera solved anew after a knock, against nine that stay exactly as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from calibration.findings import FindingKind
from calibration.projection import rotation_angle, rotation_matrices
from calibration.rig_result import rig_calibration
from calibration.single_camera import solve_camera, with_camera
from calibration.solution import RigSolution
from calibration.solve import solve_rig
from calibration.synthetic import RingTruth, ring
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import Pose, RigCalibration

ROLE = "cam_04"
AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def before() -> RigCalibration:
    truth = ring(seed=0)
    return rig_calibration(solve_rig(truth.views, truth.models), {r: r[-2:] for r in truth.models}, "all", AT)


@pytest.fixture(scope="module")
def knocked() -> RingTruth:
    """The same rig with one camera knocked, and new boards."""
    return ring(seed=0, placements=10, boards_seed=77, moved={ROLE: _knock()})


@pytest.fixture(scope="module")
def solution(before: RigCalibration, knocked: RingTruth) -> RigSolution:
    return solve_camera(ROLE, knocked.views, {ROLE: knocked.models[ROLE]}, before)


def _knock() -> Pose:
    return Pose(rotation_matrices(np.radians([[1.0, -2.0, 0.5]]))[0], np.array([0.01, -0.02, 0.005]))


def _true(truth: RingTruth, role: str) -> Pose:
    return truth.cameras[role] @ truth.cameras["cam_01"].inverse


def test_the_knocked_camera_is_found_where_it_stands_now(knocked: RingTruth, solution: RigSolution) -> None:
    found, true = solution.cameras[ROLE], _true(knocked, ROLE)
    error_mm = 1e3 * np.linalg.norm(found.pose.center - true.center)
    assert error_mm <= 0.5
    assert np.degrees(rotation_angle(found.pose.rotation @ true.rotation.T)) <= 0.05
    assert found.views == sum(view.role == ROLE for view in knocked.views)
    assert solution.findings == ()
    assert solution.noise_px == pytest.approx(0.15, rel=0.15)


def test_the_other_nine_stay_to_the_last_bit_with_their_figures(
    before: RigCalibration, knocked: RingTruth, solution: RigSolution
) -> None:
    after = with_camera(before, solution, ROLE, "new serial", "one camera", AT)
    assert set(after.cameras) == set(before.cameras) == set(solution.cameras)
    for role, camera in before.cameras.items():
        if role == ROLE:
            continue
        assert after.cameras[role] is camera
        np.testing.assert_array_equal(solution.cameras[role].pose.matrix, camera.pose.matrix)
        assert solution.cameras[role].position_mm == before.quality[f"{role}.position_mm_95"]
    kept = {key: value for key, value in before.quality.items() if not key.startswith(ROLE)}
    assert {key: value for key, value in after.quality.items() if not key.startswith(ROLE)} == kept
    assert after.quality[f"{ROLE}.views"] == solution.cameras[ROLE].views
    assert after.cameras[ROLE].serial == "new serial"
    assert after.id != before.id
    assert RigCalibration.from_json(after.to_json()).id == after.id


def test_its_bound_is_not_smaller_than_those_of_the_cameras_it_was_solved_against(
    before: RigCalibration, solution: RigSolution
) -> None:
    others = [before.quality[f"{role}.position_mm_95"] for role in before.cameras if role != ROLE]
    assert solution.cameras[ROLE].position_mm > np.median(others)


def test_the_bound_holds_for_nine_knocked_cameras_in_ten() -> None:
    # Over several rigs, for all cameras solved against one rig share its errors.
    inside: list[bool] = []
    for seed in range(7):
        clean = ring(seed)
        rig = rig_calibration(solve_rig(clean.views, clean.models), {}, "all", AT)
        for role in ("cam_03", "cam_06", "cam_09"):
            truth = ring(seed, placements=10, boards_seed=77, moved={role: _knock()})
            found = solve_camera(role, truth.views, truth.models, rig).cameras[role]
            inside.append(
                bool(1e3 * np.linalg.norm(found.pose.center - _true(truth, role).center) <= found.position_mm)
            )
    assert np.mean(inside) >= 0.90


@pytest.mark.parametrize("cameras", [2, 3])
@pytest.mark.parametrize("shift_mm", [1.0, 4.0])
def test_few_cameras_that_do_not_stand_as_calibrated_are_told(cameras: int, shift_mm: float) -> None:
    truth = ring(seed=0, cameras=cameras)
    rig = rig_calibration(solve_rig(truth.views, truth.models), {}, "all", AT)
    last = sorted(truth.models)[-1]
    small = Pose(rotation_matrices(np.radians([[0.0, 0.1 * shift_mm, 0.0]]))[0], np.array([0.0, shift_mm / 1e3, 0.0]))
    still = ring(seed=0, placements=15, cameras=cameras, boards_seed=77, moved={last: _knock()})
    quiet = {finding.kind for finding in solve_camera(last, still.views, still.models, rig).findings}
    # One camera alone has nobody to contradict it, and that is said.
    assert quiet == ({FindingKind.UNSTATED} if cameras == 2 else set())
    knocked = ring(seed=0, placements=15, cameras=cameras, boards_seed=77, moved={last: _knock(), "cam_01": small})
    found = solve_camera(last, knocked.views, knocked.models, rig)
    (told,) = [f for f in found.findings if f.kind is (FindingKind.UNSTATED if cameras == 2 else FindingKind.MOVED)]
    assert "cam_01" in told.roles
    assert "olve the whole rig anew" in told.text


def test_neighbours_alone_of_which_one_was_knocked_are_told(before: RigCalibration) -> None:
    small = Pose(rotation_matrices(np.radians([[0.0, 0.1, 0.0]]))[0], np.array([0.0, 1e-3, 0.0]))
    truth = ring(seed=0, placements=10, boards_seed=77, moved={"cam_03": _knock(), "cam_02": small})
    views = [view for view in truth.views if view.role in ("cam_02", "cam_03", "cam_04")]
    found = solve_camera("cam_03", views, truth.models, before)
    (told,) = [finding for finding in found.findings if finding.kind is FindingKind.MOVED]
    assert set(told.roles) == {"cam_02", "cam_04"}


def test_cameras_without_stated_bounds_are_named_and_never_perfect(
    before: RigCalibration, knocked: RingTruth, solution: RigSolution
) -> None:
    found = solve_camera(ROLE, knocked.views, knocked.models, replace(before, quality={}))
    (unsaid,) = [finding for finding in found.findings if finding.kind is FindingKind.UNSTATED]
    assert set(unsaid.roles) == set(before.cameras) - {ROLE}
    assert all(camera.position_mm > 0.0 for camera in found.cameras.values())
    one = {key: value for key, value in before.quality.items() if not key.startswith("cam_05.")}
    found = solve_camera(ROLE, knocked.views, knocked.models, replace(before, quality=one))
    (unsaid,) = [finding for finding in found.findings if finding.kind is FindingKind.UNSTATED]
    assert unsaid.roles == ("cam_05",)
    assert found.cameras[ROLE].position_mm >= solution.cameras[ROLE].position_mm


def test_boards_read_upside_down_do_no_harm(before: RigCalibration, knocked: RingTruth) -> None:
    views = [
        replace(view, pixels=view.pixels[::-1]) if number % 7 == 0 else view
        for number, view in enumerate(knocked.views)
    ]
    found = solve_camera(ROLE, views, knocked.models, before)
    assert 1e3 * np.linalg.norm(found.cameras[ROLE].pose.center - _true(knocked, ROLE).center) <= 0.5
    assert {finding.kind for finding in found.findings} == {FindingKind.TURNED}


def test_another_camera_that_moved_as_well_is_named_and_not_believed(before: RigCalibration) -> None:
    truth = ring(seed=0, placements=15, boards_seed=77, moved={ROLE: _knock(), "cam_06": _knock()})
    found = solve_camera(ROLE, truth.views, truth.models, before)
    assert [finding.roles for finding in found.findings if finding.kind is FindingKind.MOVED] == [("cam_06",)]
    assert 1e3 * np.linalg.norm(found.cameras[ROLE].pose.center - _true(truth, ROLE).center) <= 0.5


def test_too_little_in_common_is_refused_with_the_reason(before: RigCalibration, knocked: RingTruth) -> None:
    alone = [view for view in knocked.views if view.role == ROLE]
    with pytest.raises(CalibrationError, match=r"cam_04: It shares no board .* Show it more boards"):
        solve_camera(ROLE, alone, knocked.models, before)
    placement = alone[0].placement
    one = [view for view in knocked.views if view.placement == placement]
    with pytest.raises(CalibrationError, match="only 1 board"):
        solve_camera(ROLE, one, knocked.models, before)
    with pytest.raises(CalibrationError, match="no intrinsics of cam_04"):
        solve_camera(ROLE, one, {}, before)


def test_one_board_with_marker_ids_is_enough(before: RigCalibration, knocked: RingTruth) -> None:
    placement = next(view.placement for view in knocked.views if view.role == ROLE)
    marked: list[BoardView] = [replace(v, turns=()) for v in knocked.views if v.placement == placement]
    found = solve_camera(ROLE, marked, knocked.models, before)
    assert 1e3 * np.linalg.norm(found.cameras[ROLE].pose.center - _true(knocked, ROLE).center) <= 2.0
    assert [finding.kind for finding in found.findings] == [FindingKind.WEAK]


def test_intrinsics_of_another_camera_are_doubted(
    before: RigCalibration, knocked: RingTruth, solution: RigSolution
) -> None:
    assert solution.evidence is not None
    assert not solution.evidence.doubted
    model = knocked.models[ROLE]
    found = solve_camera(ROLE, knocked.views, {ROLE: replace(model, fx=model.fx * 1.02, fy=model.fy * 1.02)}, before)
    assert found.evidence is not None
    assert found.evidence.focal_change[ROLE] == pytest.approx(-0.02, abs=0.007)
    (doubt,) = [finding for finding in found.findings if finding.kind is FindingKind.INTRINSICS_DOUBTED]
    assert doubt.roles == (ROLE,)
    error_mm = 1e3 * np.linalg.norm(found.cameras[ROLE].pose.center - _true(knocked, ROLE).center)
    assert error_mm <= found.cameras[ROLE].position_mm


def test_a_camera_that_the_calibration_does_not_know_can_join(before: RigCalibration, knocked: RingTruth) -> None:
    nine = replace(before, cameras={role: c for role, c in before.cameras.items() if role != ROLE})
    found = solve_camera(ROLE, knocked.views, knocked.models, nine)
    assert 1e3 * np.linalg.norm(found.cameras[ROLE].pose.center - _true(knocked, ROLE).center) <= 0.5
