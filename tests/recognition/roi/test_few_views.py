"""The locator with little to look at: one view, no depth at all, masks without a part, depth of another size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recognition.roi import RoiLocator, measure_with_masks
from recognition.roi.boxes import upright_box
from station.errors import CalibrationError
from station.frames import FrameSet
from station.results import PlateState
from tests.recognition.ray_scene import Brick, calibration, shoot

BLOCK = Brick(0.26, 0.18, 0.045, 0.025, 0.040, turn=0.4)


def without_depth(frameset: FrameSet) -> FrameSet:
    return replace(
        frameset, frames={role: replace(f, depth=np.zeros_like(f.depth)) for role, f in frameset.frames.items()}
    )


def test_one_view_still_gets_its_crop() -> None:
    rig = calibration()
    frameset, _ = shoot(rig, (BLOCK,))
    found = RoiLocator().locate(replace(frameset, frames={"cam_10": frameset.frames["cam_10"]}), rig)
    assert set(found.roi) == {"cam_10"}


def test_without_depth_and_without_a_reference_nothing_is_seen_and_every_view_is_named() -> None:
    rig = calibration()
    frameset, _ = shoot(rig, (BLOCK,))
    found = RoiLocator().locate(without_depth(frameset), rig)
    assert found.state is PlateState.EMPTY
    assert set(found.views_without_depth) == set(frameset.frames)


def test_masks_without_a_pixel_have_no_size() -> None:
    rig = calibration()
    frameset, masks = shoot(rig, (BLOCK,))
    assert measure_with_masks(frameset, rig, {role: np.zeros_like(mask) for role, mask in masks.items()}) is None


def test_depth_of_another_size_is_refused_in_a_sentence() -> None:
    rig = calibration()
    frameset, _ = shoot(rig, (BLOCK,))
    frame = frameset.frames["cam_03"]
    frames = {**frameset.frames, "cam_03": replace(frame, depth=frame.depth[::2, ::2])}
    with pytest.raises(CalibrationError, match="160×120"):
        RoiLocator().locate(replace(frameset, frames=frames), rig)


def test_a_turned_box_does_not_make_the_part_reach_farther_than_it_does() -> None:
    triangle = np.array([[0.0, 0.0], [0.1, 0.02], [0.02, 0.1]], np.float32)
    box = upright_box(triangle, np.zeros(3, np.float32), 0.01)
    assert box.x == pytest.approx((0.0, 0.1), abs=1e-6)
    assert box.y == pytest.approx((0.0, 0.1), abs=1e-6)
    assert box.corners[:, :2].max() > 0.1 + 0.005 or box.corners[:, :2].min() < -0.005
