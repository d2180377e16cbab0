"""From crops to what the encoders take: the same for training and inference, on any device."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from recognition.models.config import ModelConfig
from station.errors import ModelError
from station.hha import DEGREES_PER_LEVEL, METRES_PER_LEVEL, PLATE_LEVEL

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""Mean and spread of colours in 0…1, as torchvision's weights expect them."""
DEPTH_SPAN_MM = 100.0
"""Relative depth and height above the plate: this much is one unit."""
MIDDLE_MM, METRES_SPAN_MM = 600.0, 250.0
"""Absolute depth: zero, and what is one unit away from it; the rig's cameras stand 0.3 to 0.9 m off the part."""
_ANGLE_SPAN_DEG = 45.0
"""Angle to the plate's upward normal: zero here, and so much is one unit."""
_DISPARITY_MIDDLE, _DISPARITY_SPAN = 85.0, 40.0
"""Levels of HHA's disparity: that of 0.6 m is zero."""


@dataclass(frozen=True, slots=True)
class Coding:
    """As what crops go in: a model's ``depth_coding`` and ``background``."""

    depth: str = "relative"
    background: str = "kept"

    @staticmethod
    def of(config: ModelConfig) -> Coding:
        """Return the coding of a model."""
        return Coding(config.depth_coding, config.background)

    @property
    def needs_hha(self) -> bool:
        """Whether crops must bring HHA along."""
        return self.depth == "hha"


PLAIN = Coding()
"""Depth relative to the part, and the surroundings as they are."""


def encoder_input(
    color: Tensor,
    depth_mm: Tensor,
    mask: Tensor,
    offset_mm: Tensor | None = None,
    coding: Coding = PLAIN,
    hha: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Return normalised colour (n, 3, S, S) and depth (n, D, S, S), float32.

    ``color`` (n, 3, S, S) is 0…255, ``depth_mm`` (n, S, S) with 0 for "not measured", ``mask`` (n, S, S) bool.
    Relative depth is taken from the part's median, so that it says the same from near and far, and clipped at two
    spans; in metres it is the distance along the optical axis; ``hha`` (n, 3, S, S) are the levels of
    :func:`station.hha.hha_image`, which only that coding needs. The last plane says where depth was measured.
    ``offset_mm`` (n,) is the fault of a camera's depth, as augmentation. A masked background has the mean colour and no
    depth. Raises ModelError when HHA is wanted and not there.
    """
    mean = torch.tensor(MEAN, device=color.device).view(1, 3, 1, 1) * 255.0
    std = torch.tensor(STD, device=color.device).view(1, 3, 1, 1) * 255.0
    normalised = (color - mean).div_(std)
    if coding.background == "masked":
        normalised = normalised.masked_fill(~mask[:, None], 0.0)
        depth_mm = depth_mm.masked_fill(~mask, 0.0)
    if coding.needs_hha:
        if hha is None:
            raise ModelError("The model needs depth as HHA, which was not computed.", todo="Give the calibration.")
        return normalised, _hha_planes(hha, depth_mm)
    if coding.depth == "metres":
        usable = depth_mm > 0
        off = 0.0 if offset_mm is None else offset_mm[:, None, None]
        planes = ((depth_mm + off - MIDDLE_MM) / METRES_SPAN_MM).clamp(-2.4, 6.0)
    else:
        distance = part_distance(depth_mm, mask)
        if offset_mm is not None:
            distance = distance + offset_mm
        usable = (depth_mm > 0) & ~distance.isnan()[:, None, None]
        planes = ((depth_mm - distance[:, None, None]) / DEPTH_SPAN_MM).clamp(-2.0, 2.0)
    planes = torch.where(usable, planes, torch.zeros_like(planes))
    return normalised, torch.stack([planes, usable.to(planes.dtype)], dim=1)


def _hha_planes(hha: Tensor, depth_mm: Tensor) -> Tensor:
    """Return angle, height, disparity and measured (n, 4, S, S); an angle that is not known is the middle one."""
    usable = depth_mm > 0
    levels = hha.to(depth_mm.dtype)
    angle = ((levels[:, 0] - 1.0) * DEGREES_PER_LEVEL - _ANGLE_SPAN_DEG) / _ANGLE_SPAN_DEG
    angle = torch.where(levels[:, 0] > 0, angle, torch.zeros_like(angle))
    height = (levels[:, 1] - PLATE_LEVEL) * (METRES_PER_LEVEL * 1000.0 / DEPTH_SPAN_MM)
    disparity = (levels[:, 2] - _DISPARITY_MIDDLE) / _DISPARITY_SPAN
    planes = torch.stack([angle, height, disparity], dim=1)
    planes = torch.where(usable[:, None], planes, torch.zeros_like(planes))
    return torch.cat([planes, usable[:, None].to(planes.dtype)], dim=1)


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
