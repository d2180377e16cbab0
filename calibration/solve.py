"""From board views to a solved rig: consensus, robust adjustment, revision of what counts, uncertainty, findings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.bundle import Corners, Freedom, Loss, State, adjust, residuals
from calibration.consensus import FirstPoses, find_groups
from calibration.findings import Finding, FindingKind, listed
from calibration.refinement import require_sharpness, require_support, support
from calibration.report_words import camera_findings, group_findings, view_findings
from calibration.selection import Selection, first_state
from calibration.solution import CameraResult, RigSolution
from calibration.uncertainty import (
    bound_95,
    camera_covariances,
    intrinsics_evidence,
    noise,
    robust_noise,
)
from calibration.views import BoardView
from calibration.votes import ballots
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

_MOST_REVISIONS = 4

_LOSS_SCALE = 3.0
"""Scale of the robust loss in standard deviations of the noise; Gaussian errors lose next to nothing."""


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """What is held fast and what is solved.

    ``fixed_placement`` names the placement whose board is the rig's frame; without it the first camera is.
    ``refine_intrinsics`` also solves for fx, fy, cx, cy of every camera; refused where the views cannot carry it.
    """

    fixed_placement: str | None = None
    refine_intrinsics: bool = False
    loss: Loss = Loss.HUBER


def solve_rig(
    views: Sequence[BoardView], models: Mapping[str, CameraModel], options: SolveOptions | None = None
) -> RigSolution:
    """Solve the poses of all cameras that hang together.

    ``models`` are the given intrinsics of all cameras of the rig, also of those without views. Raises CalibrationError
    when no two cameras (or no camera and the fixed board) hang together, or when a refinement is refused.
    """
    begin = time.perf_counter()
    options = options or SolveOptions()
    unknown = sorted({view.role for view in views} - set(models))
    if unknown:
        raise CalibrationError(f"There are pictures of {listed(tuple(unknown))}, but no intrinsics.")
    cast, spoilt = ballots(views, models)
    groups, pairs = find_groups(cast)
    chosen = _chosen_group(groups, options)
    selection = Selection.of_group(chosen, cast)
    state = first_state(chosen, selection, models)
    selection, state, freedom, sigma = _settled(selection, state, models, options, refine=False)
    if options.refine_intrinsics:
        used = dict.fromkeys(selection.readings, 0.0)
        require_support(support(*_poses(selection, state), used))
        selection, state, freedom, sigma = _settled(selection, state, models, options, refine=True)
    return _result(
        selection,
        state,
        freedom,
        sigma,
        models,
        options,
        begin,
        [
            *group_findings(models, views, groups, chosen, pairs, selection.roles),
            *view_findings(chosen, selection, cast, spoilt),
        ],
    )


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


def _settled(
    selection: Selection, state: State, models: Mapping[str, CameraModel], options: SolveOptions, refine: bool
) -> tuple[Selection, State, Freedom, float]:
    """Adjust and revise in turns until the same views and corners count."""
    for revision in range(_MOST_REVISIONS):
        selection, state = selection.without_empty(state)
        freedom = _freedom(selection, options, refine)
        corners = selection.corners(models)
        state, sigma = _adjusted(corners, state, freedom, options.loss)
        if revision == _MOST_REVISIONS - 1 or not selection.revise(state, models, robust_noise(corners, state)):
            return selection, state, freedom, sigma
    raise AssertionError("the last revision returns")


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


def _adjusted(corners: Corners, state: State, freedom: Freedom, loss: Loss) -> tuple[State, float]:
    """Adjust with a loss whose scale follows the noise; return the state and the scale's noise."""
    sigma = max(robust_noise(corners, state), 1e-6)
    for _ in range(6):
        state, _ = adjust(corners, state, freedom, loss, _LOSS_SCALE * sigma)
        found = max(robust_noise(corners, state), 1e-6)
        settled = abs(found - sigma) <= 0.05 * sigma
        sigma = found
        if settled:
            break
    return state, sigma


def _poses(selection: Selection, state: State) -> tuple[dict[str, Pose], dict[str, Pose]]:
    cameras = {r: Pose(state.camera_rotation[i], state.camera_shift[i]) for i, r in enumerate(selection.roles)}
    boards = {p: Pose(state.board_rotation[i], state.board_shift[i]) for i, p in enumerate(selection.placements)}
    return cameras, boards


def _result(
    selection: Selection,
    state: State,
    freedom: Freedom,
    sigma: float,
    models: Mapping[str, CameraModel],
    options: SolveOptions,
    begin: float,
    findings: list[Finding],
) -> RigSolution:
    corners = selection.corners(models)
    scale = _LOSS_SCALE * sigma
    noise_px = noise(corners, state, freedom, options.loss, scale)
    covariances = camera_covariances(corners, state, freedom, options.loss, scale, noise_px)
    if freedom.intrinsics:
        focal = np.sqrt(covariances[:, 6, 6]) / state.intrinsics[:, 0]
        require_sharpness({role: float(value) for role, value in zip(selection.roles, focal, strict=True)})
    length: Array = np.linalg.norm(residuals(corners, state), axis=2)
    cameras, boards = _poses(selection, state)
    if options.fixed_placement is not None:
        to_rig = boards[options.fixed_placement]
        cameras = {role: pose @ to_rig for role, pose in cameras.items()}
        boards = {placement: to_rig.inverse @ pose for placement, pose in boards.items()}
    refined = _refined(selection, state, models) if freedom.intrinsics else models
    results = {
        role: _camera_result(
            refined[role], cameras[role], covariances[i], length[corners.camera == i], corners.used[corners.camera == i]
        )
        for i, role in enumerate(selection.roles)
    }
    evidence = None
    if not freedom.intrinsics:
        evidence = intrinsics_evidence(corners, state, freedom, options.loss, scale, noise_px, selection.roles)
    if evidence is not None and evidence.doubted:
        # The bounds hold for right intrinsics only; add what wrong ones may do.
        results = {
            role: replace(result, position_mm=result.position_mm + evidence.position_change_mm[role])
            for role, result in results.items()
        }
    findings += camera_findings(results, evidence)
    per_view = np.sqrt((length**2).sum(axis=1) / corners.used.sum(axis=1))
    return RigSolution(
        cameras=results,
        boards=boards,
        fixed=options.fixed_placement or selection.roles[0],
        rms_px=float(np.sqrt(np.mean(length[corners.used] ** 2))),
        noise_px=noise_px,
        corners=int(corners.used.sum()),
        view_rms_px={name: float(value) for name, value in zip(selection.names, per_view, strict=True)},
        evidence=evidence,
        findings=tuple(sorted(findings, key=lambda finding: list(FindingKind).index(finding.kind))),
        seconds=time.perf_counter() - begin,
    )


def _camera_result(
    model: CameraModel, pose: Pose, covariance: Array, length: Array, used: NDArray[np.bool_]
) -> CameraResult:
    # The centre moves by the shift turned back into the rig's frame, which leaves its length as it is.
    errors = length[used]
    return CameraResult(
        model=model,
        pose=pose,
        position_mm=1e3 * bound_95(covariance[3:6, 3:6]),
        rotation_deg=float(np.degrees(bound_95(covariance[:3, :3]))),
        covariance=covariance[:6, :6],
        views=len(length),
        p50_px=float(np.median(errors)),
        p95_px=float(np.quantile(errors, 0.95)),
    )


def _refined(selection: Selection, state: State, models: Mapping[str, CameraModel]) -> dict[str, CameraModel]:
    refined = dict(models)
    for role, (fx, fy, cx, cy) in zip(selection.roles, state.intrinsics.tolist(), strict=True):
        refined[role] = replace(models[role], fx=fx, fy=fy, cx=cx, cy=cy)
    return refined
