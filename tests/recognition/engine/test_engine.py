from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.crops.cutting import crop_views, square_of_mask
from recognition.crops.preprocessing import encoder_input
from recognition.engine import Engine
from recognition.models.multiview import ModelInput
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.errors import ModelError
from station.frames import FrameSet
from station.results import PartLocation, PlateState

SIZE_M = (0.10, 0.06, 0.04)


@pytest.fixture(scope="module")
def seen(tree: Path) -> tuple[FrameSet, PartLocation]:
    path = find_captures(tree / "sets" / "red_block")[0].path
    frameset, _ = load_frameset(path)
    masks = load_masks(path)
    squares = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
    return frameset, PartLocation(PlateState.OK, squares, masks, SIZE_M, (), ())


def test_the_engine_says_what_the_plain_model_says(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    engine = Engine(model_folder, "cpu")
    frameset, location = seen
    answer = engine.recognize(frameset, location, 0.5)
    crops = crop_views(frameset.frames, location.roi, location.mask, engine.folder.config.input_size)
    pixels = torch.from_numpy(crops.color)
    color, depth = encoder_input(
        pixels[..., :3].permute(0, 3, 1, 2).float(),
        torch.from_numpy(crops.depth_mm.astype(np.float32)),
        pixels[..., 3] > 127,
    )
    batch = ModelInput(
        color[None], depth[None], torch.ones(1, 10, dtype=torch.bool), torch.tensor([0.5]), torch.tensor([SIZE_M])
    )
    with torch.no_grad():
        plain = engine.folder.model(batch)
    np.testing.assert_allclose(answer.embedding, plain.embedding[0].numpy(), atol=1e-2)  # bf16, where there is that
    assert sum(r.probability for r in answer.ranked) == pytest.approx(1.0)
    assert [r.class_id for r in answer.ranked[:1]] == list(answer.prediction_set[:1])
    assert answer.views_used == crops.roles
    assert answer.model_id == engine.model_id
    assert set(answer.timings_ms) == {"preprocess", "forward", "judgement"}
    assert not answer.embedding.flags.writeable


def test_weight_and_size_say_whether_they_fit(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    engine = Engine(model_folder, "cpu")
    answer = engine.recognize(seen[0], seen[1], 0.5)
    by_class = {r.class_id: r for r in answer.ranked}
    assert by_class["red_block"].weight_fits is True
    assert by_class["red_block"].size_fits is True
    assert by_class["green_cube"].weight_fits is False
    assert by_class["green_cube"].size_fits is False


def test_without_weight_and_size_nothing_is_claimed(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    engine = Engine(model_folder, "cpu")
    answer = engine.recognize(seen[0], replace(seen[1], size_m=None), None)
    assert {r.weight_fits for r in answer.ranked} == {None}
    assert {r.size_fits for r in answer.ranked} == {None}


def test_a_weight_under_twenty_steps_is_not_used(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    engine = Engine(model_folder, "cpu")
    too_light, none = (engine.recognize(*seen, weight) for weight in (0.0019, None))
    assert too_light.ranked == none.ranked


@pytest.mark.parametrize("roles", [("cam_03",), ("cam_01", "cam_09"), ("cam_02", "cam_05", "cam_10")])
def test_any_views_are_enough(model_folder: Path, seen: tuple[FrameSet, PartLocation], roles: tuple[str, ...]) -> None:
    frameset, location = seen
    fewer = replace(frameset, frames={role: frameset.frames[role] for role in roles})
    answer = Engine(model_folder, "cpu").recognize(fewer, location, None)
    assert answer.views_used == roles
    assert set(answer.per_view) == set(roles)


def test_a_view_whose_crop_lies_outside_its_picture_is_left_out(
    model_folder: Path, seen: tuple[FrameSet, PartLocation]
) -> None:
    beyond = replace(seen[1], roi={**seen[1].roi, "cam_03": (310, 100, 370, 160)})
    answer = Engine(model_folder, "cpu").recognize(seen[0], beyond, 0.5)
    assert "cam_03" not in answer.views_used
    assert len(answer.views_used) == 9


def test_no_view_at_all_is_an_error(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    with pytest.raises(ModelError, match="No view shows the part"):
        Engine(model_folder, "cpu").recognize(replace(seen[0], frames={}), seen[1], None)


def test_dead_depth_in_one_view_is_no_trouble(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    frames = dict(seen[0].frames)
    frames["cam_05"] = replace(frames["cam_05"], depth=np.zeros_like(frames["cam_05"].depth))
    answer = Engine(model_folder, "cpu").recognize(replace(seen[0], frames=frames), seen[1], 0.5)
    assert np.isfinite(answer.embedding).all()
    assert "cam_05" in answer.views_used


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU")
def test_cuda_where_there_is_none_is_one_sentence(model_folder: Path) -> None:
    with pytest.raises(ModelError, match="CUDA was asked for"):
        Engine(model_folder, "cuda")


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_cuda_says_what_the_cpu_says(model_folder: Path, seen: tuple[FrameSet, PartLocation]) -> None:
    on_cpu, on_gpu = (Engine(model_folder, device).recognize(*seen, 0.5) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(on_gpu.embedding, on_cpu.embedding, atol=0.02)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_cuda_runs_every_number_of_views_and_says_the_same_each_time(
    model_folder: Path, seen: tuple[FrameSet, PartLocation]
) -> None:
    on_cpu, on_gpu = Engine(model_folder, "cpu"), Engine(model_folder, "cuda")
    for count in (10, 1, 7, 10, *range(1, 11)):
        frames = dict(list(seen[0].frames.items())[:count])
        fewer = replace(seen[0], frames=frames)
        for weight in (0.5, None):
            wanted, got = (engine.recognize(fewer, seen[1], weight) for engine in (on_cpu, on_gpu))
            assert got.views_used == wanted.views_used
            by_class = {line.class_id: line.probability for line in wanted.ranked}
            assert max(abs(line.probability - by_class[line.class_id]) for line in got.ranked) < 4e-2
            assert got.views_without_depth == wanted.views_without_depth
    assert on_gpu.trouble == ""
    assert on_gpu.kind == "cuda fp16"
