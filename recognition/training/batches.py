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

from recognition.confidence.priors import Priors
from recognition.crops.cache import CropCache, CropSpec, Sample
from recognition.crops.preprocessing import PLAIN, Coding, encoder_input
from recognition.models.multiview import ModelInput
from recognition.training.augment import (
    Augmentation,
    disturb_depth,
    disturb_hha,
    draw,
    erase,
    geometry,
    happens,
    paint_out,
    photometry,
    resample,
    sampled_places,
    swap_background,
)
from recognition.training.sampling import Sampling, draw_captures, draw_views
from station.errors import ModelError


@dataclass(frozen=True, slots=True)
class LabelledBatch:
    """Input of the model, target distribution (B, C), which views have live depth (B, V) bool, ``prior`` (B, C).

    The prior is what weight and size say, as log-probabilities; zero for captures that are not told. ``share`` (B,) is
    how much each capture counts, 1 on average over the training captures.
    """

    data: ModelInput
    target: Tensor
    live_depth: Tensor
    prior: Tensor
    share: Tensor


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of every batch one of several training processes makes: part ``index`` of ``count``."""

    index: int = 0
    count: int = 1


class TrainingBatches:
    """The augmented batches of a training; the same arguments and step always give the same batch.

    A batch is made of chunks of ``sampling.chunk`` captures, each with random numbers of its own: whoever makes a part
    of a batch makes the very captures that a process alone makes there.
    """

    def __init__(
        self,
        cache: CropCache,
        labels: Sequence[int],
        spec: CropSpec,
        input_size: int,
        priors: Priors,
        seed: int,
        sampling: Sampling,
        how: Augmentation,
        device: torch.device | str = "cpu",
        coding: Coding = PLAIN,
    ) -> None:
        """Draw from the captures of ``cache`` whose class number in ``labels`` is not negative.

        Raises ModelError when ``coding`` needs HHA and the cache was cut without.
        """
        self._hha, self._coding = coded_depth(cache, coding), coding
        self._cache, self._labels, self._spec, self._input_size = cache, labels, spec, input_size
        self._priors, self._seed, self._sampling, self._how = priors, seed, sampling, how
        self._device = torch.device(device)
        self.rows = [row for row, label in enumerate(labels) if label >= 0]
        hard = hardness(cache, self.rows, labels, priors)
        self._shares = sampling.shares(hard, [labels[row] for row in self.rows])
        counts = np.array([cache.samples[row].training_weight for row in self.rows], dtype=np.float64)
        self._counts = dict(zip(self.rows, counts / counts.mean(), strict=True)) if counts.sum() > 0 else {}
        self._of_class: dict[int, list[int]] = {}
        for row in self.rows:
            self._of_class.setdefault(labels[row], []).append(row)
        self.per_epoch = max(1, len(self.rows) // sampling.batch)

    def batch(self, step: int, part: Part = Part()) -> LabelledBatch:
        """Return the batch of a step, or the part of it that one of several processes makes."""
        sampling = self._sampling
        picked = draw_captures(self.rows, self._shares, self._seed, *divmod(step, self.per_epoch), sampling.batch)
        chooser = np.random.default_rng([self._seed, 2, step])
        views = int(chooser.integers(sampling.fewest_views, sampling.most_views + 1))
        chunks = [picked[at : at + sampling.chunk] for at in range(0, len(picked), sampling.chunk)]
        own = range(part.index, len(chunks), part.count)
        return _joined([self._chunk(chunks[index], views, step, index) for index in own])

    def _chunk(self, picked: Sequence[int], views: int, step: int, index: int) -> LabelledBatch:
        sampling, how, size = self._sampling, self._how, self._input_size
        chooser = np.random.default_rng([self._seed, 3, step, index])
        rng = torch.Generator(device=self._device).manual_seed((self._seed * 1_000_003 + step) * 4099 + index)
        drawn = draw_views(self._cache.view_mask, picked, self._of_class, self._labels, views, sampling, chooser)
        pixels, depth = _floats(
            self._cache.color[drawn.captures, drawn.views],
            self._cache.depth_mm[drawn.captures, drawn.views],
            self._device,
        )
        shape = (samples, per_sample) = drawn.views.shape
        n = samples * per_sample
        hha = _levels(self._hha, drawn.captures, drawn.views, self._device)
        grid = sampled_places(geometry(n, self._spec.factor, how, rng), size)
        pixels = resample(pixels, grid, "bilinear")
        color, mask = pixels[:, :3], pixels[:, 3] > 0.5
        depth = resample(depth[:, None], grid, "nearest")[:, 0]
        hha = None if hha is None else resample(hha, grid, "nearest")
        swap_background(color, depth, mask, how, rng, hha)
        blank = happens(samples, sampling.painted_out_p, rng)
        blank_views = blank.repeat_interleave(per_sample)
        if bool(blank.any()):
            color[blank_views], depth[blank_views] = paint_out(
                color[blank_views], depth[blank_views], mask[blank_views], rng
            )
            # Before a masked background there is nothing left to look at.
            mask = mask & ~blank_views[:, None, None] if self._coding.background == "masked" else mask
        erase(color, depth, how, rng)
        before = depth
        depth = disturb_depth(depth, how, rng)
        without_depth = happens(samples, sampling.depth_drop_p, rng)
        if sampling.depth_drop_p > 0:
            depth = depth.masked_fill(without_depth.repeat_interleave(per_sample)[:, None, None], 0.0)
        color = photometry(color, how, rng)
        offset = torch.randn(n, generator=rng, device=self._device) * how.depth_offset_mm
        if hha is not None:
            hha = disturb_hha(hha, before, depth, offset, how, rng)
        color_in, depth_in = encoder_input(color, depth, mask, offset, self._coding, hha)
        without_color = happens(samples, sampling.color_drop_p, rng) & ~without_depth
        if sampling.color_drop_p > 0:
            color_in = color_in.masked_fill(without_color.repeat_interleave(per_sample)[:, None, None, None], 0.0)
        weight, size_m = _scalars([self._cache.samples[i] for i in picked], how, rng)
        weight = weight.masked_fill(blank | happens(samples, sampling.weight_drop_p, rng), float("nan"))
        sizeless = blank | happens(samples, sampling.size_drop_p, rng)
        size_m = size_m.masked_fill(sizeless[:, None], float("nan"))
        view_mask, slots = (torch.from_numpy(a).to(self._device) for a in (drawn.mask, drawn.slots))
        data = ModelInput(color_in.unflatten(0, shape), depth_in.unflatten(0, shape), view_mask, weight, size_m, slots)
        live = (depth_in[:, -1].mean((1, 2)) > 0.02).view(shape) & view_mask
        told = happens(samples, sampling.prior_p, rng) & ~blank
        prior = torch.from_numpy(self._priors.log_prior(weight.cpu().numpy(), size_m.cpu().numpy())).to(self._device)
        share = torch.tensor([self._counts.get(row, 1.0) for row in picked], dtype=torch.float32, device=self._device)
        return LabelledBatch(data, self._target(picked, blank), live, prior * told[:, None], share)

    def _target(self, picked: Sequence[int], blank: Tensor) -> Tensor:
        smoothing, classes = self._sampling.label_smoothing, self._priors.classes
        target = torch.full((len(picked), classes), smoothing / classes, device=self._device)
        target[torch.arange(len(picked)), torch.tensor([self._labels[i] for i in picked])] += 1.0 - smoothing
        target[blank] = 1.0 / classes  # surroundings alone must say nothing
        return target


def hardness(cache: CropCache, rows: Sequence[int], labels: Sequence[int], priors: Priors) -> NDArray[np.float64]:
    """Return for each of ``rows`` how likely weight and size alone would miss its class, 0…1."""
    weight, size = _raw_scalars([cache.samples[row] for row in rows])
    return priors.hardness(weight.numpy(), size.numpy(), [labels[row] for row in rows])


def plain_batches(
    cache: CropCache,
    rows: Sequence[int],
    batch: int,
    views: int = 10,
    seed: int = 0,
    middle: tuple[CropSpec, int] | None = None,
    coding: Coding = PLAIN,
) -> Iterator[tuple[list[int], ModelInput]]:
    """Yield the captures ``rows`` as they are, with ``views`` of the ten views drawn from the seed, in batches.

    ``middle`` says how much too large the crops of this cache are, and the size at which their middle is taken,
    ``coding`` as what the model takes them. Raises ModelError when that needs HHA and the cache was cut without.
    """
    coded = coded_depth(cache, coding)
    for start in range(0, len(rows), batch):
        picked = list(rows[start : start + batch])
        if views == cache.view_mask.shape[1]:
            at_views = np.tile(np.arange(views), (len(picked), 1))
        else:
            chooser = np.random.default_rng([seed, start])
            at_views = np.stack([chooser.permutation(cache.view_mask.shape[1])[:views] for _ in picked])
        at = np.array(picked)[:, None]
        pixels, depth = _floats(cache.color[at, at_views], cache.depth_mm[at, at_views])
        hha = _levels(coded, at, at_views)
        if middle is not None:
            pixels, depth, hha = _middle(pixels, depth, hha, *middle)
        color, mask = pixels[:, :3], pixels[:, 3] > 0.5
        color_in, depth_in = encoder_input(color, depth, mask, coding=coding, hha=hha)
        weight, size = _raw_scalars([cache.samples[i] for i in picked])
        shape = at_views.shape
        view_mask, slots = torch.from_numpy(cache.view_mask[at, at_views]), torch.from_numpy(at_views)
        yield (
            picked,
            ModelInput(color_in.unflatten(0, shape), depth_in.unflatten(0, shape), view_mask, weight, size, slots),
        )


def coded_depth(cache: CropCache, coding: Coding) -> NDArray[np.uint8] | None:
    """Return the HHA of a cache where the coding needs it; raises ModelError when it is not there."""
    if coding.needs_hha and cache.hha is None:
        raise ModelError("The model takes depth as HHA, and the crops were cut without.", todo="Cut them with it.")
    return cache.hha if coding.needs_hha else None


def moved(data: ModelInput, device: torch.device | str) -> ModelInput:
    """Return a batch on another device."""
    return ModelInput(
        data.color.to(device),
        data.depth.to(device),
        data.view_mask.to(device),
        data.weight_kg.to(device),
        data.size_m.to(device),
        None if data.slots is None else data.slots.to(device),
    )


def class_numbers(cache: CropCache, classes: Mapping[str, int]) -> list[int]:
    """Return the class number of every row, -1 where the model does not know the class or no view shows a part."""
    return [
        classes.get(sample.class_id, -1) if views.any() else -1
        for sample, views in zip(cache.samples, cache.view_mask, strict=True)
    ]


def _joined(chunks: Sequence[LabelledBatch]) -> LabelledBatch:
    if len(chunks) == 1:
        return chunks[0]
    inputs = [chunk.data for chunk in chunks]
    data = ModelInput(
        torch.cat([i.color for i in inputs]),
        torch.cat([i.depth for i in inputs]),
        torch.cat([i.view_mask for i in inputs]),
        torch.cat([i.weight_kg for i in inputs]),
        torch.cat([i.size_m for i in inputs]),
        torch.cat([i.slots for i in inputs if i.slots is not None]),
    )
    return LabelledBatch(
        data,
        torch.cat([chunk.target for chunk in chunks]),
        torch.cat([chunk.live_depth for chunk in chunks]),
        torch.cat([chunk.prior for chunk in chunks]),
        torch.cat([chunk.share for chunk in chunks]),
    )


def _floats(color: np.ndarray, depth: np.ndarray, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Return pixels (n, 4, S, S), colour 0…255 and mask 0 or 1, and depth (n, S, S) mm of arrays (B, V, S, S[, 4])."""
    # Bytes travel to the device, and grow to floats there.
    pixels = torch.from_numpy(color).to(device).flatten(0, 1).permute(0, 3, 1, 2)
    millimetres = torch.from_numpy(depth.astype(np.float32)).to(device).flatten(0, 1)
    floats = pixels.to(torch.float32, memory_format=torch.contiguous_format)
    floats[:, 3] = (floats[:, 3] > 127.0).float()
    return floats, millimetres


def _levels(
    coded: NDArray[np.uint8] | None,
    captures: NDArray[np.int64],
    views: NDArray[np.int64],
    device: torch.device | str = "cpu",
) -> Tensor | None:
    """Return HHA (n, 3, S, S) as floats."""
    if coded is None:
        return None
    return torch.from_numpy(coded[captures, views]).to(device).flatten(0, 1).permute(0, 3, 1, 2).float().contiguous()


def _middle(
    pixels: Tensor, depth: Tensor, hha: Tensor | None, spec: CropSpec, size: int
) -> tuple[Tensor, Tensor, Tensor | None]:
    theta = torch.tensor([[1.0 / spec.factor, 0.0, 0.0], [0.0, 1.0 / spec.factor, 0.0]]).expand(len(pixels), 2, 3)
    grid = sampled_places(theta, size)
    depth = resample(depth[:, None], grid, "nearest")[:, 0]
    return resample(pixels, grid, "bilinear"), depth, None if hha is None else resample(hha, grid, "nearest")


def _raw_scalars(samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
    nan = float("nan")
    weight = torch.tensor([nan if s.weight_kg is None else s.weight_kg for s in samples])
    size = torch.tensor([(nan, nan, nan) if s.size_m is None else s.size_m for s in samples])
    return weight, size


def _scalars(samples: Sequence[Sample], how: Augmentation, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return weights (B,) and edges (B, 3) with the scatter between instances; NaN stays NaN."""
    weight, size = (values.to(rng.device) for values in _raw_scalars(samples))
    n = len(samples)
    weight = weight * (1.0 + torch.randn(n, generator=rng, device=rng.device) * how.weight_spread)
    scatter = torch.randn(n, 3, generator=rng, device=rng.device)
    size = size * (1.0 + draw(n, -how.size_spread, how.size_spread, rng)[:, None]) + scatter * how.size_noise_m
    return weight, size.clamp(min=5e-4).sort(dim=1, descending=True).values
