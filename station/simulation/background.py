"""What each camera sees while the plate is empty: plate with its printed frame, table, floor and the workshop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.boards import FrameBoard
from station.geometry import CameraCalibration, RigCalibration
from station.simulation.lighting import Environment, Lighting, draw_lighting, environment, look_up
from station.simulation.renderer import FAR_M, NEAR_M, Floats, distort, rays, transform
from station.simulation.sensor import blind_band, stereo_shadow
from station.simulation.workshop import FLOOR_Z, TABLE, TABLE_Z, draw_workshop, triangles

GAMMA = 2.2
_FINE = 2
"""Backgrounds are drawn with 2×2 samples a pixel."""
_BORDER_M = 0.005
"""Metal around the printed frame."""
_CELL_M = 0.0005
"""Edge of a texel of the plate."""

_SHADED = cv2.TriangleRasterizeSettings()
_SHADED.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
_SHADED.setCullingMode(cv2.RASTERIZE_CULLING_NONE)


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """One camera's view of the empty station.

    ``color`` (H, W, 3) uint8 gamma-encoded, ``depth`` (H, W) float32 metres (true), ``holes`` (H, W) float32 chance
    of no depth, ``plane`` (H/2, W/2, 2) float32 world x, y of the plate or table seen there (far outside where
    neither is seen), ``gain`` what linear light is multiplied with, ``vignette`` (H, W) float32 factor on encoded
    values. ``unmatched`` (H, W) marks where the second imager's view is blocked, ``blind`` where its picture ends.
    """

    color: NDArray[np.uint8]
    depth: Floats
    holes: Floats
    plane: Floats
    gain: float
    vignette: Floats
    unmatched: NDArray[np.bool_]
    blind: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """A workshop at one time: its light, the plate's picture and what stands about.

    ``plate`` (rows, columns, 3) and ``table`` are linear reflectances, ``bare`` (rows, columns) is 1 on bare metal
    and 0 on print; ``corners`` and ``colors`` are the clutter's triangles.
    """

    seed: int
    light: Lighting
    tables: Environment
    plate: Floats
    bare: Floats
    table: Floats
    corners: Floats
    colors: Floats


def _metal(rng: np.random.Generator, rows: int, columns: int, cell_m: float) -> Floats:
    """Return brushed, scratched, stained sheet metal: reflectance factor (rows, columns) around 1."""
    brushed = cv2.GaussianBlur(rng.standard_normal((rows, columns)).astype(np.float32), (0, 0), 9.0, sigmaY=0.6)
    small = (max(rows // 16, 4), max(columns // 16, 4))
    cloudy = cv2.GaussianBlur(rng.standard_normal(small).astype(np.float32), (0, 0), 3.0)
    wide = np.asarray(cv2.resize(cloudy / cloudy.std(), (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)
    metal = 1.0 + 0.03 * brushed / brushed.std() + 0.05 * wide
    lines = np.zeros((rows, columns), np.float32)
    extent = 0.05 / cell_m
    for _ in range(int(rng.integers(60, 220))):
        x, y = float(rng.uniform(0, columns)), float(rng.uniform(0, rows))
        dx, dy = rng.normal(0.0, extent, 2)
        cv2.line(lines, (int(x), int(y)), (int(x + dx), int(y + dy)), float(rng.normal(0.0, 0.12)), 1, cv2.LINE_AA)
    stains = np.zeros((rows, columns), np.float32)
    for _ in range(int(rng.integers(8, 40))):
        x, y = int(rng.uniform(0, columns)), int(rng.uniform(0, rows))
        size = rng.gamma(2.0, 0.006 / cell_m, 2) + 1.0
        cv2.ellipse(
            stains,
            (x, y),
            (int(size[0]) + 1, int(size[1]) + 1),
            float(rng.uniform(0, 180)),
            0,
            360,
            float(rng.uniform(-0.1, 0.22)),
            -1,
        )
    stains = np.asarray(cv2.GaussianBlur(stains, (0, 0), 0.002 / cell_m), np.float32)
    return np.clip(metal + lines - stains, 0.25, 1.6).astype(np.float32)


def _plate(rng: np.random.Generator, board: FrameBoard) -> tuple[Floats, Floats]:
    """Return the plate's reflectance (rows, columns, 3), row 0 at the low end of y, and where it is bare metal."""
    per_square = round(board.square_m / _CELL_M)
    picture = np.flipud(board.picture(per_square)).astype(np.float32)
    border = round(_BORDER_M / _CELL_M)
    rows, columns = picture.shape[0] + 2 * border, picture.shape[1] + 2 * border
    bare = np.ones((rows, columns), np.float32)
    cut = border + board.ring * per_square
    bare[border:-border, border:-border] = 0.0
    bare[cut:-cut, cut:-cut] = 1.0
    metal = _metal(rng, rows, columns, _CELL_M) * float(rng.uniform(0.24, 0.42))
    plate = np.repeat(metal[..., None], 3, axis=2) * np.array([1.0, 0.99, float(rng.uniform(0.93, 1.0))], np.float32)
    paper, ink = float(rng.uniform(0.75, 0.95)), float(rng.uniform(0.006, 0.02))
    printed = np.zeros((rows, columns), np.float32)
    printed[border:-border, border:-border] = ink + (paper - ink) * (picture / 255.0)
    dust = 1.0 + 0.04 * cv2.GaussianBlur(rng.standard_normal((rows, columns)).astype(np.float32), (0, 0), 4.0) * 8.0
    plate = np.where(bare[..., None] > 0, plate, (printed * np.clip(dust, 0.8, 1.2))[..., None])
    return plate.astype(np.float32), bare


def draw_room(rig: RigCalibration, seed: int, board: FrameBoard) -> Room:
    """Draw the workshop of ``seed``: the same for all cameras of the rig."""
    rng = np.random.default_rng([seed, 303])
    light = draw_lighting(np.random.default_rng([seed, 304]))
    plate, bare = _plate(rng, board)
    table = _metal(rng, 480, 660, 0.002) * float(rng.uniform(0.42, 0.6))
    corners, colors = triangles(draw_workshop(rig, rng), rng)
    return Room(seed, light, environment(light), plate, bare, table, corners, colors)


def _clutter(room: Room, camera: CameraCalibration, width: int, height: int) -> tuple[Floats, Floats]:
    """Draw the room's boxes at ``_FINE`` samples: linear colour (h, w, 3) and depth (h, w)."""
    model, pose = camera.model, camera.pose
    cam = transform(room.corners, pose.rotation, pose.translation)
    whole = np.repeat((cam[:, 2].reshape(-1, 3) > 0.06).all(axis=1), 3)
    cam, colors = cam[whole], room.colors[whole]
    z = cam[:, 2]
    x, y = distort(model, cam[:, 0] / z, cam[:, 1] / z)
    focal = np.float32(height / 2.0)
    view = np.empty((len(z), 3), np.float32)
    view[:, 0] = ((x * model.fx + model.cx + 0.5) * _FINE - width / 2.0) * z / focal
    view[:, 1] = -((y * model.fy + model.cy + 0.5) * _FINE - height / 2.0) * z / focal
    view[:, 2] = -z
    depth = np.full((height, width), FAR_M, np.float32)
    color = np.full((height, width, 3), 0.5, np.float32)
    index = np.arange(len(z), dtype=np.int32).reshape(-1, 1, 3)
    cv2.triangleRasterize(
        view.reshape(-1, 1, 3),
        index,
        colors.reshape(-1, 1, 3),
        color,
        depth,
        np.eye(4, dtype=np.float32),
        math.pi / 2.0,
        NEAR_M,
        FAR_M,
        _SHADED,
    )
    return color, depth


def _mirror(room: Room, directions: Floats, roughness: float) -> Floats:
    """Return what horizontal metal mirrors along viewing rays (h, w, 3); smooth, so worked out at an eighth."""
    height, width = directions.shape[:2]
    small = np.asarray(cv2.resize(directions, (max(width // 8, 2), max(height // 8, 2)), interpolation=cv2.INTER_AREA))
    flat = small.reshape(-1, 3) / np.linalg.norm(small.reshape(-1, 3), axis=1, keepdims=True)
    flat = flat * np.array([1.0, 1.0, -1.0], np.float32)
    glossy = look_up(room.tables.gloss(roughness), flat.astype(np.float32)).reshape(small.shape)
    return np.asarray(cv2.resize(glossy, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _remap(texture: Floats, x: Floats, y: Floats) -> Floats:
    """Sample a texture bilinearly, its edge repeated."""
    return np.asarray(cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def draw_backdrop(room: Room, camera: CameraCalibration) -> Backdrop:
    """Draw one camera's view of the room with the plate empty; about a quarter of a second at 640×480."""
    model, pose = camera.model, camera.pose
    width, height = model.width * _FINE, model.height * _FINE
    x, y = rays(model, (0, 0, model.width, model.height), float(_FINE))
    directions = transform(np.stack([x, y, np.ones_like(x)], axis=-1), pose.rotation.T, np.zeros(3))
    eye = pose.center.astype(np.float32)
    color, depth = _clutter(room, camera, width, height)
    down = np.minimum(directions[..., 2], -1e-4)
    up = np.array([[0.0, 0.0, 1.0]], np.float32)
    diffuse = look_up(room.tables.diffuse, up)[0]
    mirror = _mirror(room, directions, 0.42)
    shine = np.zeros((height, width), np.float32)
    rng = np.random.default_rng([room.seed, 305, int(camera.role[-2:])])

    floor = (FLOOR_Z - eye[2]) / down
    seen = (floor > 0) & (floor < depth)
    speckle = 1.0 + 0.25 * rng.standard_normal((height, width), dtype=np.float32)
    color[seen] = (0.05 * diffuse) * speckle[seen][:, None]
    depth[seen] = floor[seen]

    table = (TABLE_Z - eye[2]) / down
    px, py = eye[0] + table * directions[..., 0], eye[1] + table * directions[..., 1]
    x0, y0, x1, y1 = TABLE
    seen = (table > 0) & (table <= depth + 0.004) & (px > x0) & (px < x1) & (py > y0) & (py < y1)
    metal = _remap(room.table, (px - x0) / 0.002, (py - y0) / 0.002)[..., None]
    lit = metal * (0.45 * diffuse + 0.62 * mirror)
    color[seen], depth[seen], shine[seen] = lit[seen], table[seen], mirror[seen][:, 1]
    receiving = seen

    plate = (0.0 - eye[2]) / down
    qx, qy = eye[0] + plate * directions[..., 0], eye[1] + plate * directions[..., 1]
    rows, columns = room.bare.shape
    inside = (qx > -_BORDER_M) & (qx < columns * _CELL_M - _BORDER_M)
    inside &= (qy > -_BORDER_M) & (qy < rows * _CELL_M - _BORDER_M)
    seen = (plate > 0) & (plate <= depth + 0.003) & inside
    tx, ty = (qx + _BORDER_M) / _CELL_M - 0.5, (qy + _BORDER_M) / _CELL_M - 0.5
    albedo, bare = _remap(room.plate, tx, ty), _remap(room.bare, tx, ty)
    lit = albedo * (diffuse * (1.0 - 0.6 * bare[..., None]) + mirror * (0.02 + 0.53 * bare[..., None]))
    color[seen], depth[seen], shine[seen] = lit[seen], plate[seen], (mirror[..., 1] * bare)[seen]

    plane = np.stack([px, py], axis=-1)
    plane[seen] = np.stack([qx, qy], axis=-1)[seen]
    plane[~(receiving | seen)] = 99.0
    return _finish(room, camera, color, depth, shine, plane)


def _finish(
    room: Room, camera: CameraCalibration, color: Floats, depth: Floats, shine: Floats, plane: Floats
) -> Backdrop:
    """Shrink the samples to pixels, expose the picture and work out where stereo finds nothing."""
    size = (camera.model.width, camera.model.height)
    linear = np.asarray(cv2.resize(color, size, interpolation=cv2.INTER_AREA), np.float32)
    rng = np.random.default_rng([room.seed, 306, int(camera.role[-2:])])
    # Automatic exposure: the mean of the encoded picture settles near the middle.
    bright = float(np.mean(np.clip(linear, 0.0, 1.0) ** (1.0 / GAMMA)))
    gain = float(np.clip((float(rng.uniform(0.42, 0.55)) / bright) ** GAMMA, 0.25, 4.0))
    columns = (np.arange(size[0], dtype=np.float32) - camera.model.cx) / camera.model.fx
    rows = (np.arange(size[1], dtype=np.float32) - camera.model.cy) / camera.model.fy
    radius2 = columns[None, :] ** 2 + rows[:, None] ** 2
    vignette = (1.0 + radius2 * float(rng.uniform(0.15, 0.45))) ** (-2.0 / GAMMA)
    encoded = np.clip(linear * gain, 0.0, 1.0) ** (1.0 / GAMMA) * vignette[..., None]
    # A pixel's depth is that of its middle: the mean of its samples, or the nearest where they see different things.
    samples = depth.reshape(size[1], _FINE, size[0], _FINE)
    nearest, farthest = np.min(samples, axis=(1, 3)), np.max(samples, axis=(1, 3))
    same = farthest - nearest < 0.02 * nearest
    middle = np.asarray(np.where(same, np.mean(samples, axis=(1, 3)), nearest), np.float32)
    gloss = np.asarray(cv2.resize(shine, size, interpolation=cv2.INTER_AREA), np.float32)
    # Glare that no table knows of: a few patches on the metal, stretched along the image's columns.
    patches = cv2.GaussianBlur(rng.standard_normal((size[1] // 8, size[0] // 8)), (0, 0), sigmaX=2.0, sigmaY=4.0)
    patches = np.asarray(cv2.resize(patches / patches.std(), size, interpolation=cv2.INTER_LINEAR), np.float32)
    near = middle < 1.1
    holes = 0.002 + np.clip((gloss - 1.25) * 0.25, 0.0, 0.3) + near * np.clip((patches - 1.6) * 0.7, 0.0, 0.45)
    holes += ~near * (0.03 + np.clip(patches - 0.9, 0.0, 0.7) + 0.25 * (linear.mean(axis=2) < 0.02))
    halved = (size[0] // 2, size[1] // 2)
    half = np.asarray(cv2.resize(plane[::_FINE, ::_FINE], halved, interpolation=cv2.INTER_NEAREST))
    return Backdrop(
        color=np.ascontiguousarray((encoded * 255.0 + 0.5).astype(np.uint8)),
        depth=np.ascontiguousarray(middle),
        holes=np.clip(holes, 0.0, 0.95).astype(np.float32),
        plane=half.astype(np.float32),
        gain=gain,
        vignette=vignette.astype(np.float32),
        unmatched=stereo_shadow(middle, camera.model.fx),
        blind=blind_band(middle, camera.model.fx),
    )
