"""A part that was not turned is told from one that was: on the simulated rig's pictures and on real captures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recognition.pose_likeness import PictureLikeness
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.captures.pose import Pose
from station.frames import ColorImage, MaskImage
from station.settings import CaptureSection
from station.simulation.library import PartLibrary
from station.simulation.lighting import draw_lighting
from station.simulation.rig import rig_models
from station.simulation.scene import Placement, SceneRenderer, draw_placement
from station.simulation.sensor import draw_exposure, read_frame

LIMIT = CaptureSection().max_likeness
SAMPLE = Path(__file__).parents[3] / "shared/data/mvip_sample"
VIEWS = ("cam_01", "cam_06", "cam_08", "cam_09")


class Studio:
    """Takes pictures of a part as it is laid; every picture has its own noise."""

    def __init__(self) -> None:
        self.library = PartLibrary.load()
        self.renderer = SceneRenderer(self.library, rig_models("640x480", 3), room_seed=3)
        rng = np.random.default_rng(1)
        self.light = draw_lighting(rng, rng)
        self.exposures = {role: draw_exposure(rng) for role in VIEWS}
        self.noise = np.random.default_rng(2)

    def laid(self, class_id: str) -> Placement:
        return draw_placement(self.library.get(class_id), np.random.default_rng(4))

    def pose(self, placement: Placement) -> Pose:
        stage = self.renderer.stage([placement], self.light)
        colors: dict[str, ColorImage] = {}
        masks: dict[str, MaskImage] = {}
        for role in VIEWS:
            view = read_frame(self.renderer.view(role, stage, self.exposures[role]), self.noise)
            colors[role], masks[role] = view.color, view.mask
        return PictureLikeness().pose(colors, masks)


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio()


@pytest.mark.parametrize("class_id", ["pipe_elbow_42", "hex_nut_m12_steel", "heat_sink_pins_60"])
def test_a_part_that_was_not_touched_is_alike_and_a_turned_one_is_not(studio: Studio, class_id: str) -> None:
    lies = studio.laid(class_id)
    before = studio.pose(lies)
    likeness = PictureLikeness().likeness
    assert likeness(before, studio.pose(lies)) > LIMIT
    assert likeness(before, studio.pose(replace(lies, yaw=lies.yaw + np.pi / 6))) < LIMIT
    assert likeness(before, studio.pose(replace(lies, x=lies.x + 0.03))) < LIMIT


def test_a_part_that_is_round_about_its_axis_is_alike_however_it_is_turned(studio: Studio) -> None:
    lies = studio.laid("o_ring_64x6")
    turned = replace(lies, yaw=lies.yaw + np.pi / 6)
    assert PictureLikeness().likeness(studio.pose(lies), studio.pose(turned)) > LIMIT


def test_nothing_in_common_is_no_likeness(studio: Studio) -> None:
    one = studio.pose(studio.laid("pipe_elbow_42"))
    views = dict(one.views)
    assert PictureLikeness().likeness(Pose({"cam_01": views["cam_01"]}), Pose({"cam_09": views["cam_09"]})) == 0.0
    black = np.zeros((48, 64, 3), np.uint8)
    assert PictureLikeness().pose({"cam_01": black}, {"cam_01": black[..., 0]}).views == {}


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="needs the real captures in ../shared/data/mvip_sample")
def test_real_captures_are_like_themselves_in_other_noise_and_light_and_not_like_each_other() -> None:
    rng = np.random.default_rng(0)
    method = PictureLikeness()
    poses: list[Pose] = []
    for capture in find_captures(SAMPLE):
        frameset, _ = load_frameset(capture.path)
        colors = {role: frameset.frames[role].color for role in VIEWS}
        masks = load_masks(capture.path)
        poses.append(method.pose(colors, masks))
        noisy = {
            role: np.clip(color * 1.15 + rng.integers(-10, 11, color.shape, np.int16), 0, 255).astype(np.uint8)
            for role, color in colors.items()
        }
        assert method.likeness(poses[-1], method.pose(noisy, masks)) > LIMIT
    pairs = [method.likeness(one, other) for n, one in enumerate(poses) for other in poses[:n]]
    assert max(pairs) < 0.8
