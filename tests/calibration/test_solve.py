"""Rigs of known truth: clean, with turned and foreign boards, gross errors, and cameras that see too little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.findings import Finding, FindingKind
from calibration.settling import SolveCancelledError
from calibration.solution import RigSolution
from calibration.solve import SolveOptions, solve_rig
from calibration.synthetic import RingTruth, position_errors, ring, with_gross_errors, with_plate, with_turned
from calibration.views import BoardView, motion_between
from station.boards import Chessboard
from station.errors import CalibrationError


@pytest.fixture(scope="module")
def truth() -> RingTruth:
    return ring(seed=0)


def _errors_mm(truth: RingTruth, solution: RigSolution) -> list[float]:
    return [1e3 * error for role, error in position_errors(truth, solution.poses).items() if role != solution.fixed]


def _of_kind(solution: RigSolution, kind: FindingKind) -> list[Finding]:
    return [finding for finding in solution.findings if finding.kind is kind]


def _without_views(truth: RingTruth, role: str, keep: int) -> list[BoardView]:
    own = [view for view in truth.views if view.role == role][keep:]
    return [view for view in truth.views if view not in own]


def test_a_clean_rig_is_solved_to_a_quarter_of_a_millimetre_and_says_nothing(truth: RingTruth) -> None:
    solution = solve_rig(truth.views, truth.models)
    assert len(solution.cameras) == 10
    np.testing.assert_allclose(solution.poses["cam_01"].matrix, np.eye(4), atol=1e-12)
    points = truth.views[0].points_m
    seen = solution.poses[truth.views[0].role] @ solution.boards[truth.views[0].placement]
    fitting = truth.models["cam_01"].project(seen.apply(points)) - truth.views[0].pixels
    assert np.sqrt(np.mean(fitting**2)) < 0.3
    assert np.mean(_errors_mm(truth, solution)) <= 0.25
    assert solution.noise_px == pytest.approx(0.15, rel=0.05)
    assert solution.findings == ()
    assert solution.evidence is not None
    assert not solution.evidence.doubted
    assert all(camera.p95_px < 0.5 and 0 <= camera.position_mm < 0.6 for camera in solution.cameras.values())


@pytest.mark.parametrize("share", [0.01, 0.03, 0.1])
def test_boards_read_upside_down_are_named_and_used_the_right_way(truth: RingTruth, share: float) -> None:
    spoilt = with_turned(truth, share, seed=1)
    solution = solve_rig(spoilt.views, spoilt.models)
    assert max(_errors_mm(truth, solution)) <= 0.5
    named = {finding.views[0][0]: set(finding.views) for finding in _of_kind(solution, FindingKind.TURNED)}
    for placement in truth.boards:
        views = {(view.placement, view.role) for view in spoilt.views if view.placement == placement}
        turned = views & set(spoilt.faults)
        if turned and turned != views:
            # By majority alone, or both sides where that leaves a doubt.
            assert named[placement] in (turned, views)
        else:
            assert placement not in named


def test_where_few_cameras_contradict_each_other_both_sides_are_named(truth: RingTruth) -> None:
    counts = {name: [v.role for v in truth.views if v.placement == name] for name in truth.boards}
    many = max(counts, key=lambda name: len(counts[name]))
    two = next(name for name in sorted(counts) if name != many and len(counts[name]) > 3)
    left = [v for v in truth.views if v.placement != two or v.role in counts[two][:2]]
    turned = {(many, counts[many][0]), (two, counts[two][1])}
    views = [replace(v, pixels=v.pixels[::-1]) if (v.placement, v.role) in turned else v for v in left]
    by_placement = {f.views[0][0]: f for f in _of_kind(solve_rig(views, truth.models), FindingKind.TURNED)}
    assert by_placement[many].roles == (counts[many][0],)
    assert by_placement[two].roles == tuple(counts[two][:2])
    assert f"{counts[two][1]} or {counts[two][0]} read the board turned" in by_placement[two].text


def test_another_board_is_named_and_left_out(truth: RingTruth) -> None:
    foreign = Chessboard(10, 7, 0.025)
    victim = truth.views[17]
    views = list(truth.views)
    shrunk = truth.views[40].pixels  # what some other camera saw of some other placement
    views[17] = replace(victim, pixels=shrunk, board=foreign.id)
    solution = solve_rig(views, truth.models)
    assert [finding.views for finding in _of_kind(solution, FindingKind.FOREIGN)] == [
        ((victim.placement, victim.role),)
    ]
    assert max(_errors_mm(truth, solution)) <= 0.5


def test_gross_corner_errors_are_named_and_left_out(truth: RingTruth) -> None:
    spoilt = with_gross_errors(truth, 0.05, seed=1)
    solution = solve_rig(spoilt.views, spoilt.models)
    (said,) = _of_kind(solution, FindingKind.GROSS_CORNERS)
    assert set(said.views) == set(spoilt.faults)
    assert set(said.roles) == {role for _, role in spoilt.faults}
    assert said.text.startswith(f"In {len(spoilt.faults)} pictures {6 * len(spoilt.faults)} single corners are far off")
    assert np.mean(_errors_mm(truth, solution)) <= 0.25


def test_a_camera_with_three_boards_is_solved_and_called_weak_and_a_blind_one_is_named(truth: RingTruth) -> None:
    views = [view for view in _without_views(truth, "cam_07", keep=3) if view.role != "cam_04"]
    solution = solve_rig(views, truth.models)
    assert set(solution.cameras) == set(truth.cameras) - {"cam_04"}
    assert [finding.roles for finding in _of_kind(solution, FindingKind.BLIND)] == [("cam_04",)]
    assert [finding.roles for finding in _of_kind(solution, FindingKind.WEAK)] == [("cam_07",)]
    others = [mm for role, mm in position_errors(truth, solution.poses).items() if role != "cam_07"]
    assert 1e3 * max(others) <= 0.5


def test_a_camera_with_a_single_chessboard_is_named_and_the_others_solved(truth: RingTruth) -> None:
    solution = solve_rig(_without_views(truth, "cam_07", keep=1), truth.models)
    assert "cam_07" not in solution.cameras
    assert len(solution.cameras) == 9
    assert [finding.roles for finding in _of_kind(solution, FindingKind.TOO_LITTLE)] == [("cam_07",)]


def test_a_camera_whose_pictures_are_of_other_moments_is_named_and_the_others_solved(truth: RingTruth) -> None:
    names = sorted(truth.boards)
    later = dict(zip(names, names[1:] + names[:1], strict=True))
    views = [replace(v, placement=later[v.placement]) if v.role == "cam_05" else v for v in truth.views]
    solution = solve_rig(views, truth.models)
    assert set(solution.cameras) == set(truth.cameras) - {"cam_05"}
    (apart,) = solution.findings
    assert apart.roles == ("cam_05",)
    assert "no two of them agree" in apart.text
    assert max(_errors_mm(truth, solution)) <= 0.5


def test_a_single_board_is_enough_where_its_markers_tell_it_apart(truth: RingTruth) -> None:
    marked = [replace(view, turns=()) for view in _without_views(truth, "cam_07", keep=1)]
    solution = solve_rig(marked, truth.models)
    assert "cam_07" in solution.cameras
    assert 1e3 * position_errors(truth, solution.poses)["cam_07"] <= 3.0


def test_the_bound_of_cameras_with_a_single_marked_board_holds_for_nine_in_ten() -> None:
    inside: list[bool] = []
    for seed in range(8):
        truth, few = ring(seed, placements=20), ("cam_03", "cam_07", "cam_10")
        first = {role: next(view.placement for view in truth.views if view.role == role) for role in few}
        views = [replace(v, turns=()) for v in truth.views if first.get(v.role, v.placement) == v.placement]
        solution = solve_rig(views, truth.models)
        errors = position_errors(truth, solution.poses)
        inside += [1e3 * errors[role] <= solution.cameras[role].position_mm for role in few]
    assert np.mean(inside) >= 0.90


def test_two_groups_that_share_nothing_are_named_and_the_larger_is_solved(truth: RingTruth) -> None:
    large = {"cam_01", "cam_02", "cam_03", "cam_04", "cam_05", "cam_06"}
    even = set(sorted(truth.boards)[::2])
    views = [view for view in truth.views if (view.role in large) == (view.placement in even)]
    solution = solve_rig(views, truth.models)
    assert set(solution.cameras) == large
    (apart,) = _of_kind(solution, FindingKind.APART)
    assert set(apart.roles) == set(truth.cameras) - large
    assert max(_errors_mm(truth, solution)) <= 1.0


def test_a_chain_of_cameras_is_enough(truth: RingTruth) -> None:
    order = sorted(truth.cameras)[:5]
    links = dict(zip(sorted(truth.boards), [order[i % 4 : i % 4 + 2] for i in range(len(truth.boards))], strict=True))
    views = [view for view in truth.views if view.role in links[view.placement]]
    solution = solve_rig(views, truth.models)
    assert sorted(solution.cameras) == order
    assert max(_errors_mm(truth, solution)) <= 3.0


def test_wrong_intrinsics_are_doubted_and_their_refinement_mends_them() -> None:
    truth = ring(seed=1, placements=80)
    signs = np.random.default_rng(1).choice([-1.0, 1.0], len(truth.models))
    wrong = {
        role: replace(model, fx=model.fx * (1 + 0.003 * sign), fy=model.fy * (1 + 0.003 * sign))
        for (role, model), sign in zip(truth.models.items(), signs, strict=True)
    }
    plain = solve_rig(truth.views, wrong)
    assert _of_kind(plain, FindingKind.INTRINSICS_DOUBTED)
    assert all(
        1e3 * error <= plain.cameras[role].position_mm
        for role, error in position_errors(truth, plain.poses).items()
        if role != plain.fixed
    )
    refined = solve_rig(truth.views, wrong, SolveOptions(refine_intrinsics=True))
    assert np.mean(_errors_mm(truth, refined)) <= 1.5
    assert all(abs(camera.model.fx - 920.0) < 1.5 for camera in refined.cameras.values())
    assert (plain.refined, refined.refined) == (False, True)


def test_a_refinement_that_the_pictures_cannot_carry_is_refused_with_the_reason() -> None:
    truth = ring(seed=0, placements=10)
    with pytest.raises(CalibrationError, match=r"cam_\d\d: \d+ pictures? shows? the board, 12 are needed"):
        solve_rig(truth.views, truth.models, SolveOptions(refine_intrinsics=True))


def test_the_frame_may_be_a_board(truth: RingTruth) -> None:
    name = max(truth.boards, key=lambda board: sum(view.placement == board for view in truth.views))
    solution = solve_rig(truth.views, truth.models, SolveOptions(fixed_placement=name))
    assert solution.fixed == name
    assert all(camera.position_mm > 0 for camera in solution.cameras.values())
    relative = {role: pose @ solution.cameras["cam_01"].pose.inverse for role, pose in solution.poses.items()}
    assert 1e3 * max(position_errors(truth, relative).values()) <= 0.5


def test_a_plate_whose_corners_are_found_less_precisely_still_carries_the_rigs_frame(truth: RingTruth) -> None:
    """Its views fit themselves worse than the boards' do, and are weighed and judged by that."""
    rng = np.random.default_rng(0)
    name = max(truth.boards, key=lambda board: sum(view.placement == board for view in truth.views))
    views = [
        replace(v, board="plate", turns=(), pixels=v.pixels + rng.normal(0.0, 1.0, v.pixels.shape))
        if v.placement == name
        else v
        for v in truth.views
    ]
    solution = solve_rig(views, truth.models, SolveOptions(fixed_placement=name))
    assert _of_kind(solution, FindingKind.FOREIGN) == []
    assert _of_kind(solution, FindingKind.GROSS_CORNERS) == []
    assert solution.noise_px == pytest.approx(0.15, rel=0.05)
    relative = {role: pose @ solution.cameras["cam_01"].pose.inverse for role, pose in solution.poses.items()}
    # The boards place the cameras to each other as well as ever; the plate's noise is in the world's place alone.
    assert 1e3 * max(position_errors(truth, relative).values()) <= 0.4


def test_the_bounds_against_a_plate_hold_for_nine_cameras_in_ten() -> None:
    inside: list[bool] = []
    for seed in range(8):
        truth, plate = with_plate(ring(seed, placements=20), 0.5, seed)
        solution = solve_rig(truth.views, truth.models, SolveOptions(fixed_placement=plate))
        for role, camera in solution.cameras.items():
            error_mm = 1e3 * np.linalg.norm(camera.pose.center - (truth.cameras[role] @ truth.boards[plate]).center)
            inside.append(bool(error_mm <= camera.position_mm))
    assert np.mean(inside) >= 0.90


def test_nothing_in_common_is_an_error_with_a_next_step(truth: RingTruth) -> None:
    views = [view for view in truth.views if view.role == "cam_01"]
    with pytest.raises(CalibrationError, match="No two cameras share enough boards"):
        solve_rig(views, truth.models)
    with pytest.raises(CalibrationError, match="no intrinsics"):
        solve_rig(truth.views, {"cam_01": truth.models["cam_01"]})
    with pytest.raises(CalibrationError, match="No camera saw the board 'plate'"):
        solve_rig(truth.views, truth.models, SolveOptions(fixed_placement="plate"))


def test_a_solve_says_how_far_it_is_and_ends_when_told(truth: RingTruth) -> None:
    shares: list[float] = []
    solve_rig(truth.views, truth.models, SolveOptions(progress=shares.append))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    for calls in (1, 3, 5):  # before anything, between the steps, and while adjusting
        left = iter([False] * (calls - 1))
        with pytest.raises(SolveCancelledError, match="cancelled"):
            solve_rig(truth.views, truth.models, SolveOptions(cancelled=lambda left=left: next(left, True)))


def test_the_figures_go_into_json(truth: RingTruth) -> None:
    figures = solve_rig(truth.views, truth.models).to_json()
    assert figures["cameras"]["cam_02"]["position_mm_95"] > 0
    assert figures["placements"] == 40


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_stated_uncertainty_is_honest() -> None:
    inside: list[bool] = []
    for seed in range(20):
        truth = ring(seed)
        solution = solve_rig(truth.views, truth.models)
        errors = position_errors(truth, solution.poses)
        inside += [
            1e3 * errors[role] <= camera.position_mm
            for role, camera in solution.cameras.items()
            if role != solution.fixed
        ]
    assert 0.90 <= np.mean(inside) <= 0.99


def test_a_turn_is_a_motion_of_the_board_into_itself() -> None:
    for board in (Chessboard(10, 7, 0.03), Chessboard(7, 7, 0.02)):
        for turn in board.turns:
            motion = motion_between(board.corners, board.corners[turn])
            np.testing.assert_allclose(motion.apply(board.corners), board.corners[turn], atol=1e-12)


def test_a_view_without_enough_points_is_refused() -> None:
    with pytest.raises(CalibrationError, match="at least 4"):
        BoardView("cam_01", "one", "chess-5x4-30", np.zeros((3, 3)), np.zeros((3, 2)))


def test_a_view_whose_corners_fit_no_board_is_named(truth: RingTruth) -> None:
    rng = np.random.default_rng(0)
    views = list(truth.views)
    victim = views[5]
    views[5] = replace(victim, pixels=rng.uniform(0.0, 700.0, victim.pixels.shape))
    solution = solve_rig(views, truth.models)
    assert [f.views for f in _of_kind(solution, FindingKind.FOREIGN)] == [((victim.placement, victim.role),)]
    assert (victim.placement, victim.role) not in solution.view_rms_px
    assert max(_errors_mm(truth, solution)) <= 0.5
