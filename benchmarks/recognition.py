"""Frames in memory to the ranked list, stage by stage: ROI, preprocessing, forward pass.

The framesets are the simulated rig's, of different parts; one warm-up pass over all of them is not counted.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from recognition.engine import Engine
from recognition.roi import RoiLocator
from station.cli.assembly import model_folder
from station.config import LoadedSettings
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.settings import Settings, frame_size
from station.simulation.live_scene import LiveScene

STAGES = ("roi", "preprocess", "forward", "judgement", "total")


def frameset(scene: LiveScene, size: tuple[int, int], number: int) -> FrameSet:
    """Take one frameset of the scene as it is."""
    frames: dict[str, Frame] = {}
    for role in ROLES:
        scene.draw(role, 0.0)
        color = np.empty((size[1], size[0], 3), np.uint8)
        depth = np.empty((size[1], size[0]), np.uint16)
        scene.expose(role, number, color, depth)
        frames[role] = Frame(role, color, depth, 0.001, number, 0.0, TimeDomain.SYSTEM, time.monotonic_ns())
    return FrameSet(frames, (), 0.0, datetime.now(UTC), time.monotonic_ns())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("640x480", "1280x720"), default="640x480")
    parser.add_argument("--parts", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--model", type=Path, help="model folder; the one that ships with the program if absent")
    parser.add_argument("--short", action="store_true", help="4 parts, 2 repeats")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    parts, repeats = (4, 2) if arguments.short else (arguments.parts, arguments.repeats)

    default = model_folder(LoadedSettings(Settings(), None, Path()))
    engine = Engine(arguments.model or default, arguments.device)
    scene = LiveScene(arguments.size, seed=31)
    locator = RoiLocator()
    size = frame_size(arguments.size)
    locator.learn_empty(frameset(scene, size, 0), scene.calibration)
    rng = np.random.default_rng(31)
    taken: list[tuple[FrameSet, float]] = []
    for number, index in enumerate(rng.choice(len(engine.class_ids), parts, replace=False)):
        scene.place(engine.class_ids[int(index)], 1000 + number, False, None, None)
        taken.append((frameset(scene, size, number + 1), scene.load[0]))
        scene.clear()

    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for turn in range(repeats + 1):
        for frames, kg in taken:
            begun = time.perf_counter()
            location = locator.locate(frames, scene.calibration)
            located = time.perf_counter()
            recognition = engine.recognize(frames, location, kg)
            done = time.perf_counter()
            if turn == 0:
                continue
            times["roi"].append((located - begun) * 1e3)
            times["preprocess"].append(recognition.timings_ms["preprocess"])
            times["forward"].append(recognition.timings_ms["forward"])
            times["judgement"].append(recognition.timings_ms["judgement"])
            times["total"].append((done - begun) * 1e3)
    result = {
        "machine": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "device": str(engine.device),
        "model": engine.model_id,
        "views": len(ROLES),
        "size": arguments.size,
        "runs": parts * repeats,
        "ms": {
            stage: {f"p{q}": round(float(np.percentile(values, q)), 1) for q in (50, 95)}
            for stage, values in times.items()
        },
    }
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{len(ROLES)} views of {arguments.size} on {engine.device}, {parts * repeats} runs, model {engine.model_id}")
    for stage, values in result["ms"].items():
        print(f"  {stage:<11} p50 {values['p50']:7.1f} ms   p95 {values['p95']:7.1f} ms")


if __name__ == "__main__":
    main()
