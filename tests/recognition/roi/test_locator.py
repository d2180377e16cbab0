"""The locator against parts whose place and size are known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recognition.roi import RoiLocator, largest_component, measure_with_masks, square_around
from recognition.roi.squares import clipped, overlap
from station.errors import CalibrationError
from station.frames import ROLES
from station.geometry import CameraCalibration
from station.results import PlateState
from tests.recognition.ray_scene import Brick, calibration, shoot

BLOCK = Brick(0.26, 0.18, 0.045, 0.025, 0.040, turn=0.4)
CYLINDER = Brick(0.22, 0.20, 0.030, 0.030, 0.070, round=True)
SHEET = Brick(0.25, 0.19, 0.025, 0.015, 0.001, turn=0.9)


def errors_mm(size: tuple[float, float, float] | None, brick: Brick) -> list[float]:
    assert size is not None
    return [1e3 * abs(found - true) for found, true in zip(size, brick.size, strict=True)]


def worst_overlap(roi: dict, masks: dict) -> float:
    scores = []
    for role, mask in masks.items():
        height, width = mask.shape
        truth = clipped(square_around(mask), width, height)
        scores.append(overlap(truth, clipped(roi[role], width, height)))
    return min(scores)


@pytest.mark.parametrize("brick", [BLOCK, CYLINDER], ids=["block", "cylinder"])
def test_depth_alone_finds_a_part_and_its_size(brick: Brick) -> None:
    rig = calibration()
    frameset, masks = shoot(rig, (brick,))
    found = RoiLocator().locate(frameset, rig)
    assert found.state is PlateState.OK
    assert max(errors_mm(found.size_m, brick)) < 5.0
    assert set(found.roi) == set(ROLES)
    assert worst_overlap(dict(found.roi), masks) > 0.75
    assert found.views_without_depth == ()
    assert found.boxes[0].shape == (8, 3)
    assert not found.mask["cam_01"].flags.writeable


def test_each_cameras_own_depth_factor_is_taken_out() -> None:
    rig = calibration()
    frameset, _ = shoot(rig, (BLOCK,), depth_factor=1.06)
    found = RoiLocator().locate(frameset, rig)
    assert max(errors_mm(found.size_m, BLOCK)) < 5.0


def test_a_view_with_dead_depth_still_gets_its_crop_and_is_named() -> None:
    rig = calibration()
    frameset, masks = shoot(rig, (BLOCK,), dead=("cam_05",))
    found = RoiLocator().locate(frameset, rig)
    assert found.views_without_depth == ("cam_05",)
    assert worst_overlap(dict(found.roi), masks) > 0.7


def test_missing_views_are_left_out() -> None:
    rig = calibration()
    frameset, _ = shoot(rig, (BLOCK,))
    few = {role: frameset.frames[role] for role in ("cam_01", "cam_04", "cam_06", "cam_08", "cam_10")}
    found = RoiLocator().locate(replace(frameset, frames=few), rig)
    assert found.state is PlateState.OK
    assert set(found.roi) == set(few)


def test_an_empty_plate_is_empty_before_and_after_it_was_learned() -> None:
    rig = calibration()
    locator = RoiLocator()
    assert locator.locate(shoot(rig, seed=1)[0], rig).state is PlateState.EMPTY
    locator.learn_empty(shoot(rig, seed=2)[0], rig)
    found = locator.locate(shoot(rig, seed=3, gain=1.06)[0], rig)
    assert found.state is PlateState.EMPTY
    assert found.size_m is None
    assert found.roi == {}


def test_a_flat_part_is_seen_by_its_difference_to_the_empty_plate() -> None:
    rig = calibration()
    locator = RoiLocator()
    for seed in (1, 2):
        locator.learn_empty(shoot(rig, seed=seed)[0], rig)
    found = locator.locate(shoot(rig, (SHEET,), seed=3, gain=1.05)[0], rig)
    assert found.state is PlateState.OK
    assert max(errors_mm(found.size_m, SHEET)) < 4.0


def test_without_any_depth_the_difference_is_enough() -> None:
    rig = calibration()
    locator = RoiLocator()
    locator.learn_empty(shoot(rig, seed=1, dead=ROLES)[0], rig)
    frameset, masks = shoot(rig, (CYLINDER,), seed=2, dead=ROLES)
    found = locator.locate(frameset, rig)
    assert found.state is PlateState.OK
    assert set(found.views_without_depth) == set(ROLES)
    assert worst_overlap(dict(found.roi), masks) > 0.7
    longest, middle, shortest = errors_mm(found.size_m, CYLINDER)
    assert max(middle, shortest) < 5.0
    assert longest < 20.0  # only outlines bound the height: a roof remains under the flattest view


def test_a_new_light_makes_the_old_reference_forgotten() -> None:
    rig = calibration()
    locator = RoiLocator()
    locator.learn_empty(shoot(rig, seed=1)[0], rig)
    locator.learn_empty(shoot(rig, seed=2, gain=1.6)[0], rig)
    found = locator.locate(shoot(rig, (SHEET,), seed=3, gain=1.6)[0], rig)
    assert found.state is PlateState.OK


def test_two_parts_are_two() -> None:
    rig = calibration()
    first, second = Brick(0.14, 0.12, 0.02, 0.03, 0.04), Brick(0.34, 0.26, 0.03, 0.03, 0.05, round=True)
    found = RoiLocator().locate(shoot(rig, (first, second))[0], rig)
    assert found.state is PlateState.SEVERAL_PARTS
    assert found.size_m is None
    assert len(found.boxes) == 2
    places = sorted(box.mean(axis=0)[0] for box in found.boxes)
    assert places == pytest.approx([0.14, 0.34], abs=0.006)


@pytest.mark.parametrize(
    "brick",
    [Brick(0.02, 0.2, 0.045, 0.02, 0.03), Brick(0.24, 0.19, 0.02, 0.02, 0.325)],
    ids=["over the edge", "too high"],
)
def test_a_part_beyond_the_work_volume_is_outside(brick: Brick) -> None:
    rig = calibration()
    assert RoiLocator().locate(shoot(rig, (brick,))[0], rig).state is PlateState.OUTSIDE


def test_two_parts_have_a_crop_each() -> None:
    rig = calibration()
    first, second = Brick(0.14, 0.12, 0.02, 0.03, 0.04), Brick(0.34, 0.26, 0.03, 0.03, 0.05, round=True)
    found = RoiLocator().locate(shoot(rig, (first, second))[0], rig)
    _, masks = shoot(rig, (first,))
    _, others = shoot(rig, (second,))
    assert len(found.each) == 2
    left, right = sorted(range(2), key=lambda n: found.boxes[n].mean(axis=0)[0])
    assert worst_overlap(dict(found.each[left]), masks) > 0.7
    assert worst_overlap(dict(found.each[right]), others) > 0.7
    assert RoiLocator().locate(shoot(rig, (first,))[0], rig).each == ()


ARM = Brick(0.05, 0.19, 0.15, 0.035, 0.12, base=0.05)
"""Comes in over the left edge, 5 cm above the plate, and reaches as far as x = 0.2."""
CABLE = Brick(0.40, -0.02, 0.004, 0.10, 0.009)
"""Lies over the near edge."""


@pytest.mark.parametrize("learned", [False, True], ids=["not learned", "learned"])
@pytest.mark.parametrize(
    "bricks",
    [(ARM,), (ARM, Brick(0.34, 0.26, 0.03, 0.03, 0.05)), (ARM, Brick(0.2, 0.2, 0.03, 0.03, 0.06))],
    ids=["arm alone", "arm beside a part", "hand on a part"],
)
def test_an_arm_over_the_plate_is_told_from_a_part(bricks: tuple[Brick, ...], learned: bool) -> None:
    rig = calibration()
    locator = RoiLocator()
    if learned:
        locator.learn_empty(shoot(rig, seed=5)[0], rig)
    assert locator.locate(shoot(rig, bricks)[0], rig).state is PlateState.REACHED_INTO


def test_a_cable_beside_a_part_is_no_second_part() -> None:
    rig = calibration()
    locator = RoiLocator()
    locator.learn_empty(shoot(rig, seed=5)[0], rig)
    found = locator.locate(shoot(rig, (CABLE, Brick(0.20, 0.22, 0.03, 0.03, 0.05)))[0], rig)
    assert found.state is PlateState.REACHED_INTO


@pytest.mark.parametrize("height", [0.01, 0.04, 0.08])
def test_a_part_far_beyond_the_plate_lies_there_and_does_not_reach_in(height: float) -> None:
    rig = calibration()
    locator = RoiLocator()
    locator.learn_empty(shoot(rig, seed=5)[0], rig)
    bar = Brick(0.08, 0.2, 0.15, 0.02, height)
    assert locator.locate(shoot(rig, (bar,))[0], rig).state is PlateState.OUTSIDE


TRAY = Brick(0.24, 0.19, 0.09, 0.07, 0.020, grey=100)


def test_a_tared_tray_is_the_empty_plate_and_a_part_in_it_is_found() -> None:
    rig = calibration()
    locator = RoiLocator()
    locator.learn_tray(shoot(rig, (TRAY,), seed=1)[0], rig)
    assert locator.locate(shoot(rig, (TRAY,), seed=2)[0], rig).state is PlateState.EMPTY
    part = Brick(0.25, 0.18, 0.03, 0.02, 0.055)
    frameset, _ = shoot(rig, (TRAY, part), seed=3)
    _, masks = shoot(rig, (part,))
    found = locator.locate(frameset, rig)
    assert found.state is PlateState.OK
    assert worst_overlap(dict(found.roi), masks) > 0.6
    assert max(errors_mm(found.size_m, part)) < 6.0
    locator.forget_empty()
    assert locator.locate(shoot(rig, seed=4)[0], rig).state is PlateState.EMPTY
    assert locator.locate(shoot(rig, (TRAY,), seed=5)[0], rig).state is PlateState.OK


@pytest.mark.parametrize("brick", [BLOCK, CYLINDER, SHEET], ids=["block", "cylinder", "sheet"])
def test_known_masks_give_the_size(brick: Brick) -> None:
    rig = calibration()
    frameset, masks = shoot(rig, (brick,))
    assert max(errors_mm(measure_with_masks(frameset, rig, masks), brick)) < 4.5  # a pixel is 2.6 mm wide


def test_one_wrong_mask_does_not_spoil_the_size() -> None:
    rig = calibration()
    frameset, masks = shoot(rig, (BLOCK,))
    masks["cam_04"] = np.roll(masks["cam_04"], 60, axis=1)
    assert max(errors_mm(measure_with_masks(frameset, rig, masks), BLOCK)) < 6.0


def test_masks_without_a_common_part_have_no_size() -> None:
    rig = calibration()
    frameset, masks = shoot(rig)
    assert measure_with_masks(frameset, rig, masks) is None


def test_a_calibration_of_another_picture_size_is_refused() -> None:
    rig = calibration()
    frameset, _ = shoot(rig)
    other = {
        role: CameraCalibration(role, c.serial, c.model.cropped_and_scaled(0, 0, 320, 240, 2.0), c.pose)
        for role, c in rig.cameras.items()
    }
    with pytest.raises(CalibrationError, match="320×240"):
        RoiLocator().locate(frameset, replace(rig, cameras=other))


def test_a_calibration_of_other_cameras_is_refused() -> None:
    rig = calibration()
    frameset, _ = shoot(rig)
    with pytest.raises(CalibrationError, match="none of the cameras"):
        RoiLocator().locate(frameset, replace(rig, cameras={}))


def test_the_square_is_the_longer_edge_and_a_tenth_round_the_same_centre() -> None:
    assert square_around((10.0, 20.0, 110.0, 60.0)) == (5, -15, 115, 95)
    mask = np.zeros((100, 200), np.uint8)
    mask[20:60, 10:110] = 255
    assert square_around(mask) == (5, -15, 115, 95)
    with pytest.raises(ValueError, match="empty"):
        square_around(np.zeros((4, 4), np.uint8))


def test_specks_beside_the_largest_component_are_dropped() -> None:
    mask = np.zeros((50, 50), np.uint8)
    mask[10:20, 10:20] = 255
    mask[40, 40] = 255
    assert int((largest_component(mask) > 0).sum()) == 100
