"""What a forward pass cannot go below: its operations and bytes, and how fast this machine does either."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from recognition.engine.trial import made_up_views
from recognition.models.folding import Streams
from recognition.registry import ModelFolder

_MATRIX, _COPIED_BYTES, _REPEATS = 2048, 256 * 2**20, 5


@dataclass(frozen=True, slots=True)
class Floor:
    """Of ten views: operations, bytes that layers read and write in the number format, and this machine's peaks."""

    operations: float
    moved_bytes: float
    operations_per_s: float
    bytes_per_s: float

    @property
    def ms(self) -> float:
        """The least time, were all layers one: operations and bytes may overlap."""
        return 1e3 * max(self.operations / self.operations_per_s, self.moved_bytes / self.bytes_per_s)

    def to_json(self) -> dict[str, float]:
        """Return the JSON form, in units that can be read."""
        return {
            "gflop": round(self.operations / 1e9, 1),
            "mb": round(self.moved_bytes / 1e6, 1),
            "peak_gflop_per_s": round(self.operations_per_s / 1e9, 1),
            "copied_gb_per_s": round(self.bytes_per_s / 1e9, 1),
            "floor_ms": round(self.ms, 2),
        }


def floor_of(folder: ModelFolder, device: torch.device, dtype: torch.dtype) -> Floor:
    """Count the streams of a model for ten views; the peaks are measured with ``dtype`` on the device, now."""
    streams, views = Streams(folder.model).cpu().eval(), made_up_views(folder.config, 10)
    moved = 0

    def count(layer: nn.Module, given: tuple[Any, ...], result: Any) -> None:
        nonlocal moved
        tensors = [*given, result, *layer.parameters(recurse=False)]
        moved += sum(one.numel() for one in tensors if isinstance(one, Tensor))

    hooks = [
        layer.register_forward_hook(count)
        for layer in streams.modules()
        if isinstance(layer, (nn.Conv2d, nn.Linear, nn.MaxPool2d))
    ]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        streams(*views)
    for hook in hooks:
        hook.remove()
    width = torch.empty(0, dtype=dtype).element_size()
    return Floor(counter.get_total_flops(), moved * width, _products_per_s(device, dtype), _bytes_per_s(device))


def _best_s(device: torch.device, work: Any) -> float:
    times = list[float]()
    for _ in range(_REPEATS):
        begun = perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(perf_counter() - begun)
    return min(times)


def _products_per_s(device: torch.device, dtype: torch.dtype) -> float:
    size = _MATRIX * (4 if device.type == "cuda" else 1)
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    return 2.0 * size**3 / _best_s(device, lambda: left @ right)


def _bytes_per_s(device: torch.device) -> float:
    source = torch.zeros(_COPIED_BYTES, dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    return 2.0 * _COPIED_BYTES / _best_s(device, lambda: target.copy_(source))
