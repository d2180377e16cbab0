"""How well a solved rig measures boards that its solve did not use, in millimetres."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.bundle import Corners, Freedom, State, adjust, residuals
from calibration.selection import Selection, hanging_together
from calibration.settling import Settled, settle
from calibration.solve import SolveOptions, settled_rig
from calibration.views import BoardView, motion_between
from station.geometry import Array, CameraModel

_LEAST_PLACEMENTS = 4
"""With fewer placements seen by two cameras, nothing can be left out."""

_LEAST_CORNERS = 4
"""With fewer triangulated corners a board's place is no judge of them."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Errors on left-out placements, mm on the board and px in the pictures.

    ``by_role`` is the root mean square error of each camera's own views, mm. ``points`` counts the corners.
    ``triangulated_mm`` is the root mean square distance of the corners triangulated from all their cameras to the
    printed board laid onto them: shape and scale alone. See :func:`held_out_error` for what is measured.
    """

    rms_mm: float
    p95_mm: float
    rms_px: float
    by_role: Mapping[str, float]
    placements: int
    points: int
    triangulated_mm: float


def held_out_error(
    views: Sequence[BoardView],
    models: Mapping[str, CameraModel],
    options: SolveOptions,
    *,
    folds: int = 5,
    cancelled: Callable[[], bool] | None = None,
) -> HeldOut | None:
    """Solve the rig without every fold of the placements in turn and measure the left-out boards with it.

    What is measured: a left-out board's pose is fitted to the corners that all cameras but one see; every corner then
    has a place that this one camera did not help to find, and its error is the distance in millimetres from that place
    to the camera's line of sight through the corner that it saw. It holds the rig's error and twice the noise of
    corner finding, and so is an upper bound of what the rig's own error adds. Nothing along the line of sight is seen.
    ``triangulated_mm`` is the metric accuracy as caliscope reports it: corners from lines of sight against the board.

    The views' readings and wrong corners are those of the solve of everything; the placement that carries the rig's
    frame is never left out, nor measured. Returns ``None`` where fewer than four placements were seen by two cameras
    or no fold leaves two cameras that hang together. Raises as :func:`calibration.solve.solve_rig`.
    """
    options = replace(options, cancelled=cancelled or options.cancelled, progress=None)
    solved, _ = settled_rig(views, models, options)
    shared = [
        placement
        for placement in solved.selection.placements
        if placement != options.fixed_placement and sum(n[0] == placement for n in solved.selection.names) > 1
    ]
    if len(shared) < _LEAST_PLACEMENTS:
        return None
    measured = [_measured(solved, set(shared[fold::folds]), options) for fold in range(min(folds, len(shared) // 2))]
    found = [one for one in measured if one is not None]
    if not found:
        return None
    millimetres, pixels = (np.concatenate([getattr(one, name) for one in found]) for name in ("millimetres", "pixels"))
    roles = np.concatenate([one.roles for one in found])
    triangulated = np.concatenate([one.triangulated for one in found])
    return HeldOut(
        rms_mm=_rms(millimetres),
        p95_mm=float(np.quantile(millimetres, 0.95)),
        rms_px=_rms(pixels),
        by_role={str(role): _rms(millimetres[roles == role]) for role in sorted(set(roles.tolist()))},
        placements=sum(one.placements for one in found),
        points=len(millimetres),
        triangulated_mm=_rms(triangulated),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """One fold: errors of corners (M,) with the roles that saw them, and of triangulated corners."""

    millimetres: Array
    pixels: Array
    roles: NDArray[np.str_]
    triangulated: Array
    placements: int


def _measured(solved: Settled, left_out: set[str], options: SolveOptions) -> _Measured | None:
    """Solve without some placements, from the solve of everything as a start, and measure them."""
    everything = solved.selection
    # Cameras that only a left-out board tied to the rest would stay where the solve of everything put them.
    names = hanging_together([name for name in everything.names if name[0] not in left_out], options.fixed_placement)
    if len({role for _, role in names}) < 2:
        return None
    rest = {name: everything.readings[name] for name in names}
    selection = Selection(
        everything.roles,
        everything.placements,
        {name: everything.ballots[name] for name in names},
        rest,
        {name: everything.kept[name] for name in rest},
        everything.spreads,
        everything.own_noise_px,
    )
    fold = settle(
        selection,
        solved.state,
        solved.models,
        lambda left: _like(solved, left, options),
        options.loss,
        options.course,
        lambda names: hanging_together(names, options.fixed_placement),
    )
    known = set(fold.selection.roles)
    rows = [
        row
        for row, (placement, role) in enumerate(everything.names)
        if placement in left_out
        and role in known
        and any(p == placement and r != role and r in known for p, r in everything.names)
    ]
    return _against_the_others(solved, fold, rows) if rows else None


def _like(solved: Settled, left: Selection, options: SolveOptions) -> Freedom:
    """Return the freedom of the whole solve for what is left of it."""
    if options.fixed_placement is not None:
        return Freedom((), left.placements.index(options.fixed_placement), solved.freedom.intrinsics)
    return Freedom((0,), None, solved.freedom.intrinsics)


def _against_the_others(solved: Settled, fold: Settled, rows: list[int]) -> _Measured:
    """Measure every view of ``rows`` by the board that the other cameras of its placement saw."""
    whole, state = solved.corners, fold.state
    roles, cameras = solved.selection.roles, fold.selection.roles
    camera = np.array([cameras.index(roles[whole.camera[row]]) for row in rows], dtype=np.intp)
    placement, taken = whole.board[rows], np.array(rows, dtype=np.intp)
    # One board per view that is measured, seen by the placement's other views.
    judged, witness = np.nonzero((placement[:, None] == placement) & ~np.eye(len(rows), dtype=np.bool_))
    others = _corners(whole, taken[witness], camera[witness], judged, fold)
    start = replace(
        state,
        board_rotation=solved.state.board_rotation[placement],
        board_shift=solved.state.board_shift[placement],
    )
    boards, _ = adjust(others, start, Freedom(tuple(range(len(cameras)))), fold.loss, fold.scale)
    own = _corners(whole, taken, camera, np.arange(len(rows), dtype=np.intp), fold)
    error_px = residuals(own, boards)
    points = np.einsum("vij,vnj->vni", boards.board_rotation, own.points) + boards.board_shift[:, None]
    in_camera = np.einsum("vij,vnj->vni", state.camera_rotation[camera], points) + state.camera_shift[camera][:, None]
    rays = _rays(own, state)
    away: Array = in_camera - rays * np.sum(in_camera * rays, axis=2, keepdims=True)
    used = own.used
    names: NDArray[np.str_] = np.array([cameras[index] for index in camera.tolist()], dtype=np.str_)
    return _Measured(
        millimetres=1e3 * _length(away)[used],
        pixels=_length(error_px)[used],
        roles=np.repeat(names, used.sum(axis=1)),
        triangulated=_triangulated(own, placement, rays, state),
        placements=len(set(placement.tolist())),
    )


def _corners(
    whole: Corners, rows: NDArray[np.intp], camera: NDArray[np.intp], board: NDArray[np.intp], fold: Settled
) -> Corners:
    return Corners(
        camera,
        board,
        whole.points[rows],
        whole.pixels[rows],
        whole.used[rows],
        fold.corners.distortion,
        whole.spread[rows],
    )


def _rays(corners: Corners, state: State) -> Array:
    """Return unit directions (V, N, 3) in camera coordinates of the lines of sight through the seen corners."""
    rays = np.ones((*corners.used.shape, 3))
    for view, camera in enumerate(corners.camera.tolist()):
        fx, fy, cx, cy = state.intrinsics[camera].tolist()
        matrix = np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
        straight = cv2.undistortPoints(corners.pixels[view].reshape(-1, 1, 2), matrix, corners.distortion[camera])
        rays[view, :, :2] = np.asarray(straight, dtype=np.float64).reshape(-1, 2)
    return rays / _length(rays)[..., None]


def _triangulated(corners: Corners, placement: NDArray[np.intp], rays: Array, state: State) -> Array:
    """Return the distances (M,), mm, of the corners that two cameras or more saw to the board laid onto them.

    A corner's place is nearest to its lines of sight in the sense of least squares.
    """
    rotation, shift = state.camera_rotation[corners.camera], state.camera_shift[corners.camera]
    directions = np.einsum("vji,vnj->vni", rotation, rays)
    centres = -np.einsum("vji,vj->vi", rotation, shift)[:, None]
    across = np.eye(3) - directions[..., None] * directions[..., None, :]
    distances: list[Array] = []
    for one in sorted(set(placement.tolist())):
        rows = np.flatnonzero(placement == one)
        used = corners.used[rows]
        # Views may have been read in different orders: a corner is known by its place on the board.
        points, which = np.unique(np.round(corners.points[rows][used], 7), axis=0, return_inverse=True)
        matrices, sums, seen = np.zeros((len(points), 3, 3)), np.zeros((len(points), 3)), np.zeros(len(points))
        np.add.at(matrices, which.ravel(), across[rows][used])
        np.add.at(sums, which.ravel(), (across[rows] @ centres[rows][..., None])[..., 0][used])
        np.add.at(seen, which.ravel(), 1.0)
        shared = seen >= 2
        if shared.sum() >= _LEAST_CORNERS:
            found: Array = np.asarray(np.linalg.solve(matrices[shared], sums[shared][..., None]), np.float64)[..., 0]
            laid = motion_between(points[shared], found).apply(points[shared])
            distances.append(1e3 * _length(found - laid))
    return np.concatenate(distances) if distances else np.zeros(0)


def _length(vectors: Array) -> Array:
    return np.sqrt(np.sum(vectors**2, axis=-1))


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2))) if len(errors) else 0.0
