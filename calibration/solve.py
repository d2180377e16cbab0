"""From board views to a solved rig: consensus, robust adjustment, revision of what counts, uncertainty, findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calibration.bundle import Freedom, Loss
from calibration.consensus import FirstPoses, find_groups
from calibration.findings import Finding, listed
from calibration.refinement import require_sharpness, require_support, support
from calibration.report_words import camera_findings, group_findings, view_findings
from calibration.selection import Selection, first_state
from calibration.settling import Course, Settled, rig_solution, settle
from calibration.solution import RigSolution
from calibration.uncertainty import intrinsics_evidence
from calibration.views import BoardView
from calibration.votes import ballots
from station.errors import CalibrationError
from station.geometry import CameraModel


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
    settled = settle(
        selection,
        first_state(chosen, selection, models),
        models,
        lambda left: _freedom(left, options, refine=False),
        options.loss,
        course,
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
    selection, corners, state, freedom = settled.selection, settled.corners, settled.state, settled.freedom
    noise_px, covariances = settled.noise_px, settled.covariances()
    if freedom.intrinsics:
        focal = np.sqrt(covariances[:, 6, 6]) / state.intrinsics[:, 0]
        require_sharpness({role: float(value) for role, value in zip(selection.roles, focal, strict=True)})
    cameras, boards = settled.poses
    fixed = options.fixed_placement or selection.roles[0]
    from_rig = boards[fixed] if options.fixed_placement is not None else cameras[fixed].inverse
    cameras = {role: pose @ from_rig for role, pose in cameras.items()}
    boards = {placement: from_rig.inverse @ pose for placement, pose in boards.items()}
    results = settled.camera_results(cameras, covariances)
    evidence = None
    if not freedom.intrinsics:
        evidence = intrinsics_evidence(corners, state, freedom, options.loss, settled.scale, noise_px, selection.roles)
    if evidence is not None and evidence.doubted:
        # The bounds hold for right intrinsics only; add what wrong ones may do.
        results = {
            role: replace(result, position_mm=result.position_mm + evidence.position_change_mm[role])
            for role, result in results.items()
        }
    findings += camera_findings(results, evidence)
    return rig_solution(settled, results, boards, fixed=fixed, findings=findings, begin=begin, evidence=evidence)
