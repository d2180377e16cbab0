"""One camera solved anew against the others, after a knock or an exchange; the others stay as they are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from calibration.bundle import Freedom
from calibration.consensus import join_camera
from calibration.findings import Finding, FindingKind
from calibration.report_words import camera_findings, view_findings
from calibration.rig_result import camera_quality, stored_time
from calibration.selection import Selection, first_state
from calibration.settling import Settled, rig_solution, settle
from calibration.solution import CameraResult, RigSolution
from calibration.solve import SolveOptions
from calibration.uncertainty import intrinsics_evidence
from calibration.views import BoardView
from calibration.votes import Ballot, ballots
from station.errors import CalibrationError
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration

_LEAST_CONTRADICTING = 3
"""A camera held fast is called moved when this many boards and most of its boards contradict its place."""


def solve_camera(
    role: str,
    views: Sequence[BoardView],
    models: Mapping[str, CameraModel],
    calibration: RigCalibration,
    options: SolveOptions | None = None,
) -> RigSolution:
    """Solve one camera's pose from boards that it shares with cameras that stand as ``calibration`` says.

    ``models`` gives the camera's intrinsics, needed for ``role`` alone; the others keep those of their calibration, and
    views of cameras that it does not know are passed over. Only boards that ``role`` sees count, one with marker ids or
    two without are the least. The solution is in the calibration's world and holds all its cameras: the others with
    exactly their pose and their stated bounds, with this solve's errors in px. The bound of ``role`` adds that of the
    cameras it was solved against. Its intrinsics are judged but never refined. Raises CalibrationError when the camera
    shares too little, SolveCancelledError when told to end.
    """
    begin = time.perf_counter()
    options = options or SolveOptions()
    fixed = {other: camera for other, camera in sorted(calibration.cameras.items()) if other != role}
    known = {other: camera.model for other, camera in fixed.items()}
    if role not in models:
        raise CalibrationError(f"There are no intrinsics of {role}.")
    known[role] = models[role]
    own = {view.placement for view in views if view.role == role}
    options.course.reached(0.0)
    cast, spoilt = ballots([v for v in views if v.role in known and v.placement in own], known)
    options.course.reached(0.4)
    group = join_camera(role, {other: camera.pose for other, camera in fixed.items()}, cast)
    if group is None:
        raise CalibrationError(_too_little(role, cast), where=role, todo="Show it more boards that others see too.")
    selection = Selection.of_group(group, cast)
    settled = settle(
        selection,
        first_state(group, selection, known),
        known,
        lambda left: Freedom(tuple(i for i, other in enumerate(left.roles) if other != role)),
        options.loss,
        options.course,
    )
    if role not in settled.selection.roles:
        raise CalibrationError(f"None of {role}'s views fits the other cameras.", where=role)
    options.course.reached(0.9)
    results = _results(role, settled, calibration, known)
    evidence = intrinsics_evidence(
        settled.corners,
        settled.state,
        settled.freedom,
        settled.loss,
        settled.scale,
        settled.noise_px,
        settled.selection.roles,
        role,
    )
    if evidence.doubted:
        wider = results[role].position_mm + evidence.position_change_mm[role]
        results[role] = replace(results[role], position_mm=wider)
    findings = view_findings(group, settled.selection, cast, spoilt)
    findings += camera_findings({role: results[role]}, evidence)
    findings += _moved(role, settled.selection, cast)
    boards = settled.poses[1]
    solution = rig_solution(
        settled,
        results,
        boards,
        fixed=f"calibration {calibration.id}",
        findings=findings,
        begin=begin,
        evidence=evidence,
    )
    options.course.reached(1.0)
    return solution


def with_camera(
    calibration: RigCalibration, solution: RigSolution, role: str, serial: str, source: str, at: datetime
) -> RigCalibration:
    """Return the calibration with one camera as :func:`solve_camera` found it.

    The other cameras and their figures are those of ``calibration``; so are the figures of the rig as a whole.
    """
    result = solution.cameras[role]
    figures = {key: value for key, value in calibration.quality.items() if not key.startswith(f"{role}.")}
    return replace(
        calibration,
        cameras={**calibration.cameras, role: CameraCalibration(role, serial, result.model, result.pose)},
        source=source,
        created_at=stored_time(at),
        quality={**figures, **camera_quality(role, result)},
    )


def _results(
    role: str, settled: Settled, calibration: RigCalibration, models: Mapping[str, CameraModel]
) -> dict[str, CameraResult]:
    """Return all cameras' figures; what is fixed keeps the bounds that its calibration states."""
    cameras = settled.poses[0]
    exact = {other: camera.pose for other, camera in calibration.cameras.items() if other != role}
    found = settled.camera_results({**cameras, **exact}, settled.covariances())
    for other, pose in exact.items():
        position = calibration.quality.get(f"{other}.position_mm_95", 0.0)
        rotation = calibration.quality.get(f"{other}.rotation_deg_95", 0.0)
        measured = found.get(other) or _unseen(models[other], pose)
        found[other] = replace(measured, position_mm=position, rotation_deg=rotation)
    stood = [found[other] for other in settled.selection.roles if other != role]
    one = found[role]
    found[role] = replace(
        one,
        position_mm=_together(one.position_mm, [other.position_mm for other in stood]),
        rotation_deg=_together(one.rotation_deg, [other.rotation_deg for other in stood]),
    )
    return dict(sorted(found.items()))


def _together(own: float, others: Sequence[float]) -> float:
    """Return the bound of a camera's own noise with that of where the others stand (root mean square of theirs)."""
    return float(np.sqrt(own**2 + np.mean(np.square(others))))


def _unseen(model: CameraModel, pose: Pose) -> CameraResult:
    return CameraResult(model, pose, 0.0, 0.0, np.zeros((6, 6)), 0, 0.0, 0.0)


def _too_little(role: str, cast: Sequence[Ballot]) -> str:
    seen = {ballot.view.placement for ballot in cast if ballot.view.role == role}
    shared = {ballot.view.placement for ballot in cast if ballot.view.role != role} & seen
    if len(shared) > 1:
        return "None of its views fits the other cameras, or too few agree."
    boards = "no board" if not shared else "only 1 board"
    return f"It shares {boards} with the other cameras, too little to tell where it stands."


def _moved(role: str, selection: Selection, cast: Sequence[Ballot]) -> list[Finding]:
    """Name cameras that were held fast although most of their boards contradict their place."""
    found: list[Finding] = []
    for other in sorted({ballot.view.role for ballot in cast} - {role}):
        names = [(b.view.placement, other) for b in cast if b.view.role == other]
        wrong = tuple(name for name in names if name not in selection.readings)
        if len(wrong) >= _LEAST_CONTRADICTING and 2 * len(wrong) > len(names):
            text = (
                f"{len(wrong)} of {other}'s {len(names)} views contradict its place in the calibration: it was moved "
                "as well. Solve the whole rig anew."
            )
            found.append(Finding(FindingKind.MOVED, text, (other,), wrong))
    return found
