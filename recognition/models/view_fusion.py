"""From one vector a view to one vector a part: every fusion takes any subset of the views, from one upward.

Vectors are (B, V, F) and come with a mask (B, V) bool of the views that count and the slot (B, V) int64 of each: its
camera's place, or a drawn one where the order of views is shuffled. Max, mean and attention do not look at slots.
The fusions that do are laid out for a fixed number of them; a slot without a view is filled with the mean of the views
there are, which is the answer of all others put together and so asks nothing new of the layers behind it.
A sample without any view becomes zero.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recognition.models.config import ModelConfig
from station.errors import ModelError

HEADS = 8
_REDUCTION = 16


class ViewFusion(nn.Module):
    """A fusion by its name in the configuration, with a transformer encoder block in front where it asks for one."""

    def __init__(self, config: ModelConfig) -> None:
        """Build it for vectors of ``config.view_width`` features.

        Raises ModelError when a transformer is asked for and the width does not fall into its heads.
        """
        super().__init__()
        width = config.view_width
        slots = config.slots * (3 if config.tokens == "modalities" else 1)
        kind = config.view_fusion
        if (config.view_transformer or kind == "decoder") and width % HEADS:
            raise ModelError(
                f"The transformer has {HEADS} heads, which {width} features do not fall into.",
                todo=f"Give a view_width that is a multiple of {HEADS}.",
            )
        self.encoder = EncoderBlock(width) if config.view_transformer else None
        self.kind = kind
        self.pool: nn.Module | None = None
        if kind == "convolution":
            self.pool = _Convolution(slots)
        elif kind == "mlp":
            self.pool = _Perceptron(slots, width)
        elif kind == "decoder":
            self.pool = _Decoder(slots, width)
        elif kind == "attention":
            self.pool = _Attention(width)
        elif "squeeze-excite" in kind:
            self.pool = _SqueezeExcite(1 if kind.startswith("shared") else slots, width, largest=kind.endswith("max"))

    def forward(self, vectors: Tensor, mask: Tensor, slots: Tensor, hint: Tensor | None = None) -> Tensor:
        """Fuse vectors (B, V, F) to (B, F); ``hint`` (B, F) is added to the decoder's query."""
        if self.encoder is not None:
            vectors = cast(Tensor, self.encoder(vectors, mask))
        if self.kind == "max":
            return max_over_views(vectors, mask)
        if self.kind == "mean":
            return mean_over_views(vectors, mask)
        assert self.pool is not None
        given = (vectors, mask, slots, hint) if self.kind == "decoder" else (vectors, mask, slots)
        fused = cast(Tensor, self.pool(*given))
        return torch.where(mask.any(dim=1)[:, None], fused, torch.zeros_like(fused))


def max_over_views(vectors: Tensor, mask: Tensor) -> Tensor:
    """Return the largest value of each feature over the valid views, (B, F); zero for a sample without any."""
    fused = vectors.masked_fill(~mask[..., None], float("-inf")).amax(dim=1)
    return torch.where(mask.any(dim=1)[:, None], fused, torch.zeros_like(fused))


def mean_over_views(vectors: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of each feature over the valid views, (B, F); zero for a sample without any."""
    weights = mask[..., None].to(vectors.dtype)
    return (vectors * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)


def in_slots(vectors: Tensor, mask: Tensor, slots: Tensor, count: int) -> Tensor:
    """Put each valid vector (B, V, F) into its slot; returns (B, ``count``, F), empty slots filled with the mean."""
    size, _, width = vectors.shape
    mean = mean_over_views(vectors, mask)
    # One slot more than there are takes what does not count.
    target = torch.where(mask, slots, torch.full_like(slots, count))
    laid = mean[:, None].expand(size, count + 1, width).clone()
    laid = laid.scatter(1, target[..., None].expand(-1, -1, width), vectors)
    return laid[:, :count]


class _Convolution(nn.Module):
    """1×1 convolutions over the view axis, N → N−s → N−2s → 1 with s = ⌊N/3⌋ (MVIP)."""

    def __init__(self, slots: int) -> None:
        super().__init__()
        step = slots // 3
        widths = [slots, max(1, slots - step), max(1, slots - 2 * step), 1]
        layers: list[nn.Module] = []
        for wide, narrow in pairwise(widths):
            layers += [nn.Conv1d(wide, narrow, 1), nn.GELU()]
        self.slots = slots
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, vectors: Tensor, mask: Tensor, slots: Tensor) -> Tensor:
        return cast(Tensor, self.layers(in_slots(vectors, mask, slots, self.slots)))[:, 0]


class _Perceptron(nn.Module):
    """All slots side by side through three linear layers in equal steps (MVIP)."""

    def __init__(self, slots: int, width: int) -> None:
        super().__init__()
        widths = [width + round((slots - 1) * width * part / 3) for part in (3, 2, 1, 0)]
        layers: list[nn.Module] = []
        for wide, narrow in pairwise(widths):
            layers += [nn.Linear(wide, narrow), nn.GELU()]
        self.slots = slots
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, vectors: Tensor, mask: Tensor, slots: Tensor) -> Tensor:
        return cast(Tensor, self.layers(in_slots(vectors, mask, slots, self.slots).flatten(1)))


class _SqueezeExcite(nn.Module):
    """Gates the features of each view by their own content, with gates per slot or shared, then sums or takes the max.

    The sum is over as many views as there are and is divided by their number, so that a missing camera does not make
    the part's vector smaller.
    """

    def __init__(self, gates: int, width: int, *, largest: bool) -> None:
        super().__init__()
        hidden = max(8, width // _REDUCTION)
        self.squeeze = nn.Parameter(torch.empty(gates, width, hidden))
        self.squeeze_bias = nn.Parameter(torch.zeros(gates, hidden))
        self.excite = nn.Parameter(torch.empty(gates, hidden, width))
        self.excite_bias = nn.Parameter(torch.zeros(gates, width))
        for weight in (self.squeeze, self.excite):
            nn.init.normal_(weight, std=math.sqrt(1.0 / weight.shape[1]))
        self.largest = largest

    def forward(self, vectors: Tensor, mask: Tensor, slots: Tensor) -> Tensor:
        own = slots.clamp(0, len(self.squeeze) - 1)
        hidden = torch.einsum("bvf,bvfh->bvh", vectors, self.squeeze[own].to(vectors.dtype)) + self.squeeze_bias[own]
        gate = torch.einsum("bvh,bvhf->bvf", F.relu(hidden), self.excite[own].to(hidden.dtype)) + self.excite_bias[own]
        gated = vectors * torch.sigmoid(gate)
        return max_over_views(gated, mask) if self.largest else mean_over_views(gated, mask)


class _Attention(nn.Module):
    """Gated attention pooling: a weight for every view from its own vector (Ilse et al., arXiv 1802.04712)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = max(16, width // 4)
        self.content = nn.Linear(width, hidden)
        self.gate = nn.Linear(width, hidden)
        self.score = nn.Linear(hidden, 1)

    def forward(self, vectors: Tensor, mask: Tensor, slots: Tensor) -> Tensor:
        score = self.score(torch.tanh(self.content(vectors)) * torch.sigmoid(self.gate(vectors)))[..., 0].float()
        # A sample without views is uniform here and zeroed by the caller; -inf everywhere would be no number.
        share = torch.softmax(score.masked_fill(~mask & mask.any(dim=1)[:, None], float("-inf")), dim=1)
        return (vectors * share[..., None].to(vectors.dtype)).sum(dim=1)


class EncoderBlock(nn.Module):
    """Pre-norm transformer encoder block over the views, 8 heads; masked views are not attended to."""

    def __init__(self, width: int) -> None:
        """Build it for vectors of ``width`` features, a multiple of 8."""
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attend = _MultiHead(width)
        self.feed = _FeedForward(width)

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Return vectors (B, V, F) that know of one another."""
        normed = self.norm(vectors)
        vectors = vectors + self.attend(normed, normed, mask)
        return vectors + self.feed(vectors)


class _Decoder(nn.Module):
    """Encoder–decoder transformer: the views with learned slot positions, read by one learned query (MVIP)."""

    def __init__(self, slots: int, width: int) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(slots, width) * 0.02)
        self.query = nn.Parameter(torch.randn(width) * 0.02)
        self.encoder = EncoderBlock(width)
        self.norm = nn.LayerNorm(width)
        self.query_norm = nn.LayerNorm(width)
        self.attend = _MultiHead(width)
        self.feed = _FeedForward(width)

    def forward(self, vectors: Tensor, mask: Tensor, slots: Tensor, hint: Tensor | None = None) -> Tensor:
        placed = vectors + self.positions[slots.clamp(0, len(self.positions) - 1)].to(vectors.dtype)
        memory = self.norm(self.encoder(placed, mask))
        query = self.query.to(vectors.dtype).expand(len(vectors), 1, -1)
        if hint is not None:
            query = query + hint[:, None].to(vectors.dtype)
        answer = query + self.attend(self.query_norm(query), memory, mask)
        return (answer + self.feed(answer))[:, 0]


class _MultiHead(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, asking: Tensor, asked: Tensor, mask: Tensor) -> Tensor:
        size, _, width = asking.shape
        query = self.query(asking).view(size, -1, HEADS, width // HEADS).transpose(1, 2)
        key, value = self.key_value(asked).view(size, -1, 2, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        # Where nothing may be attended to everything is, so that the softmax stays a number; the caller zeroes it.
        seen = mask | ~mask.any(dim=1, keepdim=True)
        found = F.scaled_dot_product_attention(query, key, value, attn_mask=seen[:, None, None, :])
        return cast(Tensor, self.out(found.transpose(1, 2).flatten(2)))


class _FeedForward(nn.Sequential):
    def __init__(self, width: int) -> None:
        super().__init__(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
