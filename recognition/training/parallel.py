"""Several processes that train one model together, as ``torchrun`` starts them: who is who, and what they share."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from station.errors import ModelError


@dataclass(frozen=True, slots=True)
class World:
    """The processes that train together: this one is number ``rank`` of ``size`` and computes on ``device``."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes, validates and speaks for all."""
        return self.rank == 0

    def mean(self, value: float) -> float:
        """Return the mean of a number over all processes; each must ask."""
        if self.size == 1:
            return value
        total = torch.tensor([value], dtype=torch.float64 if self.device.type == "cpu" else torch.float32)
        total = total.to(self.device)
        dist.all_reduce(total)
        return float(total) / self.size

    def agreed(self, yes: bool) -> bool:
        """Return what the leading process says; each must ask."""
        if self.size == 1:
            return yes
        word = torch.tensor([int(yes)], device=self.device)
        dist.broadcast(word, src=0)
        return bool(word.item())


@contextmanager
def joined_world(device: torch.device) -> Generator[World]:
    """Join the processes that ``torchrun`` started, or be alone where it did not; leaves them at the end.

    On CUDA each process takes the GPU of its local rank. Raises ModelError when they do not find one another.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World(0, 1, device)
        return
    cuda = device.type == "cuda"
    if cuda:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    try:
        dist.init_process_group("nccl" if cuda else "gloo")
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"The {size} processes do not find one another: {error}.",
            todo="Start them with torchrun, and name a --rdzv-endpoint that all machines reach.",
            retryable=True,
        ) from error
    try:
        yield World(dist.get_rank(), size, device)
    finally:
        dist.destroy_process_group()


def shared(model: nn.Module, world: World) -> nn.Module:
    """Return the model as all processes train it: gradients are averaged, batch norms see the batches of all.

    The parameters are those of ``model``, whose batch norms are exchanged in place.
    """
    if world.size == 1:
        return model
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.BatchNorm2d:
                setattr(parent, name, _synced(child, world.device))
    # The inputs lie on the device already, so there is no device to scatter them to.
    return DistributedDataParallel(model, broadcast_buffers=False)


def _synced(norm: nn.BatchNorm2d, device: torch.device) -> nn.Module:
    if device.type == "cuda":
        return cast(nn.Module, nn.SyncBatchNorm.convert_sync_batchnorm(norm))
    synced = _SyncedBatchNorm(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
    synced.weight, synced.bias = norm.weight, norm.bias
    for name, buffer in norm.named_buffers():
        setattr(synced, name, buffer)
    return synced.train(norm.training)


class _SyncedBatchNorm(nn.BatchNorm2d):
    """Batch norm whose statistics are those of all processes; torch has its own for GPUs alone."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        channels, pixels = x.shape[1], x.numel() // x.shape[1]
        values = x.float()
        own = torch.cat([values.sum((0, 2, 3)), values.square().sum((0, 2, 3)), values.new_tensor([float(pixels)])])
        total = cast(Tensor, _Summed.apply(own))
        count = total[-1]
        mean = total[:channels] / count
        variance = (total[channels:-1] / count - mean.square()).clamp(min=0.0)
        with torch.no_grad():
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.num_batches_tracked is not None
            self.num_batches_tracked += 1
            share = 0.1 if self.momentum is None else self.momentum
            self.running_mean.lerp_(mean, share)
            self.running_var.lerp_(variance * count / (count - 1.0), share)
        # By hand, since gradients must flow through mean and variance too.
        scale = self.weight * torch.rsqrt(variance + self.eps)
        shift = self.bias - mean * scale
        return (values * scale[:, None, None] + shift[:, None, None]).to(x.dtype)


class _Summed(torch.autograd.Function):
    """Sum over all processes, of the values forwards and of the gradients backwards."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Tensor:
        total = cast(Tensor, gradients[0]).clone()
        dist.all_reduce(total)
        return total
