"""A rig of known truth: ten cameras on a ring, boards in random poses, corners with noise and chosen faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from calibration.projection import rotation_matrices
from calibration.views import BoardView
from station.boards import Chessboard
from station.frames import ROLES
from station.geometry import Array, CameraModel, Pose

BOARD = Chessboard(10, 7, 0.030)
"""The board of the ring: 9 × 6 inner corners of 30 mm."""

_TILT_LIMIT_DEG = 55.0

_HEIGHTS_M = (0.80, 1.00)
"""Heights of the cameras, every other one; about 290 of 400 views hold the board at a tilt under 55°."""


@dataclass(frozen=True, slots=True)
class RingTruth:
    """The true ring: cameras, poses world → camera, board poses board → world, and the views with noise.

    ``faults`` names what was done to a view (placement, role): ``turned`` or ``gross``.
    """

    models: Mapping[str, CameraModel]
    cameras: Mapping[str, Pose]
    boards: Mapping[str, Pose]
    views: tuple[BoardView, ...]
    faults: Mapping[tuple[str, str], str]


def ring(
    seed: int,
    placements: int = 40,
    noise_px: float = 0.15,
    cameras: int = 10,
    boards_seed: int | None = None,
    moved: Mapping[str, Pose] | None = None,
) -> RingTruth:
    """Return a ring of 0.75 m radius, 1280×720, f 920 px, and the views of the board in random poses.

    A board is seen where all its corners lie in the picture and its tilt is under 55°. ``noise_px`` is the standard
    deviation of each coordinate. With ``boards_seed`` the same cameras see other boards; ``moved`` are motions of
    cameras in their own coordinates.
    """
    rng = np.random.default_rng(seed)
    model = CameraModel(1280, 720, 920.0, 920.0, 639.5, 359.5)
    roles = ROLES[:cameras]
    poses = {role: _ring_pose(number, cameras, rng) for number, role in enumerate(roles)}
    poses.update({role: motion @ poses[role] for role, motion in (moved or {}).items()})
    if boards_seed is not None:
        rng = np.random.default_rng([seed, boards_seed])
    views: list[BoardView] = []
    boards: dict[str, Pose] = {}
    corners = BOARD.corners
    for number in range(placements):
        name = f"placement_{number:03d}"
        boards[name] = _board_pose(rng, corners.mean(axis=0))
        for role in roles:
            pixels = _seen(model, poses[role] @ boards[name], corners)
            if pixels is not None:
                noisy = pixels + rng.normal(0.0, noise_px, size=pixels.shape)
                views.append(BoardView(role, name, BOARD.id, corners, noisy, BOARD.turns))
    return RingTruth(dict.fromkeys(roles, model), poses, boards, tuple(views), {})


def with_turned(truth: RingTruth, share: float, seed: int) -> RingTruth:
    """Return the truth with a share of the views read upside-down, at least one.

    Where all views of a placement are drawn, the board was in truth held the other way round.
    """
    rng = np.random.default_rng([seed, 1])
    views = list(truth.views)
    faults: dict[tuple[str, str], str] = {}
    for index in _draw(truth, rng, share):
        view = views[index]
        views[index] = replace(view, pixels=view.pixels[::-1])
        faults[view.placement, view.role] = "turned"
    return replace(truth, views=tuple(views), faults=faults)


def with_gross_errors(truth: RingTruth, share: float, seed: int, corners: int = 6, size_px: float = 30.0) -> RingTruth:
    """Return the truth with a share of the views in which some corners lie far off."""
    rng = np.random.default_rng([seed, 2])
    views = list(truth.views)
    faults: dict[tuple[str, str], str] = {}
    for index in _draw(truth, rng, share):
        view = views[index]
        pixels = view.pixels.copy()
        pixels[rng.choice(len(pixels), corners, replace=False)] += rng.normal(0.0, size_px, size=(corners, 2))
        views[index] = replace(view, pixels=pixels)
        faults[view.placement, view.role] = "gross"
    return replace(truth, views=tuple(views), faults=faults)


def with_moved_boards(truth: RingTruth, shift_mm: float, seed: int) -> RingTruth:
    """Return the truth with every board standing elsewhere in every picture, by ``shift_mm`` along each axis (1 σ).

    So look pictures of a hand-held board by cameras that are not in step.
    """
    rng = np.random.default_rng([seed, 6])
    views: list[BoardView] = []
    for view in truth.views:
        model, camera = truth.models[view.role], truth.cameras[view.role]
        points = truth.boards[view.placement].apply(view.points_m)
        shift = rng.normal(0.0, shift_mm * 1e-3, size=3)
        moved = model.project(camera.apply(points + shift)) - model.project(camera.apply(points))
        views.append(replace(view, pixels=view.pixels + moved))
    return replace(truth, views=tuple(views))


def with_plate(truth: RingTruth, noise_px: float, seed: int) -> tuple[RingTruth, str]:
    """Return the truth with the placement that most cameras saw turned into a plate, and that placement's name.

    The plate has an id of its own and marker ids, and its corners are found worse by ``noise_px`` (1 σ).
    """
    rng = np.random.default_rng([seed, 7])
    name = max(sorted(truth.boards), key=lambda board: sum(view.placement == board for view in truth.views))
    views = [
        replace(v, board="plate", turns=(), pixels=v.pixels + rng.normal(0.0, noise_px, v.pixels.shape))
        if v.placement == name
        else v
        for v in truth.views
    ]
    return replace(truth, views=tuple(views)), name


def position_errors(truth: RingTruth, solved: Mapping[str, Pose]) -> dict[str, float]:
    """Return by role the distance in metres of the solved from the true centre, relative to the first solved camera."""
    first = min(solved)
    errors: dict[str, float] = {}
    for role, pose in solved.items():
        expected = (truth.cameras[role] @ truth.cameras[first].inverse).center
        errors[role] = float(np.linalg.norm((pose @ solved[first].inverse).center - expected))
    return errors


def _draw(truth: RingTruth, rng: np.random.Generator, share: float) -> list[int]:
    return rng.choice(len(truth.views), max(1, round(share * len(truth.views))), replace=False).tolist()


def _ring_pose(number: int, cameras: int, rng: np.random.Generator) -> Pose:
    angle = 2.0 * np.pi * number / cameras
    centre = np.array([0.75 * np.cos(angle), 0.75 * np.sin(angle), _HEIGHTS_M[number % 2]])
    centre += rng.normal(0.0, 0.01, size=3)
    target = rng.normal(0.0, 0.01, size=3) + np.array([0.0, 0.0, 0.1])
    z = (target - centre) / np.linalg.norm(target - centre)
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    rotation = np.stack([x, np.cross(z, x), z])
    return Pose(rotation, -rotation @ centre)


def _board_pose(rng: np.random.Generator, middle: Array) -> Pose:
    """Draw a board near the ring's middle whose printed side faces some direction of the upper half."""
    azimuth, tilt = rng.uniform(0.0, 2.0 * np.pi), np.radians(rng.uniform(0.0, 40.0))
    spin = rotation_matrices(np.array([[0.0, 0.0, rng.uniform(0.0, 2.0 * np.pi)]]))[0]
    axis = np.array([[np.cos(azimuth), np.sin(azimuth), 0.0]]) * tilt
    face_up = np.diag([1.0, -1.0, -1.0])  # the board's z points away from who looks at it
    rotation = rotation_matrices(axis)[0] @ spin @ face_up
    place = np.array([*rng.uniform(-0.12, 0.12, size=2), rng.uniform(0.0, 0.2)])
    return Pose(rotation, place - rotation @ middle)


def _seen(model: CameraModel, board_to_camera: Pose, corners: Array) -> Array | None:
    points = board_to_camera.apply(corners)
    middle = points.mean(axis=0)
    facing = float(board_to_camera.rotation[:, 2] @ middle / np.linalg.norm(middle))
    if facing < np.cos(np.radians(_TILT_LIMIT_DEG)) or (points[:, 2] <= 0.05).any():
        return None
    pixels = model.project(points)
    inside = (pixels >= 0).all() and (pixels <= [model.width - 1, model.height - 1]).all()
    return pixels if inside else None
