"""Where a hand holds a board so that the rig's cameras see it: geometry alone, drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.errors import SimulationError
from station.geometry import Array, CameraCalibration, Pose, RigCalibration
from station.simulation.held_board import MARGIN_SQUARES, HandBoard, plate_outline

MOST_TILT_DEG = 55.0
"""A board turned farther from a camera is not counted as seen."""

REACH_M = ((-0.06, 0.54), (-0.06, 0.44), (0.05, 0.35))
"""Where the board's middle may be: x, y and z above the plate."""

_LEAST_HEIGHT_M = 0.01
"""Every corner of the board stays so far above the plate."""
_NEAREST_M = 0.15
"""And so far from every camera."""
_RIM_PX = 8.0
_CANDIDATES = 6000
_TRIES = 8
"""So many candidates at a time, and so often anew while nobody who was asked for sees the board."""
_COLUMNS, _ROWS = 4, 3
_TILTS_DEG = (15.0, 30.0, 42.0)
_DISTANCES_M = (0.35, 0.5, 0.65)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A place for the board: ``pose`` board → world, and the ``roles`` whose pictures hold the whole board there."""

    pose: Pose
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Poses:
    """C candidate poses board → world: ``rotations`` (C, 3, 3), ``middles`` (C, 3) of the board in the world."""

    rotations: Array
    middles: Array

    def apply(self, points: Array) -> Array:
        """Carry points relative to the board's middle (P, 3) into the world, (C, P, 3)."""
        return np.einsum("cij,pj->cpi", self.rotations, points) + self.middles[:, None]

    def kept(self, chosen: NDArray[np.bool_]) -> _Poses:
        """Return the chosen ones, (C,) bool."""
        return _Poses(self.rotations[chosen], self.middles[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class _Sights:
    """What R cameras see of C candidate poses.

    ``whole`` (R, C) bool: the whole board, not too tilted; ``tilt`` and ``distance`` (R, C) their classes, 0…3;
    ``cells`` (R, C, 12) bool: the parts of the picture that the board's edge reaches.
    """

    whole: NDArray[np.bool_]
    tilt: NDArray[np.intp]
    distance: NDArray[np.intp]
    cells: NDArray[np.bool_]


class BoardPlaces:
    """Chooses where to hold a board next; the same seed and the same wishes give the same places.

    It remembers what every camera was shown and prefers what is new: cameras and pairs of cameras that saw little,
    other parts of the picture, other tilts and distances.
    """

    def __init__(self, board: HandBoard, rig: RigCalibration, seed: int) -> None:
        outline = plate_outline(board)
        self._middle = outline.mean(axis=0)
        self._outline = outline - self._middle
        # The print and a strip of white round it: enough for a board to be found.
        rim = (2 * MARGIN_SQUARES - 0.5) * board.square_m
        edge = np.abs(self._outline) - np.array([rim, rim, 0.0]) / 2.0
        self._print = edge * np.sign(self._outline)
        self._cameras = tuple(camera for _, camera in sorted(rig.cameras.items()))
        self._rng = np.random.default_rng([seed, 808])
        self._views = np.zeros(len(self._cameras))
        self._pairs = np.zeros((len(self._cameras), len(self._cameras)))
        self._shown = np.zeros((len(self._cameras), _COLUMNS * _ROWS, 4, 4), np.bool_)

    def somewhere(self) -> Held:
        """Return the next place, where as many cameras as possible see something new."""
        return self._best(list(range(len(self._cameras))), asked=False)

    def towards(self, roles: Sequence[str]) -> Held:
        """Return the next place that as many as possible of ``roles`` see whole.

        Raises SimulationError without a role, for one that does not exist, and when none of them can see the whole
        board anywhere.
        """
        rows = {camera.role: row for row, camera in enumerate(self._cameras)}
        if not roles:
            raise SimulationError("There is no camera named to show a board to.", where="simulation")
        for role in roles:
            if role not in rows:
                raise SimulationError(f"There is no camera {role} to show a board to.", where="simulation")
        return self._best([rows[role] for role in roles], asked=True)

    def _best(self, rows: list[int], *, asked: bool) -> Held:
        for _ in range(_TRIES):
            poses = self._candidates(rows)
            sights = self._sights(poses)
            if sights.whole[rows].any():
                break
        else:
            names = " or ".join(self._cameras[row].role for row in rows)
            raise SimulationError(
                f"There is no place over the plate where {names} sees the whole board.",
                where="simulation",
                todo="Take a smaller board.",
            )
        worth = self._worth(sights)
        if asked:  # whoever was asked for comes first; what is new decides among equals
            worth += 1000.0 * sights.whole[rows].sum(axis=0)
        best = int(worth.argmax())
        self._remember(sights, best)
        rotation = poses.rotations[best]
        seen = tuple(camera.role for camera, sees in zip(self._cameras, sights.whole[:, best], strict=True) if sees)
        return Held(Pose(rotation, poses.middles[best] - rotation @ self._middle), seen)

    def _candidates(self, rows: list[int]) -> _Poses:
        """Draw poses over the plate: in a camera's view, the print between that camera, others and the ceiling."""
        rng, count = self._rng, _CANDIDATES
        # A camera that was shown little is tried more often: the low ones see the board in few places only.
        chances = (1.0 + self._views[rows]) ** -2.0
        aimed = rng.choice(rows, count, p=chances / chances.sum())
        at = np.stack([self._within_view(self._cameras[row]) for row in range(len(self._cameras))])[
            aimed, np.arange(count)
        ]
        centers = np.stack([camera.pose.center for camera in self._cameras])
        toward = rng.uniform(0.0, 1.0, (count, 1)) * np.array([0.0, 0.0, 1.0])
        for faced in (aimed, rng.choice(rows, count), rng.integers(0, len(self._cameras), count)):
            sight = centers[faced] - at
            toward += rng.uniform(0.0, 1.0, (count, 1)) * sight / np.linalg.norm(sight, axis=1, keepdims=True)
        turned = self._turned(toward + rng.normal(0.0, 0.15, (count, 3)))
        low, high = np.array(REACH_M).T
        poses = _Poses(turned, at).kept(((at > low) & (at < high)).all(axis=1))
        return poses.kept(poses.apply(self._outline)[..., 2].min(axis=1) >= _LEAST_HEIGHT_M)

    def _within_view(self, camera: CameraCalibration) -> Array:
        """Return a point for every candidate, (C, 3), anywhere in a camera's picture and up to 0.9 m off."""
        model = camera.model
        u, v, away = self._rng.uniform([[0.1], [0.1], [0.2]], [[0.9], [0.9], [0.9]], (3, _CANDIDATES))
        x, y = (u * model.width - model.cx) / model.fx, (v * model.height - model.cy) / model.fy
        return camera.pose.inverse.apply(np.stack([x * away, y * away, away], axis=1))

    def _turned(self, toward: Array) -> Array:
        """Return rotations (C, 3, 3) whose print looks ``toward`` (C, 3): level, upright or at any turn."""
        z = -toward / np.linalg.norm(toward, axis=1, keepdims=True)
        x = np.cross(z, np.where(np.abs(z[:, 2:]) < 0.98, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        turn = self._rng.uniform(-np.pi, np.pi, len(z))
        square = np.round(turn * 2.0 / np.pi) * np.pi / 2.0 + self._rng.normal(0.0, 0.15, len(z))
        turn = np.where(self._rng.random(len(z)) < 0.6, square, turn)[:, None]
        rotations = np.empty((len(z), 3, 3))
        rotations[:, :, 0] = np.cos(turn) * x + np.sin(turn) * np.cross(z, x)
        rotations[:, :, 1] = np.cross(z, rotations[:, :, 0])
        rotations[:, :, 2] = z
        return rotations

    def _sights(self, poses: _Poses) -> _Sights:
        steps = np.linspace(0.0, 1.0, 4)[:-1, None, None]
        edge = (self._print + steps * (np.roll(self._print, -1, axis=0) - self._print)).reshape(-1, 3)
        world = poses.apply(edge)
        return _stacked([_seen(camera, world, poses) for camera in self._cameras])

    def _worth(self, sights: _Sights) -> Array:
        """Return how much is new at every candidate, (C,): cameras, pairs, parts of pictures at tilt and distance."""
        whole = sights.whole.astype(np.float64)
        number = whole.sum(axis=0)
        single = (whole / (1.0 + self._views[:, None])).sum(axis=0)
        scarce = np.triu(1.0 / (1.0 + self._pairs), 1)
        pairs = np.einsum("ac,ab,bc->c", whole, scarce, whole) / np.maximum(number, 1.0)
        rows = np.arange(len(self._cameras))[:, None]
        known = self._shown[rows, :, sights.tilt, sights.distance]
        news = (((sights.cells & ~known).sum(axis=2) + 8.0 * ~known.any(axis=2)) * whole).sum(axis=0)
        # One camera alone ties nothing together.
        return np.asarray(np.where(number > 1, single + pairs + 0.03 * news, 0.1 * number), np.float64)

    def _remember(self, sights: _Sights, best: int) -> None:
        seen = sights.whole[:, best]
        self._views += seen
        self._pairs += np.outer(seen, seen)
        for row in np.flatnonzero(seen):
            where = sights.cells[row, best]
            self._shown[row, where, sights.tilt[row, best], sights.distance[row, best]] = True


def _seen(camera: CameraCalibration, world: Array, poses: _Poses) -> _Sights:
    """Return one camera's row of what is seen of outlines (C, P, 3)."""
    model = camera.model
    pixels = model.project(camera.pose.apply(world.reshape(-1, 3))).reshape(*world.shape[:2], 2)
    size = np.array([model.width, model.height])
    with np.errstate(invalid="ignore"):
        whole = ((pixels > _RIM_PX) & (pixels < size - 1 - _RIM_PX)).all(axis=(1, 2))
    sight = camera.pose.center - poses.middles
    distance = np.linalg.norm(sight, axis=1)
    cosine = -np.einsum("ci,ci->c", sight, poses.rotations[:, :, 2]) / distance
    tilt = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    whole &= (tilt < MOST_TILT_DEG) & (distance > _NEAREST_M)
    places = np.clip(np.nan_to_num(pixels) / size, 0.0, 0.999)
    cell = (places[..., 1] * _ROWS).astype(int) * _COLUMNS + (places[..., 0] * _COLUMNS).astype(int)
    cells = np.zeros((len(world), _COLUMNS * _ROWS), np.bool_)
    np.put_along_axis(cells, cell, True, axis=1)
    far = (distance[:, None] > np.array(_DISTANCES_M)).sum(axis=1)
    return _Sights(whole, (tilt[:, None] > np.array(_TILTS_DEG)).sum(axis=1), far, cells)


def _stacked(rows: Sequence[_Sights]) -> _Sights:
    return _Sights(
        np.stack([row.whole for row in rows]),
        np.stack([row.tilt for row in rows]),
        np.stack([row.distance for row in rows]),
        np.stack([row.cells for row in rows]),
    )
