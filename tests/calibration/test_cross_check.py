"""OpenCV's own multi-camera calibration as a second opinion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.collecting.solving import SolveTask, solved_rig
from calibration.cross_check import cross_check, opencv_poses, with_second_opinion
from calibration.findings import FindingKind
from calibration.plate_pose import PLACEMENT
from calibration.solve import SolveOptions, solve_rig
from calibration.synthetic import BOARD, RingTruth, ring, with_turned
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import Pose


@pytest.fixture(scope="module")
def truth() -> RingTruth:
    return ring(seed=2, placements=20, cameras=5)


def test_both_agree_on_a_clean_rig(truth: RingTruth) -> None:
    second = cross_check(solve_rig(truth.views, truth.models), truth.views)
    assert second is not None
    assert set(second.apart_mm) == set(truth.models)
    assert second.worst_mm == max(second.apart_mm.values()) <= 0.2


def test_turned_boards_are_kept_from_it(truth: RingTruth) -> None:
    spoilt = with_turned(truth, 0.1, seed=0)
    most = max(truth.boards, key=lambda name: sum(view.placement == name for view in truth.views))
    solution = solve_rig(spoilt.views, spoilt.models, SolveOptions(fixed_placement=most))
    second = cross_check(solution, spoilt.views)
    assert second is not None
    assert second.worst_mm <= 0.4


def test_a_wrong_solution_is_contradicted(truth: RingTruth) -> None:
    solution = solve_rig(truth.views, truth.models)
    pose = solution.cameras["cam_03"].pose
    moved = replace(
        solution.cameras["cam_03"], pose=Pose(pose.rotation, pose.translation + np.array([0.0, 0.003, 0.0]))
    )
    second = cross_check(replace(solution, cameras={**solution.cameras, "cam_03": moved}), truth.views)
    assert second is not None
    assert second.apart_mm["cam_03"] == pytest.approx(3.0, abs=0.3)
    assert max(mm for role, mm in second.apart_mm.items() if role != "cam_03") <= 0.2
    told, _ = with_second_opinion(replace(solution, cameras={**solution.cameras, "cam_03": moved}), truth.views)
    (finding,) = told.findings
    assert (finding.kind, finding.roles) == (FindingKind.SECOND_OPINION, ("cam_03",))
    assert with_second_opinion(solution, truth.views)[0].findings == ()


def test_it_is_kept_wherever_a_rig_is_solved(truth: RingTruth) -> None:
    views = [
        replace(view, placement=PLACEMENT if view.placement == "placement_000" else view.placement)
        for view in truth.views
    ]
    solved = solved_rig(SolveTask(views, truth.models, {}, BOARD.id))
    assert solved.second is not None
    assert solved.second.worst_mm <= 0.5


def test_where_opencv_cannot_there_is_no_second_opinion(truth: RingTruth) -> None:
    rng = np.random.default_rng(0)
    parts: list[BoardView] = []
    for view in truth.views:  # as ChArUco boards do: other corners in every view
        seen = np.sort(rng.choice(54, 40, replace=False))
        parts.append(replace(view, points_m=view.points_m[seen], pixels=view.pixels[seen], turns=()))
    assert cross_check(solve_rig(parts, truth.models), parts) is None
    with pytest.raises(CalibrationError, match="views of the same points"):
        opencv_poses([], truth.models)
    lonely = [v for number, v in enumerate(truth.views) if (v.role == "cam_01") == (v.placement < "placement_010")]
    with pytest.raises(CalibrationError):
        opencv_poses(lonely, truth.models)
