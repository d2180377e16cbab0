"""Model folders: ``model.json`` and ``weights.safetensors``, never changed after they are written."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from recognition.classes import ClassProfile
from recognition.confidence.experts import Confidence
from recognition.confidence.relief import signature_shape
from recognition.confidence.turning import TurnGallery
from recognition.crops.preprocessing import DEPTH_SPAN_MM, MEAN, METRES_SPAN_MM, MIDDLE_MM, STD
from recognition.models.config import ModelConfig
from recognition.models.multiview import MultiViewModel
from recognition.training.checkpoint import pack, unpack
from station.captures.manifest import MANIFEST_FILE, Manifest
from station.errors import ModelError

SCHEMA = 1
FACTS, WEIGHTS = "model.json", "weights.safetensors"


@dataclass(frozen=True, slots=True)
class Gallery:
    """Picture embeddings of the training captures, (N, E) of unit length, and their class numbers (N,)."""

    embeddings: Tensor
    labels: Tensor


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model as it lies on disk, checked; ``model`` is float32 on the CPU and in evaluation mode."""

    id: str
    name: str
    config: ModelConfig
    classes: tuple[ClassProfile, ...]
    held_out: tuple[str, ...]
    confidence: Confidence
    model: MultiViewModel
    gallery: Gallery
    turns: TurnGallery
    facts: Mapping[str, Any]


def write_model(
    folder: Path,
    name: str,
    weights: Mapping[str, Tensor],
    config: ModelConfig,
    classes: tuple[ClassProfile, ...],
    held_out: tuple[str, ...],
    confidence: Confidence,
    gallery: Gallery,
    turns: TurnGallery,
    record: Mapping[str, Any],
    manifest: Manifest | None = None,
) -> str:
    """Write a model folder in half precision and return the model's id.

    ``record`` is what is worth knowing of its training and its metrics, ``manifest`` lists the captures that it has
    learned from; the list lies in the folder, its hash in the description. Raises ModelError when the folder exists: a
    model is never changed after it was written.
    """
    if folder.exists():
        raise ModelError(
            "There is a model already, and models are never changed.", where=str(folder), todo="Name another."
        )
    tensors = {
        **pack("model", weights),
        "gallery/embeddings": gallery.embeddings,
        "gallery/labels": gallery.labels.to(torch.int32),
        "turns/signatures": torch.from_numpy(turns.signatures),
        "turns/labels": torch.from_numpy(turns.labels).to(torch.int32),
        "turns/groups": torch.from_numpy(turns.groups).to(torch.int32),
    }
    halves = {k: (t.half() if t.is_floating_point() else t).contiguous() for k, t in tensors.items()}
    content = save_tensors(halves)
    facts = {
        "schema": SCHEMA,
        "name": name,
        "config": config.to_json(),
        "classes": [c.to_json() for c in classes],
        "held_out": list(held_out),
        "preprocessing": _preprocessing(config),
        "confidence": confidence.to_json(),
        "weights": {"file": WEIGHTS, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
        **record,
    }
    if manifest is not None:
        facts["manifest"] = {"file": MANIFEST_FILE, "captures": len(manifest.lines), "sha256": manifest.hash}
    facts["id"] = _id_of(facts)
    building = folder.with_name(folder.name + ".part")
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir(parents=True)
        write_file(building / WEIGHTS, content)
        if manifest is not None:
            write_file(building / MANIFEST_FILE, manifest.to_text().encode())
        write_file(building / FACTS, (json.dumps(facts, indent=1, allow_nan=False) + "\n").encode())
        building.replace(folder)
    except (OSError, ValueError) as error:
        shutil.rmtree(building, ignore_errors=True)
        raise ModelError(
            f"The model cannot be written: {error}.",
            where=str(folder),
            todo="Free the disk and train again with the same options; the training is not lost.",
        ) from error
    return str(facts["id"])


def load_model(folder: Path) -> ModelFolder:
    """Read and check a model folder; raises ModelError in one sentence when anything about it is wrong."""
    facts = _read_facts(folder)
    content = _read_weights(folder, facts)
    where = str(folder / FACTS)
    try:
        config = ModelConfig.from_json(facts["config"], where=where)
        classes = tuple(ClassProfile.from_json(c) for c in facts["classes"])
        held_out = tuple(str(c) for c in facts["held_out"])
        confidence = Confidence.from_json(facts["confidence"])
        name, preprocessing = str(facts["name"]), dict(facts["preprocessing"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The model's description is damaged: {error!r}.", where=where, todo=_TODO) from error
    if len(classes) != config.classes or preprocessing != _preprocessing(config):
        raise ModelError(
            "The model's classes or preprocessing are not those that this version computes with.",
            where=where,
            todo="Use a model written by this version.",
        )
    try:
        tensors = load_tensors(content)
        gallery = Gallery(tensors["gallery/embeddings"].float(), tensors["gallery/labels"].long())
        turns = _turns(tensors)
        model = MultiViewModel(config)
        floats = {k: t.float() if t.is_floating_point() else t for k, t in unpack("model", tensors).items()}
        model.load_state_dict(floats)
    except (SafetensorError, KeyError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelError(
            f"The weights do not fit the model's description: {reason}", where=str(folder / WEIGHTS), todo=_TODO
        ) from error
    return ModelFolder(
        id=str(facts["id"]),
        name=name,
        config=config,
        classes=classes,
        held_out=held_out,
        confidence=confidence,
        model=model.eval(),
        gallery=gallery,
        turns=turns,
        facts=facts,
    )


def _turns(tensors: Mapping[str, Tensor]) -> TurnGallery:
    """Return the gallery of reliefs, an empty one for a model that was written before there were any."""
    signatures, groups = tensors["turns/signatures"].numpy(), tensors["turns/groups"].long().numpy()
    labels = tensors["turns/labels"].long().numpy()
    if signatures.shape[1:] != signature_shape():
        return TurnGallery(np.zeros((0, *signature_shape()), np.int8), labels[:0], groups)
    return TurnGallery(signatures, labels, groups)


_TODO = "Restore the model's folder from its backup or use another model."


def _read_facts(folder: Path) -> dict[str, Any]:
    file = folder / FACTS
    try:
        text = file.read_text(encoding="utf-8")
        facts: dict[str, Any] = json.loads(text, parse_constant=_no_number, parse_float=_number)
        schema, stated = facts["schema"], facts["id"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The model's description cannot be read: {error}.", where=str(file), todo=_TODO) from error
    if schema != SCHEMA:
        raise ModelError(f"The model has schema {schema}, this version reads {SCHEMA}.", where=str(file), todo=_TODO)
    if stated != _id_of(facts):
        raise ModelError("The model's description was changed after it was written.", where=str(file), todo=_TODO)
    return facts


def _number(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _read_weights(folder: Path, facts: Mapping[str, Any]) -> bytes:
    """Return the file's bytes once their hash is the stated one; nothing else is ever parsed, so no pickle is."""
    file = folder / WEIGHTS
    try:
        content = file.read_bytes()
        stated = str(facts["weights"]["sha256"])
    except (OSError, KeyError, TypeError) as error:
        raise ModelError(f"The weights cannot be read: {error}.", where=str(file), todo=_TODO) from error
    if hashlib.sha256(content).hexdigest() != stated:
        raise ModelError(
            f"The weights are damaged: {len(content)} bytes whose hash is not the one in model.json.",
            where=str(file),
            todo=_TODO,
        )
    return content


def _id_of(facts: Mapping[str, Any]) -> str:
    text = json.dumps({k: v for k, v in facts.items() if k != "id"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


_DEPTH = {
    "relative": "relative to the part's median",
    "metres": f"millimetres less {MIDDLE_MM:.0f}, over {METRES_SPAN_MM:.0f}",
    "hha": "angle, height above the plate, disparity",
}


def _preprocessing(config: ModelConfig) -> dict[str, Any]:
    return {
        "input_size": config.input_size,
        "mean": list(MEAN),
        "std": list(STD),
        "depth_span_mm": DEPTH_SPAN_MM,
        "depth": _DEPTH[config.depth_coding],
        **({} if config.background == "kept" else {"background": config.background}),
        **({} if config.region == "part" else {"region": config.region}),
    }


def write_file(file: Path, content: bytes) -> None:
    """Write a file of a model folder so that it is on the disk when this returns."""
    with file.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
