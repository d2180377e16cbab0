from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from recognition.classes import ClassProfile
from recognition.confidence.priors import Priors
from recognition.confidence.relief import CELLS, Map, Relief, signature
from recognition.confidence.turning import TurnGallery, Turns, chosen_rows, groups_of

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
    assert penalties[0, int(mirrored)] == 0.0
    assert penalties[0, int(not mirrored)] < -0.1
    assert penalties[0, 2] == 0.0  # a class that is confused with none


def test_all_classes_are_compared_where_the_gallery_holds_them_all() -> None:
    known = gallery([0.0, 120.0])
    twins_alone = replace(known, groups=np.array([0, 0, -1, -1, -1]))
    assert not Turns(twins_alone).penalties(signature(hook(47.0, False)))[1].any()
    without = Turns(known).penalties(signature(hook(47.0, False)))[1]
    assert without[0] == 0.0 > without[2] > without[1]  # the third class has given no relief
    disc = np.zeros((CELLS, CELLS), np.uint8)
    cv2.circle(disc, (CELLS // 2, CELLS // 2), 14, 1, -1)
    cover = disc.astype(np.float32)
    washer = signature(Relief(cover, cover * np.float32(0.004), cover * np.float32(0.004), FLAT))
    whole = TurnGallery(np.concatenate([known.signatures, washer[None]]), np.append(known.labels, 2), known.groups)
    within, among = Turns(whole).penalties(signature(hook(47.0, False)))
    assert within[2] == 0.0
    assert among[0] == 0.0 > among[1] > among[2]
    assert Turns(whole).penalties(washer)[1].argmax() == 2


def test_a_gallery_keeps_all_of_a_twin_and_few_of_the_others_where_there_are_many_classes() -> None:
    labels, groups = np.repeat(np.arange(2000), 5), np.full(2000, -1)
    groups[[3, 4]] = 3
    kept = chosen_rows(labels, groups)
    counts = np.bincount(labels[kept], minlength=2000)
    assert counts[[3, 4]].tolist() == [5, 5]
    assert set(np.delete(counts, [3, 4])) == {3}
    assert kept[:3].tolist() == [0, 2, 4]
    assert len(chosen_rows(labels[:0], groups)) == 0


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
