"""Augmentation of a whole batch at once, on the device of its generator.

There are no mirror flips, which would make left- and right-handed parts the same.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from recognition.crops.preprocessing import part_distance
from station.hha import DEGREES_PER_LEVEL, METRES_PER_LEVEL, NEAREST_M


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Strengths: probabilities end in ``_p``, metres and kilograms as named, the rest in parts of the value."""

    light: float = 0.25
    tint: float = 0.06
    noise: float = 0.012
    rotation_p: float = 0.4
    rotation_deg: float = 180.0
    tilt_deg: float = 12.0
    zoom: float = 0.16
    shift: float = 0.08
    depth_offset_mm: float = 12.0
    depth_noise_mm: float = 2.0
    dead_depth_p: float = 0.12
    erase_p: float = 0.10
    background_p: float = 0.15
    weight_spread: float = 0.004
    size_spread: float = 0.010
    size_noise_m: float = 0.001


def draw(n: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    """Return n uniform numbers between ``low`` and ``high``, (n,)."""
    return torch.rand(n, generator=rng, device=rng.device) * (high - low) + low


def happens(n: int, probability: float, rng: torch.Generator) -> Tensor:
    """Return n draws of an event, (n,) bool."""
    return torch.rand(n, generator=rng, device=rng.device) < probability


def grain(views: Tensor, rng: torch.Generator) -> Tensor:
    """Return normal noise like ``views`` (n, …), which may be written into.

    It is drawn for an eighth of the views and dealt out to all of them at random: a generator gives its numbers one
    after the other, and numbers for every pixel of a batch took a quarter of the time of all augmentation.
    """
    n = len(views)
    drawn = torch.randn((max(1, math.ceil(n / 8)), *views.shape[1:]), generator=rng, device=rng.device)
    return drawn[torch.randint(len(drawn), (n,), generator=rng, device=rng.device)]


def geometry(n: int, factor: float, how: Augmentation, rng: torch.Generator) -> Tensor:
    """Return affine maps (n, 2, 3) for ``grid_sample``: rotation, zoom and shift of a crop ``factor`` too large."""
    full = happens(n, how.rotation_p, rng)
    angle = torch.where(
        full,
        draw(n, -how.rotation_deg, how.rotation_deg, rng),
        draw(n, -how.tilt_deg, how.tilt_deg, rng),
    ) * (math.pi / 180.0)
    scale = torch.exp(draw(n, -how.zoom, how.zoom, rng)) / factor
    cos, sin = angle.cos() * scale, angle.sin() * scale
    x, y = (draw(n, -how.shift, how.shift, rng) * 2.0 for _ in range(2))
    return torch.stack([torch.stack([cos, -sin, x], 1), torch.stack([sin, cos, y], 1)], 1)


def sampled_places(theta: Tensor, size: int) -> Tensor:
    """Return where the pixels of a crop lie by affine maps (n, 2, 3): (n, size, size, 2) for :func:`resample`."""
    return F.affine_grid(theta, [len(theta), 1, size, size], align_corners=False)


def resample(pixels: Tensor, grid: Tensor, mode: str) -> Tensor:
    """Sample pixels (n, C, H, W) at places (n, S, S, 2) into (n, C, S, S)."""
    padding = "border" if mode == "bilinear" else "zeros"
    return F.grid_sample(pixels, grid, mode=mode, padding_mode=padding, align_corners=False)


def swap_background(
    color: Tensor, depth: Tensor, mask: Tensor, how: Augmentation, rng: torch.Generator, hha: Tensor | None = None
) -> None:
    """Put some parts before the surroundings of another view, in place.

    ``color`` (n, 3, S, S) 0…255, ``depth`` (n, S, S) millimetres, ``mask`` (n, S, S) bool, ``hha`` (n, 3, S, S) levels.
    What the other view's part covered is painted out there; depth is moved so that both parts lie equally far away.
    HHA is not: both parts stand on the same plate.
    """
    chosen = happens(len(color), how.background_p, rng).nonzero()[:, 0]
    if len(chosen) == 0:
        return
    partner = torch.randint(len(color), (len(chosen),), generator=rng, device=rng.device)
    other_color, other_depth = paint_out(color[partner], depth[partner], mask[partner], rng)
    moved = part_distance(depth[chosen], mask[chosen]) - part_distance(depth[partner], mask[partner])
    moved_depth = torch.where(other_depth > 0, other_depth + moved.nan_to_num(0.0)[:, None, None], other_depth)
    # a little of the own surroundings stays: masks are never exact to the pixel
    own = grown(mask[chosen], 3)
    color[chosen] = torch.where(own[:, None], color[chosen], other_color)
    depth[chosen] = torch.where(own, depth[chosen], moved_depth.clamp(min=0.0))
    if hha is not None:
        hha[chosen] = torch.where(own[:, None], hha[chosen], hha[partner])


def paint_out(color: Tensor, depth: Tensor, mask: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return colour and depth with the part and a rim round it painted in the mean of its surroundings."""
    covered = grown(mask, 9)
    rest = (~covered)[:, None].float()
    mean = (color * rest).sum((2, 3), keepdim=True) / rest.sum((2, 3), keepdim=True).clamp(min=1.0)
    grain = torch.randn(color.shape, generator=rng, device=rng.device) * 6.0
    painted = torch.where(covered[:, None], (mean + grain).clamp(0.0, 255.0), color)
    return painted, torch.where(covered, torch.zeros_like(depth), depth)


def grown(mask: Tensor, kernel: int) -> Tensor:
    """Return the mask (n, S, S) grown by half of ``kernel`` pixels."""
    # a square's largest value is that of its rows' largest ones, for a fraction of the work
    rows = F.max_pool2d(mask[:, None].float(), (1, kernel), stride=1, padding=(0, kernel // 2))
    return F.max_pool2d(rows, (kernel, 1), stride=1, padding=(kernel // 2, 0))[:, 0] > 0.5


def photometry(color: Tensor, how: Augmentation, rng: torch.Generator) -> Tensor:
    """Return colour (n, 3, S, S) 0…255 with brightness, contrast, saturation, tint and noise drawn per view."""
    n = len(color)
    gain = torch.exp(draw(n, -how.light, how.light, rng))[:, None, None, None]
    tint = torch.exp(torch.randn(n, 3, 1, 1, generator=rng, device=rng.device) * how.tint)
    # in place from here on: these are the largest arrays of a batch, and every copy of them goes through the memory
    color = (color * gain).mul_(tint)
    mean = color.mean((1, 2, 3), keepdim=True)
    contrast = torch.exp(draw(n, -how.light, how.light, rng))[:, None, None, None]
    color.sub_(mean).mul_(contrast).add_(mean)
    grey = color.mean(1, keepdim=True)
    saturation = (1.0 + draw(n, -how.light, how.light, rng))[:, None, None, None]
    color.sub_(grey).mul_(saturation).add_(grey)
    return color.add_(grain(color, rng), alpha=how.noise * 255.0).clamp_(0.0, 255.0)


def disturb_depth(depth: Tensor, how: Augmentation, rng: torch.Generator) -> Tensor:
    """Return depth (n, S, S) millimetres with noise, and some views dead."""
    noisy = torch.add(depth, grain(depth, rng), alpha=how.depth_noise_mm)
    noisy = torch.where(depth > 0, noisy.clamp(min=1.0), torch.zeros_like(depth))
    dead = happens(len(depth), how.dead_depth_p, rng)
    return torch.where(dead[:, None, None], torch.zeros_like(noisy), noisy)


def disturb_hha(
    hha: Tensor, before: Tensor, after: Tensor, offset_mm: Tensor, how: Augmentation, rng: torch.Generator
) -> Tensor:
    """Return HHA (n, 3, S, S) of depth that a camera's noise and fault took from ``before`` to ``after`` (n, S, S) mm.

    Disparity is that of the new depth plus the fault ``offset_mm`` (n,). What seems farther away seems lower, by how
    much hangs on how steeply the camera looks down, which is drawn for each view. The angle is that of a plane fitted
    over some pixels, so it shakes with the noise. Where no depth is left there is no HHA.
    """
    n = len(hha)
    measured = after > 0
    distance = (after + offset_mm[:, None, None]).clamp(min=1.0)
    farther = torch.where(measured, distance - before, torch.zeros_like(before))
    steep = draw(n, 0.4, 1.0, rng)[:, None, None]
    shake = torch.randn(before.shape, generator=rng, device=rng.device) * (how.depth_noise_mm / DEGREES_PER_LEVEL)
    angle = torch.where(hha[:, 0] > 0, (hha[:, 0] + shake).clamp(1.0, 255.0), hha[:, 0])
    height = (hha[:, 1] - farther * steep / (METRES_PER_LEVEL * 1000.0)).clamp(1.0, 255.0)
    disparity = (255.0 * NEAREST_M * 1000.0 / distance).clamp(1.0, 255.0)
    levels = torch.stack([angle, height, disparity], dim=1)
    return torch.where(measured[:, None], levels, torch.zeros_like(levels))


def erase(color: Tensor, depth: Tensor, how: Augmentation, rng: torch.Generator) -> None:
    """Cover a rectangle of some views with their mean colour and without depth, in place."""
    size = color.shape[-1]
    for view in happens(len(color), how.erase_p, rng).nonzero()[:, 0].tolist():
        height, width = (int(v) for v in (draw(2, 0.12, 0.35, rng) * size).tolist())
        top, left = (int(v) for v in draw(2, 0.0, size - max(height, width), rng).tolist())
        color[view, :, top : top + height, left : left + width] = color[view].mean((1, 2), keepdim=True)
        depth[view, top : top + height, left : left + width] = 0.0
