"""What a solve says against what it was given: squares, intrinsics, boards that move, cameras that hang by nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.findings import Finding, FindingKind
from calibration.selection import hanging_together
from calibration.solution import RigSolution
from calibration.solve import SolveOptions, solve_rig
from calibration.synthetic import BOARD, RingTruth, position_errors, ring, with_moved_boards, with_plate
from calibration.views import BoardView
from station.geometry import Pose


def _of_kind(solution: RigSolution, kind: FindingKind) -> list[Finding]:
    return [finding for finding in solution.findings if finding.kind is kind]


def _plated(seed: int, size: float) -> tuple[RingTruth, str, list[BoardView]]:
    """A ring with a plate, and its views with squares stated ``size`` times as large as they are."""
    truth, plate = with_plate(ring(seed), 0.5, seed)
    views = [v if v.placement == plate else replace(v, points_m=v.points_m * size) for v in truth.views]
    return truth, plate, views


def _inside(truth: RingTruth, plate: str, solution: RigSolution) -> float:
    """Return the share of cameras whose true error against the plate lies within their bounds."""
    errors = {
        role: 1e3 * np.linalg.norm(camera.pose.center - (truth.cameras[role] @ truth.boards[plate]).center)
        for role, camera in solution.cameras.items()
    }
    return float(np.mean([error <= solution.cameras[role].position_mm for role, error in errors.items()]))


@pytest.mark.parametrize(("seed", "size"), [(0, 1.003), (1, 0.997), (2, 1.01), (3, 0.99)])
def test_squares_of_another_size_than_stated_are_told_and_the_bounds_hold(seed: int, size: float) -> None:
    truth, plate, views = _plated(seed, size)
    solution = solve_rig(views, truth.models, SolveOptions(fixed_placement=plate))
    (told,) = _of_kind(solution, FindingKind.SQUARES)
    (scale,) = solution.scales
    assert scale.change == pytest.approx(1.0 / size - 1.0, abs=3.0 * scale.deviation)
    assert ("smaller" if size > 1.0 else "larger") in told.text
    assert told.text.startswith(f"The squares of {BOARD.id} are ")
    assert _inside(truth, plate, solution) == 1.0
    # The lenses are right, and nothing is said against them.
    assert _of_kind(solution, FindingKind.INTRINSICS_DOUBTED) == []
    assert _of_kind(solution, FindingKind.NOISY) == []
    assert solution.to_json()["board_scales"][0]["doubted"]


@pytest.mark.parametrize("seed", range(4))
def test_right_squares_are_not_doubted(seed: int) -> None:
    truth, plate, views = _plated(seed, 1.0)
    solution = solve_rig(views, truth.models, SolveOptions(fixed_placement=plate))
    assert _of_kind(solution, FindingKind.SQUARES) == []
    assert solution.scales[0].board == BOARD.id


def test_wrong_focal_lengths_are_not_taken_for_wrong_squares() -> None:
    truth, plate, views = _plated(1, 1.0)
    wrong = {role: replace(model, fx=model.fx * 1.01, fy=model.fy * 1.01) for role, model in truth.models.items()}
    solution = solve_rig(views, wrong, SolveOptions(fixed_placement=plate))
    assert _of_kind(solution, FindingKind.SQUARES) == []
    assert _of_kind(solution, FindingKind.INTRINSICS_DOUBTED)


def test_nothing_is_said_of_squares_where_nothing_else_fixes_the_scale() -> None:
    truth = ring(0, placements=12)
    assert solve_rig(truth.views, truth.models).scales == ()


@pytest.mark.parametrize("shift_mm", [0.1, 0.2])
def test_a_hand_that_trembles_is_not_taken_for_wrong_lenses(shift_mm: float) -> None:
    truth = with_moved_boards(ring(0), shift_mm, seed=0)
    solution = solve_rig(truth.views, truth.models)
    assert solution.evidence is not None
    assert not solution.evidence.doubted


def test_a_board_that_moved_between_the_pictures_is_told_and_no_lens_is_blamed() -> None:
    truth = with_moved_boards(ring(0), 1.0, seed=3)
    solution = solve_rig(truth.views, truth.models)
    (noisy,) = _of_kind(solution, FindingKind.NOISY)
    assert "moved while it was photographed" in noisy.text
    assert _of_kind(solution, FindingKind.INTRINSICS_DOUBTED) == []


def test_a_weak_camera_is_judged_before_wrong_lenses_widen_the_bounds() -> None:
    truth = ring(1)
    wrong = {role: replace(model, fx=model.fx * 1.01, fy=model.fy * 1.01) for role, model in truth.models.items()}
    solution = solve_rig(truth.views, wrong)
    assert _of_kind(solution, FindingKind.INTRINSICS_DOUBTED)
    assert max(camera.position_mm for camera in solution.cameras.values()) > 5.0
    assert _of_kind(solution, FindingKind.WEAK) == []


@pytest.mark.parametrize("shift_mm", [5.0, 10.0])
def test_a_camera_whose_shared_views_were_all_thrown_out_is_not_solved(shift_mm: float) -> None:
    truth, role = ring(0), "cam_05"
    own = sorted({view.placement for view in truth.views if view.role == role})
    shared, alone = own[:2], own[2:8]
    views: list[BoardView] = []
    for view in truth.views:
        if view.role == role and view.placement in shared:
            sign = 1.0 if view.placement == shared[0] else -1.0
            off = Pose(np.eye(3), np.array([shift_mm, -shift_mm, 0.0]) * 1e-3 * sign)
            seen = truth.cameras[role] @ off @ truth.boards[view.placement]
            noise = view.pixels - truth.models[role].project(
                (truth.cameras[role] @ truth.boards[view.placement]).apply(view.points_m)
            )
            views.append(replace(view, pixels=truth.models[role].project(seen.apply(view.points_m)) + noise))
        elif (view.role == role) == (view.placement in alone):
            views.append(view)
    solution = solve_rig(views, truth.models)
    assert set(solution.cameras) == set(truth.cameras) - {role}
    assert [finding.roles for finding in _of_kind(solution, FindingKind.TOO_LITTLE)] == [(role,)]
    assert not any(name[1] == role for name in solution.view_rms_px)
    assert 1e3 * max(position_errors(truth, solution.poses).values()) <= 0.5


def test_what_hangs_together_is_found_from_what_stands_fast() -> None:
    names = [("a", "1"), ("a", "2"), ("b", "2"), ("c", "3"), ("d", "3"), ("e", "3"), ("e", "4")]
    assert hanging_together(names, "a") == names[:3]
    assert hanging_together(names, None) == names[3:]
    assert hanging_together(names, "f") == []
    assert hanging_together(names, None, ("1", "4")) == names
    assert hanging_together(names, None, ("1", "9")) == names[:3]


def test_a_moved_board_is_moved_as_said() -> None:
    clean, moved = ring(0, placements=3, noise_px=0.0), with_moved_boards(ring(0, placements=3, noise_px=0.0), 0.5, 1)
    apart = [np.abs(a.pixels - b.pixels).mean() for a, b in zip(clean.views, moved.views, strict=True)]
    assert 0.05 < np.mean(apart) < 1.5
