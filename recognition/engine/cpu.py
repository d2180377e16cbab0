"""The model on the processor: folded, packed, in the narrowest number format that still says the same."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from recognition.crops.cutting import Crops, crop_views
from recognition.crops.preprocessing import Coding, encoder_input
from recognition.engine.asking import StreamVectors, ask, heads_from, scalar_tensors
from recognition.engine.packing import packed
from recognition.engine.trial import PARTS, VIEWS, agree, made_up_views, trial_probabilities
from recognition.engine.views import Ran, Scalars, Views
from recognition.models.folding import Streams, folded
from recognition.registry import ModelFolder

_log = logging.getLogger(__name__)

_TIMED = 3
_RIG_VIEWS = 10

StreamFunction = Callable[[Tensor, Tensor], StreamVectors]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to compute the streams: its name, the number format that it takes, and what computes."""

    name: str
    dtype: torch.dtype
    streams: StreamFunction

    def __call__(self, color: Tensor, depth: Tensor) -> StreamVectors:
        """Return the vectors of colour (V, 3, S, S) and depth (V, D, S, S)."""
        last = torch.channels_last
        return self.streams(color.to(self.dtype, memory_format=last), depth.to(self.dtype, memory_format=last))


class CpuRunner:
    """Runs a model on the processor."""

    def __init__(self, folder: ModelFolder, way: Way | None = None) -> None:
        """Make the model ready; without ``way`` the best that agrees with the plain model is chosen."""
        self._folder = folder
        self._coding = Coding.of(folder.config)
        self.way = way or best_way(folder)
        self._sizes = (len(folder.classes), folder.config.embedding)

    @property
    def kind(self) -> str:
        """Device and way of computing."""
        return f"cpu {self.way.name}"

    def offer(self, way: Way) -> bool:
        """Go another way from the next part on, if it agrees with the plain model and is faster; from any thread."""
        folder = self._folder
        with torch.inference_mode():
            plain = trial_probabilities(folder, folder.model.streams(*made_up_views(folder.config, PARTS * VIEWS)))
        if not agrees(folder, way, plain) or duration_s(folder, way) >= duration_s(folder, self.way):
            return False
        self.way = way
        _log.info("Model %s runs as %s from now on.", folder.id, way.name)
        return True

    def run(self, views: Views, scalars: Scalars) -> Ran:
        """Cut the views and return what the heads say of them."""
        begun = perf_counter()
        crops = crop_views(views.frames, views.squares, views.masks, self._folder.config.input_size, views.cameras)
        with torch.inference_mode():
            color, depth = crop_tensors(crops, self._coding)
            cut = perf_counter()
            said = ask(self._folder.model, self.way(color, depth), *scalar_tensors(scalars))
            heads = heads_from(said.flat(), *self._sizes, weighed=scalars.weight_kg is not None)
        return Ran(heads, crops, cut - begun, perf_counter() - cut)


def crop_tensors(crops: Crops, coding: Coding) -> tuple[Tensor, Tensor]:
    """Return crops as the encoders take them: colour (V, 3, S, S) and depth (V, D, S, S), float32."""
    pixels = torch.from_numpy(crops.color)
    depth = torch.from_numpy(crops.depth_mm.astype(np.float32))
    hha = None if crops.hha is None else torch.from_numpy(crops.hha).permute(0, 3, 1, 2).float()
    return encoder_input(
        pixels[..., :3].permute(0, 3, 1, 2).float(), depth, pixels[..., 3] > 127, coding=coding, hha=hha
    )


def plain_way(folder: ModelFolder) -> Way:
    """Return the model as it was trained: float32, nothing folded."""
    return Way("fp32 plain", torch.float32, folder.model.streams)


def bf16_in_hardware() -> bool:
    """Say whether the processor multiplies bf16 itself; where it does not, bf16 is slower than float32."""
    capabilities = cast(dict[str, Any], getattr(torch.cpu, "get_capabilities", dict)())
    if capabilities:
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))
    # torch before 2.12 says so behind these doors only
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(cast(Any, getattr(torch.cpu, name, bool))()) for name in asked)


def ways(folder: ModelFolder) -> list[Way]:
    """Return the ways that this torch and this processor offer, the widest format first; what fails is left out."""
    try:
        graph = folded(Streams(folder.model))
    except Exception as fault:  # torch.fx names no type for what it cannot trace
        _log.warning("The model cannot be folded and runs as it was trained: %s", fault)
        return [plain_way(folder)]
    examples = made_up_views(folder.config, _RIG_VIEWS)
    formats = [("fp32", torch.float32)] + ([("bf16", torch.bfloat16)] if bf16_in_hardware() else [])
    found: list[Way] = []
    for name, dtype in formats:
        try:
            found.append(Way(f"{name} packed", dtype, cast(StreamFunction, packed(graph, examples, dtype))))
        except Exception as fault:
            _log.info("Convolutions cannot be packed in %s: %s", name, fault)
            bare = folded(Streams(folder.model)).to(dtype=dtype, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
            found.append(Way(f"{name} folded", dtype, cast(StreamFunction, bare)))
    return found


def best_way(folder: ModelFolder) -> Way:
    """Return the way in the narrowest number format whose probabilities for made-up parts are the plain model's.

    It is not timed: on a busy machine that would choose now one format and now another, and a recording that is
    replayed must give the same answers each time.
    """
    with torch.inference_mode():
        plain = trial_probabilities(folder, folder.model.streams(*made_up_views(folder.config, PARTS * VIEWS)))
        found = next((way for way in reversed(ways(folder)) if agrees(folder, way, plain)), None) or plain_way(folder)
    _log.info("Model %s runs as %s.", folder.id, found.name)
    return found


def agrees(folder: ModelFolder, way: Way, plain: Tensor) -> bool:
    """Say whether a way gives the probabilities ``plain`` (PARTS, C) of the made-up parts; a fault counts as no."""
    try:
        with torch.inference_mode():
            ours = trial_probabilities(folder, in_tens(way, *made_up_views(folder.config, PARTS * VIEWS)))
    except RuntimeError as fault:
        _log.info("Model %s cannot run as %s: %s", folder.id, way.name, fault)
        return False
    if not agree(ours, plain):
        _log.info("Model %s does not say the same as %s; it runs without.", folder.id, way.name)
        return False
    return True


def in_tens(way: Way, color: Tensor, depth: Tensor) -> StreamVectors:
    """Return what a way gives for many views, asked for as many at a time as the rig has."""
    asked = [way(*pair) for pair in zip(color.split(_RIG_VIEWS), depth.split(_RIG_VIEWS), strict=True)]
    pooled, own_color, own_depth = zip(*asked, strict=True)
    return torch.cat(pooled), _joined(own_color), _joined(own_depth)


def _joined(vectors: tuple[Tensor | None, ...]) -> Tensor | None:
    there = [one for one in vectors if one is not None]
    return torch.cat(there) if there else None


def duration_s(folder: ModelFolder, way: Way) -> float:
    """Return the shortest time of a few that a way takes for ten views, seconds."""
    views, times = made_up_views(folder.config, _RIG_VIEWS), list[float]()
    with torch.inference_mode():
        way(*views)
        for _ in range(_TIMED):
            begun = perf_counter()
            way(*views)
            times.append(perf_counter() - begun)
    return min(times)
