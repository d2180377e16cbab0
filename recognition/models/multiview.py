"""The recognition model: views of colour and depth, weight and size in; logits of every head and an embedding out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recognition.models.config import ModelConfig
from recognition.models.encoders import STAGES, Encoder
from recognition.models.fusion import SqueezeExciteAdd, max_over_views
from recognition.models.scalars import ScalarEmbedding

DEPTH_CHANNELS = 2
"""Relative depth and whether it was measured."""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One batch: ``color`` (B, V, 3, S, S) normalised, ``depth`` (B, V, 2, S, S), ``view_mask`` (B, V) bool.

    ``weight_kg`` is (B,), ``size_m`` (B, 3) with the longest edge first; NaN means not known.
    """

    color: Tensor
    depth: Tensor
    view_mask: Tensor
    weight_kg: Tensor
    size_m: Tensor


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """What the heads say.

    ``logits`` (B, C) from everything, ``visual_logits`` (B, C) from the pictures alone, ``view_logits`` (B, V, C) from
    each view alone, ``depth_logits`` (B, V, C) from each view's depth stream (``None`` when not asked for), the
    ``embedding`` (B, E) of the pictures, of unit length, and ``fused`` (B, F), the views before weight and size.
    """

    logits: Tensor
    visual_logits: Tensor
    view_logits: Tensor
    depth_logits: Tensor | None
    embedding: Tensor
    fused: Tensor


class MultiViewModel(nn.Module):
    """Shared encoders over the views, colour led into depth at five stages, max over the views, weight and size."""

    def __init__(self, config: ModelConfig) -> None:
        """Build the model that ``config`` describes, with random weights."""
        super().__init__()
        self.config = config
        self.color_encoder = Encoder(config.color_encoder)
        self.depth_encoder = Encoder(config.depth_encoder, in_channels=DEPTH_CHANNELS)
        color, depth = self.color_encoder.channels, self.depth_encoder.channels
        self.fusions = nn.ModuleList([SqueezeExciteAdd(color[i], depth[i]) for i in range(STAGES)])
        self.view_projection = nn.Sequential(
            nn.Linear(color[-1] + depth[-1], config.view_width), nn.LayerNorm(config.view_width), nn.GELU()
        )
        self.view_head = nn.Linear(config.view_width, config.classes)
        self.depth_head = nn.Linear(depth[-1], config.classes)
        self.embed = nn.Linear(config.view_width, config.embedding)
        self.prototypes = nn.Parameter(torch.randn(config.classes, config.embedding) * 0.05)
        self.cosine_scale = nn.Parameter(torch.tensor(16.0))
        self.scalars = ScalarEmbedding(config.scalar_width)
        self.head = nn.Sequential(
            nn.Linear(config.view_width + self.scalars.out_features, config.head_width),
            nn.LayerNorm(config.head_width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.head_width, config.classes),
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, batch: ModelInput, depth_heads: bool = False) -> ModelOutput:
        """Return what the heads say of a batch; any subset of views, also a single one, may be valid."""
        samples, views = batch.view_mask.shape
        color = batch.color.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        depth = batch.depth.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        pooled, depth_pooled = self._encode(color, depth)
        vectors = self.view_projection(self.dropout(pooled)).view(samples, views, -1)
        fused = max_over_views(vectors, batch.view_mask)
        embedding = F.normalize(self.embed(fused).float(), dim=1)
        cosine = embedding @ F.normalize(self.prototypes.float(), dim=1).T
        return ModelOutput(
            logits=self.classify(fused, batch.weight_kg, batch.size_m),
            visual_logits=cosine * self.cosine_scale,
            view_logits=self.view_head(vectors).float(),
            depth_logits=self.depth_head(depth_pooled).float().view(samples, views, -1) if depth_heads else None,
            embedding=embedding,
            fused=fused,
        )

    def classify(self, fused: Tensor, weight_kg: Tensor, size_m: Tensor) -> Tensor:
        """Return the logits (B, C) of fused views (B, F) with weights (B,) and edges (B, 3); NaN means not known."""
        scalars = self.scalars(weight_kg, size_m).to(fused.dtype)
        return self.head(torch.cat([fused, scalars], dim=1)).float()

    def __call__(self, batch: ModelInput, depth_heads: bool = False) -> ModelOutput:
        """Run the model, typed."""
        return cast(ModelOutput, super().__call__(batch, depth_heads))

    def _encode(self, color: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Return the pooled vectors (N, Cc+Cd) of colour and fused map, and (N, Cd) of the depth stream itself."""
        color_map, depth_map, own = color, depth, depth
        for stage, fusion in enumerate(self.fusions):
            color_map = cast(Tensor, self.color_encoder.stages[stage](color_map))
            own = cast(Tensor, self.depth_encoder.stages[stage](depth_map))
            depth_map = cast(Tensor, fusion(color_map, own))
        pooled = torch.cat([color_map.mean(dim=(2, 3)), depth_map.mean(dim=(2, 3))], dim=1)
        return pooled, own.mean(dim=(2, 3))
