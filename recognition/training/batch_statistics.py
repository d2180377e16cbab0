"""Statistics of batch norms, taken anew for weights that are about to be used.

Running statistics lag behind weights that still change, the more so where a backbone keeps them long (torchvision's
MobileNetV3: a hundred steps), and the mean of statistics is not the statistics of mean weights. So they are counted
again over batches that look as inference's do ("precise BN": Wu and Johnson, "Rethinking 'Batch' in BatchNorm", arXiv
2105.07576).
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterable

import torch

# torch has no public name for what all its batch norms have in common
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]

from recognition.models.multiview import ModelInput, MultiViewModel


@torch.no_grad()
def count_statistics(model: MultiViewModel, batches: Iterable[ModelInput]) -> None:
    """Set the statistics of the model's batch norms to their mean over ``batches``; leaves it in evaluation mode.

    Nothing else of the model changes. Where batch norms are shared by several processes, each must come with the same
    number of batches.
    """
    model.eval()
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
    for count, batch in enumerate(batches, start=1):
        for norm in norms:
            norm.momentum = 1.0 / count  # so that they end as the plain mean
        model.encode(batch)
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
        norm.eval()
