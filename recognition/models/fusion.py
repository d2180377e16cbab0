"""Directed fusion of colour into depth, and max fusion over any subset of views."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SqueezeExciteAdd(nn.Module):
    """Weighs the channels of two maps by their squeezed content and adds them (squeeze-excite-add).

    The colour map passes a 1×1 projection where its width differs from the depth map's.
    """

    def __init__(self, color_channels: int, depth_channels: int, reduction: int = 4) -> None:
        """Build the gates for maps of the given widths."""
        super().__init__()
        self.project = (
            nn.Identity() if color_channels == depth_channels else nn.Conv2d(color_channels, depth_channels, 1)
        )
        self.color_gate = _gate(depth_channels, reduction)
        self.depth_gate = _gate(depth_channels, reduction)

    def forward(self, color: Tensor, depth: Tensor) -> Tensor:
        """Fuse colour (N, Cc, h, w) into depth (N, Cd, h, w); returns (N, Cd, h, w)."""
        projected = self.project(color)
        return projected * self.color_gate(projected) + depth * self.depth_gate(depth)


def _gate(channels: int, reduction: int) -> nn.Sequential:
    hidden = max(8, channels // reduction)
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Conv2d(channels, hidden, 1),
        nn.ReLU(inplace=True),
        nn.Conv2d(hidden, channels, 1),
        nn.Sigmoid(),
    )


def max_over_views(vectors: Tensor, view_mask: Tensor) -> Tensor:
    """Return the largest value of each feature over the valid views.

    ``vectors`` is (B, V, F), ``view_mask`` (B, V) bool; the result (B, F) does not depend on the order of the views,
    and is zero for a sample without any view.
    """
    masked = vectors.masked_fill(~view_mask[..., None], float("-inf"))
    fused = masked.amax(dim=1)
    return torch.where(view_mask.any(dim=1)[:, None], fused, torch.zeros_like(fused))
