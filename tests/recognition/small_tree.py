"""A small MVIP tree of coloured boxes on a grey plate, seen by ten pinhole cameras; synthetic truth for the tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from station.frames import ROLES
from station.geometry import CameraModel, Pose

SIZE = (320, 240)


@dataclass(frozen=True)
class Box:
    """A part: edges in metres, colour, weight."""

    class_id: str
    edges: tuple[float, float, float]
    color: tuple[int, int, int]
    weight_kg: float


BOXES = (
    Box("red_block", (0.10, 0.06, 0.04), (200, 40, 40), 0.500),
    Box("blue_bar", (0.16, 0.03, 0.03), (40, 60, 200), 0.300),
    Box("green_cube", (0.07, 0.07, 0.07), (40, 180, 60), 0.900),
    Box("dark_plate", (0.12, 0.10, 0.02), (40, 40, 40), 1.500),
)


def camera(index: int) -> tuple[CameraModel, Pose]:
    """Return one of ten cameras on a ring round the plate's middle, looking at it."""
    angle, height = 2.0 * np.pi * index / 10.0, 0.35 + 0.05 * (index % 3)
    center = np.array([0.24 + 0.45 * np.cos(angle), 0.19 + 0.45 * np.sin(angle), height])
    forward = np.array([0.24, 0.19, 0.02]) - center
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    model = CameraModel(width=SIZE[0], height=SIZE[1], fx=300.0, fy=300.0, cx=159.5, cy=119.5)
    return model, Pose(rotation, -rotation @ center)


def write_tree(root: Path, train: int = 4, valid: int = 2, seed: int = 0, test: int = 0) -> Path:
    """Write the tree and return its root."""
    rng = np.random.default_rng(seed)
    for box in BOXES:
        folder = root / "sets" / box.class_id
        folder.mkdir(parents=True)
        meta = {"name": box.class_id.replace("_", " "), "number": f"N-{box.class_id[:3]}", "weight": box.weight_kg}
        (folder / "meta.json").write_text(json.dumps(meta))
        for index in range(train):
            write_capture(folder / "train_data" / "0" / str(index), box, rng, "train")
        for index in range(valid):
            write_capture(folder / "valid_data" / str(index), box, rng, "valid")
        for index in range(valid, valid + test):
            write_capture(folder / "test_data" / str(index), box, rng, "test")
    return root


def write_capture(folder: Path, box: Box, rng: np.random.Generator, split: str) -> None:
    """Write ten views of the box in a random place."""
    corners = _corners(box, rng)
    for index, role in enumerate(ROLES):
        model, pose = camera(index)
        view = folder / role
        view.mkdir(parents=True)
        color, depth, mask = _draw(corners, box, model, pose, rng)
        number = role[-2:]
        cv2.imwrite(str(view / f"{number}_rgb.png"), color[:, :, ::-1])
        cv2.imwrite(str(view / f"{number}_depth.png"), depth)
        cv2.imwrite(str(view / f"{number}_rgb_mask_gen.png"), mask)
        meta = {
            "Intrinsics": {"fx": model.fx, "fy": model.fy, "ppx": model.cx, "ppy": model.cy},
            "cameraMatrix": model.matrix.ravel().tolist(),
            "DepthScale": 0.001,
            "Camera_Transformation": pose.matrix.ravel().tolist(),
        }
        (view / f"{number}_meta.json").write_text(json.dumps(meta))
    record = {
        "schema": 1,
        "class": box.class_id,
        "split": split,
        "origin": "simulation",
        "weight_kg": round(box.weight_kg * (1.0 + 0.002 * float(rng.standard_normal())), 4),
        "weight_stable": True,
        "size_true_m": sorted(box.edges, reverse=True),
        "serials": {role: f"serial{role[-2:]}" for role in ROLES},
        "taken_at": "2026-01-02T03:04:05.678Z",
    }
    (folder / "capture.json").write_text(json.dumps(record))


def _corners(box: Box, rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0.0, 2.0 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    unit = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
    corners = unit * np.array(box.edges)
    corners[:, :2] = corners[:, :2] @ turn.T + np.array([0.24, 0.19]) + rng.uniform(-0.04, 0.04, 2)
    return corners


def _draw(
    corners: np.ndarray, box: Box, model: CameraModel, pose: Pose, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    height, width = SIZE[1], SIZE[0]
    outline = cv2.convexHull(model.project(pose.apply(corners)).astype(np.float32)).astype(np.int32)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, outline, 255)
    noise = rng.integers(-12, 12, (height, width, 3))
    color = np.full((height, width, 3), 150) + noise
    color[mask > 0] = np.array(box.color) + noise[mask > 0]
    # the plate's plane z = 0 along each pixel's ray; the part as a flat front at its middle's distance
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    rays = np.stack([(columns - model.cx) / model.fx, (rows - model.cy) / model.fy, np.ones((height, width))], axis=-1)
    plate = -pose.center[2] / (rays @ pose.rotation[:, 2])
    depth = np.where((plate > 0) & (plate < 3.0), plate, 0.0)
    depth[mask > 0] = float(pose.apply(corners.mean(axis=0)[None])[0, 2]) - 0.02
    return np.clip(color, 0, 255).astype(np.uint8), np.rint(depth * 1000.0).astype(np.uint16), mask
