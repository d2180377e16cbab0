"""One simulated capture: what is drawn for it, the ten pictures, and its folder in an MVIP tree."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from station.boards import FrameBoard
from station.errors import DatasetError
from station.geometry import RigCalibration
from station.simulation.library import PartClass, PartLibrary
from station.simulation.lighting import draw_lighting
from station.simulation.rig import Size, handed_over, rig_models
from station.simulation.scene import Placement, SceneRenderer, draw_placement, true_size_m
from station.simulation.sensor import RenderedView, draw_exposure, read_frame

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
ROOMS = (8, 2, 2)
"""How many workshops, plates and rigs train, valid and test have; no split shares one with another."""

_ROOMS_KEPT = 3
"""Rooms whose backgrounds stay in memory: about 60 MB each at 640×480, 180 MB at 1280×720."""

DEAD_DEPTH = 0.02
"""Share of views whose depth stream is dead, as one camera of the real data set's is."""

ROTATIONS = 12
_FIRST_DAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """One capture to write: its class, split, number within the split and folder below the class's folder."""

    class_id: str
    split: Split
    number: int
    folder: str


def plan_captures(class_id: str, counts: tuple[int, int, int]) -> list[CapturePlan]:
    """Return a class's captures: train in positions of twelve rotations, valid and test in one range of numbers."""
    train, valid, test = counts
    plans = [
        CapturePlan(class_id, "train", n, f"train_data/{n // ROTATIONS}/{n % ROTATIONS}") for n in range(train)
    ]
    plans += [CapturePlan(class_id, "valid", n, f"valid_data/{n}") for n in range(valid)]
    plans += [CapturePlan(class_id, "test", n, f"test_data/{valid + n}") for n in range(test)]
    return plans


def weigh(true_kg: float, off_center_m: float, rng: np.random.Generator) -> float:
    """Return what the scale shows: 0.1 g steps below 3 kg and 1 g above, with noise and corner error."""
    step = 0.0001 if true_kg < 3.0 else 0.001
    corner = true_kg * 2e-5 * off_center_m / 0.2 * float(rng.normal())
    shown = true_kg + corner + 0.4 * step * float(rng.normal())
    return round(max(round(shown / step), 0) * step, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """Ten views of one placed part with everything that is written beside them."""

    views: dict[str, RenderedView]
    calibration: RigCalibration
    record: dict[str, Any]


class CaptureStudio:
    """Renders planned captures; rooms are drawn when needed and the last few kept."""

    def __init__(
        self, parts: PartLibrary, size: Size, seed: int, *, rooms: tuple[int, int, int] = ROOMS
    ) -> None:
        self.parts = parts
        self._choice = rooms
        self._size: Size = size
        self._seed = seed
        self._board = FrameBoard()
        self._rooms: dict[int, SceneRenderer] = {}

    def _draw(self, plan: CapturePlan) -> tuple[np.random.Generator, int]:
        """Return a plan's own random numbers and the room they choose first."""
        which = SPLITS.index(plan.split)
        rng = np.random.default_rng([self._seed, zlib.crc32(plan.class_id.encode()), which, plan.number])
        return rng, 100 * which + int(rng.integers(0, self._choice[which]))

    def room_of(self, plan: CapturePlan) -> int:
        """Return the number of the room a capture is taken in; captures of one room are best taken together."""
        return self._draw(plan)[1]

    def _room(self, number: int) -> SceneRenderer:
        if number not in self._rooms:
            while len(self._rooms) >= _ROOMS_KEPT:
                self._rooms.pop(next(iter(self._rooms)))
            seed = self._seed * 1000 + number
            self._rooms[number] = SceneRenderer(
                self.parts, rig_models(self._size, seed), room_seed=seed, board=self._board
            )
        return self._rooms[number]

    def take(self, plan: CapturePlan) -> Capture:
        """Render one capture; it depends on the seed and the plan alone."""
        part = self.parts.get(plan.class_id)
        rng, number = self._draw(plan)
        renderer = self._room(number)
        placement = self._place(part, plan, rng)
        light = draw_lighting(np.random.default_rng([self._seed * 1000 + number, 304]), rng)
        stage = renderer.stage([placement], light)
        views: dict[str, RenderedView] = {}
        dead: list[str] = []
        for role in renderer.rig.cameras:
            view = renderer.view(role, stage, draw_exposure(rng))
            is_dead = bool(rng.random() < DEAD_DEPTH)
            views[role] = read_frame(view, rng, depth_dead=is_dead)
            dead += [role] if is_dead else []
        calibration = handed_over(renderer.rig, int(rng.integers(0, 2**31)))
        record = self._record(part, plan, placement, calibration, rng) | {"depth_dead": dead, "room": number}
        return Capture(views, calibration, record)

    def _place(self, part: PartClass, plan: CapturePlan, rng: np.random.Generator) -> Placement:
        if plan.split != "train":
            return draw_placement(part, rng, board=self._board)
        # Training sees rare poses more often than they happen, and the twelve rotations of a position turn evenly.
        yaw = (plan.number % ROTATIONS + float(rng.uniform(-0.5, 0.5))) * 2.0 * np.pi / ROTATIONS
        return draw_placement(part, rng, yaw=yaw, evenness=0.4, board=self._board)

    def _record(
        self, part: PartClass, plan: CapturePlan, placement: Placement, calibration: RigCalibration,
        rng: np.random.Generator,
    ) -> dict[str, Any]:
        weight = part.weight_kg * float(rng.uniform(0.995, 1.005))
        off_center = float(np.hypot(placement.x - self._board.width_m / 2, placement.y - self._board.height_m / 2))
        taken = _FIRST_DAY + timedelta(seconds=int(rng.integers(0, 200 * 86400)))
        return {
            "schema": 1,
            "class": plan.class_id,
            "split": plan.split,
            "origin": "simulation",
            "seed": self._seed,
            "weight_kg": weigh(weight, off_center, rng),
            "weight_stable": True,
            "size_true_m": [round(edge, 6) for edge in true_size_m(part, placement)],
            "serials": {role: camera.serial for role, camera in calibration.cameras.items()},
            "taken_at": taken.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "placement": {
                "pose": placement.pose,
                "x": round(placement.x, 6),
                "y": round(placement.y, 6),
                "yaw": round(placement.yaw, 6),
                "scale": round(placement.scale, 6),
                "surface_seed": placement.surface_seed,
            },
        }


def class_meta(part: PartClass) -> dict[str, Any]:
    """Return the class's ``meta.json``: MVIP's keys (size in mm, weight in kg) and the part's number and family."""
    return {
        "size": [round(edge * 1000.0, 2) for edge in part.size_m],
        "weight": round(part.weight_kg, 5),
        "name": part.name,
        "background_id": "000000",
        "super_class": list(part.super_class),
        "description": {heading: list(tags) for heading, tags in part.tags.items()},
        "number": part.number,
        "family": part.family,
        "material": part.material,
        "neighbours": list(part.neighbours),
    }


def camera_meta(calibration: RigCalibration, role: str) -> dict[str, Any]:
    """Return a camera's ``XX_meta.json``: MVIP's keys and, beyond them, the distortion (k1, k2, p1, p2, k3)."""
    camera = calibration.cameras[role]
    model = camera.model
    return {
        "cameraMatrix": [float(v) for v in model.matrix.ravel()],
        "Intrinsics": {"fx": model.fx, "fy": model.fy, "ppx": model.cx, "ppy": model.cy},
        "DepthScale": 0.001,
        "Camera_Transformation": [float(v) for v in camera.pose.matrix.ravel()],
        "Distortion": list(model.distortion),
    }


def _png(path: Path, image: np.ndarray[Any, Any]) -> int:
    """Write a PNG, fast rather than small; returns its bytes."""
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    if image.ndim == 3 or image.dtype != np.uint8:
        # One fixed filter: trying all of them costs twice the time for a tenth of the bytes.
        options += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_SUB]
        options += [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]
    done, data = cv2.imencode(".png", image, options)
    if not done:
        raise DatasetError("The picture could not be coded as PNG.", where=str(path), todo="Check memory and disk.")
    path.write_bytes(data.tobytes())
    return len(data)


def write_capture(capture: Capture, folder: Path) -> int:
    """Write a capture's folder beside its place and rename it there; returns the bytes written.

    Raises:
        DatasetError: the disk refuses.
    """
    beside = folder.with_name(f".writing-{folder.name}")
    try:
        if beside.exists():
            shutil.rmtree(beside)
        written = 0
        for role, view in capture.views.items():
            place = beside / role
            place.mkdir(parents=True)
            head = role[-2:]
            written += _png(place / f"{head}_rgb.png", cv2.cvtColor(view.color, cv2.COLOR_RGB2BGR))
            written += _png(place / f"{head}_depth.png", view.depth)
            written += _png(place / f"{head}_rgb_mask_gen.png", view.mask)
            meta = json.dumps(camera_meta(capture.calibration, role))
            (place / f"{head}_meta.json").write_text(meta, encoding="utf-8")
        (beside / "capture.json").write_text(json.dumps(capture.record, indent=1), encoding="utf-8")
        os.replace(beside, folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise DatasetError(
            f"The capture cannot be written: {error.strerror or error}.",
            where=str(folder),
            todo="Free disk space or choose another folder, then start again: finished captures are kept.",
        ) from error
    return written
