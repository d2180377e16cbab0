"""Intrinsics of one camera from pictures of a board, with what they are good for.

Zhang, "A flexible new technique for camera calibration", 2000, as OpenCV has it. How much is solved follows from the
pictures: every step towards the full model must lower the Bayesian information criterion. The uncertainty is the larger
of the least squares' own and the jackknife's over pictures, for a bent or wrongly printed board shifts whole pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.projection import pose_of_vectors, vectors_of_pose
from calibration.refinement import LEAST_VIEWS, MOST_FOCAL_DEVIATION, Support
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

_GUESSES = {2: 0.015, 3: 0.015, 4: 0.1, 5: 0.1}
"""How well cx and cy (as shares of the width), k1 and k2 are known beforehand: in the middle, and nearly none."""

_OUTLIER_MEDIANS = 5.0
_NEVER_OUTLIER_PX = 1.0
_MOST_REVISIONS = 5
_LEAST_CORNERS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """A model: what it solves in words, OpenCV's flags for what it does not, its unknowns, and the views it needs.

    ``unknowns`` are places in fx, fy, cx, cy, k1, k2, p1, p2, k3; without the second, both focal lengths are one.
    """

    solves: str
    flags: int
    unknowns: tuple[int, ...]
    views: int


_FIXED_K3 = cv2.CALIB_FIX_K3 + cv2.CALIB_ZERO_TANGENT_DIST
_ONE_FOCAL = cv2.CALIB_FIX_ASPECT_RATIO
_CENTRED = cv2.CALIB_FIX_PRINCIPAL_POINT
STEPS = (
    Step("one focal length", _FIXED_K3 + _ONE_FOCAL + _CENTRED + cv2.CALIB_FIX_K1 + cv2.CALIB_FIX_K2, (0,), 1),
    Step("one focal length, k1", _FIXED_K3 + _ONE_FOCAL + _CENTRED + cv2.CALIB_FIX_K2, (0, 4), 1),
    Step("one focal length, cx, cy, k1", _FIXED_K3 + _ONE_FOCAL + cv2.CALIB_FIX_K2, (0, 2, 3, 4), 6),
    Step("fx, fy, cx, cy, k1", _FIXED_K3 + cv2.CALIB_FIX_K2, (0, 1, 2, 3, 4), 6),
    Step("fx, fy, cx, cy, k1, k2", _FIXED_K3, (0, 1, 2, 3, 4, 5), 8),
    Step("fx, fy, cx, cy, k1, k2, p1, p2, k3", 0, tuple(range(9)), LEAST_VIEWS),
)
"""From few unknowns to all; tangential terms and k3 only where the pictures are many."""


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """One camera's ``model`` and what stands behind it.

    ``solved`` says which unknowns the pictures carried. ``focal_deviation`` is the focal length's standard deviation as
    a share of it, ``depth_ratio`` the largest over the smallest board distance, ``tilted`` the views with enough tilt,
    ``view_rms_px`` the errors by placement. ``shortfalls`` say what is missing for the model to be used.
    """

    role: str
    model: CameraModel
    solved: str
    rms_px: float
    focal_deviation: float
    depth_ratio: float
    tilted: int
    view_rms_px: dict[str, float]
    corners_left_out: int
    shortfalls: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether the model may take the place of the factory's."""
        return not self.shortfalls

    def to_json(self) -> dict[str, Any]:
        """Return the figures."""
        return {
            "role": self.role,
            "model": self.model.to_json(),
            "solved": self.solved,
            "rms_px": self.rms_px,
            "focal_deviation": self.focal_deviation,
            "depth_ratio": self.depth_ratio,
            "tilted": self.tilted,
            "view_rms_px": self.view_rms_px,
            "corners_left_out": self.corners_left_out,
            "usable": self.usable,
            "shortfalls": list(self.shortfalls),
        }


def solve_intrinsics(views: Sequence[BoardView], width: int, height: int) -> Intrinsics:
    """Solve one camera's intrinsics from its views, pictures of ``width`` × ``height``.

    The result says whether the pictures carry it. Raises CalibrationError without views.
    """
    if not views:
        raise CalibrationError("No picture shows the board.", todo="Take pictures of the whole board, near and far.")
    kept: list[NDArray[np.bool_]] = [np.ones(len(view.pixels), dtype=np.bool_) for view in views]
    step, fit = _richest(views, kept, width, height)
    for _ in range(_MOST_REVISIONS):
        errors = [np.linalg.norm(_residuals(view, fit, i), axis=1) for i, view in enumerate(views)]
        limit = max(_OUTLIER_MEDIANS * float(np.median(np.concatenate(errors))), _NEVER_OUTLIER_PX)
        fitting: list[NDArray[np.bool_]] = [np.asarray(error <= limit) for error in errors]
        settled = all((now == before).all() for now, before in zip(fitting, kept, strict=True))
        if settled or any(mask.sum() < _LEAST_CORNERS for mask in fitting):
            break
        kept = fitting
        step, fit = _richest(views, kept, width, height)
    depths = [float(pose.apply(view.points_m)[:, 2].mean()) for pose, view in zip(fit.boards, views, strict=True)]
    support = Support.of(fit.boards, depths)
    deviation = max(_own_deviation(views, kept, fit, step), _jackknife(views, kept, width, height, step))
    return Intrinsics(
        role=views[0].role,
        model=fit.model,
        solved=step.solves,
        rms_px=fit.rms_px,
        focal_deviation=deviation,
        depth_ratio=support.depth_ratio,
        tilted=support.tilted_views,
        view_rms_px=dict(zip((view.placement for view in views), fit.view_rms_px, strict=True)),
        corners_left_out=sum(int((~mask).sum()) for mask in kept),
        shortfalls=_shortfalls(support, deviation),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    model: CameraModel
    boards: tuple[Pose, ...]
    rms_px: float
    view_rms_px: tuple[float, ...]
    corners: int


def _richest(
    views: Sequence[BoardView], kept: Sequence[NDArray[np.bool_]], width: int, height: int
) -> tuple[Step, _Fit]:
    """Go up the steps as long as one of those above explains the pictures better than its unknowns cost."""
    best: tuple[Step, _Fit] | None = None
    least = np.inf
    for step in STEPS:
        if len(views) < step.views:
            break
        fit = _fit(views, kept, width, height, step)
        count = 2 * fit.corners
        unknowns = len(step.unknowns) + 6 * len(views)
        criterion = count * np.log(fit.rms_px**2 / 2.0 + 1e-12) + unknowns * np.log(count)
        if best is None or criterion < least:
            best, least = (step, fit), criterion
    assert best is not None
    return best


def _fit(views: Sequence[BoardView], kept: Sequence[NDArray[np.bool_]], width: int, height: int, step: Step) -> _Fit:
    points = [view.points_m[mask].astype(np.float32) for view, mask in zip(views, kept, strict=True)]
    pixels = [view.pixels[mask].astype(np.float32).reshape(-1, 1, 2) for view, mask in zip(views, kept, strict=True)]
    guess = np.array([[float(width), 0.0, (width - 1) / 2], [0.0, float(width), (height - 1) / 2], [0.0, 0.0, 1.0]])
    rms, matrix, bent, turns, shifts, _, _, by_view = cv2.calibrateCameraExtended(
        points, pixels, (width, height), guess, np.zeros(5), flags=step.flags + cv2.CALIB_USE_INTRINSIC_GUESS
    )
    k1, k2, p1, p2, k3 = np.asarray(bent, dtype=np.float64).ravel()[:5].tolist()
    model = CameraModel(
        width=width,
        height=height,
        fx=float(matrix[0, 0]),
        fy=float(matrix[1, 1]),
        cx=float(matrix[0, 2]),
        cy=float(matrix[1, 2]),
        distortion=(k1, k2, p1, p2, k3),
    )
    return _Fit(
        model=model,
        boards=tuple(pose_of_vectors(turn, shift) for turn, shift in zip(turns, shifts, strict=True)),
        rms_px=float(rms),
        view_rms_px=tuple(float(v) for v in np.asarray(by_view).ravel()),
        corners=sum(len(one) for one in points),
    )


def _residuals(view: BoardView, fit: _Fit, row: int) -> Array:
    return fit.model.project(fit.boards[row].apply(view.points_m)) - view.pixels


def _own_deviation(views: Sequence[BoardView], kept: Sequence[NDArray[np.bool_]], fit: _Fit, step: Step) -> float:
    """Return the focal length's standard deviation, as a share, by the linearised least squares.

    What of its column the other unknowns' columns cannot imitate; OpenCV's figure is near zero where nothing is left.
    Principal point and distortion count as known no better than :data:`_GUESSES` where they were not solved.
    """
    solved = sorted({*step.unknowns, *_GUESSES})
    unknowns = len(solved)
    rows: list[Array] = []
    for row, (view, mask) in enumerate(zip(views, kept, strict=True)):
        turn, shift = vectors_of_pose(fit.boards[row])
        projected = cv2.projectPoints(view.points_m[mask], turn, shift, fit.model.matrix, fit.model.dist_coeffs)
        derivative = np.asarray(projected[1], dtype=np.float64)
        by_intrinsics = derivative[:, 6:15].copy()
        if 1 not in step.unknowns:
            by_intrinsics[:, 0] += by_intrinsics[:, 1]
        block = np.zeros((len(derivative), unknowns + 6 * len(views)))
        block[:, :unknowns] = by_intrinsics[:, solved]
        block[:, unknowns + 6 * row : unknowns + 6 * row + 6] = derivative[:, :6]
        rows.append(block)
    spare = max(1, sum(len(block) for block in rows) - len(step.unknowns) - 6 * len(views))
    noise = max(fit.rms_px, 1e-6) * np.sqrt(fit.corners / spare)
    for place in set(_GUESSES) - set(step.unknowns):
        known = np.zeros((1, unknowns + 6 * len(views)))
        known[0, solved.index(place)] = noise / (_GUESSES[place] * (fit.model.width if place in (2, 3) else 1.0))
        rows.append(known)
    jacobian = np.concatenate(rows)
    scales = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-12)
    jacobian /= scales
    others: Array = np.asarray(np.linalg.lstsq(jacobian[:, 1:], jacobian[:, 0], rcond=None)[0], dtype=np.float64)
    left = float(scales[0] * np.linalg.norm(jacobian[:, 0] - jacobian[:, 1:] @ others))
    return float(noise / max(left, 1e-9) / fit.model.fx)


def _jackknife(
    views: Sequence[BoardView], kept: Sequence[NDArray[np.bool_]], width: int, height: int, step: Step
) -> float:
    """Return the focal length's standard deviation, as a share, from how it moves when one picture is left out."""
    if len(views) < max(3, step.views + 1):
        return 0.0
    focal: list[float] = []
    for out in range(len(views)):
        rest = [i for i in range(len(views)) if i != out]
        focal.append(_fit([views[i] for i in rest], [kept[i] for i in rest], width, height, step).model.fx)
    values = np.array(focal)
    return float(np.sqrt((len(values) - 1) * values.var()) / values.mean())


def _shortfalls(support: Support, focal_deviation: float) -> tuple[str, ...]:
    missing = support.shortfalls()
    # Written so that a deviation that is no number counts, too.
    if not focal_deviation <= MOST_FOCAL_DEVIATION:
        missing.append(f"the focal length stays uncertain by {focal_deviation:.2%}")
    return tuple(missing)
