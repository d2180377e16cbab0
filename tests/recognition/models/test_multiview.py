from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from recognition.models.config import ModelConfig
from recognition.models.encoders import Encoder
from recognition.models.folding import folded
from recognition.models.joining import SqueezeExciteAdd
from recognition.models.multiview import MultiViewModel
from recognition.models.scalars import WEIGHT_RANGE, ScalarEmbedding, log_waves
from recognition.models.view_fusion import max_over_views
from station.errors import ModelError
from tests.recognition.conftest import SMALL, random_input


@pytest.mark.parametrize("name", ["resnet18", "regnet_x_400mf", "shufflenet_v2_x0_5", "mobilenet_v3_small"])
def test_encoders_give_five_maps_that_halve(name: str) -> None:
    encoder = Encoder(name).eval()
    with torch.no_grad():
        maps = encoder(torch.zeros(1, 3, 64, 64))
    assert [m.shape[2] for m in maps] == [32, 16, 8, 4, 2]
    assert tuple(m.shape[1] for m in maps) == encoder.channels


def test_an_unknown_encoder_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="There is no encoder 'resnet19'"):
        Encoder("resnet19")


def test_max_fusion_ignores_order_and_masked_views() -> None:
    vectors = torch.randn(2, 4, 7)
    mask = torch.tensor([[True, True, False, True], [True, False, False, False]])
    fused = max_over_views(vectors, mask)
    assert torch.equal(fused[0], vectors[0, [0, 1, 3]].amax(0))
    assert torch.equal(fused[1], vectors[1, 0])
    for order in itertools.permutations(range(4)):
        assert torch.equal(max_over_views(vectors[:, list(order)], mask[:, list(order)]), fused)


def test_every_subset_of_views_works_and_masking_equals_leaving_out(small_model: MultiViewModel) -> None:
    batch = random_input(1, 4)
    with torch.no_grad():
        for count in range(1, 5):
            for kept in itertools.combinations(range(4), count):
                mask = torch.zeros(1, 4, dtype=torch.bool)
                mask[0, list(kept)] = True
                masked = small_model(replace(batch, view_mask=mask))
                left = small_model(
                    replace(
                        batch,
                        color=batch.color[:, list(kept)],
                        depth=batch.depth[:, list(kept)],
                        view_mask=torch.ones(1, count, dtype=torch.bool),
                    )
                )
                torch.testing.assert_close(masked.logits, left.logits, atol=1e-5, rtol=1e-4)
                torch.testing.assert_close(masked.embedding, left.embedding, atol=1e-5, rtol=1e-4)


def test_the_answer_does_not_depend_on_the_order_of_views(small_model: MultiViewModel) -> None:
    batch = random_input(2, 5)
    order = [3, 0, 4, 1, 2]
    shuffled = replace(batch, color=batch.color[:, order], depth=batch.depth[:, order])
    with torch.no_grad():
        torch.testing.assert_close(small_model(shuffled).logits, small_model(batch).logits, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("weight_kg", [0.002, 0.1, 2.0, 14.0])
def test_the_weight_embedding_tells_one_percent_apart(weight_kg: float) -> None:
    here, there = log_waves(torch.tensor([weight_kg, weight_kg * 1.01]), 64, WEIGHT_RANGE, finest=100.0)
    assert float((here - there).norm()) > 0.1 * float(here.norm())


def test_weight_and_size_change_the_answer_and_may_be_absent(small_model: MultiViewModel) -> None:
    batch = random_input(1, 2)
    nan = torch.full((1,), float("nan"))
    with torch.no_grad():
        known = small_model(batch).logits
        heavier = small_model(replace(batch, weight_kg=batch.weight_kg * 1.05)).logits
        weightless = small_model(replace(batch, weight_kg=nan)).logits
        bare = small_model(replace(batch, weight_kg=nan, size_m=nan[:, None].expand(1, 3)))
    assert not torch.allclose(known, heavier)
    assert not torch.allclose(known, weightless)
    assert torch.isfinite(bare.logits).all()


def test_absent_tokens_are_learned() -> None:
    embedding = ScalarEmbedding(16)
    nan = torch.full((1,), float("nan"))
    embedding(nan, nan[:, None].expand(1, 3)).sum().backward()
    assert embedding.absent_weight.grad is not None
    assert embedding.absent_size.grad is not None
    assert bool((embedding.absent_weight.grad == 1).all())


def test_pictures_decide_the_embedding_alone(small_model: MultiViewModel) -> None:
    batch = random_input(1, 2)
    with torch.no_grad():
        light, heavy = small_model(batch), small_model(replace(batch, weight_kg=batch.weight_kg * 3))
    assert torch.equal(light.embedding, heavy.embedding)
    assert torch.equal(light.visual_logits, heavy.visual_logits)


def test_the_depth_head_learns_from_the_depth_stream() -> None:
    torch.manual_seed(0)
    model = MultiViewModel(SMALL)
    batch = random_input(2, 2)
    output = model(batch, stream_heads=True)
    assert output.depth_logits is not None
    output.depth_logits.sum().backward()
    first = next(p for p in model.depth_encoder.parameters() if p.ndim == 4)
    assert first.grad is not None
    assert float(first.grad.abs().sum()) > 0
    # what only the colour head and the fused heads use gets nothing from it
    assert all(p.grad is None for p in model.view_projection.parameters())
    last_color = list(model.color_encoder.stages[-1].parameters())
    assert all(p.grad is None for p in last_color)


def test_depth_changes_the_depth_head_and_color_keeps_its_own_stream(small_model: MultiViewModel) -> None:
    batch = random_input(1, 2)
    with torch.no_grad():
        with_depth = small_model(batch, stream_heads=True)
        without = small_model(replace(batch, depth=torch.zeros_like(batch.depth)), stream_heads=True)
        color = batch.color.flatten(0, 1)
        stream = small_model.color_encoder(color)[-1]
    assert with_depth.depth_logits is not None
    assert without.depth_logits is not None
    assert not torch.allclose(with_depth.depth_logits, without.depth_logits)
    assert torch.isfinite(stream).all()


def test_fusion_projects_where_widths_differ() -> None:
    assert isinstance(SqueezeExciteAdd(8, 8).project, torch.nn.Identity)
    fused = SqueezeExciteAdd(8, 12)(torch.randn(2, 8, 5, 5), torch.randn(2, 12, 5, 5))
    assert fused.shape == (2, 12, 5, 5)


def test_folding_batch_norms_changes_nothing_but_rounding() -> None:
    torch.manual_seed(1)
    encoder = Encoder("regnet_x_400mf")
    for _ in range(2):
        encoder(torch.randn(8, 3, 64, 64))  # move the running statistics off their start
    encoder.eval()
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        plain, fast = encoder(x)[-1], folded(encoder)(x)[-1]
    torch.testing.assert_close(fast, plain, atol=1e-4, rtol=1e-3)
    assert sum(isinstance(m, torch.nn.BatchNorm2d) for m in folded(encoder).modules()) == 0


def test_a_configuration_rebuilds_itself() -> None:
    assert ModelConfig.from_json(SMALL.to_json()) == SMALL
    with pytest.raises(ModelError, match="colour_encoder"):
        ModelConfig.from_json({**SMALL.to_json(), "colour_encoder": "resnet18"})
    with pytest.raises(ModelError, match="classes = True"):
        ModelConfig.from_json({**SMALL.to_json(), "classes": True})
