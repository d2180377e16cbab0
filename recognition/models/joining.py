"""How the features of one picture stream are led into the other's, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class SqueezeExciteAdd(nn.Module):
    """Weighs the channels of two maps by their squeezed content and adds them (squeeze-excite-add).

    The guest's map passes a 1×1 projection where its width differs from the host's.
    """

    def __init__(self, guest_channels: int, host_channels: int, reduction: int = 4) -> None:
        """Build the gates for maps of the given widths."""
        super().__init__()
        self.project = nn.Identity() if guest_channels == host_channels else nn.Conv2d(guest_channels, host_channels, 1)
        self.color_gate = _gate(host_channels, reduction)
        self.depth_gate = _gate(host_channels, reduction)

    def forward(self, guest: Tensor, host: Tensor) -> Tensor:
        """Lead the guest's map (N, Cg, h, w) into the host's (N, Ch, h, w); returns (N, Ch, h, w)."""
        projected = self.project(guest)
        return projected * self.color_gate(projected) + host * self.depth_gate(host)


class ConvolutionJoin(nn.Module):
    """Joins two maps by a 1×1 convolution over both and adds the host's own."""

    def __init__(self, guest_channels: int, host_channels: int) -> None:
        """Build the convolution for maps of the given widths."""
        super().__init__()
        self.mix = nn.Conv2d(guest_channels + host_channels, host_channels, 1)

    def forward(self, guest: Tensor, host: Tensor) -> Tensor:
        """Lead the guest's map (N, Cg, h, w) into the host's (N, Ch, h, w); returns (N, Ch, h, w)."""
        return host + self.mix(torch.cat([guest, host], dim=1))


def joins(joint: str, guest: Sequence[int], host: Sequence[int]) -> nn.ModuleList:
    """Return a join for every stage, from widths ``guest`` into widths ``host``."""
    if joint == "convolution":
        return nn.ModuleList([ConvolutionJoin(g, h) for g, h in zip(guest, host, strict=True)])
    return nn.ModuleList([SqueezeExciteAdd(g, h) for g, h in zip(guest, host, strict=True)])


def _gate(channels: int, reduction: int) -> nn.Sequential:
    hidden = max(8, channels // reduction)
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Conv2d(channels, hidden, 1),
        nn.ReLU(inplace=True),
        nn.Conv2d(hidden, channels, 1),
        nn.Sigmoid(),
    )
