"""Learning rate and weight averaging as functions of the step."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from recognition.training.config import Schedule


def one_cycle(step: int, total: int, peak: float, warm: float = 0.2, start: float = 0.1, end: float = 1e-3) -> float:
    """Return the learning rate of a step: a cosine up to ``peak`` over the first ``warm`` of all steps, then down.

    ``start`` and ``end`` are parts of the peak. The cycle is Smith's "super-convergence" policy, arXiv 1708.07120.
    """
    turn = max(1.0, warm * total)
    if step < turn:
        low, position = start, step / turn
        return peak * (low + (1.0 - low) * 0.5 * (1.0 - math.cos(math.pi * position)))
    position = min(1.0, (step - turn) / max(1.0, total - turn))
    return peak * (end + (1.0 - end) * 0.5 * (1.0 + math.cos(math.pi * position)))


def cosine(step: int, total: int, peak: float, end: float = 1e-3) -> float:
    """Return the learning rate of a step: half a cosine from ``peak`` to ``end`` of it (Loshchilov, 1608.03983)."""
    position = min(1.0, step / max(1, total))
    return peak * (end + (1.0 - end) * 0.5 * (1.0 + math.cos(math.pi * position)))


def learning_rate(schedule: Schedule, step: int, total: int, peak: float) -> float:
    """Return the learning rate of a step of ``total`` under a schedule by its name."""
    return one_cycle(step, total, peak) if schedule == "one-cycle" else cosine(step, total, peak)


class AveragedWeights:
    """Exponential moving average of a model's parameters and buffers, float32 on the model's device."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Start at the model's present state."""
        self.decay = decay
        self.tensors: dict[str, Tensor] = {name: t.detach().clone() for name, t in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the model's state after ``step``; the average is short at the beginning."""
        decay = min(self.decay, (1.0 + step) / (10.0 + step))
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                self.tensors[name].lerp_(tensor, 1.0 - decay)
            else:
                self.tensors[name].copy_(tensor)
