"""A first hand-eye solution without a guess: closed form on a few pictures, and what most pictures agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from calibration.projection import rotation_angle
from calibration.view_pose import view_pose
from calibration.views import BoardView
from station.geometry import Array, CameraModel, Pose

LEAST_PICTURES = 3
AGREEMENT = 0.1
"""A picture agrees when its board lies where the robot's chain puts it, to this share of the board's diagonal."""

_MOST_TRIPLES = 60

_TURN_TOLERANCE_RAD = 0.1


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read a picture: the board's pose board → camera, and the reading of its corners."""

    pose: Pose
    reading: int


@dataclass(frozen=True, slots=True)
class Start:
    """First ``camera`` (base → camera) and ``board`` (board → tool); ``chosen`` candidate or ``None`` per picture.

    A picture without candidate disagrees: its board lies where the robot's pose does not put it.
    """

    camera: Pose
    board: Pose
    chosen: tuple[Candidate | None, ...]

    @property
    def agreeing(self) -> int:
        """Pictures that agree."""
        return sum(one is not None for one in self.chosen)


def candidates(view: BoardView, model: CameraModel) -> list[Candidate]:
    """Return all poses that a picture allows: the flat board's second pose, and other orders of its corners."""
    found = view_pose(view, model)
    poses = () if found is None else found.poses
    return [
        Candidate(pose @ motion.inverse, reading) for pose in poses for reading, motion in enumerate(view.motions())
    ]


def closed_form(boards: Sequence[Pose], robot: Sequence[Pose]) -> tuple[Pose, Pose]:
    """Return X and Y of ``board = X @ robot @ Y`` for M ≥ 3 poses board → camera and tool → base.

    Shah, "Solving the robot-world/hand-eye calibration problem using the Kronecker product", 2013.
    """
    total = sum((np.kron(t.rotation, g.rotation) for t, g in zip(boards, robot, strict=True)), np.zeros((9, 9)))
    left, _, right = np.linalg.svd(total)
    x_rotation = _nearest_rotation(left[:, 0].reshape(3, 3, order="F")).T
    y_rotation = _nearest_rotation(right[0].reshape(3, 3, order="F"))
    matrix = np.concatenate([np.hstack([np.eye(3), x_rotation @ g.rotation]) for g in robot])
    target = np.concatenate([t.translation - x_rotation @ g.translation for t, g in zip(boards, robot, strict=True)])
    shifts: Array = np.asarray(np.linalg.lstsq(matrix, target, rcond=None)[0], dtype=np.float64)
    return Pose(x_rotation, shifts[:3]), Pose(y_rotation, shifts[3:])


def turn_spread_deg(robot: Sequence[Pose]) -> float:
    """Return how far the robot turned about a second axis: the middle of the root mean squares of its turns.

    All turns about one axis leave the board's and the camera's place along that axis open.
    """
    turns: list[Array] = []
    for one, other in combinations(robot, 2):
        relative = one.rotation.T @ other.rotation
        axis = np.array([relative[2, 1], relative[0, 2], relative[1, 0]])
        axis -= np.array([relative[1, 2], relative[2, 0], relative[0, 1]])
        length = float(np.linalg.norm(axis))
        angle = float(np.arctan2(length, np.trace(relative) - 1.0))
        turns.append(axis / max(length, 1e-12) * angle)
    spread = np.linalg.svd(np.array(turns), compute_uv=False) / np.sqrt(len(turns))
    return float(np.degrees(spread[1])) if len(spread) > 1 else 0.0


def find_start(readings: Sequence[Sequence[Candidate]], robot: Sequence[Pose], outline: Array) -> Start | None:
    """Return the solution on which most pictures agree, or ``None`` when no three do.

    ``readings`` are the candidates by picture, ``outline`` (4, 3) the board's corners in metres. Solutions of three
    pictures each vote; the best is solved again from all that agree.
    """
    best: Start | None = None
    best_score = (0, 0, 0.0)
    for triple in _triples(len(robot)):
        for chosen in product(*(readings[i] for i in triple)):
            if not _turn_alike(chosen, [robot[i] for i in triple]):
                continue
            trial = _judged(
                *closed_form([c.pose for c in chosen], [robot[i] for i in triple]), readings, robot, outline
            )
            score = _score(trial, robot, outline)
            if score > best_score:
                best, best_score = trial, score
    for _ in range(3):
        if best is None or best.agreeing < LEAST_PICTURES:
            return None
        kept = [(c.pose, g) for c, g in zip(best.chosen, robot, strict=True) if c is not None]
        trial = _judged(*closed_form([t for t, _ in kept], [g for _, g in kept]), readings, robot, outline)
        if _score(trial, robot, outline) <= best_score:
            break
        best, best_score = trial, _score(trial, robot, outline)
    return best


def _turn_alike(chosen: Sequence[Candidate], robot: Sequence[Pose]) -> bool:
    """Between two pictures the board turned by the same angle as the tool, whatever X and Y are."""
    for i, j in combinations(range(len(robot)), 2):
        seen = rotation_angle(chosen[i].pose.rotation.T @ chosen[j].pose.rotation)
        said = rotation_angle(robot[i].rotation.T @ robot[j].rotation)
        if abs(seen - said) > _TURN_TOLERANCE_RAD:
            return False
    return True


def _triples(count: int) -> list[tuple[int, ...]]:
    every = list(combinations(range(count), LEAST_PICTURES))
    if len(every) <= _MOST_TRIPLES:
        return every
    chosen = np.random.default_rng(0).choice(len(every), _MOST_TRIPLES, replace=False)
    return [every[i] for i in chosen]


def _judged(x: Pose, y: Pose, readings: Sequence[Sequence[Candidate]], robot: Sequence[Pose], outline: Array) -> Start:
    chosen: list[Candidate | None] = []
    for options, arm in zip(readings, robot, strict=True):
        chain = x @ arm @ y
        near = [(_apart(chain, option.pose, outline), option.reading, i) for i, option in enumerate(options)]
        nearest = min(near, default=(np.inf, 0, 0))
        chosen.append(options[nearest[2]] if nearest[0] <= AGREEMENT else None)
    return Start(x, y, tuple(chosen))


def _score(start: Start, robot: Sequence[Pose], outline: Array) -> tuple[int, int, float]:
    """Count agreeing pictures, then those read as they were found, then how near they are."""
    apart = [
        _apart(start.camera @ arm @ start.board, one.pose, outline)
        for one, arm in zip(start.chosen, robot, strict=True)
        if one is not None
    ]
    as_found = sum(one is not None and one.reading == 0 for one in start.chosen)
    return len(apart), as_found, -float(np.mean(apart)) if apart else -np.inf


def _apart(one: Pose, other: Pose, outline: Array) -> float:
    diagonal = float(np.linalg.norm(outline[2] - outline[0]))
    return float(np.linalg.norm(one.apply(outline) - other.apply(outline), axis=1).max()) / diagonal


def _nearest_rotation(matrix: Array) -> Array:
    """Return the rotation nearest to a multiple, of either sign, of a rotation."""
    u, _, vt = np.linalg.svd(matrix * np.sign(np.linalg.det(matrix)))
    return u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
