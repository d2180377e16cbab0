"""Inference without batch normalisation of its own: each is folded into the convolution before it."""

from __future__ import annotations

import copy

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(model: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode whose batch norms that follow a convolution in a Sequential are folded into it.

    Blocks that call their layers by name keep theirs; the outputs stay the same to rounding.
    """
    result = copy.deepcopy(model).eval()
    for parent in list(result.modules()):
        if not isinstance(parent, nn.Sequential):
            continue
        previous: tuple[str, nn.Module] | None = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and previous is not None and isinstance(previous[1], nn.Conv2d):
                setattr(parent, previous[0], fuse_conv_bn_eval(previous[1], child))
                setattr(parent, name, nn.Identity())
            previous = (name, child)
    return result
