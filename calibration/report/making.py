"""From a solved rig and its views to the report that is stored beside the calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations

import numpy as np

from calibration.collecting.result import SolvedRig
from calibration.findings import View
from calibration.picture_folders import Refused
from calibration.refinement import board_tilt_deg
from calibration.report.kept import RigReport
from calibration.report.residuals import PictureOf, worst_views
from calibration.report.schema import (
    ComparisonFigures,
    CoverageFigures,
    HeldOutFigures,
    PairFigures,
    RefusedFigures,
    SolveReport,
)
from calibration.solution import RigSolution
from calibration.views import BoardView

GRID = (9, 16)
"""Rows and columns of the grid in which a camera's corners are counted."""


def report_of(
    solved: SolvedRig,
    views: Sequence[BoardView],
    *,
    refused: Iterable[Refused] = (),
    picture_of: PictureOf | None = None,
) -> RigReport:
    """Return the report of a solved rig.

    ``views`` are those that were given to the solve, ``refused`` the pictures without a usable board. ``picture_of``
    gives the picture of a placement and role as RGB or grey, or ``None``; without it no picture is kept.
    """
    solution = solved.solution
    used = [view for view in views if (view.placement, view.role) in solution.view_rms_px]
    by_name: dict[View, BoardView] = {(view.placement, view.role): view for view in used}
    worst, pictures = worst_views(solution, [by_name[name] for name in solved.worst if name in by_name], picture_of)
    report = SolveReport.model_validate(
        {
            **solution.to_json(),
            "boards": sorted({view.board for view in used}),
            "coverage": _coverage(solution, used),
            "pairs": _pairs(used),
            "held_out": None if solved.held_out is None else HeldOutFigures.model_validate(asdict(solved.held_out)),
            "opencv_apart_mm": None if solved.second is None else dict(solved.second.apart_mm),
            "comparison": None
            if solved.comparison is None
            else ComparisonFigures.model_validate(asdict(solved.comparison)),
            "refused": [RefusedFigures(role=r.role, placement=r.placement, reason=r.reason) for r in refused],
            "worst": worst,
        }
    )
    return RigReport(solved.calibration, report, pictures)


def _coverage(solution: RigSolution, used: Sequence[BoardView]) -> dict[str, CoverageFigures]:
    by_role: dict[str, list[BoardView]] = {role: [] for role in sorted(solution.cameras)}
    for view in used:
        by_role[view.role].append(view)
    return {role: _covered(solution, role, views) for role, views in by_role.items() if views}


def _covered(solution: RigSolution, role: str, views: Sequence[BoardView]) -> CoverageFigures:
    camera = solution.cameras[role]
    size = camera.model.height, camera.model.width
    pixels = np.concatenate([view.pixels for view in views])[:, ::-1]
    counts, _, _ = np.histogram2d(*pixels.T, bins=GRID, range=[(-0.5, size[0] - 0.5), (-0.5, size[1] - 0.5)])
    seen = [(camera.pose @ solution.boards[view.placement], view.points_m.mean(axis=0)) for view in views]
    distances = [float(np.linalg.norm(pose.apply(middle[None]))) for pose, middle in seen]
    tilts = [board_tilt_deg(pose) for pose, _ in seen]
    return CoverageFigures(
        views=len(views),
        corners=tuple(tuple(int(count) for count in line) for line in counts),
        tilts_deg=(min(tilts), max(tilts)),
        distances_m=(min(distances), max(distances)),
    )


def _pairs(used: Sequence[BoardView]) -> list[PairFigures]:
    by_placement: dict[str, set[str]] = {}
    for view in used:
        by_placement.setdefault(view.placement, set()).add(view.role)
    shared: Mapping[tuple[str, str], int] = Counter(
        pair for roles in by_placement.values() for pair in combinations(sorted(roles), 2)
    )
    return [PairFigures(first=a, second=b, placements=count) for (a, b), count in sorted(shared.items())]
