"""From trained weights to a model folder: gallery, confidence and metrics, from training and validation captures."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.classes import ClassProfile
from recognition.confidence.experts import CONDITIONS, prediction_set
from recognition.confidence.fitting import Judged, Outputs, fit_confidence
from recognition.confidence.judgement import gallery_distance
from recognition.confidence.priors import Priors
from recognition.confidence.relief import signature_shape
from recognition.confidence.turning import TurnGallery, Turns, chosen_rows, groups_of
from recognition.crops.cache import CropCache
from recognition.crops.preprocessing import Coding
from recognition.evaluation.scores import calibration_curve, expected_calibration_error, ranks_of_truth
from recognition.models.config import ModelConfig
from recognition.models.multiview import MultiViewModel
from recognition.registry import Gallery, write_model
from recognition.training.batches import plain_batches
from recognition.training.loop import TrainingData
from station.captures.manifest import Manifest


def export_model(
    folder: Path,
    name: str,
    weights: Mapping[str, Tensor],
    config: ModelConfig,
    profiles: tuple[ClassProfile, ...],
    held_out: tuple[str, ...],
    data: TrainingData,
    record: Mapping[str, Any],
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[str, dict[str, Any]]:
    """Fit the confidence on the validation captures and write the model folder; returns id and validation metrics.

    ``advance(done, total)`` counts the captures shown to the model.
    """
    model = MultiViewModel(config)
    # what is fitted must fit the weights as they will be loaded, in half precision
    model.load_state_dict({k: t.half().float() if t.is_floating_point() else t for k, t in weights.items()})
    model.eval()
    rows = [row for row, label in enumerate(data.train_labels) if label >= 0]
    valid_rows = [row for row, label in enumerate(data.valid_labels) if label >= 0]
    total = len(rows) + len(valid_rows)
    middle, coding = (data.spec, config.input_size), Coding.of(config)
    embeddings: list[Tensor] = []
    with torch.inference_mode():
        for _, batch in plain_batches(data.train, rows, 8, middle=middle, coding=coding):
            embeddings.append(model(batch).embedding)
            advance(sum(map(len, embeddings)), total)
    labels = torch.tensor([data.train_labels[row] for row in rows])
    gallery = Gallery(torch.cat(embeddings).half().float(), labels)
    turns = turn_gallery(data.profiles, data.train, rows, data.train_labels)
    outputs = validation_outputs(
        model, gallery, turns, data.valid, valid_rows, data.valid_labels, lambda done: advance(len(rows) + done, total)
    )
    confidence, judged = fit_confidence(outputs, profiles)
    metrics = validation_metrics(judged, confidence.level)
    identity = write_model(
        folder,
        name,
        weights,
        config,
        profiles,
        held_out,
        confidence,
        gallery,
        turns,
        {**record, "metrics": metrics},
        Manifest.of((*data.train.manifest.lines, *data.valid.manifest.lines)),
    )
    return identity, metrics


def validation_outputs(
    model: MultiViewModel,
    gallery: Gallery,
    turns: TurnGallery,
    cache: CropCache,
    rows: Sequence[int],
    labels: Sequence[int],
    advance: Callable[[int], None] = lambda done: None,
) -> Outputs:
    """Return what the model says of the captures ``rows`` under every condition, all ten views shown."""
    fused: dict[str, list[Tensor]] = {name: [] for name in CONDITIONS}
    visual: list[Tensor] = []
    views: list[Tensor] = []
    distance: list[Tensor] = []
    weights: list[Tensor] = []
    sizes: list[Tensor] = []
    turned: list[NDArray[np.float64]] = []
    comparison = Turns(turns)
    with torch.inference_mode():
        for picked, batch in plain_batches(cache, rows, 8, coding=Coding.of(model.config)):
            turned += [comparison.penalties(np.asarray(cache.reliefs[row, 0])) for row in picked]
            output = model(batch)
            nan = torch.full_like(batch.weight_kg, float("nan"))
            for name in CONDITIONS:
                weight = batch.weight_kg if "weight" in name else nan
                size = batch.size_m if "size" in name else nan[:, None].expand(-1, 3)
                fused[name].append(model.classify(output.features, weight, size))
            visual.append(output.visual_logits)
            views.append(output.view_logits.masked_fill(~batch.view_mask[:, :, None], float("nan")))
            distance.append(gallery_distance(output.embedding, gallery, model.config.classes))
            weights.append(batch.weight_kg)
            sizes.append(batch.size_m)
            advance(sum(map(len, weights)))
    return Outputs(
        fused={name: _array(parts) for name, parts in fused.items()},
        visual=_array(visual),
        distance=_array(distance),
        turned=np.stack(turned),
        labels=np.array([labels[row] for row in rows], dtype=np.int64),
        weights_kg=_array(weights),
        sizes_m=_array(sizes),
        views=_array(views),
    )


def validation_metrics(judged: Mapping[str, Judged], level: float) -> dict[str, dict[str, float]]:
    """Return by condition: captures, top-1, top-5, calibration error, false unknowns, the set's cover and mean length.

    Every capture is judged by a fit without its fold, with the threshold and the floor of the other folds.
    """
    metrics: dict[str, dict[str, float]] = {}
    for name, all_of_it in judged.items():
        if not len(all_of_it.labels):
            continue
        ranks: list[int] = []
        lengths: list[int] = []
        unknown: list[bool] = []
        for fold in np.unique(all_of_it.folds):
            rest, own = all_of_it.without(fold), all_of_it.only(fold)
            floor, threshold = rest.floor(level), rest.threshold(name)
            ranks += ranks_of_truth(own.probabilities, own.labels).tolist()
            lengths += [len(prediction_set(p, floor, level)) for p in own.probabilities]
            unknown += (own.scores > threshold).tolist()
        rank, length = np.array(ranks), np.array(lengths)
        sure = all_of_it.probabilities.max(axis=1)
        right = all_of_it.probabilities.argmax(axis=1) == all_of_it.labels
        metrics[name] = {
            "captures": float(len(rank)),
            "top1": float((rank < 1).mean()),
            "top5": float((rank < 5).mean()),
            "calibration_error": expected_calibration_error(calibration_curve(sure, right)),
            "false_unknown": float(np.mean(unknown)),
            "set_covers": float((rank < length).mean()),
            "set_length": float(length.mean()),
            "set_of_one": float((length == 1).mean()),
        }
    return metrics


def turn_gallery(
    profiles: Sequence[ClassProfile], cache: CropCache, rows: Sequence[int], labels: Sequence[int]
) -> TurnGallery:
    """Gather the reliefs of the captures ``rows``; classes that weight and size confuse are a group."""
    weights = np.array([np.nan if p.weight_kg is None else p.weight_kg for p in profiles], np.float32)
    sizes = np.array([np.median(p.sizes, axis=0) if p.sizes else [np.nan] * 3 for p in profiles], np.float32)
    groups = groups_of(Priors(profiles), weights, sizes)
    seen = [row for row in rows if cache.reliefs[row, 0].any()]
    classes = np.array([labels[row] for row in seen], dtype=np.int64)
    kept = chosen_rows(classes, groups)
    found = [np.asarray(cache.reliefs[seen[place], 0]) for place in kept]
    empty = np.zeros((0, *signature_shape()), np.int8)
    return TurnGallery(signatures=np.stack(found) if found else empty, labels=classes[kept], groups=groups)


def _array(parts: Sequence[Tensor]) -> Any:
    return torch.cat(list(parts)).double().numpy()
