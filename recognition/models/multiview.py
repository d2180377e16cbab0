"""The recognition model: views of colour and depth, weight and size in; logits of every head and an embedding out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recognition.models.config import ModelConfig
from recognition.models.encoders import STAGES, Encoder
from recognition.models.joining import joins
from recognition.models.scalars import ScalarEmbedding
from recognition.models.view_fusion import ViewFusion


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One batch: ``color`` (B, V, 3, S, S) normalised, ``depth`` (B, V, D, S, S), ``view_mask`` (B, V) bool.

    D is the configuration's ``depth_channels``; ``crops.preprocessing.encoder_input`` makes both pictures.
    ``weight_kg`` is (B,), ``size_m`` (B, 3) with the longest edge first; NaN means not known. ``slots`` (B, V) int64
    is each view's place among the cameras, for fusions that know them apart; ``None`` counts them as they come.
    """

    color: Tensor
    depth: Tensor
    view_mask: Tensor
    weight_kg: Tensor
    size_m: Tensor
    slots: Tensor | None = None


@dataclass(frozen=True, slots=True)
class ViewFeatures:
    """What the encoders made of the views: vectors (B, V, F), and those of each stream where they are wanted.

    ``color`` and ``depth`` are (B, V, C) as pooled from the streams themselves, ``None`` for a stream that the model
    lacks. ``tokens`` (B, T, F), ``mask`` (B, T) and ``slots`` (B, T) are what the view fusion is given.
    """

    vectors: Tensor
    color: Tensor | None
    depth: Tensor | None
    tokens: Tensor
    mask: Tensor
    slots: Tensor


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows from all views together: ``fused`` (B, F), and the rest as in :class:`ModelOutput`."""

    fused: Tensor
    logits: Tensor
    visual_logits: Tensor
    embedding: Tensor


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """What the heads say.

    ``logits`` (B, C) from everything, ``visual_logits`` (B, C) from the pictures alone, ``view_logits`` (B, V, C) from
    each view alone, ``color_logits`` and ``depth_logits`` (B, V, C) from each view's single stream (``None`` when not
    asked for, or where the model has no such stream beside another), ``super_logits`` (B, G) and ``tag_logits``
    (B, T) of those heads if there are any, the ``embedding`` (B, E) of the pictures, of unit length, and ``features``,
    from which :meth:`MultiViewModel.classify` answers for another weight or size.
    """

    logits: Tensor
    visual_logits: Tensor
    view_logits: Tensor
    color_logits: Tensor | None
    depth_logits: Tensor | None
    super_logits: Tensor | None
    tag_logits: Tensor | None
    embedding: Tensor
    features: ViewFeatures


class MultiViewModel(nn.Module):
    """Encoders shared over the views, streams joined at five stages, a fusion of the views, weight and size."""

    def __init__(self, config: ModelConfig) -> None:
        """Build the model that ``config`` describes, with random weights."""
        super().__init__()
        self.config = config
        self.color_encoder = Encoder(config.color_encoder) if config.streams != "depth" else None
        self.depth_encoder = (
            Encoder(config.depth_encoder, in_channels=config.depth_channels) if config.streams != "rgb" else None
        )
        color = self.color_encoder.channels if self.color_encoder else (0,) * STAGES
        depth = self.depth_encoder.channels if self.depth_encoder else (0,) * STAGES
        both = config.streams == "rgbd"
        into_depth = both and config.join in ("color-to-depth", "both")
        into_color = both and config.join in ("depth-to-color", "both")
        self.fusions = joins(config.joint, color, depth) if into_depth else None
        self.fusions_to_color = joins(config.joint, depth, color) if into_color else None
        self.view_projection = _projection(color[-1] + depth[-1], config.view_width)
        apart = config.tokens == "modalities"
        self.color_projection = _projection(color[-1], config.view_width) if apart else None
        self.depth_projection = _projection(depth[-1], config.view_width) if apart else None
        self.view_head = nn.Linear(config.view_width, config.classes)
        self.color_head = nn.Linear(color[-1], config.classes) if apart else None
        self.depth_head = nn.Linear(depth[-1], config.classes) if both else None
        self.view_fusion = ViewFusion(config)
        self.embed = nn.Linear(config.view_width, config.embedding)
        self.prototypes = nn.Parameter(torch.randn(config.classes, config.embedding) * 0.05)
        self.cosine_scale = nn.Parameter(torch.tensor(16.0))
        self.scalars = ScalarEmbedding(config.scalar_width) if config.scalars != "off" else None
        beside = self.scalars.out_features if self.scalars and config.scalars == "head" else 0
        self.hint = (
            nn.Linear(self.scalars.out_features, config.view_width)
            if self.scalars and config.scalars == "query"
            else None
        )
        self.head = nn.Sequential(
            nn.Linear(config.view_width + beside, config.head_width),
            nn.LayerNorm(config.head_width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.head_width, config.classes),
        )
        self.super_head = nn.Linear(config.view_width, config.super_classes) if config.super_classes else None
        self.tag_head = nn.Linear(config.view_width, config.tags) if config.tags else None
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, batch: ModelInput, stream_heads: bool = False) -> ModelOutput:
        """Return what the heads say of a batch; any subset of views, also a single one, may be valid."""
        features = self.encode(batch)
        conclusion = self.conclude(features, batch.weight_kg, batch.size_m)
        return ModelOutput(
            logits=conclusion.logits,
            visual_logits=conclusion.visual_logits,
            view_logits=self.view_head(features.vectors).float(),
            color_logits=_logits(self.color_head, features.color if stream_heads else None),
            depth_logits=_logits(self.depth_head, features.depth if stream_heads else None),
            super_logits=_logits(self.super_head, conclusion.fused),
            tag_logits=_logits(self.tag_head, conclusion.fused),
            embedding=conclusion.embedding,
            features=features,
        )

    def __call__(self, batch: ModelInput, stream_heads: bool = False) -> ModelOutput:
        """Run the model, typed."""
        return cast(ModelOutput, super().__call__(batch, stream_heads))

    def conclude(self, features: ViewFeatures, weight_kg: Tensor, size_m: Tensor) -> Conclusion:
        """Return what follows from views with weights (B,) and edges (B, 3); NaN means not known."""
        fused = self.view_fusion(features.tokens, features.mask, features.slots)
        embedding = F.normalize(self.embed(fused).float(), dim=1)
        cosine = embedding @ F.normalize(self.prototypes.float(), dim=1).T
        return Conclusion(
            fused=fused,
            logits=self._decide(features, fused, weight_kg, size_m),
            visual_logits=cosine * self.cosine_scale,
            embedding=embedding,
        )

    def classify(self, features: ViewFeatures, weight_kg: Tensor, size_m: Tensor) -> Tensor:
        """Return the logits (B, C) of views with weights (B,) and edges (B, 3); NaN means not known."""
        fused = self.view_fusion(features.tokens, features.mask, features.slots)
        return self._decide(features, fused, weight_kg, size_m)

    def encode(self, batch: ModelInput) -> ViewFeatures:
        """Return what the encoders make of the views; what is asked of them afterwards costs little."""
        pooled = self.streams(batch.color.flatten(0, 1), batch.depth.flatten(0, 1))
        return self.gather(pooled, batch.view_mask, batch.slots)

    def gather(
        self,
        streams: tuple[Tensor, Tensor | None, Tensor | None],
        view_mask: Tensor,
        slots: Tensor | None = None,
    ) -> ViewFeatures:
        """Return the features of views whose :meth:`streams` are known, with their ``view_mask`` (B, V)."""
        samples, views = view_mask.shape
        pooled, own_color, own_depth = streams
        vectors = self.view_projection(self.dropout(pooled)).view(samples, views, -1)
        if slots is None:
            slots = torch.arange(views, device=vectors.device).expand(samples, views)
        tokens, mask = vectors, view_mask
        if self.color_projection is not None and self.depth_projection is not None:
            assert own_color is not None
            assert own_depth is not None
            colored = self.color_projection(self.dropout(own_color)).view(samples, views, -1)
            deep = self.depth_projection(self.dropout(own_depth)).view(samples, views, -1)
            tokens = torch.cat([vectors, colored, deep], dim=1)
            mask = mask.repeat(1, 3)
            slots = torch.cat([slots, slots + self.config.slots, slots + 2 * self.config.slots], dim=1)
        return ViewFeatures(
            vectors=vectors,
            color=None if own_color is None else own_color.view(samples, views, -1),
            depth=None if own_depth is None else own_depth.view(samples, views, -1),
            tokens=tokens,
            mask=mask,
            slots=slots,
        )

    def _decide(self, features: ViewFeatures, fused: Tensor, weight_kg: Tensor, size_m: Tensor) -> Tensor:
        if self.scalars is None:
            return self.head(fused).float()
        scalars = self.scalars(weight_kg, size_m).to(fused.dtype)
        if self.hint is not None:
            hinted = self.view_fusion(features.tokens, features.mask, features.slots, self.hint(scalars))
            return self.head(hinted).float()
        return self.head(torch.cat([fused, scalars], dim=1)).float()

    def streams(self, color: Tensor, depth: Tensor) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return the pooled vectors (N, Cc+Cd) of both streams as joined, and (N, C) of each stream's own last map.

        A stream's own map is what its encoder gave at the last stage, before the other one is led into it there.
        """
        color_map = color.contiguous(memory_format=torch.channels_last) if self.color_encoder else None
        depth_map = depth.contiguous(memory_format=torch.channels_last) if self.depth_encoder else None
        own_color, own_depth = color_map, depth_map
        for stage in range(STAGES):
            if self.color_encoder is not None:
                own_color = cast(Tensor, self.color_encoder.stages[stage](color_map))
            if self.depth_encoder is not None:
                own_depth = cast(Tensor, self.depth_encoder.stages[stage](depth_map))
            color_map, depth_map = own_color, own_depth
            if self.fusions is not None:
                depth_map = cast(Tensor, self.fusions[stage](own_color, own_depth))
            if self.fusions_to_color is not None:
                color_map = cast(Tensor, self.fusions_to_color[stage](own_depth, own_color))
        pooled = torch.cat([_pooled(m) for m in (color_map, depth_map) if m is not None], dim=1)
        return (
            pooled,
            None if own_color is None else _pooled(own_color),
            None if own_depth is None else _pooled(own_depth),
        )


def _pooled(features: Tensor) -> Tensor:
    return features.mean(dim=(2, 3))


def _projection(wide: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(wide, width), nn.LayerNorm(width), nn.GELU())


def _logits(head: nn.Linear | None, vectors: Tensor | None) -> Tensor | None:
    return None if head is None or vectors is None else cast(Tensor, head(vectors)).float()
