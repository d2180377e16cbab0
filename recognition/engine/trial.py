"""Parts made up for a trial: whether a fast way to compute says what the plain model says, on this very processor.

Pictures that a model was trained on do not lie in its folder, so the trial shows it what any model of this rig could be
shown: soft random colours, something round in the middle, depth with a bump and dead pixels, the same ones each time.
It finds a network that its number format or an operator of this processor does not serve; how far answers for real
parts differ is measured by the tests and by ``benchmarks/recognition.py``.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from recognition.crops.preprocessing import Coding, encoder_input
from recognition.engine.asking import StreamVectors, ask
from recognition.engine.views import Scalars
from recognition.models.config import ModelConfig
from recognition.registry import ModelFolder

PARTS, VIEWS = 4, 5
"""So many parts of so many views; together a multiple of the rig's ten."""
TOLERANCE = 3e-2
"""Probabilities may differ by this much, and beyond it the first class must be the same."""


def made_up_views(config: ModelConfig, count: int) -> tuple[Tensor, Tensor]:
    """Return encoder inputs of made-up views: colour (count, 3, S, S) and depth (count, D, S, S), float32."""
    random, size = torch.Generator().manual_seed(7), config.input_size

    def soft(channels: int, cells: int) -> Tensor:
        coarse = torch.rand(count, channels, cells, cells, generator=random)
        return F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=False)

    across = torch.linspace(-1.0, 1.0, size)
    radius = torch.hypot(across[:, None], across[None, :]) + 0.3 * (soft(1, 5)[:, 0] - 0.5)
    mask = radius < 0.55
    surroundings, part = soft(3, 4) * 120.0 + 60.0, soft(3, 12) * 200.0 + 20.0
    color = torch.where(mask[:, None], part, surroundings)
    depth = 600.0 + 60.0 * soft(1, 3)[:, 0] - torch.where(mask, 30.0 + 30.0 * soft(1, 6)[:, 0], torch.zeros(()))
    depth = torch.where(torch.rand(count, size, size, generator=random) < 0.08, torch.zeros(()), depth.round())
    hha = (soft(3, 8) * 180.0).round() if Coding.of(config).needs_hha else None
    return encoder_input(color.round(), depth, mask, coding=Coding.of(config), hha=hha)


def trial_parts(folder: ModelFolder) -> list[Scalars]:
    """Return what is told of the made-up parts: each a class's weight and size, in turn with neither."""
    told: list[Scalars] = []
    for number in range(PARTS):
        profile = folder.classes[number % len(folder.classes)]
        size = profile.sizes[0] if profile.sizes else None
        told.append(Scalars(None, None) if number % 2 else Scalars(profile.weight_kg, size))
    return told


def trial_probabilities(folder: ModelFolder, streams: StreamVectors) -> Tensor:
    """Return the probabilities (PARTS, C) of the made-up parts, from the vectors of all their views together."""
    rows: list[Tensor] = []
    for number, scalars in enumerate(trial_parts(folder)):
        own = slice(number * VIEWS, (number + 1) * VIEWS)
        mine = tuple(None if vectors is None else vectors[own] for vectors in streams)
        known = torch.tensor([float("nan") if scalars.weight_kg is None else scalars.weight_kg])
        edges = torch.tensor([(float("nan"),) * 3 if scalars.size_m is None else scalars.size_m])
        said = ask(folder.model, (streams[0][own], mine[1], mine[2]), known, edges)
        expert = folder.confidence.experts["pictures"]
        rows.append(torch.softmax(expert.fused * said.logits + expert.visual * said.visual, dim=0))
    return torch.stack(rows)


def agree(ours: Tensor, plain: Tensor, tolerance: float = TOLERANCE) -> bool:
    """Say whether probabilities (N, C) are within the tolerance and the first class is the same where it matters."""
    if not bool(ours.isfinite().all()) or float((ours - plain).abs().max()) > tolerance:
        return False
    if plain.shape[1] < 2:
        return True
    first = plain.topk(2, dim=1)
    clear = first.values[:, 0] - first.values[:, 1] > tolerance
    return bool((ours.argmax(dim=1) == first.indices[:, 0])[clear].all())
