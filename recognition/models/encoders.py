"""Encoders by their torchvision name, cut into five stages at strides 2, 4, 8, 16 and 32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from recognition.models.torchvision_import import torchvision_models
from station.errors import ModelError

STAGES = 5
_STRIDES = tuple(2**stage for stage in range(1, STAGES + 1))
_PROBE_PX = 64


class Encoder(nn.Module):
    """A backbone as five stages; ``channels[i]`` is the width after stage ``i``."""

    def __init__(self, name: str, in_channels: int = 3) -> None:
        """Build the torchvision model ``name`` without weights, its first convolution for ``in_channels``.

        Raises ModelError for a name that torchvision does not know and for a model without five stages.
        """
        super().__init__()
        self.name = name
        stages = _cut(_built(name), name)
        if in_channels != 3:
            _replace_first_convolution(stages[0], in_channels)
        self.stages = nn.ModuleList(stages)
        self.channels = _widths(name, stages, in_channels)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the five feature maps of x (N, in_channels, S, S)."""
        maps: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    @property
    def first_weight(self) -> str:
        """Name of the tensor whose shape tells how many channels go in."""
        return next(name for name, tensor in self.named_parameters() if tensor.ndim == 4)


def torchvision_names(name: str) -> dict[str, str]:
    """Return what each tensor of an :class:`Encoder` is called in the torchvision model that it was cut from."""
    net = _built(name)
    theirs = {id(tensor): key for key, tensor in net.state_dict(keep_vars=True).items()}
    own = nn.ModuleList(_cut(net, name)).state_dict(prefix="stages.", keep_vars=True)
    return {key: theirs[id(tensor)] for key, tensor in own.items()}


def _built(name: str) -> nn.Module:
    models = torchvision_models()
    known = models.list_models(module=models)
    if name not in known:
        raise ModelError(
            f"There is no encoder {name!r}; known are torchvision's classification models, such as resnet18,"
            " mobilenet_v3_small, regnet_x_400mf or efficientnet_b0.",
            todo="Name one of them.",
        )
    return cast(Callable[..., nn.Module], getattr(models, name))(weights=None)


def _cut(net: nn.Module, name: str) -> list[nn.Module]:
    for marks, cut in _LAYOUTS:
        if all(hasattr(net, mark) for mark in marks):
            return cut(net)
    raise _without_stages(name)


def _without_stages(name: str) -> ModelError:
    return ModelError(
        f"The torchvision model {name!r} has no feature maps at the strides 2, 4, 8, 16 and 32.",
        todo="Name another encoder, such as resnet18.",
    )


def _resnet(net: Any) -> list[nn.Module]:
    stem = nn.Sequential(net.conv1, net.bn1, net.relu)
    return [stem, nn.Sequential(net.maxpool, net.layer1), net.layer2, net.layer3, net.layer4]


def _regnet(net: Any) -> list[nn.Module]:
    return [net.stem, *net.trunk_output.children()]


def _shufflenet(net: Any) -> list[nn.Module]:
    return [net.conv1, net.maxpool, net.stage2, net.stage3, nn.Sequential(net.stage4, net.conv5)]


def _by_size(blocks: Any) -> list[nn.Module]:
    """Cut a row of blocks before each that makes the map smaller; what comes before the first belongs to its stage.

    What closes the row without making it smaller, as MobileNet's 1×1 and DenseNet's norm, stays with the last stage.
    """
    stages: list[list[nn.Module]] = []
    x = torch.zeros(1, 3, _PROBE_PX, _PROBE_PX)
    for block in blocks:
        before, x = int(x.shape[2]), _probed(block, x)
        if not stages or int(x.shape[2]) < before < _PROBE_PX:
            stages.append([])
        stages[-1].append(block)
    return [nn.Sequential(*stage) for stage in stages]


def _probed(block: nn.Module, x: Tensor) -> Tensor:
    """Return what a block makes of x (1, C, S, S), without moving its statistics."""
    training = [(module, module.training) for module in block.modules()]
    with torch.no_grad():
        x = block.eval()(x)
    for module, was in training:
        module.training = was
    return x


def _features(net: Any) -> list[nn.Module]:
    return _by_size(net.features.children())


def _layers(net: Any) -> list[nn.Module]:
    return _by_size(net.layers.children())


_LAYOUTS: tuple[tuple[tuple[str, ...], Callable[[Any], list[nn.Module]]], ...] = (
    (("conv1", "layer4"), _resnet),
    (("stem", "trunk_output"), _regnet),
    (("conv1", "stage4", "conv5"), _shufflenet),
    (("features",), _features),
    (("layers", "classifier"), _layers),
)
"""How a model falls into stages, by the names of its parts: families share them."""


def _replace_first_convolution(stem: nn.Module, in_channels: int) -> None:
    for parent in stem.modules():
        for key, child in parent.named_children():
            if isinstance(child, nn.Conv2d):
                replacement = nn.Conv2d(
                    in_channels,
                    child.out_channels,
                    cast(tuple[int, int], child.kernel_size),
                    stride=cast(tuple[int, int], child.stride),
                    padding=cast(tuple[int, int], child.padding),
                    bias=child.bias is not None,
                )
                nn.init.kaiming_normal_(replacement.weight, mode="fan_out", nonlinearity="relu")
                setattr(parent, key, replacement)
                return


def _widths(name: str, stages: list[nn.Module], in_channels: int) -> tuple[int, ...]:
    maps: list[Tensor] = []
    x = torch.zeros(1, in_channels, _PROBE_PX, _PROBE_PX)
    for stage in stages:
        x = _probed(stage, x)
        maps.append(x)
    if any(x.ndim != 4 for x in maps) or [x.shape[2] for x in maps] != [_PROBE_PX // s for s in _STRIDES]:
        raise _without_stages(name)
    return tuple(int(x.shape[1]) for x in maps)
