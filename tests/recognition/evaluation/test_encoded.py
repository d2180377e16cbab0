from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.crops.cache import CropCache, CropSpec, build_cache
from recognition.evaluation.encoded import EncodedCaptures
from recognition.models.multiview import MultiViewModel
from recognition.training.batches import plain_batches
from station.captures.mvip import find_captures
from tests.recognition.conftest import SMALL


@pytest.fixture(scope="module")
def cache(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> CropCache:
    captures = [capture for capture in find_captures(tree) if capture.split == "valid"]
    return build_cache(captures, tmp_path_factory.mktemp("crops"), CropSpec(SMALL.input_size, 1.0), workers=1)


def test_what_is_encoded_once_answers_as_the_whole_model_does(small_model: MultiViewModel, cache: CropCache) -> None:
    rows = [0, 2, 3, 5, 7]
    encoded = EncodedCaptures(small_model, cache, rows, batch=2)
    rng = np.random.default_rng(5)
    mask = rng.random((len(rows), 10)) < 0.4
    mask[:, 3] = True
    weights = np.where(rng.random(len(rows)) < 0.5, np.nan, 0.3).astype(np.float32)
    asked = encoded.ask(view_mask=mask, weight_kg=weights)
    (_, data) = next(iter(plain_batches(cache, rows, len(rows))))
    data = type(data)(
        data.color, data.depth, data.view_mask & torch.from_numpy(mask), torch.from_numpy(weights), data.size_m
    )
    with torch.inference_mode():
        output = small_model(data)
    np.testing.assert_allclose(asked.logits, output.logits.numpy(), atol=1e-4)
    np.testing.assert_allclose(asked.visual, output.visual_logits.numpy(), atol=1e-4)
    np.testing.assert_allclose(asked.embedding, output.embedding.numpy(), atol=1e-4)
    np.testing.assert_allclose(encoded.views, output.view_logits.numpy(), atol=1e-4)


def test_a_stream_that_is_left_out_says_nothing(small_model: MultiViewModel, cache: CropCache) -> None:
    both, colorless, blind = (
        EncodedCaptures(small_model, cache, [0, 1], color=color, depth=depth)
        for color, depth in ((True, True), (False, True), (False, False))
    )
    assert np.abs(both.views - colorless.views).max() > 0.0
    np.testing.assert_allclose(blind.views[0], blind.views[1], atol=1e-5)  # nothing tells the captures apart
