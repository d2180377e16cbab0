"""The MH loss and the margin loss of the picture embedding."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy per row of logits (…, C) against target distributions (…, C); returns (…)."""
    return -(target * F.log_softmax(logits.float(), dim=-1)).sum(dim=-1)


def mh_loss(fused: Tensor, heads: list[tuple[Tensor, Tensor]], target: Tensor) -> Tensor:
    """Multi-head auxiliary loss per sample: the plain mean of the fused and of every valid view-wise cross-entropy.

    ``fused`` is (B, C), each of ``heads`` is logits (B, V, C) with the mask (B, V) bool of the views that count,
    ``target`` (B, C) a distribution over the classes. Returns (B,): (CE_out + Σ CE_view) / (1 + number of views).
    """
    total = cross_entropy(fused, target)
    count = torch.ones_like(total)
    for logits, mask in heads:
        losses = cross_entropy(logits, target[:, None].expand_as(logits))
        total = total + torch.where(mask, losses, torch.zeros_like(losses)).sum(dim=1)
        count = count + mask.sum(dim=1)
    return total / count


def margin_loss(cosine_logits: Tensor, scale: Tensor, target: Tensor, margin: float) -> Tensor:
    """Cross-entropy per sample (B,) after the true class's cosine was lowered by ``margin`` (additive margin, CosFace).

    ``cosine_logits`` (B, C) are cosines times ``scale``; ``target`` (B, C) a distribution, whose rows that favour no
    class get no margin.
    """
    lowered = cosine_logits - margin * scale * (target > 0.5)
    return cross_entropy(lowered, target)
