"""What goes into the encoders: depth as metres or HHA, a masked background, the whole picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.classes import profile
from recognition.confidence.priors import Priors
from recognition.crops.cache import CropCache, CropSpec, build_cache
from recognition.crops.cutting import Crops, crop_views, square_of_mask, whole_square
from recognition.crops.preprocessing import MIDDLE_MM, PLAIN, Coding, encoder_input
from recognition.engine import Engine
from recognition.models.multiview import MultiViewModel
from recognition.registry import load_model
from recognition.training.augment import Augmentation, disturb_hha
from recognition.training.batches import TrainingBatches, class_numbers, plain_batches
from recognition.training.sampling import Sampling
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.errors import ModelError
from station.frames import FrameSet
from station.geometry import RigCalibration
from station.hha import METRES_PER_LEVEL, PLATE_LEVEL, hha_image, hha_part
from station.results import PartLocation, PlateState
from tests.recognition.conftest import SMALL
from tests.recognition.small_tree import BOXES

HHA = Coding("hha")


def first_capture(tree: Path) -> tuple[FrameSet, RigCalibration, Crops]:
    """Return a capture and its crops as the engine cuts them."""
    path = find_captures(tree)[0].path
    frameset, calibration = load_frameset(path)
    masks = load_masks(path)
    squares = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
    return frameset, calibration, crop_views(frameset.frames, squares, masks, 48, calibration.cameras)


@pytest.mark.parametrize("part", [(0, 0, 320, 240), (100, 60, 180, 150), (300, 200, 320, 240), (5, 0, 6, 1)])
def test_a_part_of_the_hha_is_the_same_as_in_the_whole(tree: Path, part: tuple[int, int, int, int]) -> None:
    frameset, calibration, _ = first_capture(tree)
    frame, camera = frameset.frames["cam_03"], calibration.cameras["cam_03"]
    whole = hha_image(frame.depth, frame.depth_scale, camera.model, camera.pose)
    x0, y0, x1, y1 = part
    found = hha_part(frame.depth, frame.depth_scale, camera.model, camera.pose, part)
    # sums over the window are taken in another order there
    assert np.abs(found.astype(int) - whole[y0:y1, x0:x1]).max() <= 1


def test_the_cache_holds_the_hha_that_inference_computes(tree: Path, tmp_path: Path) -> None:
    captures = find_captures(tree)[:1]
    cache = build_cache(captures, tmp_path, CropSpec(48, 1.0, hha=True), 1)
    _, _, crops = first_capture(tree)
    assert cache.hha is not None
    assert crops.hha is not None
    assert np.array_equal(cache.hha[0], crops.hha)
    assert np.array_equal(cache.color[0], crops.color)
    # one without HHA is another one
    plain = build_cache(captures, tmp_path, CropSpec(48, 1.0), 1)
    assert plain.hha is None
    assert len(list(tmp_path.iterdir())) == 2
    for coded, again in zip(plain_batches(cache, [0], 1, coding=HHA), plain_batches(cache, [0], 1), strict=True):
        assert coded[1].depth.shape == (1, 10, 4, 48, 48)
        assert again[1].depth.shape == (1, 10, 2, 48, 48)
    with pytest.raises(ModelError, match="cut without"):
        next(plain_batches(plain, [0], 1, coding=HHA))


def test_hha_says_how_high_the_part_stands(tree: Path) -> None:
    _, _, crops = first_capture(tree)
    assert crops.hha is not None
    color, depth, mask, hha = tensors(crops)
    _, planes = encoder_input(color, depth, mask, coding=HHA, hha=hha)
    measured = planes[:, 3] > 0
    assert torch.equal(measured, depth > 0)
    assert not bool(planes[:, :3].permute(0, 2, 3, 1)[~measured].any())
    plate = measured & ~mask
    # the plate stands at height nothing and faces up; one unit of height is 100 mm, of angle 45°
    assert float(planes[:, 1][plate].median()) == pytest.approx(0.0, abs=0.05)
    assert float(planes[:, 0][plate].median()) == pytest.approx(-1.0, abs=0.1)


def test_metres_are_metres(tree: Path) -> None:
    color, depth, mask, _ = tensors(first_capture(tree)[2])
    _, planes = encoder_input(color, depth, mask, coding=Coding("metres"))
    _, farther = encoder_input(color, depth, mask, torch.full((len(depth),), 25.0), Coding("metres"))
    seen = planes[:, 1] > 0
    assert torch.equal(seen, depth > 0)
    assert torch.allclose(planes[:, 0][seen] * 250.0 + MIDDLE_MM, depth[seen], atol=0.01)
    assert torch.allclose(farther[:, 0][seen] - planes[:, 0][seen], torch.tensor(0.1), atol=1e-5)


def test_a_masked_background_says_nothing(tree: Path) -> None:
    color, depth, mask, hha = tensors(first_capture(tree)[2])
    for kind in ("relative", "metres", "hha"):
        shown, planes = encoder_input(color, depth, mask, coding=Coding(kind, "masked"), hha=hha)
        assert not bool(shown.permute(0, 2, 3, 1)[~mask].any())
        assert not bool(planes.permute(0, 2, 3, 1)[~mask].any())
        kept, open_planes = encoder_input(color, depth, mask, coding=Coding(kind), hha=hha)
        assert torch.equal(shown.permute(0, 2, 3, 1)[mask], kept.permute(0, 2, 3, 1)[mask])
        assert torch.equal(planes[:, -1][mask], open_planes[:, -1][mask])


def test_the_whole_picture_is_shown_where_that_is_asked_for(tree: Path, tmp_path: Path) -> None:
    assert whole_square(320, 240) == (0, -40, 320, 280)
    cache = build_cache(find_captures(tree)[:1], tmp_path, CropSpec(48, 1.0, whole=True), 1)
    near = build_cache(find_captures(tree)[:1], tmp_path, CropSpec(48, 1.0), 1)
    share, close = ((c.color[..., 3] > 127).mean() for c in (cache, near))
    assert share < 0.35 * close


@pytest.fixture(scope="module")
def coded(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> CropCache:
    captures = [c for c in find_captures(tree) if c.split == "train"][::4]
    return build_cache(captures, tmp_path_factory.mktemp("coded"), CropSpec(48, 1.35, hha=True), 1)


@pytest.mark.parametrize("coding", [HHA, Coding("metres"), Coding("hha", "masked"), Coding("relative", "masked")])
def test_training_sees_what_inference_sees(coded: CropCache, coding: Coding) -> None:
    """Without augmentation a training batch is the middle of the crop, as inference would have cut it."""
    still = Augmentation(
        light=0.0, tint=0.0, noise=0.0, rotation_p=0.0, tilt_deg=0.0, zoom=0.0, shift=0.0, depth_offset_mm=0.0,
        depth_noise_mm=0.0, dead_depth_p=0.0, erase_p=0.0, background_p=0.0,
    )  # fmt: skip
    sampling = Sampling(
        batch=2, chunk=2, fewest_views=10, most_views=10, view_drop_p=0.0, painted_out_p=0.0, view_order="fixed"
    )
    batch = made(coded, sampling, still, coding).batch(0)
    assert batch.data.slots is not None
    for row, weight in enumerate(batch.data.weight_kg.tolist()):
        at = [n for n, s in enumerate(coded.samples) if s.weight_kg and abs(s.weight_kg / weight - 1) < 0.05]
        (_, plain), *_ = plain_batches(coded, at[:1], 1, middle=(CropSpec(48, 1.35), 32), coding=coding)
        order = batch.data.slots[row]
        assert torch.allclose(batch.data.color[row], plain.color[0][order], atol=1e-3)
        # depth that lies on the border between two pixels may be taken from either
        assert float((batch.data.depth[row] - plain.depth[0][order]).abs().mean()) < 0.02


@pytest.mark.parametrize("coding", [HHA, Coding("metres"), Coding("hha", "masked")])
def test_augmented_batches_are_numbers_and_a_model_takes_them(coded: CropCache, coding: Coding) -> None:
    sampling = Sampling(batch=4, chunk=4, fewest_views=3, most_views=3, painted_out_p=0.5)
    how = Augmentation(background_p=0.5, erase_p=0.5, dead_depth_p=0.3)
    batch = made(coded, sampling, how, coding).batch(1)
    config = replace(SMALL, depth_coding=coding.depth, background=coding.background)
    assert batch.data.depth.shape[2] == config.depth_channels
    assert bool(batch.data.depth.isfinite().all())
    assert float(batch.data.depth.abs().max()) < 10.0
    assert bool(MultiViewModel(config)(batch.data).logits.isfinite().all())
    without = batch.data.depth[:, :, -1] == 0
    assert not bool(batch.data.depth.transpose(1, 2).transpose(2, 1).permute(0, 1, 3, 4, 2)[without].any())


def test_disturbed_hha_follows_its_depth() -> None:
    before = torch.full((2, 8, 8), 600.0)
    after = before.clone()
    after[0, :2] = 0.0
    hha = torch.stack([torch.full_like(before, v) for v in (1.0, PLATE_LEVEL + 20.0, 85.0)], 1)
    quiet = Augmentation(depth_noise_mm=0.0)
    offset = torch.tensor([0.0, 60.0])
    found = disturb_hha(hha, before, after, offset, quiet, torch.Generator().manual_seed(0))
    assert not bool(found[0, :, :2].any())
    assert torch.equal(found[0, :, 2:], hha[0, :, 2:])
    assert torch.allclose(found[1, 2], torch.tensor(51_000 / 660.0))
    lower = (PLATE_LEVEL + 20.0 - found[1, 1]) * METRES_PER_LEVEL
    assert 0.4 * 0.06 <= float(lower.min()) <= float(lower.max()) <= 0.06 + 1e-6


@pytest.mark.parametrize(
    "change", [{"depth_coding": "hha"}, {"depth_coding": "metres", "background": "masked"}, {"region": "picture"}]
)
def test_the_engine_codes_as_training_does(
    tree: Path, model_folder: Path, tmp_path: Path, change: dict[str, str]
) -> None:
    folder = load_model(model_folder)
    config = replace(folder.config, **change)  # pyright: ignore[reportArgumentType]
    torch.manual_seed(1)
    model = MultiViewModel(config)
    captures = find_captures(tree)[:1]
    spec = CropSpec(config.input_size, 1.0, hha="depth_coding" in change, whole="region" in change)
    cache = build_cache(captures, tmp_path / "crops", spec, 1)
    (_, batch), *_ = plain_batches(cache, [0], 1, coding=Coding.of(config))
    for _ in range(4):
        model(batch)  # batch norms need statistics, or every signal dies in them
    model.eval()
    frameset, calibration = load_frameset(captures[0].path)
    masks = load_masks(captures[0].path)
    squares = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
    if masked := config.background == "masked":
        masks["cam_04"] = np.zeros_like(masks["cam_04"])  # behind an empty mask there is nothing to look at
        batch.view_mask[0, 3] = False
    location = PartLocation(PlateState.OK, squares, masks, None, (), (), cameras=calibration.cameras)
    answer = Engine(replace(folder, config=config, model=model), "cpu").recognize(frameset, location, None)
    assert len(answer.views_used) == 10 - masked
    with torch.no_grad():
        plain = model(batch)
    np.testing.assert_allclose(answer.embedding, plain.embedding[0].numpy(), atol=0.02)


def test_without_its_camera_a_view_has_no_hha(tree: Path) -> None:
    frameset, calibration, _ = first_capture(tree)
    squares = {"cam_01": (50, 50, 200, 200), "cam_02": (50, 50, 200, 200)}
    crops = crop_views(frameset.frames, squares, {}, 32, {"cam_02": calibration.cameras["cam_02"]})
    assert crops.hha is not None
    assert not crops.hha[0].any()
    assert not crops.depth_mm[0].any()
    assert crops.hha[1].any()


def made(cache: CropCache, sampling: Sampling, how: Augmentation, coding: Coding) -> TrainingBatches:
    """Return the training batches of a cache at 32 pixels."""
    numbers = {box.class_id: n for n, box in enumerate(BOXES)}
    labels = class_numbers(cache, numbers)
    profiles = [profile(b.class_id, [s for s in cache.samples if s.class_id == b.class_id], Path()) for b in BOXES]
    priors = Priors(profiles)
    quiet = replace(sampling, weight_drop_p=0.0, size_drop_p=0.0)
    return TrainingBatches(cache, labels, CropSpec(48, 1.35), 32, priors, 3, quiet, how, coding=coding)


def tensors(crops: Crops) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return colour, depth, mask and HHA as encoder_input takes them."""
    assert crops.hha is not None
    pixels = torch.from_numpy(crops.color)
    hha = torch.from_numpy(crops.hha).permute(0, 3, 1, 2).float()
    depth = torch.from_numpy(crops.depth_mm.astype(np.float32))
    return pixels[..., :3].permute(0, 3, 1, 2).float(), depth, pixels[..., 3] > 127, hha


def test_the_usual_coding_is_depth_relative_to_the_part() -> None:
    assert Coding.of(SMALL) == PLAIN
    assert SMALL.depth_channels == 2
