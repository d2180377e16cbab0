"""Checkpoints of a training in one safetensors file each, replaced atomically; no pickle."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from station.errors import ModelError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Tensors by name and what is known about them as JSON."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]


def save_checkpoint(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and facts so that after a kill at any instant the old or the new file is there, whole.

    Raises ModelError when the disk refuses; the old file then stays.
    """
    temporary = path.with_name(path.name + ".tmp")
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    try:
        save_file(plain, str(temporary), metadata={"facts": json.dumps(dict(facts))})
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        raise ModelError(
            f"The checkpoint cannot be written: {error}.",
            where=str(path),
            todo="Free the disk and start again; the training goes on where it stood.",
        ) from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; raises ModelError when it is missing or damaged."""
    try:
        with safe_open(str(path), framework="pt") as file:
            opened = cast(Any, file)
            facts = json.loads((opened.metadata() or {})["facts"])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelError(
            f"The checkpoint cannot be read: {error}.",
            where=str(path),
            todo="Give --fresh to train anew, or restore it.",
        ) from error
    return Checkpoint(tensors, facts)


def digest(tensors: Mapping[str, Tensor] | None) -> str:
    """Return a SHA-256 over names and values, empty for ``None``."""
    if tensors is None:
        return ""
    total = hashlib.sha256()
    for name in sorted(tensors):
        total.update(name.encode() + tensors[name].detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()


def pack(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors with ``prefix/`` before each name."""
    return {f"{prefix}/{name}": tensor for name, tensor in tensors.items()}


def unpack(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose name begins with ``prefix/``, without it."""
    head = f"{prefix}/"
    return {name.removeprefix(head): tensor for name, tensor in tensors.items() if name.startswith(head)}


def optimizer_tensors(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return Adam's moments and step counts by parameter name."""
    tensors: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}|{key}"] = torch.as_tensor(value)
    return tensors


def restore_optimizer(model: nn.Module, optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put Adam's moments and step counts back."""
    for name, parameter in model.named_parameters():
        state = {key.partition("|")[2]: value for key, value in tensors.items() if key.partition("|")[0] == name}
        if state:
            # Adam counts its steps on the CPU; the moments belong beside their parameter.
            optimizer.state[parameter] = {
                key: value.clone() if key == "step" else value.to(parameter.device, copy=True)
                for key, value in state.items()
            }
