from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from recognition.classes import ClassProfile
from recognition.confidence.priors import Priors
from recognition.confidence.relief import CELLS, Map, Relief, signature
from recognition.confidence.turning import TurnGallery, Turns, groups_of

FLAT: Map = np.zeros((CELLS, CELLS), np.float32)


def hook(turn_deg: float, mirrored: bool) -> Relief:
    """Return the relief of a hook that has a hand."""
    mask = np.zeros((CELLS, CELLS), np.uint8)
    cv2.rectangle(mask, (24, 10), (30, 46), 1, -1)
    cv2.rectangle(mask, (24, 40), (44, 46), 1, -1)
    cv2.rectangle(mask, (24, 10), (37, 15), 1, -1)
    if mirrored:
        mask = np.ascontiguousarray(mask[:, ::-1])
    turn = cv2.getRotationMatrix2D((CELLS / 2 - 0.5, CELLS / 2 - 0.5), turn_deg, 1.0)
    cover = cv2.warpAffine(mask, turn, (CELLS, CELLS), flags=cv2.INTER_NEAREST).astype(np.float32)
    return Relief(cover, cover * np.float32(0.02), cover * np.float32(0.02), FLAT)


def gallery(turns: list[float]) -> TurnGallery:
    found = [signature(hook(turn, side)) for side in (False, True) for turn in turns]
    labels = np.repeat([0, 1], len(turns)).astype(np.int64)
    return TurnGallery(np.stack(found), labels, np.array([0, 0, -1], np.int64))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn_deg", [0.0, 47.0, 133.0, 260.0])
def test_a_hand_is_told_at_any_turn(turn_deg: float, mirrored: bool) -> None:
    penalties = Turns(gallery([0.0, 120.0])).penalties(signature(hook(turn_deg, mirrored)))
    assert penalties[int(mirrored)] == 0.0
    assert penalties[int(not mirrored)] < -0.1
    assert penalties[2] == 0.0  # a class that is confused with none


def test_a_part_without_a_relief_decides_nothing() -> None:
    assert not signature(None).any()
    assert not Turns(gallery([0.0])).penalties(signature(None)).any()


def test_without_depth_the_heights_are_those_of_the_masks() -> None:
    plain = hook(0.0, False)
    measured = replace(plain, height=plain.height * np.linspace(0.5, 1.5, CELLS, dtype=np.float32)[:, None])
    assert (signature(measured) != signature(plain)).any()
    np.testing.assert_array_equal(signature(measured, depth=False), signature(plain))


def test_classes_that_weigh_and_measure_the_same_form_a_group() -> None:
    profiles = [
        ClassProfile("left", "", "", 0.2, ((0.1, 0.05, 0.02),)),
        ClassProfile("cube", "", "", 0.5, ((0.05, 0.05, 0.05),)),
        ClassProfile("right", "", "", 0.2, ((0.1, 0.05, 0.02),)),
    ]
    weights = np.array([p.weight_kg for p in profiles], np.float32)
    sizes = np.array([p.sizes[0] for p in profiles], np.float32)
    assert groups_of(Priors(profiles), weights, sizes).tolist() == [0, -1, 0]
