"""The workshop behind the plate: boxes drawn at random that stand where no camera's view of the plate is blocked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from station.geometry import Array, RigCalibration
from station.simulation.renderer import Floats

TABLE = (-0.62, -0.46, 0.66, 0.47)
TABLE_Z = -0.016
FLOOR_Z = -0.78
"""The table's rectangle (x0, y0, x1, y1), its top and the floor below, metres."""

_GRID = 4
"""Every face of a box is split into 4×4 patches so that distortion bends its edges."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: centre, full edges, turn about z (rad), linear colour, how much its brightness varies, own glow."""

    center: tuple[float, float, float]
    size: tuple[float, float, float]
    yaw: float
    color: tuple[float, float, float]
    variation: float = 0.15
    glow: float = 0.0

    def corners(self) -> Array:
        """Return the eight corners, (8, 3)."""
        signs = np.array([[a, b, c] for a in (-0.5, 0.5) for b in (-0.5, 0.5) for c in (-0.5, 0.5)])
        local = signs * np.asarray(self.size)
        cosine, sine = math.cos(self.yaw), math.sin(self.yaw)
        turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        return local @ turn.T + np.asarray(self.center)


def _faces(box: Box, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return a box's patches as triangle corners (N, 3) and their lit linear colours (N, 3)."""
    cosine, sine = math.cos(box.yaw), math.sin(box.yaw)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    steps = np.linspace(-0.5, 0.5, _GRID + 1)
    a, b = np.meshgrid(steps, steps, indexing="ij")
    corners: list[Array] = []
    colors: list[Array] = []
    for axis in range(3):
        for side in (-0.5, 0.5):
            local = np.empty((*a.shape, 3))
            local[..., axis] = side
            local[..., (axis + 1) % 3], local[..., (axis + 2) % 3] = a, b
            world = (local * np.asarray(box.size)) @ turn.T + np.asarray(box.center)
            normal = turn[:, axis] * np.sign(side)
            lit = 0.45 + 0.35 * normal[2] + 0.15 * normal[0] + 0.06 * normal[1]
            vary = 1.0 + box.variation * rng.standard_normal(a.shape)
            shade = (lit * vary + box.glow)[..., None] * np.asarray(box.color)
            quads = [
                (slice(None, -1), slice(None, -1)),
                (slice(1, None), slice(None, -1)),
                (slice(1, None), slice(1, None)),
                (slice(None, -1), slice(None, -1)),
                (slice(1, None), slice(1, None)),
                (slice(None, -1), slice(1, None)),
            ]
            corners.append(np.stack([world[q] for q in quads], axis=2).reshape(-1, 3))
            colors.append(np.stack([shade[q] for q in quads], axis=2).reshape(-1, 3))
    return np.concatenate(corners).astype(np.float32), np.concatenate(colors).astype(np.float32)


def triangles(boxes: list[Box], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return all boxes as triangle corners (3F, 3) and linear colours (3F, 3), clipped to 0…1."""
    pieces = [_faces(box, rng) for box in boxes]
    corners = np.concatenate([c for c, _ in pieces])
    colors = np.concatenate([c for _, c in pieces])
    return corners, np.clip(colors, 0.0, 1.0)


def _room(rng: np.random.Generator) -> list[Box]:
    """Walls with boards, windows and doors on them."""
    grey = float(rng.uniform(0.45, 0.7))
    walls: list[Box] = []
    west, east = -float(rng.uniform(1.1, 2.0)), float(rng.uniform(1.4, 2.4))
    south, north = -float(rng.uniform(1.3, 2.2)), float(rng.uniform(1.3, 2.2))
    middle_x, middle_y = (west + east) / 2.0, (south + north) / 2.0
    span_x, span_y = east - west, north - south
    for x, y, sx, sy in (
        (west, middle_y, 0.05, span_y),
        (east, middle_y, 0.05, span_y),
        (middle_x, south, span_x, 0.05),
        (middle_x, north, span_x, 0.05),
    ):
        shade = grey * float(rng.uniform(0.7, 1.15))
        walls.append(Box((x, y, 0.6), (sx, sy, 2.9), 0.0, (shade, shade, shade * float(rng.uniform(0.9, 1.0))), 0.05))
        for _ in range(int(rng.integers(1, 5))):
            along = float(rng.uniform(-0.45, 0.45))
            px = x + (0.04 * np.sign(middle_x - x) if sx < sy else along * sx)
            py = y + (0.04 * np.sign(middle_y - y) if sy < sx else along * sy)
            width, high = float(rng.uniform(0.2, 0.9)), float(rng.uniform(0.2, 1.0))
            tone = float(rng.choice([0.08, 0.25, 0.55, 0.85, 1.0]))
            warm = float(rng.uniform(-0.08, 0.08))
            walls.append(
                Box(
                    (float(px), float(py), float(rng.uniform(-0.3, 1.2))),
                    (0.03 if sx < sy else width, 0.03 if sy < sx else width, high),
                    0.0,
                    (tone * (1 + warm), tone, tone * (1 - warm)),
                    0.06,
                    0.5 if tone > 0.9 else 0.0,
                )
            )
    return walls


_CLUTTER: tuple[tuple[float, float, float], ...] = (
    (0.02, 0.02, 0.02),
    (0.05, 0.05, 0.055),
    (0.12, 0.12, 0.13),
    (0.35, 0.35, 0.36),
    (0.6, 0.6, 0.6),
    (0.45, 0.30, 0.16),
    (0.52, 0.38, 0.22),
    (0.05, 0.09, 0.2),
    (0.4, 0.08, 0.03),
    (0.04, 0.14, 0.08),
)


def _thing(rng: np.random.Generator) -> list[Box]:
    """One thing that stands about: a rail, a camera on its arm, a pallet, a chair, a person, a crate, a screen."""
    angle = float(rng.uniform(0.0, 2.0 * math.pi))
    kind = int(rng.integers(0, 8))
    near = float(rng.uniform(0.42, 0.75)) if kind <= 2 else float(rng.uniform(0.7, 1.5))
    x, y = 0.24 + near * 1.15 * math.cos(angle), 0.19 + near * math.sin(angle)
    yaw = float(rng.uniform(0.0, math.pi))
    metal = float(rng.uniform(0.35, 0.65))
    if kind == 0:
        return [Box((x, y, 0.1), (0.04, 0.04, 1.8), 0.0, (metal, metal, metal * 1.02), 0.12)]
    if kind == 1:
        z = float(rng.uniform(0.12, 0.5))
        arm = Box((x, y, z), (0.25, 0.015, 0.015), yaw, (metal, metal, metal), 0.1)
        head = Box(
            (x + 0.12 * math.cos(yaw), y + 0.12 * math.sin(yaw), z + 0.02),
            (0.03, 0.1, 0.025),
            yaw,
            (0.55, 0.56, 0.58),
            0.05,
        )
        return [arm, head, Box((x, y, z - 0.2), (0.02, 0.02, 0.4), 0.0, (0.05, 0.05, 0.05), 0.1)]
    if kind == 2:
        screen = Box((x, y, 0.08), (0.22, 0.05, 0.15), yaw, (0.12, 0.13, 0.14), 0.05)
        glow = Box((x, y, 0.085), (0.13, 0.053, 0.06), yaw, (0.45, 0.6, 0.75), 0.05, 0.4)
        return [screen, glow]
    if kind == 3:
        wood = _CLUTTER[5 + int(rng.integers(0, 2))]
        bottom = FLOOR_Z + float(rng.uniform(0.05, 0.4))
        return [
            Box(
                (x + 0.13 * k * math.cos(yaw), y + 0.13 * k * math.sin(yaw), bottom + 0.1 * level),
                (0.10, 0.8, 0.022) if level % 2 == 0 else (0.9, 0.1, 0.07),
                yaw,
                wood,
                0.18,
            )
            for level in range(3)
            for k in range(-3, 4)
            if level % 2 == 0 or k == 0
        ]
    if kind == 4:
        dark = _CLUTTER[int(rng.integers(0, 2))]
        return [
            Box((x, y, -0.3), (0.45, 0.45, 0.07), yaw, dark, 0.3),
            Box((x, y, -0.55), (0.06, 0.06, 0.45), 0.0, dark),
            Box((x + 0.2 * math.cos(yaw), y + 0.2 * math.sin(yaw), 0.0), (0.06, 0.42, 0.5), yaw, dark, 0.3),
        ]
    if kind == 5:
        cloth, shirt = _CLUTTER[int(rng.choice([1, 2, 7]))], _CLUTTER[int(rng.integers(0, 10))]
        return [
            Box((x, y - 0.1, -0.4), (0.14, 0.13, 0.75), yaw, cloth, 0.25),
            Box((x, y + 0.1, -0.4), (0.14, 0.13, 0.75), yaw, cloth, 0.25),
            Box((x, y, 0.3), (0.25, 0.4, 0.65), yaw, shirt, 0.25),
        ]
    if kind == 6:
        color = _CLUTTER[int(rng.integers(0, len(_CLUTTER)))]
        low, high = FLOOR_Z + 0.2, 0.2
        size = rng.uniform(0.08, 0.45, size=3)
        edges = (float(size[0]), float(size[1]), float(size[2]))
        return [Box((x, y, float(rng.uniform(low, high))), edges, yaw, color, 0.2)]
    color = _CLUTTER[int(rng.integers(0, len(_CLUTTER)))]
    shelf = [Box((x, y, -0.3 + 0.3 * level), (0.7, 0.35, 0.03), yaw, (metal, metal, metal), 0.1) for level in range(3)]
    for _ in range(5):
        size = rng.uniform(0.05, 0.22, size=3)
        offset = float(rng.uniform(-0.3, 0.3))
        color = _CLUTTER[int(rng.integers(0, len(_CLUTTER)))]
        shelf.append(
            Box(
                (x + offset * math.cos(yaw), y + offset * math.sin(yaw), -0.2 + 0.3 * int(rng.integers(0, 3))),
                (float(size[0]), float(size[1]), float(size[2])),
                yaw,
                color,
                0.2,
            )
        )
    return shelf


_GUARDED = np.array([[x, y, z] for x in (-0.03, 0.51) for y in (-0.03, 0.414) for z in (0.0, 0.12)])
"""Corners of the space over the plate that every camera must see."""


def _blocks(box: Box, rig: RigCalibration) -> bool:
    """Tell whether a box stands on the plate or between a camera and it, or too near to a camera."""
    corners = box.corners()
    low, high = corners.min(axis=0), corners.max(axis=0)
    if low[0] < 0.53 and high[0] > -0.05 and low[1] < 0.43 and high[1] > -0.05 and high[2] > FLOOR_Z + 0.6:
        return True
    for camera in rig.cameras.values():
        seen = camera.pose.apply(corners)
        if np.linalg.norm(seen - np.clip(0.0, seen.min(axis=0), seen.max(axis=0)), axis=1).min() < 0.14:
            return True
        ahead = seen[:, 2] > 0.05
        if not ahead.any():
            continue
        if not ahead.all() and seen[ahead, 2].max() > 0.1:
            # Partly beside the camera: only harmless when it is wholly outside the image's cone.
            outside = np.abs(seen[ahead, 0]) > 1.1 * seen[ahead, 2]
            if not outside.all():
                return True
            continue
        guarded = camera.pose.apply(_GUARDED)
        if seen[:, 2].min() > guarded[:, 2].max():
            continue
        mine = cv2.convexHull((seen[:, :2] / seen[:, 2:]).astype(np.float32))
        plate = cv2.convexHull((guarded[:, :2] / guarded[:, 2:]).astype(np.float32))
        area, _ = cv2.intersectConvexConvex(mine, plate)
        if area > 0:
            return True
    return False


def draw_workshop(rig: RigCalibration, rng: np.random.Generator) -> list[Box]:
    """Draw the walls and a hundred things, less those that would block a camera's view of the plate."""
    boxes = _room(rng)
    for _ in range(int(rng.integers(90, 150))):
        boxes += [box for box in _thing(rng) if not _blocks(box, rig)]
    plate_edges = (0.49, 0.394, -TABLE_Z - 0.001)
    boxes.append(Box((0.24, 0.192, TABLE_Z / 2.0 - 0.0005), plate_edges, 0.0, (0.6, 0.6, 0.58), 0.1))
    x0, y0, x1, y1 = TABLE
    middle = ((x0 + x1) / 2, (y0 + y1) / 2, TABLE_Z - 0.02)
    boxes.append(Box(middle, (x1 - x0, y1 - y0, 0.038), 0.0, (0.5, 0.5, 0.5), 0.05))
    return boxes
