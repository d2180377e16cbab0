"""The confidence of a finished model, fitted anew to captures that were taken since; the weights stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recognition.confidence.fitting import fit_confidence
from recognition.confidence.turning import TurnGallery
from recognition.crops.cache import CropSpec, build_cache
from recognition.registry import ModelFolder, load_model, write_model
from recognition.training.batches import class_numbers
from recognition.training.export import turn_gallery, validation_metrics, validation_outputs
from recognition.training.tree import crop_specs
from station.captures.manifest import MANIFEST_FILE, Manifest
from station.captures.mvip import CapturePath
from station.errors import DatasetError, ModelError

_WRITTEN = frozenset(
    {"schema", "name", "config", "classes", "held_out", "preprocessing", "confidence", "weights", "manifest", "id"}
)
"""What :func:`recognition.registry.write_model` says itself; the rest of a description is taken over."""

Advance = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Refit:
    """A model folder whose confidence was fitted anew: its id, its metrics by condition, and on how many captures."""

    model_id: str
    metrics: dict[str, Any]
    captures: int
    learned: int
    """So many of the captures were left out, because the model has learned from them."""


def refit(
    source: Path,
    captures: Sequence[CapturePath],
    out: Path,
    crops: Path,
    workers: int,
    advance: Advance,
    reliefs: Sequence[CapturePath] = (),
) -> Refit:
    """Fit the confidence of the model in ``source`` to ``captures`` and write it as a model of its own into ``out``.

    Captures of classes that the model does not know, and those it has learned from, are left out. The captures
    ``reliefs`` are what parts are compared with from now on, instead of those that the model has brought. Raises
    ModelError when ``out`` exists or the model is damaged, DatasetError when no capture is left or one cannot be read.
    """
    if out.exists():
        raise ModelError(
            "There is a model already, and models are never changed.", where=str(out), todo="Give another --out."
        )
    folder = load_model(source)
    numbers = {known.class_id: number for number, known in enumerate(folder.classes)}
    chosen = [capture for capture in captures if capture.class_id in numbers]
    if not chosen:
        raise DatasetError(
            "None of the captures is of a class that the model knows.",
            where=str(source),
            todo="Give the tree whose classes the model has learned, or another --split.",
        )
    spec = crop_specs(folder.config)[1]
    cache = build_cache(chosen, crops, spec, workers, lambda done, total: advance("cutting crops", done, total))
    manifest = _manifest(source)
    learned = {line.content_hash for line in manifest.lines if line.split == "train"} if manifest else set[str]()
    labels = class_numbers(cache, numbers)
    shown = [row for row, label in enumerate(labels) if label >= 0]
    rows = [row for row in shown if cache.samples[row].content not in learned]
    if not rows:
        raise DatasetError(
            "No capture is left to fit the confidence to: the model has learned from all of them.",
            where=str(source),
            todo="Give captures that it has not seen.",
        )
    turns = folder.turns
    if reliefs:
        turns = _turns(folder, reliefs, numbers, crops, workers, advance)
    outputs = validation_outputs(
        folder.model,
        folder.gallery,
        turns,
        cache,
        rows,
        labels,
        lambda done: advance("showing captures", done, len(rows)),
    )
    confidence, judged = fit_confidence(outputs, folder.classes)
    metrics = validation_metrics(judged, confidence.level)
    kept = {name: value for name, value in folder.facts.items() if name not in _WRITTEN}
    record = {
        **kept,
        "metrics": metrics,
        "confidence_of": {
            "fitted_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "captures": len(rows),
            "manifest_sha256": cache.manifest.hash,
            "model": folder.id,
        },
    }
    identity = write_model(
        out,
        folder.name,
        folder.model.state_dict(),
        folder.config,
        folder.classes,
        folder.held_out,
        confidence,
        folder.gallery,
        turns,
        record,
        manifest,
    )
    return Refit(identity, metrics, len(rows), len(shown) - len(rows))


def _turns(
    folder: ModelFolder,
    captures: Sequence[CapturePath],
    numbers: Mapping[str, int],
    crops: Path,
    workers: int,
    advance: Advance,
) -> TurnGallery:
    """Return the reliefs of those captures whose class the model knows."""
    chosen = [capture for capture in captures if capture.class_id in numbers]
    spec = CropSpec(folder.config.input_size, 1.0)
    cache = build_cache(chosen, crops, spec, workers, lambda done, total: advance("taking reliefs", done, total))
    labels = class_numbers(cache, numbers)
    rows = [row for row, label in enumerate(labels) if label >= 0]
    return turn_gallery(folder.classes, cache, rows, labels)


def _manifest(folder: Path) -> Manifest | None:
    """Return the list of the captures that the model has learned from; older models have none."""
    file = folder / MANIFEST_FILE
    return Manifest.from_text(file.read_text(encoding="utf-8"), str(file)) if file.is_file() else None
