from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from station.captures.mvip import (
    find_captures,
    load_frameset,
    load_masks,
    read_capture_record,
    read_class_weight,
)
from station.errors import DatasetError
from station.frames import ROLES
from tests.recognition.small_tree import BOXES, write_capture, write_tree

SAMPLE = Path(__file__).parents[3] / ".." / "shared" / "data" / "mvip_sample"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="the MVIP sample is not there")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("tree"), train=12, valid=1)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    folder = tmp_path / "capture"
    write_capture(folder, BOXES[0], np.random.default_rng(1), "test")
    return folder


def test_captures_are_found_from_every_level(tree: Path) -> None:
    assert len(find_captures(tree)) == 4 * 13
    assert find_captures(tree / "sets") == find_captures(tree)
    assert len(find_captures(tree / "sets" / "blue_bar")) == 13
    assert len(find_captures(tree / "sets" / "blue_bar" / "valid_data")) == 1
    one = find_captures(tree / "sets" / "blue_bar" / "train_data" / "0" / "7")
    assert [(c.class_id, c.split, c.path.name) for c in one] == [("blue_bar", "train", "7")]
    assert one[0].class_folder == tree / "sets" / "blue_bar"


def test_numbers_in_names_are_sorted_as_numbers(tree: Path) -> None:
    names = [c.path.name for c in find_captures(tree / "sets" / "red_block" / "train_data")]
    assert names == [str(n) for n in range(12)]


def test_stray_files_and_folders_are_passed_over(tree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tree"
    shutil.copytree(tree / "sets" / "red_block", copy / "sets" / "red_block")
    (copy / "readme.txt").write_text("x")
    (copy / "sets" / ".hidden" / "cam_01").mkdir(parents=True)
    (copy / "sets" / "empty").mkdir()
    (copy / "sets" / "red_block" / "train_data" / "notes").mkdir()
    (copy / "sets" / "loop").symlink_to(copy, target_is_directory=True)
    found = find_captures(copy / "sets" / "red_block")
    assert len(found) == 13
    assert {c.class_id for c in find_captures(copy)} == {"red_block"}


def test_nothing_found_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No capture was found"):
        find_captures(tmp_path)
    with pytest.raises(DatasetError, match="no such folder"):
        find_captures(tmp_path / "nowhere")


def test_a_capture_comes_with_its_calibration(capture: Path) -> None:
    frameset, calibration = load_frameset(capture)
    assert tuple(frameset.frames) == ROLES
    assert frameset.missing == ()
    frame = frameset.frames["cam_04"]
    assert (frame.color.shape, frame.depth.dtype, frame.depth_scale) == ((240, 320, 3), np.uint16, 0.001)
    assert not frame.color.flags.writeable
    assert calibration.cameras["cam_04"].serial == "serial04"
    assert calibration.cameras["cam_04"].model.fx == 300.0
    assert frameset.taken_at.isoformat() == "2026-01-02T03:04:05.678000+00:00"


def test_red_stays_red(capture: Path) -> None:
    frameset, _ = load_frameset(capture)
    mask = load_masks(capture)["cam_01"] > 0
    assert frameset.frames["cam_01"].color[mask].mean(axis=0) == pytest.approx((200, 40, 40), abs=3)


def test_distortion_is_read_where_it_is_stated(capture: Path) -> None:
    file = capture / "cam_02" / "02_meta.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "Distortion": [0.1, -0.2, 0.001, 0.002, 0.05]}))
    _, calibration = load_frameset(capture)
    assert calibration.cameras["cam_02"].model.distortion == (0.1, -0.2, 0.001, 0.002, 0.05)
    assert not calibration.cameras["cam_01"].model.distorted


def spoil(capture: Path) -> dict[str, str]:
    """Damage seven views, each in its own way; returns role → what was done."""
    rgb = capture / "cam_01" / "01_rgb.png"
    rgb.write_bytes(rgb.read_bytes()[: rgb.stat().st_size // 2])
    content = bytearray((capture / "cam_02" / "02_depth.png").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (capture / "cam_02" / "02_depth.png").write_bytes(bytes(content))
    (capture / "cam_03" / "03_meta.json").write_text("{")
    (capture / "cam_04" / "04_rgb.png").unlink()
    shutil.copy(capture / "cam_05" / "05_rgb.png", capture / "cam_05" / "05_depth.png")
    shutil.rmtree(capture / "cam_06")
    file = capture / "cam_07" / "07_meta.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "Camera_Transformation": [0.0] * 16}))
    return dict.fromkeys(ROLES[:7], "damaged")


def test_damaged_and_absent_views_are_missing_and_the_rest_is_used(
    capture: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = spoil(capture)
    frameset, calibration = load_frameset(capture)
    assert frameset.missing == tuple(damaged)
    assert tuple(calibration.cameras) == ROLES[7:]
    assert capfd.readouterr().err == ""


def test_a_capture_without_any_view_is_one_sentence(capture: Path) -> None:
    for role in ROLES:
        (capture / role / f"{role[-2:]}_meta.json").unlink()
    with pytest.raises(DatasetError, match="None of its ten views can be read"):
        load_frameset(capture)


def test_labels_are_not_needed_to_read_a_frameset(capture: Path) -> None:
    whole, calibration = load_frameset(capture)
    for file in [*capture.rglob("*_mask_gen.png"), *capture.rglob("*_hha.png")]:
        file.unlink()
    again, same = load_frameset(capture)
    assert same.id == calibration.id
    assert all(np.array_equal(again.frames[role].color, whole.frames[role].color) for role in ROLES)


def test_the_record_says_what_was_weighed(capture: Path) -> None:
    record = read_capture_record(capture)
    assert record is not None
    assert record.class_id == "red_block"
    assert record.weight_kg == pytest.approx(0.5, rel=0.02)
    assert record.size_true_m == (0.10, 0.06, 0.04)
    (capture / "capture.json").unlink()
    assert read_capture_record(capture) is None


@pytest.mark.parametrize("text", ["", "[1]", '{"weight_kg": "heavy"}', '{"size_true_m": [1]}', '{"taken_at": "now"}'])
def test_a_damaged_record_is_one_sentence(capture: Path, text: str) -> None:
    (capture / "capture.json").write_text(text)
    with pytest.raises(DatasetError, match=r"capture\.json: The capture's record"):
        read_capture_record(capture)


def test_the_nominal_weight_comes_from_the_class(tree: Path) -> None:
    assert read_class_weight(tree / "sets" / "green_cube") == 0.9
    assert read_class_weight(tree) is None


@needs_sample
def test_the_real_captures_load() -> None:
    captures = find_captures(SAMPLE)
    assert len(captures) == 6
    for capture in captures:
        frameset, calibration = load_frameset(capture.path)
        assert frameset.missing == ()
        assert frameset.frames["cam_05"].color.shape == (720, 1280, 3)
        assert float((frameset.frames["cam_05"].depth == 0).mean()) > 0.9
        assert calibration.cameras["cam_09"].pose.center[2] == pytest.approx(0.78, abs=0.03)
        assert len(load_masks(capture.path)) == 10
    assert captures[0].class_folder is not None
    assert read_class_weight(captures[0].class_folder) == 4.712
