"""Left-out boards measured by the rig that was solved without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.held_out import held_out_error
from calibration.settling import SolveCancelledError
from calibration.solve import SolveOptions
from calibration.synthetic import RingTruth, ring, with_turned
from calibration.views import BoardView


@pytest.fixture(scope="module")
def truth() -> RingTruth:
    return ring(seed=3, placements=16, cameras=6)


def test_an_exact_rig_measures_left_out_boards_exactly() -> None:
    exact = ring(seed=3, placements=16, cameras=6, noise_px=0.0)
    found = held_out_error(exact.views, exact.models, SolveOptions())
    assert found is not None
    assert found.rms_mm < 1e-3
    assert found.triangulated_mm < 1e-3


def test_every_view_that_another_camera_shares_is_measured_once(truth: RingTruth) -> None:
    found = held_out_error(truth.views, truth.models, SolveOptions())
    assert found is not None
    seen = {name: sum(view.placement == name for view in truth.views) for name in truth.boards}
    assert found.placements == sum(count > 1 for count in seen.values())
    assert found.points == 54 * sum(count for count in seen.values() if count > 1)
    assert set(found.by_role) == set(truth.models)
    # Noise of 0.15 px in both coordinates, seen from 0.7 to 1.1 m with 920 px, is the least that can be measured.
    assert 0.15 < found.rms_mm < 0.40
    assert found.rms_mm < found.p95_mm < 3.0 * found.rms_mm
    assert 0.21 < found.rms_px < 0.30
    assert 0.05 < found.triangulated_mm < found.rms_mm


def test_bent_boards_show(truth: RingTruth) -> None:
    plain = held_out_error(truth.views, truth.models, SolveOptions())
    # Every board is bowed by 1 mm, and every camera sees it so.
    length = truth.views[0].points_m[:, 0].max()
    bent: list[BoardView] = []
    for view in truth.views:
        pose = truth.cameras[view.role] @ truth.boards[view.placement]
        x = view.points_m[:, 0] / length
        bow = np.stack([0 * x, 0 * x, 0.004 * x * (1 - x)], axis=1)
        model = truth.models[view.role]
        shift = model.project(pose.apply(view.points_m + bow)) - model.project(pose.apply(view.points_m))
        bent.append(replace(view, pixels=view.pixels + shift))
    found = held_out_error(bent, truth.models, SolveOptions())
    assert plain is not None
    assert found is not None
    assert found.rms_mm > 1.3 * plain.rms_mm
    assert found.triangulated_mm > 2.0 * plain.triangulated_mm


def test_turned_boards_and_a_fixed_board_change_little(truth: RingTruth) -> None:
    plain = held_out_error(truth.views, truth.models, SolveOptions())
    spoilt = with_turned(truth, 0.1, seed=1)
    most = max(truth.boards, key=lambda name: sum(view.placement == name for view in truth.views))
    found = held_out_error(spoilt.views, spoilt.models, SolveOptions(fixed_placement=most))
    assert plain is not None
    assert found is not None
    assert found.placements == plain.placements - 1
    assert found.rms_mm == pytest.approx(plain.rms_mm, rel=0.1)


def test_cameras_that_only_left_out_boards_tie_together_are_not_measured_against_each_other(truth: RingTruth) -> None:
    halves = {"cam_01", "cam_02", "cam_03"}, {"cam_04", "cam_05", "cam_06"}
    seen = {name: {view.role for view in truth.views if view.placement == name} for name in truth.boards}
    ties = [name for name in sorted(seen) if min(len(seen[name] & half) for half in halves) > 1][:2]
    own = {
        name: halves[number % 2]
        for number, name in enumerate(name for name in sorted(seen) if name not in ties)
        if len(seen[name] & halves[number % 2]) > 1
    }
    # Of two folds, one leaves out both boards that tie the halves together; then one half is left to be measured.
    order = [ties[0], next(iter(own)), ties[1], *[name for name in own if name != next(iter(own))]]
    views = [
        replace(view, placement=f"{order.index(view.placement):02d}")
        for view in truth.views
        if view.placement in ties or view.role in own.get(view.placement, ())
    ]
    found = held_out_error(views, truth.models, SolveOptions(), folds=2)
    whole = held_out_error(truth.views, truth.models, SolveOptions(), folds=2)
    assert found is not None
    assert whole is not None
    assert len(ties) == 2
    assert found.placements < len(order)
    assert found.rms_mm < 2.0 * whole.rms_mm


def test_views_that_show_parts_of_the_board_are_compared_corner_by_corner(truth: RingTruth) -> None:
    """As ChArUco boards do."""
    rng = np.random.default_rng(0)
    parts: list[BoardView] = []
    for view in truth.views:
        seen = np.sort(rng.choice(54, rng.integers(30, 54), replace=False))
        parts.append(replace(view, points_m=view.points_m[seen], pixels=view.pixels[seen], turns=()))
    found = held_out_error(parts, truth.models, SolveOptions())
    whole = held_out_error(truth.views, truth.models, SolveOptions())
    assert found is not None
    assert whole is not None
    assert found.rms_mm == pytest.approx(whole.rms_mm, rel=0.15)
    assert found.triangulated_mm == pytest.approx(whole.triangulated_mm, rel=0.35)


def test_too_few_boards_measure_nothing(truth: RingTruth) -> None:
    few = sorted(truth.boards)[:3]
    assert held_out_error([v for v in truth.views if v.placement in few], truth.models, SolveOptions()) is None


def test_it_ends_when_told(truth: RingTruth) -> None:
    with pytest.raises(SolveCancelledError):
        held_out_error(truth.views, truth.models, SolveOptions(), cancelled=lambda: True)
