"""How a model is trained, as one value that is written into ``model.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from recognition.training.augment import Augmentation
from recognition.training.sampling import Sampling

Precision = Literal["fp32", "bf16", "fp16"]
Schedule = Literal["one-cycle", "cosine"]
OptimizerName = Literal["adamw", "adam"]


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How to train; ``margin`` is a cosine, ``visual_weight`` the share of the picture embedding's loss.

    ``auxiliary`` switches the multi-head loss on; without it the fused output alone is learned from. ``averaging`` is
    the decay of the moving average that becomes the model, 0 for the weights themselves. ``patience`` ends a training
    after so many validations without a gain, 0 never does. ``super_weight`` and ``tag_weight`` are the shares of those
    heads' losses.
    """

    epochs: int = 24
    optimizer: OptimizerName = "adamw"
    schedule: Schedule = "one-cycle"
    peak_rate: float = 1.5e-3
    weight_decay: float = 0.05
    clip: float = 3.0
    averaging: float = 0.997
    auxiliary: bool = True
    margin: float = 0.10
    visual_weight: float = 1.0
    super_weight: float = 0.2
    tag_weight: float = 0.2
    validate_every: int = 4
    validation_views: int = 5
    checkpoint_every: int = 50
    patience: int = 0
    seed: int = 1
    precision: Precision = "bf16"
    sampling: Sampling = field(default_factory=Sampling)
    augmentation: Augmentation = field(default_factory=Augmentation)
