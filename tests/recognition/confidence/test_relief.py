from __future__ import annotations

import numpy as np
import pytest

from recognition.confidence.relief import CELLS, Relief, relief_of, signature
from recognition.confidence.turning import TurnGallery, Turns
from tests.recognition.ray_scene import Brick, calibration, shoot

CAMERAS = calibration().cameras


def angle(turn: float, mirrored: bool = False, x: float = 0.24, y: float = 0.19) -> list[Brick]:
    """Return an angle of two bars, one lower than the other, which has a hand."""
    side = -1.0 if mirrored else 1.0
    cos, sin = np.cos(turn), np.sin(turn)
    bars = [(0.0, 0.0, 0.05, 0.015, 0.02), (0.035, 0.04 * side, 0.015, 0.03, 0.04)]
    return [
        Brick(x + cos * u - sin * v, y + sin * u + cos * v, half_x, half_y, height, turn)
        for u, v, half_x, half_y, height in bars
    ]


def relief(bricks: list[Brick]) -> Relief:
    frameset, masks = shoot(calibration(), tuple(bricks))
    found = relief_of(frameset.frames, CAMERAS, masks)
    assert found is not None
    return found


def test_a_relief_is_true_to_scale_in_height() -> None:
    found = relief(angle(0.3))
    covered = found.height[found.cover > 0]
    low, high = np.quantile(covered, [0.25, 0.95])
    assert low == pytest.approx(0.02, abs=0.003)
    assert high == pytest.approx(0.04, abs=0.003)
    assert found.cover.shape == (CELLS, CELLS)
    assert (found.carved >= found.height - 0.005).all()  # a carved solid is never too small
    assert not found.height[found.cover == 0].any()


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_hand_is_told_wherever_and_however_the_part_lies(mirrored: bool) -> None:
    kept = [signature(relief(angle(turn, side))) for side in (False, True) for turn in (0.0, 2.0)]
    turns = Turns(TurnGallery(np.stack(kept), np.array([0, 0, 1, 1]), np.array([0, 0])))
    for turn, x, y in ((0.9, 0.20, 0.15), (3.7, 0.28, 0.24)):
        penalties = turns.penalties(signature(relief(angle(turn, mirrored, x, y))))
        assert penalties[0, int(mirrored)] == 0.0
        assert penalties[0, int(not mirrored)] < -0.03


def test_where_too_few_views_show_a_part_there_is_no_relief() -> None:
    frameset, masks = shoot(calibration(), tuple(angle(0.0)))
    assert relief_of(frameset.frames, CAMERAS, {}) is None
    assert relief_of(frameset.frames, {}, masks) is None
    two = {role: masks[role] for role in ("cam_04", "cam_10")}
    assert relief_of(frameset.frames, CAMERAS, two) is None
    apart = {role: np.roll(mask, 90 * n, axis=1) for n, (role, mask) in enumerate(masks.items())}
    relief_of(frameset.frames, CAMERAS, apart)  # whatever comes of masks that contradict one another, it ends
