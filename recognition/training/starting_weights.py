"""What a training begins with: weights of another training, of a model folder, of torchvision's encoders, or none."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.error import URLError

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from recognition.models.config import ModelConfig
from recognition.models.encoders import Encoder, torchvision_names
from recognition.models.multiview import MultiViewModel
from recognition.models.torchvision_import import torchvision_models
from recognition.registry import FACTS, WEIGHTS, load_model
from recognition.training.checkpoint import unpack
from station.errors import ModelError

HUB, NONE = "hub", "none"
ENCODERS = ("color_encoder", "depth_encoder")
_OF_CLASSES = ("view_head", "color_head", "depth_head", "prototypes", "head.4", "super_head", "tag_head")
"""Parts that say something of a class by its number."""
_PICKLES = (b"PK\x03\x04", b"\x80")
"""How the files begin that torch.save writes."""


@dataclass(frozen=True, slots=True)
class StartingWeights:
    """Tensors to begin with by their names in the model; what is not among them starts at random.

    ``sentences`` say what was taken from where, ``record`` is the same for ``model.json``.
    """

    tensors: Mapping[str, Tensor]
    sentences: tuple[str, ...]
    record: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Tensors by name, where they are from, and the classes that they tell apart where that is known."""

    name: str
    sha256: str
    tensors: Mapping[str, Tensor]
    classes: tuple[str, ...] | None = None


def starting_weights(
    config: ModelConfig,
    classes: Sequence[str],
    weights: Path | None = None,
    encoder_weights: str = NONE,
    fetch: Callable[[str], Mapping[str, Tensor]] | None = None,
) -> StartingWeights:
    """Return what a training of the model ``config`` of ``classes`` begins with.

    ``weights`` is a file of an earlier training or a model folder: every tensor whose name and shape fit is taken, and
    those that belong to classes only where the classes are the same. ``encoder_weights`` is ``hub`` for torchvision's
    ImageNet weights, a safetensors file of a torchvision model's state, or ``none``; where both are given ``weights``
    goes first. ``fetch`` gets a torchvision model's weights by its name. Raises ModelError when a file cannot be
    read, is a pickle, or fits none of an encoder's tensors.
    """
    model = MultiViewModel(config)
    own: dict[str, Tensor] = dict(model.state_dict())
    taken: dict[str, Tensor] = {}
    sentences: list[str] = []
    record: list[Mapping[str, Any]] = []
    if encoder_weights != NONE:
        hub = encoder_weights == HUB
        encoders = (
            _from_hub(model, fetch or hub_weights, sentences) if hub else _from_file(model, Path(encoder_weights))
        )
        for source in encoders:
            taken |= source.tensors
            _tell(source, source.tensors, own, sentences, record, ENCODERS)
    if weights is not None:
        source = _read(weights)
        found = _fitting(source, own, classes)
        _refuse_other_backbones(source, found, own, weights)
        taken |= found
        _tell(source, found, own, sentences, record, ())
    if not taken:
        sentences.append("The model starts from random weights.")
    return StartingWeights(taken, tuple(sentences), tuple(record))


def hub_weights(name: str) -> Mapping[str, Tensor]:
    """Return torchvision's default weights of a model; raises OSError where they cannot be fetched."""
    entry = cast(Any, torchvision_models()).get_model_weights(name).DEFAULT
    # Tensors alone are read from what comes, and its hash is the one in its name.
    return entry.get_state_dict(progress=False, check_hash=True, weights_only=True)


def _from_hub(
    model: MultiViewModel, fetch: Callable[[str], Mapping[str, Tensor]], sentences: list[str]
) -> list[_Source]:
    found: list[_Source] = []
    for part, encoder in _encoders(model):
        try:
            state = fetch(encoder.name)
        except (OSError, RuntimeError, URLError, AttributeError) as error:
            reason = str(error).partition("\n")[0]
            sentences.append(
                f"torchvision's weights of {encoder.name} cannot be fetched ({reason}), "
                f"so the {part.replace('_', ' ')} starts at random."
            )
            continue
        taken = _of_torchvision(part, encoder, state)
        found.append(_Source(f"torchvision's {encoder.name}", _sha256(state), taken))
    return found


def _from_file(model: MultiViewModel, file: Path) -> list[_Source]:
    state, _ = _open(file)
    taken: dict[str, Tensor] = {}
    for part, encoder in _encoders(model):
        taken |= _of_torchvision(part, encoder, state)
    if not any(tensor.ndim > 1 for tensor in taken.values()):
        names = " and ".join(sorted({encoder.name for _, encoder in _encoders(model)}))
        raise ModelError(
            f"None of the {len(state)} tensors fits the encoders {names}.",
            where=str(file),
            todo="Give the state of the torchvision model that the encoder is.",
        )
    return [_Source(file.name, _sha256(state), taken)]


def _encoders(model: MultiViewModel) -> list[tuple[str, Encoder]]:
    return [(part, encoder) for part in ENCODERS if (encoder := getattr(model, part)) is not None]


def _of_torchvision(part: str, encoder: Encoder, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the encoder's tensors, by their names in the model, that a torchvision model's state has."""
    own = encoder.state_dict()
    taken: dict[str, Tensor] = {}
    for name, theirs in torchvision_names(encoder.name).items():
        if theirs in state and (fit := _fit(state[theirs], own[name], adapts=name == encoder.first_weight)) is not None:
            taken[f"{part}.{name}"] = fit
    return taken


def _fitting(source: _Source, own: Mapping[str, Tensor], classes: Sequence[str]) -> dict[str, Tensor]:
    same_classes = source.classes is None or source.classes == tuple(classes)
    taken: dict[str, Tensor] = {}
    for name, tensor in own.items():
        if name not in source.tensors or (not same_classes and name.startswith(_OF_CLASSES)):
            continue
        adapts = name.startswith(ENCODERS) and tensor.ndim == 4 and ".stages.0." in name
        if (fit := _fit(source.tensors[name], tensor, adapts=adapts)) is not None:
            taken[name] = fit
    return taken


def _fit(found: Tensor, own: Tensor, *, adapts: bool) -> Tensor | None:
    """Return the tensor in the kind of the model's own, ``None`` when the shape is another.

    A first convolution that ``adapts`` to another number of channels gives each the mean of its own, and as much
    altogether.
    """
    if found.shape == own.shape:
        return found.to(own.dtype)
    other_input = found.ndim == own.ndim == 4 and found.shape[0] == own.shape[0] and found.shape[2:] == own.shape[2:]
    if not adapts or not other_input:
        return None
    mean = found.float().mean(dim=1, keepdim=True) * (found.shape[1] / own.shape[1])
    return mean.expand_as(own).to(own.dtype).contiguous()


def _refuse_other_backbones(
    source: _Source, taken: Mapping[str, Tensor], own: Mapping[str, Tensor], where: Path
) -> None:
    begun = [part for part in ENCODERS if any(name.startswith(part) for name in own)]
    there = [part for part in begun if any(name.startswith(part) for name in source.tensors)]
    fits = [part for part in there if any(name.startswith(part) and t.ndim > 1 for name, t in taken.items())]
    for part in there or begun:
        if part not in fits:
            named = part.replace("_", " ")
            raise ModelError(
                f"The weights to begin with are of another model: none of its tensors fits the {named}.",
                where=str(where),
                todo="Give weights of the same encoders, or other encoders.",
            )


def _tell(
    source: _Source,
    taken: Mapping[str, Tensor],
    own: Mapping[str, Tensor],
    sentences: list[str],
    record: list[Mapping[str, Any]],
    parts: tuple[str, ...],
) -> None:
    """Say what was taken; with ``parts`` only those of the model are counted that something was taken for."""
    touched = tuple(part for part in parts if any(name.startswith(part) for name in taken))
    asked = [name for name in own if not touched or name.startswith(touched)]
    left: dict[str, int] = {}
    whole: dict[str, int] = {}
    for name in asked:
        part = name.partition(".")[0]
        whole[part] = whole.get(part, 0) + 1
        left[part] = left.get(part, 0) + (name not in taken)
    random = [
        part if count == whole[part] else f"{part} ({count} of {whole[part]} tensors)"
        for part, count in left.items()
        if count
    ]
    count = len(asked) - sum(left.values())
    sentences.append(
        f"Begins with {count} of {len(asked)} tensors of {source.name}; random: {', '.join(random) or 'none of these'}."
    )
    record.append(
        {"source": source.name, "sha256": source.sha256, "tensors": count, "of": len(asked), "random": random}
    )


def _read(path: Path) -> _Source:
    folder = path if path.is_dir() else path.parent
    if path.is_dir() or (path.name == WEIGHTS and (folder / FACTS).exists()):
        found = load_model(folder)
        classes = tuple(profile.class_id for profile in found.classes)
        tensors = found.model.state_dict()
        return _Source(f"model {found.id} {found.name}", _sha256(tensors), tensors, classes)
    tensors, facts = _open(path)
    state = unpack("average", tensors) or unpack("model", tensors)
    if not state:
        raise ModelError(
            f"There are {len(tensors)} tensors, but not those of a training.",
            where=str(path),
            todo="Give a best.safetensors, a model folder, or --encoder-weights for a torchvision model's state.",
        )
    classes = facts.get("classes")
    known = tuple(str(c) for c in classes) if isinstance(classes, list) else None
    return _Source(path.name, _sha256(state), state, known)


def _open(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return tensors and facts of a safetensors file; nothing in it can run."""
    try:
        with file.open("rb") as opened:
            head = opened.read(4)
        if head.startswith(_PICKLES):
            raise ModelError(
                "The weights are a pickle, which may run programs when it is read, so it is not.",
                where=str(file),
                todo="Convert it where you trust it: safetensors.torch.save_file(torch.load(file, weights_only=True), "
                "'weights.safetensors').",
            )
        with safe_open(str(file), framework="pt") as handle:
            opened_file = cast(Any, handle)
            facts = json.loads((opened_file.metadata() or {}).get("facts", "{}"))
            tensors = {name: opened_file.get_tensor(name) for name in opened_file.keys()}  # noqa: SIM118 (no mapping)
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(
            f"The weights to begin with cannot be read: {error}.",
            where=str(file),
            todo="Give a whole safetensors file or a model folder.",
        ) from error
    strange = [name for name, t in tensors.items() if t.is_floating_point() and not bool(torch.isfinite(t).all())]
    if strange:
        raise ModelError(
            f"The weights to begin with are damaged: {strange[0]} holds values that are no numbers.",
            where=str(file),
            todo="Give other weights.",
        )
    return tensors, facts if isinstance(facts, dict) else {}


def _sha256(tensors: Mapping[str, Tensor]) -> str:
    total = hashlib.sha256()
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return total.hexdigest()
