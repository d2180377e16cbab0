"""The engine: a frameset and where the part lies in it, to a ranked list."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import cast

import numpy as np
import torch
from torch import Tensor

from recognition.crop_cache import LIGHTEST_KG
from recognition.crops import Crops, crop_views, visible_share, whole_square
from recognition.judgement import Heads, Judgement
from recognition.models.folding import folded
from recognition.models.multiview import ModelInput, MultiViewModel
from recognition.preprocessing import Coding, encoder_input
from recognition.registry import ModelFolder, load_model
from station.errors import ModelError
from station.frames import Frame, FrameSet
from station.results import PartLocation, Recognition, Square

LEAST_VISIBLE = 0.35
"""A view that shows less of its crop than this says more about the border of the picture than about the part."""


class Engine:
    """Answers with one model on one device; implements ``station.workflow.protocols.Recognizer``.

    Not meant to be called from two threads at once.
    """

    def __init__(self, model: Path | ModelFolder, device: str = "auto") -> None:
        """Load the model from its folder and bring it to ``auto``, ``cpu`` or ``cuda``.

        Raises ModelError when the folder is damaged or the device is not there.
        """
        self.folder = load_model(model) if isinstance(model, Path) else model
        self.device = device_for(device)
        self._cuda = self.device.type == "cuda"
        self._model = cast(MultiViewModel, folded(self.folder.model))
        self._model.to(device=self.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._judgement = Judgement(self.folder)
        self._coding = Coding.of(self.folder.config)

    @property
    def model_id(self) -> str:
        """Id of the model that answers."""
        return self.folder.id

    @property
    def class_ids(self) -> tuple[str, ...]:
        """The classes that the model knows."""
        return tuple(c.class_id for c in self.folder.classes)

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        """Return the ranked classes for the part that ``location`` found in ``frameset``.

        A weight that is too small for the scale's steps is left out. Raises ModelError when no view has a crop.
        """
        begun = perf_counter()
        crops = self._cut(frameset, location)
        if not crops.roles:
            raise ModelError("No view shows the part, so there is nothing to recognise.", todo="Check the cameras.")
        weight = weight_kg if weight_kg is not None and weight_kg >= LIGHTEST_KG else None
        batch = self._batch(crops, weight, location.size_m)
        cut = perf_counter()
        heads = self._forward(batch)
        forward = perf_counter()
        answer = self._judgement.answer(heads, crops, weight, location.size_m)
        done = perf_counter()
        timings = {"preprocess": cut - begun, "forward": forward - cut, "judgement": done - forward}
        return replace(answer, timings_ms={stage: seconds * 1e3 for stage, seconds in timings.items()})

    def _cut(self, frameset: FrameSet, location: PartLocation) -> Crops:
        """Cut the views that show the part, as the model's configuration says."""
        config, frames = self.folder.config, frameset.frames
        squares = {
            role: square for role, square in location.roi.items() if role in frames and _shows(frames[role], square)
        }
        if self._coding.background == "masked":
            # behind an empty mask there is nothing to look at
            squares = {role: s for role, s in squares.items() if role in location.mask and location.mask[role].any()}
        if config.region == "picture":
            squares = {role: whole_square(*reversed(frames[role].color.shape[:2])) for role in squares}
        cameras = location.cameras if self._coding.needs_hha else None
        return crop_views(frames, squares, location.mask, config.input_size, cameras)

    def _batch(self, crops: Crops, weight_kg: float | None, size_m: tuple[float, float, float] | None) -> ModelInput:
        pixels = self._sent(torch.from_numpy(crops.color))
        depth = self._sent(torch.from_numpy(crops.depth_mm.astype(np.float32)))
        color = pixels[..., :3].permute(0, 3, 1, 2).float()
        hha = None if crops.hha is None else self._sent(torch.from_numpy(crops.hha)).permute(0, 3, 1, 2).float()
        color_in, depth_in = encoder_input(color, depth, pixels[..., 3] > 127, coding=self._coding, hha=hha)
        nan = float("nan")
        return ModelInput(
            color=color_in[None],
            depth=depth_in[None],
            view_mask=torch.ones(1, len(crops.roles), dtype=torch.bool, device=self.device),
            weight_kg=torch.tensor([nan if weight_kg is None else weight_kg], device=self.device),
            size_m=torch.tensor([(nan, nan, nan) if size_m is None else size_m], device=self.device),
        )

    def _sent(self, tensor: Tensor) -> Tensor:
        """Bring a tensor to the device; through pinned memory, so that the copy does not wait for the host."""
        return tensor.pin_memory().to(self.device, non_blocking=True) if self._cuda else tensor

    def _forward(self, batch: ModelInput) -> Heads:
        with torch.inference_mode(), torch.autocast(self.device.type, torch.float16, enabled=self._cuda):
            output = self._model(batch)
            told = not bool(batch.weight_kg.isnan())
            nothing = torch.full_like(batch.weight_kg, float("nan"))
            blind = self._model.classify(output.features, nothing, batch.size_m) if told else None
        said = (output.logits, output.visual_logits, output.view_logits, output.embedding)
        return Heads(
            *(tensor[0].float().cpu() for tensor in said),
            logits_without_weight=None if blind is None else blind[0].float().cpu(),
        )


def _shows(frame: Frame, square: Square) -> bool:
    height, width = frame.color.shape[:2]
    return visible_share(square, width, height) >= LEAST_VISIBLE


def device_for(name: str) -> torch.device:
    """Return the device called ``auto``, ``cpu`` or ``cuda``; raises ModelError when it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelError("CUDA was asked for, but torch sees no CUDA GPU.", todo="Set device = 'auto' or 'cpu'.")
    if name not in ("cpu", "cuda"):
        raise ModelError(f"There is no device {name!r}.", todo="Say auto, cpu or cuda.")
    return torch.device(name)
