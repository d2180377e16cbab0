"""What a part is recognised from, as every runner is given it, and what a runner gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from recognition.confidence.judgement import Heads
from recognition.crops.cutting import Crops, visible_share, whole_square
from recognition.crops.preprocessing import Coding
from recognition.models.config import ModelConfig
from station.frames import ROLES, Frame, FrameSet, MaskImage
from station.geometry import CameraCalibration
from station.results import PartLocation, Square

LEAST_VISIBLE = 0.35
"""A view that shows less of its crop than this says more about the border of the picture than about the part."""


@dataclass(frozen=True, slots=True)
class Views:
    """The views that show the part: frames in memory, one square in each, and masks of the part where there are any.

    ``cameras`` are there for models that take depth as HHA, else ``None``. Views count in the order of ``roles``.
    """

    frames: Mapping[str, Frame]
    squares: Mapping[str, Square]
    masks: Mapping[str, MaskImage]
    cameras: Mapping[str, CameraCalibration] | None

    @property
    def roles(self) -> tuple[str, ...]:
        """The views, in the order of the rig's places."""
        return tuple(role for role in ROLES if role in self.frames and role in self.squares)


@dataclass(frozen=True, slots=True)
class Scalars:
    """What is known beside the pictures: kilograms, and metres with the longest edge first; ``None`` is not known."""

    weight_kg: float | None
    size_m: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Ran:
    """What a runner found: the heads, the crops they were shown, and how long cutting and computing took, seconds."""

    heads: Heads
    crops: Crops
    preprocess_s: float
    forward_s: float

    @property
    def finite(self) -> bool:
        """Whether the heads say numbers, every one of them."""
        said = (self.heads.logits, self.heads.visual_logits, self.heads.view_logits, self.heads.embedding)
        blind = self.heads.logits_without_weight
        return all(bool(one.isfinite().all()) for one in (*said, *(() if blind is None else (blind,))))


class Runner(Protocol):
    """A model on one device, ready to run."""

    @property
    def kind(self) -> str:
        """Device, number format and way of computing in a few words, as ``cpu bf16 packed``."""
        ...

    def run(self, views: Views, scalars: Scalars) -> Ran:
        """Return what the heads say of one part; at least one view is there."""
        ...


def views_of(frameset: FrameSet, location: PartLocation, config: ModelConfig) -> Views:
    """Return the views that show enough of the part, as the model's configuration looks at them."""
    frames = frameset.frames
    squares = {role: s for role, s in location.roi.items() if role in frames and _shows(frames[role], s)}
    if config.background == "masked":
        # behind an empty mask there is nothing to look at
        squares = {role: s for role, s in squares.items() if role in location.mask and location.mask[role].any()}
    if config.region == "picture":
        squares = {role: whole_square(*reversed(frames[role].color.shape[:2])) for role in squares}
    cameras = location.cameras if Coding.of(config).needs_hha else None
    return Views(frames, squares, location.mask, cameras)


def _shows(frame: Frame, square: Square) -> bool:
    height, width = frame.color.shape[:2]
    return visible_share(square, width, height) >= LEAST_VISIBLE
