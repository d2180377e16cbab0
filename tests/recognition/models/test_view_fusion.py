from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.models.config import JOINS, JOINTS, VIEW_FUSIONS, ModelConfig
from recognition.models.multiview import ModelInput, MultiViewModel
from recognition.models.view_fusion import ViewFusion, in_slots
from station.errors import ModelError
from tests.recognition.conftest import SMALL, random_input

WIDTH, SLOTS = 32, 6
BLIND_TO_ORDER = ("max", "mean", "attention", "shared-squeeze-excite-sum", "shared-squeeze-excite-max")
EVERY = [(kind, front) for kind in VIEW_FUSIONS for front in (False, True)]


def fusion(kind: str, front: bool = False, tokens: str = "views") -> ViewFusion:
    torch.manual_seed(4)
    shape = ModelConfig(
        classes=2, view_width=WIDTH, slots=SLOTS, view_fusion=kind, view_transformer=front, tokens=tokens
    )
    return ViewFusion(shape).eval()


@pytest.mark.parametrize(("kind", "front"), EVERY)
@settings(max_examples=25, deadline=None)
@given(kept=st.sets(st.integers(0, SLOTS - 1), min_size=1), seed=st.integers(0, 99))
def test_a_masked_view_is_as_if_it_were_not_there(kind: str, front: bool, kept: set[int], seed: int) -> None:
    fuse = fusion(kind, front)
    vectors = torch.randn(1, SLOTS, WIDTH, generator=torch.Generator().manual_seed(seed))
    slots = torch.arange(SLOTS)[None]
    mask = torch.zeros(1, SLOTS, dtype=torch.bool)
    rows = sorted(kept)
    mask[0, rows] = True
    with torch.no_grad():
        masked = fuse(vectors, mask, slots)
        left_out = fuse(vectors[:, rows], mask[:, rows], slots[:, rows])
        # Nor does it matter in which row of the batch a view of a slot stands.
        reversed_rows = fuse(vectors.flip(1), mask.flip(1), slots.flip(1))
    assert masked.shape == (1, WIDTH)
    assert bool(torch.isfinite(masked).all())
    torch.testing.assert_close(left_out, masked, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(reversed_rows, masked, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("kind", "front"), EVERY)
def test_what_a_masked_view_holds_does_not_matter_and_no_view_is_zero(kind: str, front: bool) -> None:
    fuse = fusion(kind, front)
    vectors = torch.randn(2, SLOTS, WIDTH)
    mask = torch.tensor([[True, False, True, False, False, False], [False] * SLOTS])
    slots = torch.arange(SLOTS).expand(2, SLOTS)
    with torch.no_grad():
        here = fuse(vectors, mask, slots)
        there = fuse(vectors.masked_fill(~mask[..., None], 1e4), mask, slots)
    torch.testing.assert_close(here, there)
    assert not bool(here[1].any())


@pytest.mark.parametrize("kind", VIEW_FUSIONS)
def test_which_fusions_know_their_cameras_apart(kind: str) -> None:
    fuse = fusion(kind)
    vectors = torch.randn(1, SLOTS, WIDTH)
    mask = torch.ones(1, SLOTS, dtype=torch.bool)
    with torch.no_grad():
        here = fuse(vectors, mask, torch.arange(SLOTS)[None])
        moved = fuse(vectors, mask, torch.arange(SLOTS).roll(1)[None])
    assert torch.allclose(here, moved, atol=1e-5) == (kind in BLIND_TO_ORDER)


@pytest.mark.parametrize(("kind", "front"), [(k, f) for k, f in EVERY if f or k not in ("max", "mean")])
def test_every_parameter_of_a_fusion_learns(kind: str, front: bool) -> None:
    fuse = fusion(kind, front).train()
    mask, slots = torch.ones(4, SLOTS, dtype=torch.bool), torch.arange(SLOTS).expand(4, SLOTS)
    fused = fuse(torch.randn(4, SLOTS, WIDTH), mask, slots)
    (fused * torch.randn(fused.shape)).sum().backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in fuse.parameters() if p.numel() > 1)


def test_empty_slots_take_the_mean_of_the_others() -> None:
    vectors = torch.tensor([[[1.0], [3.0], [9.0]]])
    laid = in_slots(vectors, torch.tensor([[True, True, False]]), torch.tensor([[2, 0, 1]]), 4)
    assert laid[0, :, 0].tolist() == [3.0, 2.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"view_fusion": "min"}, "view_fusion is 'min'"),
        ({"streams": "rgb", "tokens": "modalities"}, "looks at one alone"),
        ({"scalars": "query"}, "decoder"),
        ({"classes": 0}, "0 classes"),
        ({"view_width": 0}, "counted from one"),
    ],
)
def test_a_model_that_cannot_be_built_is_one_sentence(config: dict[str, object], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        ModelConfig.from_json({"classes": 3} | config)


def test_a_width_that_the_heads_do_not_divide_is_refused() -> None:
    with pytest.raises(ModelError, match="8 heads"):
        ViewFusion(ModelConfig(classes=2, view_width=30, view_fusion="decoder"))


def outputs_of(config: ModelConfig, batch: ModelInput) -> None:
    torch.manual_seed(1)
    model = MultiViewModel(ModelConfig.from_json(config.to_json()))
    output = model(batch, stream_heads=True)
    assert output.logits.shape == (2, config.classes)
    total = output.logits.sum() + output.visual_logits.sum() + output.view_logits.sum()
    for logits in (output.color_logits, output.depth_logits, output.super_logits, output.tag_logits):
        total = total + (logits.sum() if logits is not None else 0.0)
    total.backward()
    assert bool(torch.isfinite(total))
    without = [name for name, p in model.named_parameters() if p.grad is None]
    # What is known beside the pictures has a token for "not known", which this batch does not need.
    assert {name for name in without if "absent" not in name} == set()


@pytest.mark.parametrize(("join", "joint"), list(itertools.product(JOINS, JOINTS)))
def test_every_way_of_joining_color_and_depth_runs_and_learns(join: str, joint: str) -> None:
    config = replace(SMALL, join=join, joint=joint, tokens="modalities", super_classes=2, tags=5)
    outputs_of(config, random_input(2, 2))


@pytest.mark.parametrize("streams", ["rgb", "depth"])
def test_one_stream_alone_runs_and_learns(streams: str) -> None:
    outputs_of(replace(SMALL, streams=streams, scalars="off"), random_input(2, 2))


def test_the_query_takes_weight_and_size() -> None:
    config = replace(SMALL, view_fusion="decoder", scalars="query")
    outputs_of(config, random_input(2, 3))
    model = MultiViewModel(config).eval()
    batch = random_input(2, 3)
    with torch.no_grad():
        known = model(batch)
        heavier = model(replace(batch, weight_kg=batch.weight_kg * 1.05))
        again = model.classify(known.features, batch.weight_kg * 1.05, batch.size_m)
    assert not torch.allclose(known.logits, heavier.logits)
    assert torch.equal(known.visual_logits, heavier.visual_logits)
    torch.testing.assert_close(again, heavier.logits)
