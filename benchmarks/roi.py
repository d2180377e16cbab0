"""How long crop, mask and size of ten views take, and how exact they are, on the simulated rig.

Renders single parts on the plate at 640×480 (or 1280×720) with empty-plate references learned first, and compares with
the truth. Usage: ``python -m benchmarks.roi [--parts N] [--seed S] [--size 640x480|1280x720] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from datetime import UTC, datetime

import numpy as np

from recognition.roi import RoiLocator, measure_with_masks, square_around
from recognition.roi.squares import clipped, overlap
from station.frames import Frame, FrameSet, MaskImage, TimeDomain
from station.simulation.library import PartLibrary
from station.simulation.rig import handed_over, rig_models
from station.simulation.scene import Placement, SceneRenderer, draw_placement, true_size_m
from station.simulation.sensor import Exposure, draw_exposure, read_frame


def take(
    renderer: SceneRenderer, placements: list[Placement], exposures: dict[str, Exposure], rng: np.random.Generator
) -> tuple[FrameSet, dict[str, MaskImage]]:
    """Render one frameset and its true masks."""
    stage = renderer.stage(placements)
    frames: dict[str, Frame] = {}
    masks: dict[str, MaskImage] = {}
    for role, exposure in exposures.items():
        view = read_frame(renderer.view(role, stage, exposure), rng)
        frames[role] = Frame(role, view.color, view.depth, 0.001, 0, 0.0, TimeDomain.SYSTEM, 0)
        masks[role] = view.mask
    return FrameSet(frames, (), 0.0, datetime.now(UTC), 0), masks


def run(parts: int, seed: int, size: str) -> dict[str, object]:
    """Locate parts drawn at random and return times, errors and overlaps."""
    library = PartLibrary.load()
    truth = rig_models("1280x720" if size == "1280x720" else "640x480", seed)
    calibration = handed_over(truth, seed)
    renderer = SceneRenderer(library, truth, room_seed=seed)
    rng = np.random.default_rng([seed, 9])
    exposures = {role: draw_exposure(rng) for role in truth.cameras}
    locator = RoiLocator()
    for _ in range(3):
        locator.learn_empty(take(renderer, [], exposures, rng)[0], calibration)
    empty = take(renderer, [], exposures, rng)[0]
    empty_ms = [locator.locate(empty, calibration).duration_ms for _ in range(5)]
    wall: list[float] = []
    cpu: list[float] = []
    errors: list[list[float]] = []
    with_masks: list[list[float]] = []
    crops: list[float] = []
    states: dict[str, int] = {}
    for _ in range(parts):
        placement = draw_placement(library.classes[int(rng.integers(len(library.classes)))], rng)
        true = true_size_m(library.get(placement.class_id), placement)
        frameset, masks = take(renderer, [placement], exposures, rng)
        begin = time.process_time()
        found = locator.locate(frameset, calibration)
        cpu.append(1e3 * (time.process_time() - begin))
        wall.append(found.duration_ms)
        states[found.state.value] = states.get(found.state.value, 0) + 1
        if found.size_m:
            errors.append([1e3 * (a - b) for a, b in zip(found.size_m, true, strict=True)])
        known = measure_with_masks(frameset, calibration, masks)
        if known:
            with_masks.append([1e3 * (a - b) for a, b in zip(known, true, strict=True)])
        for role, mask in masks.items():
            if mask.any():
                height, width = mask.shape
                square = clipped(square_around(mask), width, height)
                crops.append(overlap(square, clipped(found.roi[role], width, height)) if role in found.roi else 0.0)
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "size": size,
        "parts": parts,
        "states": states,
        "empty_ms": round(statistics.median(empty_ms), 1),
        "wall_ms": {"p50": round(statistics.median(wall), 1), "p95": round(float(np.percentile(wall, 95)), 1)},
        "cpu_ms": {"p50": round(statistics.median(cpu), 1), "p95": round(float(np.percentile(cpu, 95)), 1)},
        "size_error_mm": _errors(errors),
        "size_error_with_masks_mm": _errors(with_masks),
        "crop_overlap": {"p50": round(statistics.median(crops), 3), "p5": round(float(np.percentile(crops, 5)), 3)},
    }


def _errors(errors: list[list[float]]) -> dict[str, list[float]]:
    found = np.array(errors)
    return {
        "bias": np.median(found, axis=0).round(2).tolist(),
        "median": np.median(np.abs(found), axis=0).round(2).tolist(),
        "p95": np.percentile(np.abs(found), 95, axis=0).round(2).tolist(),
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=900)
    parser.add_argument("--size", choices=("640x480", "1280x720"), default="640x480")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = run(arguments.parts, arguments.seed, arguments.size)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for key, value in figures.items():
            print(f"{key:<26} {value}")


if __name__ == "__main__":
    main()
