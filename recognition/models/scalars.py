"""Weight and size as vectors: sines and cosines of the logarithm, and a learned token for "not known"."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

WEIGHT_RANGE = (1e-4, 30.0)
"""Kilograms; values beyond are taken as the end of the range."""
EDGE_RANGE = (1e-3, 0.6)
"""Metres."""


def log_waves(values: Tensor, width: int, limits: tuple[float, float], finest: float) -> Tensor:
    """Embed positive values (…,) as (…, width) sines and cosines of their logarithm.

    The frequencies run geometrically from one half-turn over the whole range to ``finest`` radians per unit of the
    natural logarithm, so a change of one percent moves the finest pair by ``finest``/100 radians whatever the value.
    """
    low, high = (math.log(limit) for limit in limits)
    coarsest = math.pi / (high - low)
    steps = torch.linspace(0.0, 1.0, width // 2, device=values.device, dtype=torch.float32)
    frequencies = coarsest * torch.pow(finest / coarsest, steps)
    position = values.float().clamp(*limits).log() - low
    phase = position[..., None] * frequencies
    return torch.cat([phase.sin(), phase.cos()], dim=-1)


class ScalarEmbedding(nn.Module):
    """Weight (kg) and three edges (m) as one vector of ``out_features``; NaN means not known."""

    def __init__(self, width: int) -> None:
        """Build the learned tokens; ``width`` is the length of the vector of each single value."""
        super().__init__()
        self.width = width
        self.absent_weight = nn.Parameter(torch.zeros(width))
        self.absent_size = nn.Parameter(torch.zeros(3 * width))
        self.out_features = 4 * width

    def forward(self, weight_kg: Tensor, size_m: Tensor) -> Tensor:
        """Embed weights (B,) and edges (B, 3), longest first; returns (B, out_features) float32."""
        no_weight = weight_kg.isnan()
        no_size = size_m.isnan().any(dim=1)
        weight = log_waves(weight_kg.nan_to_num(1.0), self.width, WEIGHT_RANGE, finest=100.0)
        # an edge is measured to a few millimetres, so finer waves than these would only carry noise
        size = log_waves(size_m.nan_to_num(0.1), self.width, EDGE_RANGE, finest=20.0).flatten(1)
        weight = torch.where(no_weight[:, None], self.absent_weight.float(), weight)
        size = torch.where(no_size[:, None], self.absent_size.float(), size)
        return torch.cat([weight, size], dim=1)
