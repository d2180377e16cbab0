"""The plain path to a ranked list, to compare with: every picture by itself, eager float32, every head asked.

It is how the published method is coded: crop, resize and normalise one picture after another, stack them, run the model
as it was trained, all of its auxiliary heads included. The model is the one that the engine runs.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import torch
from torch import Tensor, fx, nn

from recognition.classes import ClassProfile
from recognition.confidence.experts import CONDITIONS, Confidence, Expert
from recognition.confidence.judgement import Heads
from recognition.confidence.relief import signature_shape
from recognition.confidence.turning import TurnGallery
from recognition.crops.cutting import Crops, cut
from recognition.crops.preprocessing import encoder_input
from recognition.engine.asking import scalar_tensors
from recognition.engine.trial import made_up_views
from recognition.engine.views import Ran, Scalars, Views
from recognition.models.config import ModelConfig
from recognition.models.folding import Streams
from recognition.models.multiview import MultiViewModel
from recognition.registry import Gallery, ModelFolder, load_model, write_model

CLASSES, CAPTURES = 308, 12
"""As many as the published data set has."""
FULL_SIZE = ModelConfig(
    classes=CLASSES,
    color_encoder="resnet50",
    depth_encoder="resnet50",
    input_size=224,
    view_width=1024,
    tokens="modalities",
)
"""ResNet-50 for colour and for depth, colour led into depth, 224 px, a head for every view and every stream."""


class PlainRunner:
    """Runs the model as it was trained on one device; ``channels_last`` is the one mercy that it may be shown."""

    def __init__(self, folder: ModelFolder, device: torch.device, *, channels_last: bool) -> None:
        """Bring a model to the device as it is."""
        # The engine goes on with its own where a GPU takes a copy away.
        self._model = folder.model if device.type == "cpu" else copy.deepcopy(folder.model).to(device)
        self._device = device
        self._size = folder.config.input_size
        self._streams = Streams(self._model) if channels_last else _channels_first(self._model)
        self.kind = f"{device.type} fp32 plain" + (", channels last" if channels_last else "")

    def run(self, views: Views, scalars: Scalars) -> Ran:
        """Return what the heads say, after all heads were asked."""
        begun = perf_counter()
        crops = [self._one(views, role) for role in views.roles]
        inputs = [self._normalised(color, depth) for color, depth in crops]
        color, depth = (torch.stack(planes) for planes in zip(*inputs, strict=True))
        prepared = perf_counter()
        with torch.no_grad():
            heads = self._heads(color, depth, scalars)
        done = perf_counter()
        colors, depths = (np.stack(one) for one in zip(*crops, strict=True))
        return Ran(heads, Crops(views.roles, colors, depths), prepared - begun, done - prepared)

    def _one(self, views: Views, role: str) -> tuple[np.ndarray, np.ndarray]:
        frame, square, size = views.frames[role], views.squares[role], self._size
        color = cut(frame.color, square, size, nearest=False, outside=cv2.BORDER_REPLICATE)
        mask = cut(views.masks[role], square, size, nearest=True, outside=cv2.BORDER_CONSTANT)
        raw = cut(frame.depth, square, size, nearest=True, outside=cv2.BORDER_CONSTANT)
        return np.dstack([color, mask]), np.rint(raw * (frame.depth_scale * 1000.0)).astype(np.uint16)

    def _normalised(self, pixels: np.ndarray, depth_mm: np.ndarray) -> tuple[Tensor, Tensor]:
        both = torch.from_numpy(pixels).permute(2, 0, 1).to(self._device)
        depth = torch.from_numpy(depth_mm.astype(np.float32)).to(self._device)
        color, planes = encoder_input(both[None, :3].float(), depth[None], both[None, 3] > 127)
        return color[0], planes[0]

    def _heads(self, color: Tensor, depth: Tensor, scalars: Scalars) -> Heads:
        model = self._model
        weight, size = (one.to(self._device) for one in scalar_tensors(scalars))
        mask = torch.ones(1, len(color), dtype=torch.bool, device=self._device)
        features = model.gather(self._streams(color, depth), mask)
        said = model.conclude(features, weight, size)
        views = model.view_head(features.vectors)
        for head, own in ((model.color_head, features.color), (model.depth_head, features.depth)):
            if head is not None and own is not None:
                head(own)
        blind = model.classify(features, torch.full_like(weight, float("nan")), size)
        told = (said.logits, said.visual_logits, views, said.embedding, blind)
        return Heads(*(one[0].float().cpu() for one in told))


def _channels_first(model: MultiViewModel) -> nn.Module:
    """Return the streams without the change of layout that this project's model begins with."""
    graph = fx.symbolic_trace(Streams(model))
    for node in list(graph.graph.nodes):
        if node.op == "call_method" and node.target == "contiguous":
            node.replace_all_uses_with(node.args[0])
            graph.graph.erase_node(node)
    graph.recompile()
    return graph


def full_size_model(folder: Path) -> ModelFolder:
    """Write a model of the published size with random weights: its answers say nothing, its time is the real one."""
    torch.manual_seed(5)
    model = MultiViewModel(FULL_SIZE)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the plain mean over all batches
    with torch.no_grad():
        model.streams(*(one[..., ::2, ::2] for one in made_up_views(FULL_SIZE, 8)))
    random = np.random.default_rng(5)
    edges = np.sort(random.uniform(0.02, 0.25, (CLASSES, 3)))[:, ::-1]
    profiles = tuple(
        ClassProfile(f"part_{n:03d}", str(n), f"Part {n}", float(random.uniform(0.05, 8.0)), (tuple(map(float, edge)),))
        for n, edge in enumerate(edges)
    )
    expert = Expert(0.5, 0.5, 1.0, 1.0, 10.0, threshold=12.0)
    gallery = torch.nn.functional.normalize(torch.randn(CLASSES * CAPTURES, FULL_SIZE.embedding), dim=1)
    write_model(
        folder,
        "full size",
        model.state_dict(),
        FULL_SIZE,
        profiles,
        (),
        Confidence(dict.fromkeys(CONDITIONS, expert), 0.005, 0.01, 0.003, 0.3),
        Gallery(gallery, torch.arange(CLASSES).repeat(CAPTURES)),
        TurnGallery(np.zeros((0, *signature_shape()), np.int8), np.zeros(0, np.int64), np.full(CLASSES, -1, np.int64)),
        {"metrics": {}},
    )
    return load_model(folder)
