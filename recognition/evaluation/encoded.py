"""Captures whose views are encoded once and whose fusion and heads are asked again and again.

Nearly all the time of a model goes into its encoders, and what a view's picture says does not hang on which other views
there are, nor on weight and size. So missing cameras and wrong weights cost next to nothing once the views are encoded.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.crops.cache import CropCache
from recognition.crops.preprocessing import Coding
from recognition.models.multiview import ModelInput, MultiViewModel, ViewFeatures
from recognition.training.batches import moved, plain_batches

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the heads say of N captures, float32.

    ``logits`` (N, C) from everything, ``visual`` (N, C) from the pictures alone, ``embedding`` (N, E) of unit length,
    ``super_classes`` (N, G) of a model that has that head.
    """

    logits: Numbers
    visual: Numbers
    embedding: Numbers
    super_classes: Numbers | None = None


class EncodedCaptures:
    """Ten views of N captures, encoded once.

    ``views`` (N, 10, C) are the logits of each view alone, ``view_mask`` (N, 10) says which there are, ``weights_kg``
    (N,) and ``sizes_m`` (N, 3) what was measured, NaN where nothing was.
    """

    def __init__(
        self,
        model: MultiViewModel,
        cache: CropCache,
        rows: Sequence[int],
        *,
        depth: bool = True,
        color: bool = True,
        device: torch.device | str = "cpu",
        batch: int = 16,
        advance: Callable[[int], None] = lambda done: None,
    ) -> None:
        """Encode the captures ``rows`` of the cache, without ``depth`` or ``color`` as if no camera had given any.

        ``advance(done)`` counts the captures encoded.
        """
        self._model = model.eval()
        self._device = torch.device(device)
        self._features: list[ViewFeatures] = []
        views: list[Tensor] = []
        masks: list[Tensor] = []
        weights: list[Tensor] = []
        sizes: list[Tensor] = []
        done = 0
        with torch.inference_mode():
            for picked, data in plain_batches(cache, rows, batch, coding=Coding.of(model.config)):
                shown = moved(_shown(data, depth=depth, color=color), self._device)
                features = model.encode(shown)
                self._features.append(features)
                views.append(model.view_head(features.vectors).float().cpu())
                masks.append(data.view_mask)
                weights.append(data.weight_kg)
                sizes.append(data.size_m)
                done += len(picked)
                advance(done)
        self.views: Numbers = torch.cat(views).numpy()
        self.view_mask: NDArray[np.bool_] = torch.cat(masks).numpy()
        self.weights_kg: Numbers = torch.cat(weights).numpy()
        self.sizes_m: Numbers = torch.cat(sizes).numpy()

    def ask(
        self,
        view_mask: NDArray[np.bool_] | None = None,
        weight_kg: Numbers | None = None,
        size_m: Numbers | None = None,
    ) -> Asked:
        """Return what the heads say of the views in ``view_mask`` (N, 10), with weights (N,) and edges (N, 3).

        All views that there are count without a mask; without weights or sizes those that were measured are told.
        NaN tells none. A view that is not there does not count whatever the mask says.
        """
        seen = self.view_mask if view_mask is None else self.view_mask & view_mask
        weights = self.weights_kg if weight_kg is None else weight_kg
        sizes = self.sizes_m if size_m is None else size_m
        said: list[tuple[Tensor, ...]] = []
        head = self._model.super_head
        start = 0
        with torch.inference_mode():
            for features in self._features:
                end = start + len(features.vectors)
                parts = (torch.from_numpy(np.ascontiguousarray(a[start:end])) for a in (seen, weights, sizes))
                mask, weight, size = (part.to(self._device) for part in parts)
                # a view has one token, or one for each modality
                tokens = features.mask.shape[1] // mask.shape[1]
                output = self._model.conclude(replace(features, mask=mask.repeat(1, tokens)), weight, size)
                families = () if head is None else (head(output.fused).float(),)
                given = (output.logits, output.visual_logits, output.embedding, *families)
                said.append(tuple(tensor.cpu() for tensor in given))
                start = end
        return Asked(*(torch.cat(parts).numpy() for parts in zip(*said, strict=True)))


def _shown(data: ModelInput, *, depth: bool, color: bool) -> ModelInput:
    """Leave out a whole stream as a dead one leaves it out: nothing measured, or grey."""
    if not depth:
        data = replace(data, depth=torch.zeros_like(data.depth))
    return data if color else replace(data, color=torch.zeros_like(data.color))
