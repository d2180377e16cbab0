"""From board views to a solved rig: consensus, robust adjustment, revision of what counts, uncertainty, findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calibration.bundle import Freedom, Loss
from calibration.consensus import FirstPoses, find_groups
from calibration.evidence import evidence_of
from calibration.findings import Finding, FindingKind, View, listed
from calibration.refinement import require_sharpness, require_support, support
from calibration.report_words import group_findings, view_findings, weak_findings
from calibration.selection import Selection, first_state, hanging_together
from calibration.settling import Course, Settled, rig_solution, settle
from calibration.solution import CameraResult, RigSolution
from calibration.views import BoardView
from calibration.votes import ballots
from station.errors import CalibrationError
from station.geometry import CameraModel

_ABSURD_MM = 100.0
"""A camera whose 95 % bound is larger, or not a number, is not handed out."""


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """What is held fast and what is solved.

    ``fixed_placement`` names the placement whose board is the rig's frame; without it the first camera is.
    ``refine_intrinsics`` also solves for fx, fy, cx, cy of every camera; refused where the views cannot carry it.
    ``cancelled`` is asked several times a second whether the solve shall end (it raises SolveCancelledError then),
    ``progress`` is told 0…1; both on the solving thread.
    """

    fixed_placement: str | None = None
    refine_intrinsics: bool = False
    loss: Loss = Loss.HUBER
    cancelled: Callable[[], bool] | None = None
    progress: Callable[[float], None] | None = None

    @property
    def course(self) -> Course:
        """``cancelled`` and ``progress`` as the solve uses them."""
        return Course(self.cancelled, self.progress)


def solve_rig(
    views: Sequence[BoardView], models: Mapping[str, CameraModel], options: SolveOptions | None = None
) -> RigSolution:
    """Solve the poses of all cameras that hang together.

    ``models`` are the given intrinsics of all cameras of the rig, also of those without views. Raises CalibrationError
    when no two cameras (or no camera and the fixed board) hang together, or when a refinement is refused, and
    SolveCancelledError when told to end.
    """
    begin = time.perf_counter()
    options = options or SolveOptions()
    settled, findings = settled_rig(views, models, options)
    options.course.reached(0.9)
    solution = _result(settled, options, begin, findings)
    options.course.reached(1.0)
    return solution


def settled_rig(
    views: Sequence[BoardView], models: Mapping[str, CameraModel], options: SolveOptions
) -> tuple[Settled, list[Finding]]:
    """Return the solved state of all cameras that hang together, and what was found about views and groups.

    Its frame is not yet the rig's; raises as :func:`solve_rig`.
    """
    course = options.course
    course.reached(0.0)
    unknown = sorted({view.role for view in views} - set(models))
    if unknown:
        raise CalibrationError(f"There are pictures of {listed(tuple(unknown))}, but no intrinsics.")
    cast, spoilt = ballots(views, models)
    course.reached(0.3)
    groups, pairs = find_groups(cast)
    course.reached(0.5)
    chosen = _chosen_group(groups, options)
    selection = Selection.of_group(chosen, cast)

    def tied(names: Sequence[View]) -> list[View]:
        return hanging_together(names, options.fixed_placement)

    settled = settle(
        selection,
        first_state(chosen, selection, models),
        models,
        lambda left: _freedom(left, options, refine=False),
        options.loss,
        course,
        tied,
    )
    if options.refine_intrinsics:
        course.reached(0.7)
        require_support(support(*settled.poses, dict.fromkeys(settled.selection.readings, 0.0)))
        settled = settle(
            settled.selection,
            settled.state,
            models,
            lambda left: _freedom(left, options, refine=True),
            options.loss,
            course,
            tied,
        )
    return settled, [
        *group_findings(models, views, groups, chosen, pairs, settled.selection.roles),
        *view_findings(chosen, settled.selection, cast, spoilt),
    ]


def _chosen_group(groups: Sequence[FirstPoses], options: SolveOptions) -> FirstPoses:
    if options.fixed_placement is not None:
        with_board = [group for group in groups if options.fixed_placement in group.boards]
        if not with_board:
            raise CalibrationError(
                f"No camera saw the board {options.fixed_placement!r} that the rig's frame shall lie on.",
                todo="Clear the plate and take a picture of its frame with all cameras.",
            )
        return with_board[0]
    if not groups or len(groups[0].cameras) < 2:
        raise CalibrationError(
            "No two cameras share enough boards to be solved.",
            todo="Hold the board so that at least two cameras see it whole, several times.",
        )
    return groups[0]


def _freedom(selection: Selection, options: SolveOptions, refine: bool) -> Freedom:
    if options.fixed_placement is None:
        return Freedom((0,), None, refine)
    if options.fixed_placement not in selection.placements:
        raise CalibrationError(
            f"The views of the board {options.fixed_placement!r} contradict the other boards, and so it cannot carry "
            "the rig's frame.",
            todo="Check that the plate did not move between the pictures and that the board's parameters are right.",
        )
    return Freedom((), selection.placements.index(options.fixed_placement), refine)


def _result(settled: Settled, options: SolveOptions, begin: float, findings: list[Finding]) -> RigSolution:
    selection, state, freedom = settled.selection, settled.state, settled.freedom
    certainty = settled.certainty()
    if freedom.intrinsics:
        focal = np.sqrt(certainty.covariance[:, 6, 6]) / state.intrinsics[:, 0]
        require_sharpness({role: float(value) for role, value in zip(selection.roles, focal, strict=True)})
    cameras, boards = settled.poses
    fixed = options.fixed_placement or selection.roles[0]
    from_rig = boards[fixed] if options.fixed_placement is not None else cameras[fixed].inverse
    cameras = {role: pose @ from_rig for role, pose in cameras.items()}
    boards = {placement: from_rig.inverse @ pose for placement, pose in boards.items()}
    results, unsure = _sure_enough(settled.camera_results(cameras, certainty), fixed)
    evidence = evidence_of(settled)
    # Few boards are one thing; wrong intrinsics or squares are another, and more boards do not mend them.
    findings += [*unsure, *weak_findings(results), *evidence.findings()]
    # The bounds hold for right intrinsics and squares only; add what wrong ones may do.
    results = {
        role: replace(result, position_mm=result.position_mm + evidence.widening_mm(role))
        for role, result in results.items()
    }
    return rig_solution(
        settled,
        results,
        boards,
        fixed=fixed,
        findings=findings,
        begin=begin,
        evidence=evidence.intrinsics,
        scales=evidence.scales,
    )


def _sure_enough(results: Mapping[str, CameraResult], fixed: str) -> tuple[dict[str, CameraResult], list[Finding]]:
    """Return the cameras whose place is known at all, and what is said of the others."""
    sure = {role: result for role, result in results.items() if result.position_mm <= _ABSURD_MM}
    if len(sure) < (2 if fixed in results else 1):
        raise CalibrationError(
            "The views do not tell where the cameras stand.",
            todo="Hold the board where several cameras see it whole, near and far and tilted.",
        )
    return sure, [
        Finding(
            FindingKind.TOO_LITTLE,
            f"{role}'s views do not tell where it stands; it was not solved. Show it more boards that others see too.",
            (role,),
        )
        for role in sorted(set(results) - set(sure))
    ]
