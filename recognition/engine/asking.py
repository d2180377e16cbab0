"""From the pooled vectors of the views to what the heads say of one part; small work, always in float32."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from recognition.confidence.judgement import Heads
from recognition.engine.views import Scalars
from recognition.models.multiview import MultiViewModel

StreamVectors = tuple[Tensor, Tensor | None, Tensor | None]
"""What ``MultiViewModel.streams`` gives for V views."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the heads say of one part on the device that computed it.

    ``logits``, ``blind`` (without the weight) and ``visual`` are (C,), ``views`` (V, C), ``embedding`` (E,).
    """

    logits: Tensor
    blind: Tensor
    visual: Tensor
    views: Tensor
    embedding: Tensor

    def flat(self) -> Tensor:
        """Return all of it as one vector (3·C + E + V·C,)."""
        return torch.cat([self.logits, self.blind, self.visual, self.embedding, self.views.flatten()])


def ask(model: MultiViewModel, streams: StreamVectors, weight_kg: Tensor, size_m: Tensor) -> Said:
    """Ask the heads of one part's views; ``weight_kg`` (1,) and ``size_m`` (1, 3) are NaN where not known.

    Heads that only training listens to are left out.
    """
    pooled, color, depth = (None if vectors is None else vectors.float() for vectors in streams)
    assert pooled is not None
    mask = torch.ones(1, len(pooled), dtype=torch.bool, device=pooled.device)
    features = model.gather((pooled, color, depth), mask)
    conclusion = model.conclude(features, weight_kg, size_m)
    blind = model.classify(features, torch.full_like(weight_kg, float("nan")), size_m)
    return Said(
        conclusion.logits[0],
        blind[0],
        conclusion.visual_logits[0],
        model.view_head(features.vectors).float()[0],
        conclusion.embedding[0],
    )


def scalar_tensors(scalars: Scalars) -> tuple[Tensor, Tensor]:
    """Return weight (1,) and edges (1, 3) for the model, NaN where not known."""
    nan = float("nan")
    weight = torch.tensor([nan if scalars.weight_kg is None else scalars.weight_kg])
    return weight, torch.tensor([(nan, nan, nan) if scalars.size_m is None else scalars.size_m])


def heads_from(flat: Tensor, classes: int, embedding: int, *, weighed: bool) -> Heads:
    """Return the heads from :meth:`Said.flat`, which lies in the CPU's memory."""
    logits, blind, visual, vector, views = flat.split([classes] * 3 + [embedding, len(flat) - 3 * classes - embedding])
    return Heads(logits, visual, views.view(-1, classes), vector, logits_without_weight=blind if weighed else None)
