"""The model on a CUDA GPU: one copy of the part's pictures, and one replayed graph for each number of views.

Convolutions compute in float16, the heads in float32. Nothing here waits for the GPU but the end of each part.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass
from time import perf_counter
from typing import cast

import numpy as np
import torch
from torch import Tensor

from recognition.crops.cutting import Crops, crop_views
from recognition.crops.preprocessing import Coding, encoder_input
from recognition.engine.asking import ask, heads_from, scalar_tensors
from recognition.engine.cpu import StreamFunction, crop_tensors
from recognition.engine.device_crops import crops_on_device, layout_of, scalars_on_device, stage
from recognition.engine.views import Ran, Scalars, Views
from recognition.models.folding import Streams, folded
from recognition.models.multiview import MultiViewModel
from recognition.registry import ModelFolder
from station.frames import ROLES

_log = logging.getLogger(__name__)

_WARM_UPS = 3


@dataclass(frozen=True, slots=True)
class _Given:
    """What one part puts in: colour (V, 3, S, S) and depth (V, D, S, S) float16, weight (1,), edges (1, 3)."""

    color: Tensor
    depth: Tensor
    weight_kg: Tensor
    size_m: Tensor

    def take(self, other: _Given) -> None:
        """Copy another part's values over these."""
        for mine, theirs in zip(self._all(), other._all(), strict=True):
            mine.copy_(theirs, non_blocking=True)

    def _all(self) -> tuple[Tensor, ...]:
        return self.color, self.depth, self.weight_kg, self.size_m


@dataclass(frozen=True, slots=True)
class _Captured:
    """A recorded run for one number of views: where its input and its output lie."""

    graph: torch.cuda.CUDAGraph
    given: _Given
    said: Tensor


class _Pinned:
    """Memory of the host that the GPU reads and writes by itself; every part uses it anew, and it only grows."""

    def __init__(self) -> None:
        self._bytes = torch.empty(0, dtype=torch.uint8)

    def ready(self, size: int) -> Tensor:
        """Return ``size`` bytes."""
        if len(self._bytes) < size:
            self._bytes = torch.empty(size, dtype=torch.uint8, pin_memory=True)
        return self._bytes[:size]


class CudaRunner:
    """Runs a model on the first CUDA GPU."""

    def __init__(self, folder: ModelFolder) -> None:
        """Bring the model there and record the run for all of the rig's views."""
        self._device = torch.device("cuda")
        self._config, self._coding = folder.config, Coding.of(folder.config)
        self._sizes = (len(folder.classes), folder.config.embedding)
        self._streams = _half_streams(folder.model, self._device)
        self._heads = _heads_of(folder.model, self._device)
        self._in, self._out = _Pinned(), _Pinned()
        self._captured: dict[int, _Captured | None] = {}
        self._pool = torch.cuda.graph_pool_handle()
        with torch.inference_mode():
            self._captured[len(ROLES)] = self._capture(self._blank(len(ROLES)))

    @property
    def kind(self) -> str:
        """Device and way of computing."""
        return "cuda fp16"

    def run(self, views: Views, scalars: Scalars) -> Ran:
        """Cut the views on the GPU and return what the heads say of them."""
        begun = perf_counter()
        first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        with torch.inference_mode():
            if self._coding.needs_hha:
                crops, given = self._given_by_host(views, scalars)
                cut: tuple[Tensor, ...] = ()
            else:
                crops = None
                given, cut = self._given_by_device(views, scalars)
            first.record()
            said = self._compute(given)
            last.record()
            home = self._bring_home([said, *cut])
        if crops is None:
            color, depth = (one.numpy() for one in home[1:])
            # The staging memory is the next part's, an answer's crops are its own.
            crops = Crops(views.roles, color.copy(), depth.astype(np.uint16))
        heads = heads_from(home[0].clone(), *self._sizes, weighed=scalars.weight_kg is not None)
        forward_s = first.elapsed_time(last) / 1e3
        return Ran(heads, crops, perf_counter() - begun - forward_s, forward_s)

    def _given_by_device(self, views: Views, scalars: Scalars) -> tuple[_Given, tuple[Tensor, Tensor]]:
        """Return the model's input, and the crops as they go home: (V, S, S, 4) uint8 and (V, S, S) float32 in mm."""
        layout = layout_of(views)
        host = self._in.ready(layout.size)
        stage(views, scalars, layout, host)
        device = host.to(self._device, non_blocking=True)
        color, depth_mm, mask = crops_on_device(layout, device, self._config.input_size)
        color_in, depth_in = encoder_input(color, depth_mm, mask > 127, coding=self._coding)
        pixels = torch.cat([color, mask[:, None].float()], dim=1).to(torch.uint8)
        weight, size = scalars_on_device(layout, device)
        return _given(color_in, depth_in, weight, size), (pixels.permute(0, 2, 3, 1).contiguous(), depth_mm)

    def _given_by_host(self, views: Views, scalars: Scalars) -> tuple[Crops, _Given]:
        crops = crop_views(views.frames, views.squares, views.masks, self._config.input_size, views.cameras)
        tensors = (*crop_tensors(crops, self._coding), *scalar_tensors(scalars))
        color, depth, weight, size = (one.to(self._device) for one in tensors)
        return crops, _given(color, depth, weight, size)

    def _compute(self, given: _Given) -> Tensor:
        count = len(given.color)
        if count not in self._captured:
            self._captured[count] = self._capture(given)
        captured = self._captured[count]
        if captured is None:
            return self._said(given)
        captured.given.take(given)
        captured.graph.replay()
        return captured.said

    def _said(self, given: _Given) -> Tensor:
        return ask(self._heads, self._streams(given.color, given.depth), given.weight_kg, given.size_m).flat()

    def _capture(self, example: _Given) -> _Captured | None:
        """Record the run for as many views as the example has; ``None`` where this GPU or model does not allow it."""
        given = _Given(*(one.clone() for one in (example.color, example.depth, example.weight_kg, example.size_m)))
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UPS):
                self._said(given)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        try:
            # thread_local: what other threads do with the GPU meanwhile is none of the recording's business
            with torch.cuda.graph(graph, pool=self._pool, stream=aside, capture_error_mode="thread_local"):
                said = self._said(given)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as fault:
            views = len(given.color)
            _log.warning("The run for %d views cannot be recorded and is started anew each time: %s", views, fault)
            return None
        return _Captured(graph, given, said)

    def _bring_home(self, results: list[Tensor]) -> list[Tensor]:
        """Return what lies on the GPU as float32 and uint8 windows into pinned memory, once everything has arrived."""
        sizes = [one.numel() * one.element_size() for one in results]
        host = self._out.ready(sum(sizes))
        # the widest numbers first, so that every window begins at a multiple of its own width
        places: dict[int, Tensor] = {}
        at = 0
        for number in sorted(range(len(results)), key=lambda one: -results[one].element_size()):
            result = results[number]
            window = host[at : at + sizes[number]].view(result.dtype).view(result.shape)
            window.copy_(result, non_blocking=True)
            places[number] = window
            at += sizes[number]
        torch.cuda.current_stream().synchronize()
        return [places[number] for number in range(len(results))]

    def _blank(self, views: int) -> _Given:
        size, nan = self._config.input_size, float("nan")

        def zeros(channels: int) -> Tensor:
            return torch.zeros(views, channels, size, size, device=self._device)

        known = torch.full((1,), nan, device=self._device), torch.full((1, 3), nan, device=self._device)
        return _given(zeros(3), zeros(self._config.depth_channels), *known)


def _given(color: Tensor, depth: Tensor, weight_kg: Tensor, size_m: Tensor) -> _Given:
    last = torch.channels_last
    return _Given(
        color.to(torch.float16, memory_format=last), depth.to(torch.float16, memory_format=last), weight_kg, size_m
    )


def _half_streams(model: MultiViewModel, device: torch.device) -> StreamFunction:
    try:
        streams: torch.nn.Module = folded(Streams(model))
    except Exception as fault:  # torch.fx names no type for what it cannot trace
        _log.warning("The model cannot be folded and runs as it was trained: %s", fault)
        streams = copy.deepcopy(Streams(model))
    streams.to(device=device, dtype=torch.float16, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return cast("StreamFunction", streams.eval())


def _heads_of(model: MultiViewModel, device: torch.device) -> MultiViewModel:
    """Return a copy of the model on the device without what computes the streams."""
    heads = copy.deepcopy(model)
    heads.color_encoder = heads.depth_encoder = heads.fusions = heads.fusions_to_color = None
    return heads.to(device).eval()
