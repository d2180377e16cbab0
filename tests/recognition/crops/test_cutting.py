from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.crops import cache
from recognition.crops.cache import CropSpec, build_cache
from recognition.crops.cutting import crop_views, cut, square_of_mask, widened
from station.captures.manifest import manifest_of
from station.captures.mvip import find_captures, load_frameset, load_masks


def test_the_square_follows_the_largest_piece_of_the_mask() -> None:
    mask = np.zeros((100, 200), np.uint8)
    mask[20:60, 50:70] = 255
    mask[90, 190] = 255  # a stray speck
    assert square_of_mask(mask) == (38, 18, 82, 62)
    assert square_of_mask(np.zeros((5, 5), np.uint8)) is None


def test_widening_keeps_the_middle() -> None:
    assert widened((10, 20, 30, 40), 1.5) == (5, 15, 35, 45)


@pytest.mark.parametrize("square", [(-20, -20, 20, 20), (90, 90, 130, 130), (-50, 20, 150, 220), (300, 300, 340, 340)])
def test_crops_may_reach_beyond_the_image(square: tuple[int, int, int, int]) -> None:
    image = np.full((100, 100, 3), 7, np.uint8)
    out = cut(image, square, 16, nearest=False, outside=cv2.BORDER_REPLICATE)
    assert out.shape == (16, 16, 3)
    assert set(np.unique(out)) <= {0, 7}


def test_depth_is_never_mixed_with_no_measurement() -> None:
    depth = np.zeros((40, 40), np.uint16)
    depth[::2] = 1000
    out = cut(depth, (0, 0, 40, 40), 17, nearest=True, outside=cv2.BORDER_CONSTANT)
    assert set(np.unique(out)) <= {0, 1000}


def test_depth_comes_out_in_millimetres_whatever_the_scale(tree: Path) -> None:
    from dataclasses import replace

    path = find_captures(tree)[0].path
    frameset, _ = load_frameset(path)
    masks = load_masks(path)
    square = square_of_mask(masks["cam_01"])
    assert square is not None
    coarse = crop_views(frameset.frames, {"cam_01": square}, masks, 32)
    frame = frameset.frames["cam_01"]
    fine = replace(frame, depth=(frame.depth * 2).astype(np.uint16), depth_scale=frame.depth_scale / 2)
    assert np.array_equal(crop_views({"cam_01": fine}, {"cam_01": square}, masks, 32).depth_mm, coarse.depth_mm)


def test_the_cache_is_cut_once_and_anew_when_a_file_changes(tmp_path: Path, tree: Path) -> None:
    captures = find_captures(tree / "sets" / "blue_bar")[:2]
    calls: list[int] = []
    spec = CropSpec(size=24, factor=1.25)
    first = build_cache(captures, tmp_path, spec, 1, lambda done, total: calls.append(done))
    again = build_cache(captures, tmp_path, spec, 1, lambda done, total: calls.append(done))
    assert calls == [1, 2]
    assert np.array_equal(first.color, again.color)
    assert first.manifest == again.manifest
    assert not first.color.flags.writeable
    assert bool(first.view_mask.all())
    assert first.samples[0].class_id == "blue_bar"
    other = build_cache(captures, tmp_path, CropSpec(size=24, factor=1.5), 1, lambda done, total: calls.append(done))
    assert calls == [1, 2, 1, 2]
    assert not np.array_equal(first.color, other.color)


def test_the_cache_lists_its_captures_as_a_manifest_does_and_no_hha_is_ever_looked_at(
    tmp_path: Path, tree: Path
) -> None:
    copy = tmp_path / "tree" / "sets" / "green_cube"
    shutil.copytree(tree / "sets" / "green_cube", copy)
    spec = CropSpec(size=24, factor=1.0)
    before = build_cache(find_captures(copy), tmp_path / "crops", spec, 1)
    for view in copy.rglob("cam_*"):
        (view / f"{view.name[-2:]}_hha.png").write_bytes(b"of whatever kind it may be")
    calls: list[int] = []
    after = build_cache(find_captures(copy), tmp_path / "crops", spec, 1, lambda done, total: calls.append(done))
    assert calls == []
    assert before.manifest == after.manifest == manifest_of(find_captures(copy))
    assert np.array_equal(before.color, after.color)


@pytest.mark.parametrize("hha", [False, True])
def test_of_a_tree_that_has_grown_or_was_copied_only_new_captures_are_cut(
    tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch, hha: bool
) -> None:
    spec, crops = CropSpec(size=24, factor=1.25, scatter=0.05, hha=hha), tmp_path / "crops"
    copy = Path(shutil.copytree(tree, tmp_path / "copy"))
    build_cache(find_captures(tree)[:3], crops, spec, 1)
    cut_anew: list[Path] = []
    original = cache._cut_capture

    def counted(job: cache._Job) -> cache._Cut:
        cut_anew.append(job[1].path)
        return original(job)

    monkeypatch.setattr(cache, "_cut_capture", counted)
    captures = find_captures(copy)
    grown = build_cache(captures, crops, spec, 1)
    known = {capture.path.relative_to(tree) for capture in find_captures(tree)[:3]}
    assert {path.relative_to(copy) for path in cut_anew} == {c.path.relative_to(copy) for c in captures} - known
    bare = build_cache(captures, tmp_path / "elsewhere", spec, 1)
    assert grown.samples == bare.samples
    assert grown.remarks == bare.remarks
    for name in ("color", "depth_mm", "view_mask", "reliefs", *(["hha"] if hha else [])):
        assert np.array_equal(getattr(grown, name), getattr(bare, name)), name


def test_a_picture_that_changed_is_cut_again_and_damaged_caches_count_as_none(tmp_path: Path, tree: Path) -> None:
    spec, crops = CropSpec(size=24, factor=1.25), tmp_path / "crops"
    copy = Path(shutil.copytree(tree / "sets" / "blue_bar", tmp_path / "tree" / "sets" / "blue_bar"))
    captures = find_captures(copy)[:2]
    before = build_cache(captures, crops, spec, 1)
    picture = captures[0].path / "cam_01" / "01_rgb.png"
    cv2.imwrite(str(picture), cv2.imread(str(picture)) // 2)
    after = build_cache(captures, crops, spec, 1)
    assert not np.array_equal(before.color[0, 0], after.color[0, 0])
    assert np.array_equal(before.color[1], after.color[1])
    for place in crops.iterdir():
        (place / "depth.npy").unlink()  # it is mapped into memory here
        (place / "depth.npy").write_bytes(b"damaged")
    (crops / "stray").mkdir()
    (crops / "stray" / "cut.json").write_text("[1, 2", encoding="utf-8")
    os.utime(picture)
    assert np.array_equal(build_cache(captures, crops, spec, 1).depth_mm, after.depth_mm)


def test_several_processes_cut_the_same(tmp_path: Path, tree: Path) -> None:
    captures = find_captures(tree / "sets" / "red_block")
    spec = CropSpec(size=24, factor=1.0, scatter=0.05)
    alone = build_cache(captures, tmp_path / "a", spec, 1)
    together = build_cache(captures, tmp_path / "b", spec, 2)
    assert np.array_equal(alone.color, together.color)
    assert alone.samples == together.samples
