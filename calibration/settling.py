"""Adjustment and revision in turns until the same views and corners count, with a loss that follows the noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.bundle import Corners, Freedom, Loss, State, adjust, residuals
from calibration.findings import Finding, FindingKind, View
from calibration.selection import Selection
from calibration.solution import BoardScale, CameraResult, IntrinsicsEvidence, RigSolution
from calibration.uncertainty import Certainty, bound_95, camera_certainty, noise, robust_noise
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

_MOST_REVISIONS = 4

_LOSS_SCALE = 3.0
"""Scale of the robust loss in standard deviations of the noise; Gaussian errors lose next to nothing."""


class SolveCancelledError(CalibrationError):
    """The solve was told to end."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a solve hears that it shall end, and says how far it is.

    Both are called on the solving thread. ``cancelled`` is asked several times a second, ``progress`` gets 0…1.
    """

    cancelled: Callable[[], bool] | None = None
    progress: Callable[[float], None] | None = None

    def check(self) -> None:
        """Raise SolveCancelledError when the solve shall end."""
        if self.cancelled is not None and self.cancelled():
            raise SolveCancelledError("The solve was cancelled.")

    def reached(self, share: float) -> None:
        """Say how far the solve is, unless it shall end."""
        self.check()
        if self.progress is not None:
            self.progress(share)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """A solved state with what it was solved from.

    ``scale`` is the robust loss's in px, ``models`` are the given intrinsics.
    """

    selection: Selection
    corners: Corners
    state: State
    freedom: Freedom
    models: Mapping[str, CameraModel]
    loss: Loss
    scale: float

    @property
    def poses(self) -> tuple[dict[str, Pose], dict[str, Pose]]:
        """Cameras by role (rig → camera) and boards by placement (board → rig)."""
        state = self.state
        cameras = {r: Pose(state.camera_rotation[i], state.camera_shift[i]) for i, r in enumerate(self.selection.roles)}
        boards = {
            p: Pose(state.board_rotation[i], state.board_shift[i]) for i, p in enumerate(self.selection.placements)
        }
        return cameras, boards

    @property
    def noise_px(self) -> float:
        """Standard deviation of a corner's coordinate."""
        return noise(self.corners, self.state, self.freedom, self.loss, self.scale)

    @property
    def lengths(self) -> Array:
        """Lengths of the corners' errors (V, N), px; zero where a corner does not count."""
        return np.linalg.norm(residuals(self.corners, self.state), axis=2)

    def solved_models(self) -> dict[str, CameraModel]:
        """Return the cameras' models, with refined intrinsics if they were free."""
        found = dict(self.models)
        if self.freedom.intrinsics:
            for role, (fx, fy, cx, cy) in zip(self.selection.roles, self.state.intrinsics.tolist(), strict=True):
                found[role] = replace(found[role], fx=fx, fy=fy, cx=cx, cy=cy)
        return found

    def certainty(self) -> Certainty:
        """Return how sure every camera's unknowns are."""
        return camera_certainty(self.corners, self.state, self.freedom, self.loss, self.scale, self.noise_px)

    def camera_results(self, poses: Mapping[str, Pose], certainty: Certainty) -> dict[str, CameraResult]:
        """Return the figures of every camera by role, at ``poses`` rig → camera."""
        models, lengths = self.solved_models(), self.lengths
        found: dict[str, CameraResult] = {}
        for i, role in enumerate(self.selection.roles):
            own = self.corners.camera == i
            found[role] = _camera_result(
                models[role],
                poses[role],
                certainty.covariance[i],
                float(certainty.freedom[i]),
                lengths[own],
                self.corners.used[own],
            )
        return found


def settle(
    selection: Selection,
    state: State,
    models: Mapping[str, CameraModel],
    freedom_of: Callable[[Selection], Freedom],
    loss: Loss,
    course: Course,
    hanging: Callable[[Sequence[View]], list[View]],
) -> Settled:
    """Adjust and revise in turns until the same views and corners count.

    ``freedom_of`` says what stands still among the cameras and boards that are left, ``hanging`` which of the views are
    tied to it; ``selection`` is changed. Raises CalibrationError when none is left.
    """
    for revision in range(_MOST_REVISIONS):
        selection.keep(hanging(selection.names))
        if not selection.readings:
            raise CalibrationError(
                "The views contradict each other; none is left.",
                todo="Check that the board did not move between the cameras' pictures, and that its id is right.",
            )
        selection, state = selection.without_empty(state)
        freedom = freedom_of(selection)
        corners = selection.corners(models)
        state, sigma = _adjusted(corners, state, freedom, loss, course)
        if revision == _MOST_REVISIONS - 1 or not selection.revise(state, models, robust_noise(corners, state)):
            break
    else:
        raise AssertionError("the last revision ends the loop")
    return Settled(selection, corners, state, freedom, models, loss, _LOSS_SCALE * sigma)


def rig_solution(
    settled: Settled,
    cameras: Mapping[str, CameraResult],
    boards: Mapping[str, Pose],
    *,
    fixed: str,
    findings: Sequence[Finding],
    begin: float,
    evidence: IntrinsicsEvidence | None = None,
    scales: tuple[BoardScale, ...] = (),
) -> RigSolution:
    """Return the solution with the figures of the whole; ``begin`` is the solve's start by ``time.perf_counter``."""
    used, lengths = settled.corners.used, settled.lengths
    per_view = np.sqrt((lengths**2).sum(axis=1) / used.sum(axis=1))
    return RigSolution(
        cameras=cameras,
        boards=boards,
        fixed=fixed,
        rms_px=float(np.sqrt(np.mean(lengths[used] ** 2))),
        noise_px=settled.noise_px,
        corners=int(used.sum()),
        view_rms_px={name: float(value) for name, value in zip(settled.selection.names, per_view, strict=True)},
        evidence=evidence,
        findings=tuple(sorted(findings, key=lambda finding: list(FindingKind).index(finding.kind))),
        seconds=time.perf_counter() - begin,
        refined=settled.freedom.intrinsics,
        scales=scales,
    )


def _adjusted(corners: Corners, state: State, freedom: Freedom, loss: Loss, course: Course) -> tuple[State, float]:
    """Adjust with a loss whose scale follows the noise; return the state and the scale's noise."""
    sigma = max(robust_noise(corners, state), 1e-6)
    for _ in range(6):
        course.check()
        state, _ = adjust(corners, state, freedom, loss, _LOSS_SCALE * sigma)
        found = max(robust_noise(corners, state), 1e-6)
        settled = abs(found - sigma) <= 0.05 * sigma
        sigma = found
        if settled:
            break
    return state, sigma


def _camera_result(
    model: CameraModel, pose: Pose, covariance: Array, freedom: float, length: Array, used: NDArray[np.bool_]
) -> CameraResult:
    # The centre moves by the shift turned back into the rig's frame, which leaves its length as it is.
    errors = length[used]
    return CameraResult(
        model=model,
        pose=pose,
        position_mm=1e3 * bound_95(covariance[3:6, 3:6], freedom),
        rotation_deg=float(np.degrees(bound_95(covariance[:3, :3], freedom))),
        covariance=covariance[:6, :6],
        views=len(length),
        p50_px=float(np.median(errors)),
        p95_px=float(np.quantile(errors, 0.95)),
    )
