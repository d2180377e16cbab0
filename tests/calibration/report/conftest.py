"""A solved rig of known truth with pictures, for the reports."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.collecting.result import SolvedRig
from calibration.comparison import CameraMotion, Comparison
from calibration.cross_check import CrossCheck
from calibration.held_out import HeldOut
from calibration.picture_folders import Refused
from calibration.report import RigReport, report_of
from calibration.rig_result import rig_calibration
from calibration.solve import solve_rig
from calibration.synthetic import BOARD, RingTruth, ring, with_gross_errors, with_turned
from tests.calibration.rendered import picture_of


@pytest.fixture(scope="session")
def truth() -> RingTruth:
    """A ring in which some views were read turned and some have gross corners."""
    clean = ring(seed=4, placements=14)
    return with_gross_errors(with_turned(clean, 0.03, seed=4), 0.04, seed=4)


@pytest.fixture(scope="session")
def solved(truth: RingTruth) -> SolvedRig:
    """The solved ring; what the held-out error and the comparison say is made up."""
    solution = solve_rig(truth.views, truth.models)
    serials = {role: f"83441207{number:04d}" for number, role in enumerate(sorted(solution.cameras))}
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    calibration = rig_calibration(solution, serials, f"{len(truth.views)} views of {BOARD.id}, world: cam_01", at)
    roles = sorted(solution.cameras)
    worst = sorted(solution.view_rms_px, key=lambda name: -solution.view_rms_px[name])[:6]
    return SolvedRig(
        calibration=calibration,
        solution=solution,
        held_out=HeldOut(0.21, 0.44, 0.23, {role: 0.2 + 0.01 * n for n, role in enumerate(roles)}, 14, 1200, 0.18),
        comparison=Comparison(
            "0123456789ab", {r: CameraMotion(0.1, 0.01) for r in roles[:-1]}, ("cam_11",), ("cam_10",)
        ),
        worst=tuple(worst),
        second=CrossCheck({"cam_02": 0.05, "cam_03": 0.07}),
    )


@pytest.fixture(scope="session")
def report(truth: RingTruth, solved: SolvedRig) -> RigReport:
    """The report with the worst pictures, drawn through the true cameras."""

    def picture(placement: str, role: str) -> NDArray[np.uint8]:
        return picture_of(BOARD, truth.models[role], truth.cameras[role] @ truth.boards[placement])

    refused = [Refused("cam_02", "placement_005", "blurred: its edges are 6 px wide")]
    return report_of(solved, truth.views, refused=refused, picture_of=picture)
