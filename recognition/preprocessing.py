"""From crops to what the encoders take: the same for training and inference, on any device."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import torch
from torch import Tensor

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""Mean and spread of colours in 0…1, as torchvision's weights expect them."""
DEPTH_SPAN_MM = 100.0
"""Relative depth of this much is one unit."""


def encoder_input(
    color: Tensor, depth_mm: Tensor, mask: Tensor, offset_mm: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return normalised colour (n, 3, S, S) and depth (n, 2, S, S), float32.

    ``color`` (n, 3, S, S) is 0…255, ``depth_mm`` (n, S, S) with 0 for "not measured", ``mask`` (n, S, S) bool.
    Depth is taken relative to the part's median, so that it says the same from near and far, and clipped at two
    spans; the second channel says where it was measured. ``offset_mm`` (n,) shifts the median, as augmentation.
    """
    mean = torch.tensor(MEAN, device=color.device).view(1, 3, 1, 1) * 255.0
    std = torch.tensor(STD, device=color.device).view(1, 3, 1, 1) * 255.0
    distance = part_distance(depth_mm, mask)
    if offset_mm is not None:
        distance = distance + offset_mm
    usable = (depth_mm > 0) & ~distance.isnan()[:, None, None]
    relative = ((depth_mm - distance[:, None, None]) / DEPTH_SPAN_MM).clamp(-2.0, 2.0)
    relative = torch.where(usable, relative, torch.zeros_like(relative))
    return (color - mean) / std, torch.stack([relative, usable.to(relative.dtype)], dim=1)


def part_distance(depth: Tensor, mask: Tensor) -> Tensor:
    """Return each view's median depth (n,) over the part, where there is none over the crop's middle, else NaN.

    Every fourth pixel is looked at, which is plenty for a median.
    """
    coarse, on_part = depth[:, ::4, ::4], mask[:, ::4, ::4]
    edge = coarse.shape[1]
    middle = torch.zeros_like(on_part)
    middle[:, edge // 4 : edge - edge // 4, edge // 4 : edge - edge // 4] = True
    valid = coarse > 0
    few = (valid & on_part).flatten(1).sum(1) < 6
    region = torch.where(few[:, None, None], middle, on_part) & valid
    return torch.where(region, coarse, torch.full_like(coarse, float("nan"))).flatten(1).nanmedian(dim=1).values
