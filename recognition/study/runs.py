"""The trainings of a study, each with a folder of its own and its figures in one file; what is there is not redone."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from recognition.crops.cache import CropSpec
from recognition.models.multiview import MultiViewModel
from recognition.study.measures import measure
from recognition.study.plan import Profile, Row, Settings, Table
from recognition.training.batches import class_numbers
from recognition.training.loop import TrainingData, Watcher, train_model
from recognition.training.parallel import World
from recognition.training.starting_weights import starting_weights
from recognition.training.tree import TrainingTree, crop_specs
from station.errors import DatasetError, ModelError

RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One training of a row under a seed; ``key`` is the same for rows that come to the same settings."""

    row: Row
    seed: int
    settings: Settings
    key: str


@dataclass(frozen=True, slots=True)
class Result:
    """Figures of one run by name, and what it was trained on: classes, captures, encoder, pixels, views, epochs."""

    figures: Mapping[str, float]
    facts: Mapping[str, Any]


def runs_of(table: Table, profile: Profile, seeds: Sequence[int] = (), *, gpu: bool = False) -> Iterator[Run]:
    """Yield the runs of a table, seed by seed so that whole tables stand early; ``seeds`` replace the table's."""
    for seed in seeds or range(1, table.seeds + 1):
        for row in table.rows:
            if gpu or not row.needs_gpu:
                yield run_of(row, profile, seed)


def run_of(row: Row, profile: Profile, seed: int) -> Run:
    """Return the run of a row under a seed."""
    settings = profile.settings(row, seed)
    said = [profile.name, profile.base.training.epochs, sorted(row.options), row.rotations, row.begin]
    key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:10]
    return Run(row, seed, settings, f"{key}-{seed}")


class Study:
    """Trains and measures the runs of a study on one tree; ``out`` keeps a folder for each."""

    def __init__(self, tree: TrainingTree, out: Path, weights: Path | None, device: torch.device) -> None:
        """Begin encoders with ``weights``, an earlier training's, wherever a row says so."""
        self._tree, self._out, self._weights, self._device = tree, out, weights, device
        self._seen: dict[tuple[CropSpec, CropSpec], TrainingData] = {}

    def results(self, row: Row, profile: Profile) -> list[Result]:
        """Return what a row has come to so far, seed by seed."""
        head, _, _ = run_of(row, profile, 0).key.rpartition("-")
        seeds = sorted(int(file.parent.name.rpartition("-")[2]) for file in self._out.glob(f"{head}-*/{RESULT}"))
        found = (self.result(run_of(row, profile, seed)) for seed in seeds)
        return [result for result in found if result is not None]

    def result(self, run: Run) -> Result | None:
        """Return what a run has come to, ``None`` when it was not run; raises ModelError for a damaged file."""
        file = self._folder(run) / RESULT
        if not file.exists():
            return None
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            return Result({str(k): float(v) for k, v in data["figures"].items()}, dict(data["facts"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"The result of a run cannot be read: {error!r}.", where=str(file), todo="Remove it; it is made again."
            ) from error

    def go(self, run: Run, watcher: Watcher) -> Result:
        """Train and measure a run, or return what it has come to; an interrupted one goes on."""
        there = self.result(run)
        if there is not None:
            return there
        shape = replace(run.settings.model, classes=len(self._tree.known))
        config = run.settings.training
        if not any(c.split == "test" and c.class_id in self._tree.known for c in self._tree.captures):
            raise DatasetError(
                "There are no test captures of the known classes to measure on.",
                where=self._tree.place,
                todo="Write a tree with test_data, such as with `station simulate --captures 12/5/5`.",
            )
        data = self._data(run)
        given = self._weights if run.row.begin == "given" else None
        start = starting_weights(shape, self._tree.known, given)
        folder = self._folder(run)
        world = World(0, 1, self._device)
        weights = train_model(data, shape, config, folder, watcher, world, start=start.tensors or None)
        model = MultiViewModel(shape)
        model.load_state_dict(dict(weights))
        model.to(device=self._device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        test = self._tree.shown("test", shape)
        scalars = shape.scalars != "off"
        figures = measure(
            model,
            test,
            class_numbers(test, self._tree.numbers),
            weight=scalars and config.sampling.weight_drop_p < 1.0,
            size=scalars and config.sampling.size_drop_p < 1.0,
            device=self._device,
        )
        facts = {
            "row": run.row.name,
            "seed": run.seed,
            "classes": len(self._tree.known),
            "captures": sum(label >= 0 for label in data.train_labels),
            "encoder": shape.color_encoder if shape.streams != "depth" else shape.depth_encoder,
            "pixels": shape.input_size,
            "views": [config.sampling.fewest_views, config.sampling.most_views],
            "epochs": config.epochs,
            "begin": list(start.sentences),
            "parameters": _count(weights),
        }
        _write(folder / RESULT, {"figures": figures, "facts": facts})
        (folder / "checkpoint.safetensors").unlink(missing_ok=True)
        return Result(figures, facts)

    def _folder(self, run: Run) -> Path:
        return self._out / run.key

    def _data(self, run: Run) -> TrainingData:
        shape = run.settings.model
        key = crop_specs(shape)
        if key not in self._seen:
            self._seen[key] = self._tree.training_data(shape)
        data = self._seen[key]
        return replace(data, train_labels=fewer(data.train_labels, run.row.rotations))


def fewer(labels: Sequence[int], most: int) -> list[int]:
    """Return the labels with −1 for all but ``most`` captures of each class, evenly spread; 0 keeps all."""
    if not most:
        return list(labels)
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        rows[label].append(row)
    kept: set[int] = set()
    for own in rows.values():
        count = min(most, len(own))
        kept |= {own[at * len(own) // count] for at in range(count)}
    return [label if row in kept else -1 for row, label in enumerate(labels)]


def unique(runs: Iterable[Run]) -> list[Run]:
    """Return each run once, in order."""
    return list({run.key: run for run in runs}.values())


def _count(weights: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in weights.values() if tensor.is_floating_point())


def _write(file: Path, content: Mapping[str, Any]) -> None:
    temporary = file.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as opened:
        json.dump(content, opened, indent=1)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)
