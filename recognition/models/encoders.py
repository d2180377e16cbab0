"""Encoders by their torchvision name, cut into five stages at strides 2, 4, 8, 16 and 32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from recognition.torchvision_import import torchvision_models
from station.errors import ModelError

STAGES = 5


class Encoder(nn.Module):
    """A backbone as five stages; ``channels[i]`` is the width after stage ``i``."""

    def __init__(self, name: str, in_channels: int = 3) -> None:
        """Build the torchvision model ``name`` without weights, its first convolution for ``in_channels``.

        Raises ModelError for a name that torchvision or the five-stage cut does not know.
        """
        super().__init__()
        self.name = name
        stages = _cut(name, in_channels)
        self.stages = nn.ModuleList(stages)
        self.channels = _widths(stages, in_channels)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the five feature maps of x (N, in_channels, S, S)."""
        maps: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def _cut(name: str, in_channels: int) -> list[nn.Module]:
    build = cast(Callable[..., nn.Module] | None, getattr(torchvision_models(), name, None))
    family = next((family for family in _FAMILIES if name.startswith(family)), None)
    if build is None or family is None:
        raise ModelError(
            f"There is no encoder {name!r}; known are the torchvision models named {', '.join(_FAMILIES)}….",
            todo="Name one of them.",
        )
    stages = _FAMILIES[family](cast(Any, build(weights=None)))
    if in_channels != 3:
        _replace_first_convolution(stages[0], in_channels)
    return stages


def _resnet(net: Any) -> list[nn.Module]:
    stem = nn.Sequential(net.conv1, net.bn1, net.relu)
    return [stem, nn.Sequential(net.maxpool, net.layer1), net.layer2, net.layer3, net.layer4]


def _regnet(net: Any) -> list[nn.Module]:
    return [net.stem, *net.trunk_output.children()]


def _shufflenet(net: Any) -> list[nn.Module]:
    return [net.conv1, net.maxpool, net.stage2, net.stage3, nn.Sequential(net.stage4, net.conv5)]


def _mobilenet(net: Any) -> list[nn.Module]:
    """Cut a MobileNet before each block that halves the map; the last stage keeps its closing 1×1 convolution."""
    stages: list[nn.Module] = []
    blocks: list[nn.Module] = []
    for block in net.features:
        strides = (m.stride[0] for m in block.modules() if isinstance(m, nn.Conv2d))
        if blocks and max(strides) > 1:
            stages.append(nn.Sequential(*blocks))
            blocks = []
        blocks.append(block)
    return [*stages, nn.Sequential(*blocks)]


_FAMILIES: dict[str, Callable[[Any], list[nn.Module]]] = {
    "resnet": _resnet,
    "regnet_x": _regnet,
    "regnet_y": _regnet,
    "shufflenet_v2": _shufflenet,
    "mobilenet_v3": _mobilenet,
}


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


def _widths(stages: list[nn.Module], in_channels: int) -> tuple[int, ...]:
    widths: list[int] = []
    with torch.no_grad():
        x = torch.zeros(1, in_channels, 64, 64)
        for stage in stages:
            training = stage.training
            x = stage.eval()(x)
            stage.train(training)
            widths.append(int(x.shape[1]))
    if len(stages) != STAGES:
        raise ModelError(f"The encoder falls into {len(stages)} stages, {STAGES} are needed.", todo="Use another one.")
    return tuple(widths)
