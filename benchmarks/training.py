"""The input path of a training: the crop cache with augmentation of whole batches, against reading the PNGs each time.

The plain path decodes colour, depth and mask of every view, cuts the square round the part, resizes and normalises it,
and augments nothing; it has a thread for each of torch's. Both show the same number of views of a capture. The rounds
take turns, so that what else the machine does meets both; on a busy one the processor time of both says more than the
clock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import torch
from torch import Tensor

from recognition.confidence.priors import Priors
from recognition.crops.cache import CropCache
from recognition.crops.cutting import cut, square_of_mask
from recognition.crops.preprocessing import encoder_input
from recognition.models.config import ModelConfig
from recognition.training.augment import Augmentation
from recognition.training.batches import TrainingBatches
from recognition.training.loop import TrainingData
from recognition.training.sampling import Sampling
from recognition.training.tree import TrainingTree
from station.frames import ROLES
from station.simulation.dataset import TreeRequest, TreeWriter


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="MVIP tree; a small one is simulated if absent")
    parser.add_argument("--size", choices=("640x480", "1280x720"), default="1280x720", help="of the simulated tree")
    parser.add_argument("--input-sizes", type=int, nargs="+", default=[112, 224])
    parser.add_argument("--views", type=int, default=5)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--workers", type=int, default=1, help="processes that simulate and that cut the crops")
    parser.add_argument("--short", action="store_true", help="4 captures of each of 4 classes, 5 rounds")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        root = arguments.data or simulated(folder / "tree", arguments)
        rounds = 5 if arguments.short else arguments.rounds
        tree = TrainingTree.of(root, (), folder / "crops", arguments.workers)
        rows = [
            measured(tree, size, arguments.views, arguments.batch, rounds, arguments.device)
            for size in arguments.input_sizes
        ]
    result = {
        "machine": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1),
        "device": arguments.device,
        "views": arguments.views,
        "batch": arguments.batch,
        "inputs": rows,
    }
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{arguments.views} views of a capture, batches of {arguments.batch}, {result['threads']} threads")
    for row in rows:
        print(
            f"  {row['input_size']} px of {row['pictures']}: cache and augmentation {row['cached_samples_per_s']:.1f} "
            f"captures/s, PNG {row['png_samples_per_s']:.1f} captures/s, {row['ratio']:.1f} times "
            f"({row['processor_ratio']:.1f} in processor time)"
        )


def simulated(folder: Path, arguments: argparse.Namespace) -> Path:
    """Write a small tree and return its root."""
    captures = (4, 1, 0) if arguments.short else (12, 1, 0)
    request = TreeRequest(out=folder, classes=4, captures=captures, size=arguments.size, seed=17)
    TreeWriter(request, arguments.workers).write(lambda finished: None)
    return folder


def measured(
    tree: TrainingTree, size: int, views: int, batch: int, rounds: int, device: str
) -> dict[str, float | int | str]:
    """Return samples per second of both paths at an input size."""
    begun = time.perf_counter()
    data = tree.training_data(ModelConfig(classes=len(tree.known), input_size=size))
    cutting_s = time.perf_counter() - begun
    batches = prepared(data, size, views, batch, device)
    at_once = min(batch, len(batches.rows))
    order = np.random.default_rng(5)
    cached_s: list[tuple[float, float]] = []
    png_s: list[tuple[float, float]] = []
    with ThreadPoolExecutor(torch.get_num_threads(), initializer=alone) as pool:
        for turn in range(rounds + 1):
            quick = timed(lambda turn=turn: batches.batch(turn), device)
            picked = order.choice(batches.rows, at_once, replace=False).tolist()
            slow = timed(lambda picked=picked: from_files(data.train, picked, views, size, order, pool), device)
            if turn:  # the first round warms both up
                cached_s.append(quick)
                png_s.append(slow)
    (cached, cached_cpu), (png, png_cpu) = (tuple(map(median, zip(*times, strict=True))) for times in (cached_s, png_s))
    height, width = cv2.imread(str(Path(data.train.samples[0].path) / "cam_01" / "01_rgb.png")).shape[:2]
    return {
        "input_size": size,
        "pictures": f"{width}x{height}",
        "captures": len(data.train.samples) + len(data.valid.samples),
        "cutting_captures_per_s": round((len(data.train.samples) + len(data.valid.samples)) / cutting_s, 2),
        "cached_samples_per_s": round(at_once / cached, 2),
        "png_samples_per_s": round(at_once / png, 2),
        "ratio": round(png / cached, 2),
        "cached_processor_ms_per_view": round(cached_cpu / at_once / views * 1e3, 2),
        "png_processor_ms_per_view": round(png_cpu / at_once / views * 1e3, 2),
        "processor_ratio": round(png_cpu / cached_cpu, 2),
    }


def prepared(data: TrainingData, size: int, views: int, batch: int, device: str) -> TrainingBatches:
    """Return batches as a training makes them, every capture with so many views."""
    rows = sum(label >= 0 for label in data.train_labels)
    sampling = Sampling(batch=min(batch, rows), fewest_views=views, most_views=views)
    priors = Priors(data.profiles)
    return TrainingBatches(
        data.train, data.train_labels, data.spec, size, priors, 1, sampling, Augmentation(), torch.device(device)
    )


def alone() -> None:
    """Let a thread of the plain path be one thread: there are as many of them as cores."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def timed(work: Callable[[], object], device: str) -> tuple[float, float]:
    """Return how long work takes, the device's part of it included, and its processor time, both in seconds."""
    begun, busy = time.perf_counter(), time.process_time()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begun, time.process_time() - busy


def from_files(
    cache: CropCache, picked: list[int], views: int, size: int, order: np.random.Generator, pool: ThreadPoolExecutor
) -> tuple[Tensor, Tensor]:
    """Return a batch read from the PNGs: one picture after the other, as the plain path has it."""
    wanted = [
        (Path(cache.samples[row].path), role)
        for row in picked
        for role in order.permutation([r for r, there in zip(ROLES, cache.view_mask[row], strict=True) if there])[
            :views
        ]
    ]
    read = list(pool.map(lambda one: from_file(*one, size), wanted))
    return torch.cat([color for color, _ in read]), torch.cat([depth for _, depth in read])


def from_file(capture: Path, role: str, size: int) -> tuple[Tensor, Tensor]:
    """Return one view from its PNGs: decoded, cut round the mask, resized and normalised."""
    start = str(capture / role / role[-2:])
    color = cv2.cvtColor(cv2.imread(start + "_rgb.png"), cv2.COLOR_BGR2RGB)
    depth = cv2.imread(start + "_depth.png", cv2.IMREAD_UNCHANGED)
    mask = cv2.imread(start + "_rgb_mask_gen.png", cv2.IMREAD_UNCHANGED)
    square = square_of_mask(mask.astype(np.uint8))
    assert square is not None
    small = cut(color, square, size, nearest=False, outside=cv2.BORDER_REPLICATE)
    near = cut(depth, square, size, nearest=True, outside=cv2.BORDER_CONSTANT)
    inside = cut(mask, square, size, nearest=True, outside=cv2.BORDER_CONSTANT)
    return encoder_input(
        torch.from_numpy(small).permute(2, 0, 1)[None].float(),
        torch.from_numpy(near.astype(np.float32))[None],
        torch.from_numpy(inside > 127)[None],
    )


if __name__ == "__main__":
    main()
