"""Framesets and ROI boxes in memory to the ranked list, stage by stage.

First the shipped model, ROI step included. Then the published size (two ResNet-50, 224 px, ten views): the engine's
ways against the plain path, one part by all of them in turn, with the floor of the machine beside it. The framesets are
the simulated rig's, of different parts; one warm-up pass over all of them is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._floor import floor_of
from benchmarks._plain_recognition import PlainRunner, full_size_model
from recognition.engine import Engine
from recognition.engine.compiled import compiler, load_package, make_package
from recognition.engine.cpu import CpuRunner, best_way, plain_way
from recognition.engine.cuda import CudaRunner
from recognition.engine.views import Runner
from recognition.registry import ModelFolder
from recognition.roi import RoiLocator
from station.cli.assembly import shipped_model
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.results import PartLocation
from station.settings import frame_size
from station.simulation.live_scene import LiveScene

STAGES = ("roi", "preprocess", "forward", "judgement", "total")


@dataclass(frozen=True, slots=True)
class Taken:
    """One part on the plate: its frames, its weight, where it is, and how long finding that took, ms."""

    frames: FrameSet
    kg: float
    location: PartLocation
    roi_ms: tuple[float, ...]


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


def take(parts: Sequence[str], size: str, repeats: int) -> list[Taken]:
    """Put parts on the simulated plate one after another and find each ``repeats`` times."""
    scene, locator = LiveScene(size, seed=31), RoiLocator()
    locator.learn_empty(frameset(scene, frame_size(size), 0), scene.calibration)
    taken: list[Taken] = []
    for number, class_id in enumerate(parts):
        scene.place(class_id, 1000 + number, False, None, None)
        frames, kg = frameset(scene, frame_size(size), number + 1), scene.load[0]
        location, times = locator.locate(frames, scene.calibration), list[float]()
        for _ in range(repeats):
            begun = time.perf_counter()
            location = locator.locate(frames, scene.calibration)
            times.append((time.perf_counter() - begun) * 1e3)
        taken.append(Taken(frames, kg, location, tuple(times)))
        scene.clear()
    return taken


def timed(engines: Mapping[str, Engine], taken: Sequence[Taken], repeats: int) -> dict[str, dict[str, list[float]]]:
    """Let every engine answer every part, one after the other on the same part, and return the times in ms by stage."""
    times = {name: {stage: list[float]() for stage in STAGES[1:]} for name in engines}
    for turn in range(repeats + 1):
        for part in taken:
            for name, engine in engines.items():
                begun = time.perf_counter()
                answer = engine.recognize(part.frames, part.location, part.kg)
                done = time.perf_counter()
                if turn > 0:
                    for stage in STAGES[1:-1]:
                        times[name][stage].append(answer.timings_ms[stage])
                    times[name]["total"].append((done - begun) * 1e3)
    return times


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return p50 and p95."""
    return {f"p{q}": round(float(np.percentile(values, q)), 2) for q in (50, 95)}


def ways(folder: ModelFolder, device: str, package: Path | None) -> dict[str, Engine]:
    """Return the engines to compare: plain in two layouts, the plain way of the engine, and its fastest.

    With ``package`` the model is compiled into that file first, in this process.
    """
    where = torch.device(device)

    def engine(runner: Runner) -> Engine:
        return Engine(folder, "cpu", [lambda _: runner])

    found = {
        "plain": engine(PlainRunner(folder, where, channels_last=False)),
        "plain, channels last": engine(PlainRunner(folder, where, channels_last=True)),
    }
    if device == "cuda":
        return {**found, "ours": engine(CudaRunner(folder))}
    fast = best_way(folder)
    found["ours, nothing folded"] = engine(CpuRunner(folder, plain_way(folder)))
    found[f"ours, {fast.name}"] = engine(CpuRunner(folder, fast))
    if package is not None and compiler() is not None:
        make_package(folder, package)
        found["ours, compiled"] = engine(CpuRunner(folder, load_package(folder, package, fast)))
    return found


def compared(device: str, taken: Sequence[Taken], repeats: int, *, compiled: bool) -> dict[str, Any]:
    """Measure the published size on a device: every way in turn, how much faster than the plain one, and the floor."""
    with tempfile.TemporaryDirectory() as folder:
        model = full_size_model(Path(folder) / "model")
        engines = ways(model, device, Path(folder) / "compiled" / "model.pt2" if compiled else None)
        times = timed(engines, taken, repeats)
    plain = np.array(times["plain"]["total"])
    dtype = torch.float16 if device == "cuda" else torch.bfloat16
    return {
        "model": "two ResNet-50, colour led into depth, 224 px, random weights",
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "ways": {
            name: {
                "kind": engines[name].kind,
                "trouble": engines[name].trouble,
                "ms": {stage: spread(values) for stage, values in stages.items()},
                # of the same part at the same time, so that other work on the machine weighs on both
                "times_faster": spread(plain / np.array(stages["total"])),
            }
            for name, stages in times.items()
        },
        "floor": floor_of(model, torch.device(device), dtype).to_json(),
    }


def shipped(folder: Path, device: str, taken: Sequence[Taken], repeats: int) -> dict[str, Any]:
    """Measure a model as the station uses it, the ROI step included."""
    engine = Engine(folder, device)
    times = timed({"ours": engine}, taken, repeats)["ours"]
    roi = [part.roi_ms[turn] for turn in range(repeats) for part in taken]
    total = [before + after for before, after in zip(roi, np.array(times["total"]), strict=True)]
    stages = {"roi": roi, **{stage: times[stage] for stage in STAGES[1:-1]}, "total": total}
    return {
        "device": str(engine.device),
        "model": engine.model_id,
        "kind": engine.kind,
        "ms": {stage: spread(values) for stage, values in stages.items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("640x480", "1280x720"), default="640x480")
    parser.add_argument("--parts", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: CPU, and CUDA if there"
    )
    parser.add_argument("--model", type=Path, help="model folder; the one that ships with the program if absent")
    parser.add_argument("--only", choices=("shipped", "full"), help="one of the two parts alone")
    parser.add_argument("--compiled", action="store_true", help="compile the full size, too: half a minute or more")
    parser.add_argument("--short", action="store_true", help="4 parts, 2 repeats")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    parts, repeats = (4, 2) if arguments.short else (arguments.parts, arguments.repeats)
    devices = ["cpu", "cuda"] if arguments.device == "auto" else [arguments.device]
    if not torch.cuda.is_available():
        devices = ["cpu"]

    folder = arguments.model or shipped_model()
    known = [one["id"] for one in json.loads((folder / "model.json").read_text(encoding="utf-8"))["classes"]]
    rng = np.random.default_rng(31)
    taken = take([known[n] for n in rng.choice(len(known), parts, replace=False)], arguments.size, repeats)
    result: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1),
        "views": len(ROLES),
        "size": arguments.size,
        "runs": parts * repeats,
    }
    if arguments.only != "full":
        result["shipped"] = [shipped(folder, device, taken, repeats) for device in devices]
    if arguments.only != "shipped":
        result["full"] = [compared(device, taken, repeats, compiled=arguments.compiled) for device in devices]
    if arguments.json:
        print(json.dumps(result))
    else:
        show(result)


def show(result: Mapping[str, Any]) -> None:
    """Print the figures for people."""
    print(f"{result['views']} views of {result['size']}, {result['runs']} runs, load {result['load']}")
    for one in result.get("shipped", ()):
        print(f"model {one['model']}, {one['kind']}")
        for stage, values in one["ms"].items():
            print(f"  {stage:<11} p50 {values['p50']:7.1f} ms   p95 {values['p95']:7.1f} ms")
    for one in result.get("full", ()):
        print(f"{one['model']} on {one['device']}; p50 / p95 in ms")
        for name, way in one["ways"].items():
            stages = "   ".join(f"{stage} {ms['p50']:.1f} / {ms['p95']:.1f}" for stage, ms in way["ms"].items())
            print(f"  {name:<22} {stages}   {way['times_faster']['p50']:.2f} × {way['trouble']}")
        print(f"  floor {one['floor']}")


if __name__ == "__main__":
    main()
