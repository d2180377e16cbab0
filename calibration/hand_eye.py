"""Hand-eye calibration: where a fixed camera stands to a robot that carries the board, or the other way round.

The board is seen at ``T = X·G·Y``: Y board → tool and X base → camera are solved, G tool → base is what the robot says
of itself. A camera on the robot before a fixed board is the same with G turned round. OpenCV 5 has no such solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from calibration.hand_eye_adjust import ChainCorners, ChainFreedom, ChainState, adjust_chain, chain_errors
from calibration.hand_eye_start import LEAST_PICTURES, Candidate, Start, candidates, find_start, turn_spread_deg
from calibration.projection import pose_of_vectors, rotation_angle, vectors_of_pose
from calibration.refinement import Support
from calibration.views import BoardView
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, Pose

LEAST_TURN_DEG = 5.0
"""Root mean square by which the robot must turn about a second axis."""

LEAST_PICTURES_MORE = 6
"""Pictures without which neither the intrinsics nor the board's size are solved along."""

MOST_DEVIATION = 0.01
"""Largest standard deviation of a focal length or the board's size, as a share of it, that is handed out."""

_HUBER_SIGMAS = 3.0


@dataclass(frozen=True, slots=True)
class RobotNoise:
    """Standard deviations of the robot's own errors, by coordinate."""

    shift_mm: float
    turn_deg: float


@dataclass(frozen=True, slots=True)
class HandEyeOptions:
    """What is known and what is solved beside the two poses.

    ``camera_on_robot``: the camera moves and the board stands. ``refine_intrinsics`` also solves fx, fy, cx, cy, k1 and
    k2, ``square_size`` the size of the board's squares, which the robot's motion measures; both are refused where the
    pictures cannot carry them. With ``robot_noise`` the robot may err by so much in every picture (maximum
    likelihood); without it, its word is taken and the corners' errors alone are made least.
    """

    camera_on_robot: bool = False
    refine_intrinsics: bool = False
    square_size: bool = False
    robot_noise: RobotNoise | None = None


@dataclass(frozen=True, slots=True)
class PictureCheck:
    """One picture through the robot's chain.

    ``own_px`` is the error under the picture's own best pose; ``board_mm`` and ``board_deg`` lie between that pose and
    the chain's, at the board's middle. ``held_out_px`` is the error when the other pictures alone were solved.
    """

    name: str
    rms_px: float
    own_px: float
    board_mm: float
    board_deg: float
    held_out_px: float | None


@dataclass(frozen=True, slots=True, eq=False)
class HandEye:
    """``camera`` base → camera and ``board`` board → tool (a camera on the robot: tool → camera, board → base).

    ``scale`` is the size of the board's squares over the stated one; deviations are standard deviations by the
    jackknife over pictures, ``None`` where there are too few: of the camera's and the board's place in millimetres, of
    the focal length and the squares' size as shares. ``foreign`` pictures fit no chain and were left out.
    """

    camera: Pose
    board: Pose
    model: CameraModel
    scale: float
    rms_px: float
    held_out_px: float | None
    pictures: tuple[PictureCheck, ...]
    foreign: tuple[str, ...]
    camera_mm: float | None
    board_mm: float | None
    focal_share: float | None
    scale_share: float | None

    def to_json(self) -> dict[str, Any]:
        """Return figures and geometry; matrices row by row, (3, 4)."""
        return {
            "camera": [float(v) for v in self.camera.matrix[:3].ravel()],
            "board": [float(v) for v in self.board.matrix[:3].ravel()],
            "model": self.model.to_json(),
            "square_scale": self.scale,
            "rms_px": self.rms_px,
            "held_out_px": self.held_out_px,
            "deviations": {
                "camera_mm": self.camera_mm,
                "board_mm": self.board_mm,
                "focal_share": self.focal_share,
                "scale_share": self.scale_share,
            },
            "pictures": [
                {
                    "name": one.name,
                    "rms_px": one.rms_px,
                    "own_px": one.own_px,
                    "board_mm": one.board_mm,
                    "board_deg": one.board_deg,
                    "held_out_px": one.held_out_px,
                }
                for one in self.pictures
            ],
            "foreign": list(self.foreign),
        }


def solve_hand_eye(
    views: Sequence[BoardView], robot: Sequence[Pose], model: CameraModel, options: HandEyeOptions | None = None
) -> HandEye:
    """Solve X and Y from the views of one camera and the robot's poses (tool → base), one per view.

    Raises CalibrationError when pictures and poses do not fit together, when the robot turned too little, or when
    more is asked for than the pictures can carry.
    """
    options = options or HandEyeOptions()
    if len(views) != len(robot):
        raise CalibrationError(f"There are {len(views)} pictures with a board and {len(robot)} poses of the robot.")
    if len(views) < LEAST_PICTURES:
        raise CalibrationError(
            f"{len(views)} pictures show the board, at least {LEAST_PICTURES} are needed.",
            todo="Take more pictures, with the tool turned about several axes.",
        )
    arms = [pose.inverse for pose in robot] if options.camera_on_robot else list(robot)
    spread = turn_spread_deg(arms)
    if spread < LEAST_TURN_DEG:
        raise CalibrationError(
            f"The robot turned about one axis only ({spread:.1f}° about a second): the places along it stay open.",
            todo="Take pictures with the tool turned about several axes.",
        )
    start = find_start([candidates(view, model) for view in views], arms, _outline(views))
    if start is None or 2 * start.agreeing <= len(views):
        raise CalibrationError(
            f"Pictures and robot poses do not fit together: {0 if start is None else start.agreeing} of {len(views)} "
            "agree on one chain.",
            todo="Check which pose belongs to which picture, that poses are tool → base in metres with quaternions as "
            "x, y, z, w, the board's id and the camera's intrinsics, and whether the camera is on the robot.",
        )
    chosen = [(_read(view, c), g) for view, c, g in zip(views, start.chosen, arms, strict=True) if c is not None]
    kept, kept_arms = [view for view, _ in chosen], [arm for _, arm in chosen]
    freedom = _freedom(options)
    if options.refine_intrinsics or options.square_size:
        _require_support([c.pose for c in start.chosen if c is not None])
    state = _solved(kept, kept_arms, _first_state(start, model), freedom)
    folds = _left_out_one_by_one(kept, kept_arms, state, freedom)
    result = _result(kept, kept_arms, state, folds, model)
    _require_sharpness(result, options)
    names = {view.placement for view in kept}
    return replace(result, foreign=tuple(view.placement for view in views if view.placement not in names))


def _outline(views: Sequence[BoardView]) -> Array:
    """Return the rectangle (4, 3) around all points that were seen."""
    every = np.concatenate([view.points_m[:, :2] for view in views])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    return np.array([[left, top, 0.0], [right, top, 0.0], [right, bottom, 0.0], [left, bottom, 0.0]])


def _read(view: BoardView, candidate: Candidate) -> BoardView:
    return replace(view, points_m=view.read_as(candidate.reading), turns=())


def _freedom(options: HandEyeOptions) -> ChainFreedom:
    noise = options.robot_noise
    slip = None if noise is None else (float(np.radians(noise.turn_deg)), noise.shift_mm / 1e3)
    return ChainFreedom(intrinsics=options.refine_intrinsics, scale=options.square_size, slip=slip)


def _require_support(boards: Sequence[Pose]) -> None:
    if missing := Support.of(boards).shortfalls(LEAST_PICTURES_MORE):
        raise CalibrationError(
            f"The pictures cannot carry intrinsics or the board's size: {missing[0]}.",
            todo="Take more pictures, near and far and tilted, or solve the two poses alone.",
        )


def _require_sharpness(result: HandEye, options: HandEyeOptions) -> None:
    asked: dict[str, float | None] = {}
    if options.refine_intrinsics:
        asked["the focal length"] = result.focal_share
    if options.square_size:
        asked["the squares' size"] = result.scale_share
    vague = [
        f"how certain {name} is cannot be told, for without one of the pictures the robot turns too little"
        if share is None
        else f"{name} stays uncertain by {share:.1%}"
        for name, share in asked.items()
        if share is None or not share <= MOST_DEVIATION
    ]
    if vague:
        raise CalibrationError(
            f"The pictures cannot carry what was asked for: {' and '.join(vague)}.",
            todo="Take more pictures, near and far and tilted, or solve the two poses alone.",
        )


def _first_state(start: Start, model: CameraModel) -> ChainState:
    return ChainState(
        camera=start.camera,
        board=start.board,
        intrinsics=np.array([model.fx, model.fy, model.cx, model.cy]),
        distortion=np.array(model.distortion),
        scale=1.0,
        slips=np.zeros((len(start.chosen), 6)),
    )


def _corners(views: Sequence[BoardView], arms: Sequence[Pose]) -> ChainCorners:
    most = max(len(view.pixels) for view in views)
    points, pixels = np.zeros((len(views), most, 3)), np.zeros((len(views), most, 2))
    used = np.zeros((len(views), most), dtype=np.bool_)
    for row, view in enumerate(views):
        count = len(view.pixels)
        points[row, :count], pixels[row, :count], used[row, :count] = view.points_m, view.pixels, True
    return ChainCorners(
        points, pixels, used, np.stack([arm.rotation for arm in arms]), np.stack([arm.translation for arm in arms])
    )


def _solved(views: Sequence[BoardView], arms: Sequence[Pose], state: ChainState, freedom: ChainFreedom) -> ChainState:
    """Solve without a robust loss first, to learn the noise, then with Huber's at 3 σ of it."""
    corners = _corners(views, arms)
    state = replace(state, slips=np.zeros((len(views), 6)))
    noise = 1.0
    for robust in (False, True):
        huber = _HUBER_SIGMAS * noise if robust else None
        state = adjust_chain(corners, state, freedom, huber, noise)
        noise = max(1.4826 * float(np.median(np.abs(chain_errors(corners, state)[corners.used]))), 0.02)
    return state


def _left_out_one_by_one(
    views: Sequence[BoardView], arms: Sequence[Pose], state: ChainState, freedom: ChainFreedom
) -> list[ChainState] | None:
    """Return the solutions without each picture; ``None`` when the others are too few or turn too little."""
    folds: list[ChainState] = []
    for out in range(len(views)):
        rest = [i for i in range(len(views)) if i != out]
        others = [arms[i] for i in rest]
        if len(rest) < LEAST_PICTURES or turn_spread_deg(others) < LEAST_TURN_DEG:
            return None
        folds.append(_solved([views[i] for i in rest], others, state, freedom))
    return folds


def _result(
    views: Sequence[BoardView],
    arms: Sequence[Pose],
    state: ChainState,
    folds: Sequence[ChainState] | None,
    given: CameraModel,
) -> HandEye:
    fx, fy, cx, cy = state.intrinsics.tolist()
    k1, k2, p1, p2, k3 = state.distortion.tolist()
    model = replace(given, fx=fx, fy=fy, cx=cx, cy=cy, distortion=(k1, k2, p1, p2, k3))
    checks: list[PictureCheck] = []
    squares: list[float] = []
    for row, (view, arm) in enumerate(zip(views, arms, strict=True)):
        corners = _corners([view], [arm])
        error_px = _rms(corners, state)
        squares.append(error_px**2 * len(view.pixels))
        held_out = None if folds is None else _rms(corners, folds[row])
        checks.append(_check(view, state.camera @ arm @ state.board, model, state.scale, error_px, held_out))
    count = sum(len(view.pixels) for view in views)
    held = [(one.held_out_px or 0.0) ** 2 * len(view.pixels) for one, view in zip(checks, views, strict=True)]
    focal = None if folds is None else [float(fold.intrinsics[0]) for fold in folds]
    return HandEye(
        camera=state.camera,
        board=state.board,
        model=model,
        scale=state.scale,
        rms_px=float(np.sqrt(sum(squares) / count)),
        held_out_px=None if folds is None else float(np.sqrt(sum(held) / count)),
        pictures=tuple(checks),
        foreign=(),
        camera_mm=_spread(None if folds is None else [1e3 * fold.camera.center for fold in folds]),
        board_mm=_spread(None if folds is None else [1e3 * fold.board.translation for fold in folds]),
        focal_share=_spread(None if focal is None else [np.array([one / fx]) for one in focal]),
        scale_share=_spread(None if folds is None else [np.array([fold.scale]) for fold in folds]),
    )


def _check(
    view: BoardView, chain: Pose, model: CameraModel, scale: float, error_px: float, held_out: float | None
) -> PictureCheck:
    points = scale * view.points_m
    own = pose_of_vectors(
        *cv2.solvePnPRefineLM(points, view.pixels, model.matrix, model.dist_coeffs, *vectors_of_pose(chain))
    )
    middle: Array = points.mean(axis=0, keepdims=True)
    error = model.project(own.apply(points)) - view.pixels
    return PictureCheck(
        name=view.placement,
        rms_px=error_px,
        own_px=float(np.sqrt((error**2).sum() / len(error))),
        board_mm=1e3 * float(np.linalg.norm(own.apply(middle) - chain.apply(middle))),
        board_deg=float(np.degrees(rotation_angle(own.rotation @ chain.rotation.T))),
        held_out_px=held_out,
    )


def _rms(corners: ChainCorners, state: ChainState) -> float:
    """Return the root mean square length of the errors when the robot's word is taken."""
    error = chain_errors(corners, replace(state, slips=np.zeros((len(corners.used), 6))))
    return float(np.sqrt((error**2).sum() / corners.used.sum()))


def _spread(values: Sequence[Array] | None) -> float | None:
    """Return the jackknife's standard deviation of M vectors' length."""
    if values is None:
        return None
    stacked = np.stack(values)
    return float(np.sqrt((len(stacked) - 1) / len(stacked) * ((stacked - stacked.mean(axis=0)) ** 2).sum()))
