from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.classes import ClassProfile
from recognition.priors import Priors
from recognition.turning import FROM_ABOVE, TurnGallery, Turns, groups_of, signatures

SIZE = 64


def hook(turn_deg: float, mirrored: bool) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Return crops (1, S, S, 4) and depth (1, S, S) of a hook that has a hand, seen from above."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.rectangle(mask, (28, 12), (35, 52), 255, -1)
    cv2.rectangle(mask, (28, 45), (50, 52), 255, -1)
    cv2.rectangle(mask, (28, 12), (42, 17), 255, -1)
    if mirrored:
        mask = np.ascontiguousarray(mask[:, ::-1])
    turn = cv2.getRotationMatrix2D((31.5, 31.5), turn_deg, 1.0)
    mask = cv2.warpAffine(mask, turn, (SIZE, SIZE), flags=cv2.INTER_NEAREST)
    color = np.full((SIZE, SIZE, 4), 120, np.uint8)
    color[mask > 0, :3] = 60
    color[..., 3] = mask
    depth = np.where(mask > 0, 580, 600).astype(np.uint16)
    return color[None], depth[None]


def gallery(turns: list[float]) -> TurnGallery:
    found = [signatures(*hook(turn, side), ["cam_09"]) for side in (False, True) for turn in turns]
    labels = np.repeat([0, 1], len(turns)).astype(np.int64)
    return TurnGallery(np.stack(found), labels, np.array([0, 0, -1], np.int64))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn_deg", [0.0, 47.0, 133.0, 260.0])
def test_a_hand_is_told_at_any_turn(turn_deg: float, mirrored: bool) -> None:
    penalties = Turns(gallery([0.0, 120.0])).penalties(signatures(*hook(turn_deg, mirrored), ["cam_09"]))
    assert penalties[int(mirrored)] == 0.0
    assert penalties[int(not mirrored)] < -0.1
    assert penalties[2] == 0.0  # a class that is confused with none


def test_a_part_that_no_view_from_above_shows_decides_nothing() -> None:
    nothing = signatures(*hook(0.0, False), ["cam_01"])
    assert not nothing.any()
    assert not Turns(gallery([0.0])).penalties(nothing).any()
    assert nothing.shape[0] == len(FROM_ABOVE)


def test_classes_that_weigh_and_measure_the_same_form_a_group() -> None:
    profiles = [
        ClassProfile("left", "", "", 0.2, ((0.1, 0.05, 0.02),)),
        ClassProfile("cube", "", "", 0.5, ((0.05, 0.05, 0.05),)),
        ClassProfile("right", "", "", 0.2, ((0.1, 0.05, 0.02),)),
    ]
    weights = np.array([p.weight_kg for p in profiles], np.float32)
    sizes = np.array([p.sizes[0] for p in profiles], np.float32)
    assert groups_of(Priors(profiles), weights, sizes).tolist() == [0, -1, 0]


def test_views_that_are_missing_need_no_second_comparison() -> None:
    crops, depth = (np.concatenate(parts) for parts in zip(hook(33.0, False), hook(71.0, True), strict=True))
    turns = Turns(gallery([0.0, 120.0]))
    likeness = turns.likeness(signatures(crops, depth, ["cam_08", "cam_09"]))
    for row, role in enumerate(("cam_08", "cam_09")):
        kept = np.array([name == role for name in FROM_ABOVE])
        alone = turns.penalties(signatures(crops[row : row + 1], depth[row : row + 1], [role]))
        np.testing.assert_allclose(turns.compared(np.where(kept, likeness, np.minimum(likeness, 0.0))), alone)
