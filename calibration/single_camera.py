"""One camera solved anew against the others, after a knock or an exchange; the others stay as they are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from calibration.bundle import Freedom
from calibration.consensus import join_camera
from calibration.evidence import Evidence, evidence_of
from calibration.findings import Finding, FindingKind, listed
from calibration.report_words import view_findings, weak_findings
from calibration.rig_result import camera_quality, stored_time
from calibration.selection import Selection, first_state, hanging_together
from calibration.settling import Settled, rig_solution, settle
from calibration.solution import CameraResult, RigSolution
from calibration.solve import SolveOptions
from calibration.views import BoardView
from calibration.votes import Ballot, ballots
from station.errors import CalibrationError
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration

_POSITION, _ROTATION = "{}.position_mm_95", "{}.rotation_deg_95"

_ASTRAY_RATIO = 1.5
"""Cameras held fast that fit the boards so many times worse than they should do not stand as calibrated."""

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
        lambda names: hanging_together(names, None, tuple(fixed)),
    )
    if role not in settled.selection.roles:
        raise CalibrationError(f"None of {role}'s views fits the other cameras.", where=role)
    options.course.reached(0.9)
    results = _results(role, settled, calibration, known)
    evidence = evidence_of(settled, role)
    moved = _moved(role, settled.selection, cast) or _astray(role, settled, evidence, calibration)
    findings = view_findings(group, settled.selection, cast, spoilt) + weak_findings({role: results[role]})
    findings += [*moved, *_unstated(role, settled.selection, calibration)]
    if not moved:  # nothing else can be told of pictures that do not fit the others
        findings += evidence.findings()
    results[role] = replace(results[role], position_mm=results[role].position_mm + evidence.widening_mm(role))
    solution = rig_solution(
        settled,
        results,
        settled.poses[1],
        fixed=f"calibration {calibration.id}",
        findings=findings,
        begin=begin,
        evidence=evidence.intrinsics,
        scales=evidence.scales,
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
    found = settled.camera_results({**cameras, **exact}, settled.certainty())
    stated = [calibration.quality[_POSITION.format(other)] for other in exact if not _unsaid(other, calibration)]
    turned = [calibration.quality[_ROTATION.format(other)] for other in exact if not _unsaid(other, calibration)]
    for other, pose in exact.items():
        # No camera stands perfectly: one without figures is taken for as unsure as any that has them.
        position = calibration.quality.get(_POSITION.format(other), max(stated, default=found[role].position_mm))
        rotation = calibration.quality.get(_ROTATION.format(other), max(turned, default=found[role].rotation_deg))
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


def _astray(role: str, settled: Settled, evidence: Evidence, calibration: RigCalibration) -> list[Finding]:
    """Say that the pictures fit the cameras that were held fast worse than themselves and worse than they used to.

    A small knock contradicts no view for sure and still moves the camera that is solved. Where one camera stands out it
    is named, else all that were held fast.
    """
    usual_px = max(evidence.own_px, calibration.quality.get("noise_px", 0.0))
    roles = settled.selection.roles
    even = settled.lengths / settled.corners.spread[:, None]
    by_role: dict[str, float] = {}
    for index, other in enumerate(roles):
        mine = settled.corners.camera == index
        used = settled.corners.used[mine]
        if other != role and mine.sum() >= _LEAST_CONTRADICTING:
            by_role[other] = float(np.sqrt(np.mean(even[mine][used] ** 2) / 2.0))
    astray = {other: px for other, px in by_role.items() if px > _ASTRAY_RATIO * usual_px}
    if evidence.unexplained_px <= _ASTRAY_RATIO * usual_px and (not astray or _explained(evidence)):
        return []
    fast = tuple(other for other in roles if other != role)
    worst = max(astray, key=lambda other: astray[other], default="")
    alone = len(fast) > 2 and all(_ASTRAY_RATIO * px < astray[worst] for other, px in astray.items() if other != worst)
    named = (worst,) if worst and alone else fast
    px = astray[worst] if worst else evidence.unexplained_px
    text = (
        f"{listed(named)} {'does' if len(named) == 1 else 'do'} not stand as the calibration says, or the board moved "
        f"or is of another size: it fits to {px:.2f} px, where {usual_px:.2f} px are usual. Solve the whole rig anew."
    )
    return [Finding(FindingKind.MOVED, text, named)]


def _explained(evidence: Evidence) -> bool:
    """Return whether wrong intrinsics of the solved camera are why the pictures do not fit."""
    return evidence.intrinsics is not None and evidence.intrinsics.doubted


def _unstated(role: str, selection: Selection, calibration: RigCalibration) -> list[Finding]:
    """Name cameras held fast of which nobody knows how sure they stand."""
    fast = [other for other in selection.roles if other != role]
    unsaid = tuple(other for other in fast if _unsaid(other, calibration))
    if not unsaid and len(fast) > 1:
        return []
    if not unsaid:
        text = (
            f"{role} was placed by {fast[0]} alone: had that one moved since its calibration, nothing would show it. "
            "Hold boards where more cameras see them, or solve the whole rig anew."
        )
        return [Finding(FindingKind.UNSTATED, text, (fast[0],))]
    text = (
        f"The calibration does not say how sure {listed(unsaid)} {'stands' if len(unsaid) == 1 else 'stand'}, and so "
        f"{role}'s bound is a guess. Solve the whole rig anew."
    )
    return [Finding(FindingKind.UNSTATED, text, unsaid)]


def _unsaid(role: str, calibration: RigCalibration) -> bool:
    return not {_POSITION.format(role), _ROTATION.format(role)} <= set(calibration.quality)
