"""Batches as pure functions of seed and step, so that an interrupted training goes on as if nothing had happened."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.augment import (
    Augmentation,
    disturb_depth,
    draw,
    erase,
    geometry,
    happens,
    paint_out,
    photometry,
    resample,
    swap_background,
)
from recognition.crop_cache import CropCache, CropSpec, Sample
from recognition.models.multiview import ModelInput
from recognition.preprocessing import encoder_input
from recognition.priors import Priors


@dataclass(frozen=True, slots=True)
class Sampling:
    """How batches are drawn: captures, views of each, shares of captures painted out and of views masked."""

    batch: int = 24
    fewest_views: int = 3
    most_views: int = 5
    painted_out_p: float = 0.05
    view_drop_p: float = 0.08
    focus: float = 0.0
    """Captures that weight and size cannot tell apart come up to (1 + ``focus``) times as often as the others."""
    prior_p: float = 0.0
    """Share of captures whose view-wise and picture heads are told what weight and size say."""
    label_smoothing: float = 0.05


@dataclass(frozen=True, slots=True)
class LabelledBatch:
    """Input of the model, target distribution (B, C), which views have live depth (B, V) bool, ``prior`` (B, C).

    The prior is what weight and size say, as log-probabilities; zero for captures that are not told.
    """

    data: ModelInput
    target: Tensor
    live_depth: Tensor
    prior: Tensor


def hardness(cache: CropCache, rows: Sequence[int], labels: Sequence[int], priors: Priors) -> NDArray[np.float64]:
    """Return for each of ``rows`` how likely weight and size alone would miss its class, 0…1."""
    weight, size = _raw_scalars([cache.samples[row] for row in rows])
    return priors.hardness(weight.numpy(), size.numpy(), [labels[row] for row in rows])


def steps_per_epoch(captures: int, sampling: Sampling) -> int:
    """Return how many batches one epoch has; the last incomplete batch is left out."""
    return max(1, captures // sampling.batch)


def training_batch(
    cache: CropCache,
    rows: Sequence[int],
    labels: Sequence[int],
    spec: CropSpec,
    input_size: int,
    priors: Priors,
    hard: NDArray[np.float64],
    step: int,
    seed: int,
    sampling: Sampling,
    how: Augmentation,
) -> LabelledBatch:
    """Return the augmented batch of step ``step``; the same arguments always give the same batch.

    ``rows`` are the captures of the cache to draw from, ``hard`` how hard each of them is, ``labels`` the class number
    of each row of the cache.
    """
    classes = priors.classes
    epoch, place = divmod(step, steps_per_epoch(len(rows), sampling))
    order = _epoch_order(hard, sampling.focus, np.random.default_rng([seed, 1, epoch]))
    picked = [rows[i] for i in order[place * sampling.batch : (place + 1) * sampling.batch]]
    chooser = np.random.default_rng([seed, 2, step])
    rng = torch.Generator().manual_seed(seed * 1_000_003 + step)
    views, view_mask = _draw_views(cache, picked, sampling, chooser)
    at = np.array(picked)[:, None]
    color, depth, mask = _floats(cache.color[at, views], cache.depth_mm[at, views])
    samples, per_sample = view_mask.shape
    n = samples * per_sample
    theta = geometry(n, spec.factor, how, rng)
    color_and_mask = resample(torch.cat([color, mask[:, None].float()], 1), theta, input_size, "bilinear")
    color, mask = color_and_mask[:, :3], color_and_mask[:, 3] > 0.5
    color = color.contiguous()
    depth = resample(depth[:, None], theta, input_size, "nearest")[:, 0]
    swap_background(color, depth, mask, how, rng)
    blank = happens(samples, sampling.painted_out_p, rng)
    blank_views = blank.repeat_interleave(per_sample)
    if bool(blank.any()):
        color[blank_views], depth[blank_views] = paint_out(
            color[blank_views], depth[blank_views], mask[blank_views], rng
        )
    erase(color, depth, how, rng)
    depth = disturb_depth(depth, how, rng)
    color = photometry(color, how, rng)
    offset = torch.randn(n, generator=rng) * how.depth_offset_mm
    color_in, depth_in = encoder_input(color, depth, mask, offset)
    weight, size = _scalars([cache.samples[i] for i in picked], how, rng)
    weight, size = weight.masked_fill(blank, float("nan")), size.masked_fill(blank[:, None], float("nan"))
    target = torch.full((samples, classes), sampling.label_smoothing / classes)
    target[torch.arange(samples), torch.tensor([labels[i] for i in picked])] += 1.0 - sampling.label_smoothing
    target[blank] = 1.0 / classes  # surroundings alone must say nothing
    shape = (samples, per_sample)
    data = ModelInput(color_in.unflatten(0, shape), depth_in.unflatten(0, shape), view_mask, weight, size)
    live = (depth_in[:, 1].mean((1, 2)) > 0.02).view(shape) & view_mask
    told = happens(samples, sampling.prior_p, rng) & ~blank
    prior = torch.from_numpy(priors.log_prior(weight.numpy(), size.numpy())) * told[:, None]
    return LabelledBatch(data, target, live, prior)


def plain_batches(
    cache: CropCache,
    rows: Sequence[int],
    batch: int,
    views: int = 10,
    seed: int = 0,
    middle: tuple[CropSpec, int] | None = None,
) -> Iterator[tuple[list[int], ModelInput]]:
    """Yield the captures ``rows`` as they are, with ``views`` of the ten views drawn from the seed, in batches.

    ``middle`` says how much too large the crops of this cache are, and the size at which their middle is taken.
    """
    for start in range(0, len(rows), batch):
        picked = list(rows[start : start + batch])
        if views == cache.view_mask.shape[1]:
            at_views = np.tile(np.arange(views), (len(picked), 1))
        else:
            chooser = np.random.default_rng([seed, start])
            at_views = np.stack([chooser.permutation(cache.view_mask.shape[1])[:views] for _ in picked])
        at = np.array(picked)[:, None]
        color, depth, mask = _floats(cache.color[at, at_views], cache.depth_mm[at, at_views])
        if middle is not None:
            color, depth, mask = _middle(color, depth, mask, *middle)
        color_in, depth_in = encoder_input(color, depth, mask)
        weight, size = _raw_scalars([cache.samples[i] for i in picked])
        shape = at_views.shape
        view_mask = torch.from_numpy(cache.view_mask[at, at_views])
        yield (
            picked,
            ModelInput(color_in.unflatten(0, shape), depth_in.unflatten(0, shape), view_mask, weight, size),
        )


def class_numbers(cache: CropCache, classes: Mapping[str, int]) -> list[int]:
    """Return the class number of every row of the cache, -1 where the model does not know the class."""
    return [classes.get(sample.class_id, -1) for sample in cache.samples]


def _epoch_order(hard: NDArray[np.float64], focus: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the captures of one epoch: each once, or drawn by how hard they are."""
    if focus <= 0.0:
        return rng.permutation(len(hard))
    share = 1.0 + focus * hard
    return rng.choice(len(hard), size=len(hard), p=share / share.sum())


def _draw_views(
    cache: CropCache, picked: Sequence[int], sampling: Sampling, chooser: np.random.Generator
) -> tuple[np.ndarray, Tensor]:
    count = int(chooser.integers(sampling.fewest_views, sampling.most_views + 1))
    views = np.zeros((len(picked), count), dtype=np.int64)
    for row, capture in enumerate(picked):
        there = chooser.permutation(np.flatnonzero(cache.view_mask[capture]))
        views[row] = np.resize(there, count) if len(there) else 0
    mask = cache.view_mask[np.array(picked)[:, None], views]
    dropped = chooser.random(mask.shape) < sampling.view_drop_p
    dropped[:, 0] = False  # the order is random, so any view may be the one that stays
    return views, torch.from_numpy(mask & ~dropped)


def _floats(color: np.ndarray, depth: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Return colour (n, 3, S, S) 0…255, depth (n, S, S) mm and mask (n, S, S) bool of arrays (B, V, S, S[, 4])."""
    pixels = torch.from_numpy(color).flatten(0, 1).permute(0, 3, 1, 2)
    millimetres = torch.from_numpy(depth.astype(np.float32)).flatten(0, 1)
    return pixels[:, :3].float().contiguous(), millimetres, pixels[:, 3] > 127


def _middle(color: Tensor, depth: Tensor, mask: Tensor, spec: CropSpec, size: int) -> tuple[Tensor, Tensor, Tensor]:
    theta = torch.tensor([[1.0 / spec.factor, 0.0, 0.0], [0.0, 1.0 / spec.factor, 0.0]]).expand(len(color), 2, 3)
    pixels = resample(torch.cat([color, mask[:, None].float()], 1), theta, size, "bilinear")
    return pixels[:, :3], resample(depth[:, None], theta, size, "nearest")[:, 0], pixels[:, 3] > 0.5


def _raw_scalars(samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
    nan = float("nan")
    weight = torch.tensor([nan if s.weight_kg is None else s.weight_kg for s in samples])
    size = torch.tensor([(nan, nan, nan) if s.size_m is None else s.size_m for s in samples])
    return weight, size


def _scalars(samples: Sequence[Sample], how: Augmentation, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return weights (B,) and edges (B, 3) with the scatter between instances; NaN stays NaN."""
    weight, size = _raw_scalars(samples)
    n = len(samples)
    weight = weight * (1.0 + torch.randn(n, generator=rng) * how.weight_spread)
    scatter = torch.randn(n, 3, generator=rng)
    size = size * (1.0 + draw(n, -how.size_spread, how.size_spread, rng)[:, None]) + scatter * how.size_noise_m
    return weight, size.clamp(min=5e-4).sort(dim=1, descending=True).values
