"""The locator on the six real captures, with nothing to read but colour, depth and calibration."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from recognition.roi import RoiLocator, largest_component, square_around
from recognition.roi.squares import clipped, overlap
from station.captures.mvip import load_frameset, load_masks
from station.frames import ROLES
from station.results import PartLocation, PlateState

TREE = Path(__file__).resolve().parents[4] / "shared" / "data" / "mvip_sample" / "sets" / "bosch_0_120_489_435"
CAPTURES = ("test_data/2", "train_data/0/0", "train_data/0/3", "train_data/0/6", "train_data/0/9", "valid_data/0")
STATED_M = (0.188, 0.155, 0.140)

pytestmark = pytest.mark.skipif(
    not TREE.is_dir(), reason="the real captures in ../shared/data/mvip_sample are not here"
)


@cache
def located(path: Path) -> PartLocation:
    frameset, calibration = load_frameset(path)
    return RoiLocator().locate(frameset, calibration)


@pytest.mark.parametrize("capture", CAPTURES)
def test_crops_agree_with_the_published_masks(capture: str) -> None:
    found = located(TREE / capture)
    assert found.state is PlateState.OK
    assert set(found.roi) == set(ROLES)
    scores = []
    for role, mask in load_masks(TREE / capture).items():
        height, width = mask.shape
        truth = clipped(square_around(largest_component(mask)), width, height)
        scores.append(overlap(truth, clipped(found.roi[role], width, height)))
    assert len(scores) == 10
    assert sorted(scores)[4] + sorted(scores)[5] >= 2 * 0.82
    assert min(scores) >= 0.5


@pytest.mark.parametrize("capture", CAPTURES)
def test_the_size_is_near_the_stated_one(capture: str) -> None:
    size = located(TREE / capture).size_m
    assert size is not None
    assert all(abs(edge - stated) <= 0.020 for edge, stated in zip(size, STATED_M, strict=True))


@pytest.mark.parametrize("capture", CAPTURES)
def test_the_fifth_camera_is_named_for_its_dead_depth(capture: str) -> None:
    assert located(TREE / capture).views_without_depth == ("cam_05",)


@pytest.mark.parametrize("capture", CAPTURES[:2])
def test_masks_hha_and_class_record_are_not_looked_at(capture: str, tmp_path: Path) -> None:
    bare = tmp_path / TREE.name / capture
    for role in ROLES:
        (bare / role).mkdir(parents=True)
        for kind in ("rgb.png", "depth.png", "meta.json"):
            shutil.copy(TREE / capture / role / f"{role[-2:]}_{kind}", bare / role)
    whole, alone = located(TREE / capture), located(bare)
    assert alone.roi == whole.roi
    assert alone.size_m == whole.size_m
    assert alone.views_without_depth == whole.views_without_depth
