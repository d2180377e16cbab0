"""Small models and trees for the tests of recognition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.classes import ClassProfile
from recognition.confidence.experts import CONDITIONS, Confidence, Expert
from recognition.confidence.relief import signature_shape
from recognition.confidence.turning import TurnGallery
from recognition.models.config import ModelConfig
from recognition.models.multiview import ModelInput, MultiViewModel
from recognition.registry import Gallery, write_model
from tests.recognition.small_tree import BOXES, write_tree

SMALL = ModelConfig(
    classes=len(BOXES),
    color_encoder="shufflenet_v2_x0_5",
    depth_encoder="shufflenet_v2_x0_5",
    input_size=48,
    view_width=64,
    embedding=32,
    scalar_width=32,
    head_width=64,
)


def random_input(samples: int, views: int, size: int = 48, seed: int = 0) -> ModelInput:
    """Return a batch of noise with known weights and sizes."""
    rng = torch.Generator().manual_seed(seed)
    return ModelInput(
        color=torch.randn(samples, views, 3, size, size, generator=rng),
        depth=torch.randn(samples, views, 2, size, size, generator=rng),
        view_mask=torch.ones(samples, views, dtype=torch.bool),
        weight_kg=torch.rand(samples, generator=rng) + 0.1,
        size_m=torch.rand(samples, 3, generator=rng).sort(dim=1, descending=True).values * 0.2 + 0.01,
    )


@pytest.fixture(scope="session")
def small_model() -> MultiViewModel:
    torch.manual_seed(3)
    model = MultiViewModel(SMALL)
    with torch.no_grad():
        for seed in range(4):
            model(random_input(4, 2, seed=seed))  # batch norms need statistics, or every signal dies in them
    return model.eval()


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of boxes, four training and two validation captures each."""
    return write_tree(tmp_path_factory.mktemp("tree"))


NO_TURNS = TurnGallery(
    np.zeros((0, *signature_shape()), np.int8), np.zeros(0, np.int64), np.full(len(BOXES), -1, np.int64)
)
PROFILES = tuple(
    ClassProfile(b.class_id, f"N-{n}", b.class_id, b.weight_kg, (tuple(sorted(b.edges, reverse=True)),))
    for n, b in enumerate(BOXES)
)
CONFIDENCE = Confidence(
    experts={name: Expert(0.5, 0.5, 1.0, 1.0, 10.0, threshold=12.0) for name in CONDITIONS},
    weight_spread=0.005,
    size_spread=0.01,
    size_noise_m=0.003,
    visual_spread=0.3,
)


@pytest.fixture
def model_folder(tmp_path: Path, small_model: MultiViewModel) -> Path:
    """A model folder with random weights."""
    return write_small_model(tmp_path / "model", small_model, PROFILES)


def write_small_model(folder: Path, model: MultiViewModel, profiles: tuple[ClassProfile, ...]) -> Path:
    """Write a folder of ``model`` that calls its classes as ``profiles`` say, and return it."""
    embeddings = torch.nn.functional.normalize(torch.randn(8, 32, generator=torch.Generator().manual_seed(1)), dim=1)
    write_model(
        folder,
        "small",
        model.state_dict(),
        SMALL,
        profiles,
        ("held_one",),
        CONFIDENCE,
        Gallery(embeddings, torch.arange(8) % len(BOXES)),
        NO_TURNS,
        {"metrics": {}},
    )
    return folder
