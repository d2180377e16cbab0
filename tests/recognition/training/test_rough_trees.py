"""Trees, checkpoints and weights with faults, as a person meets them: one sentence, nothing lost, nothing left."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from click.testing import Result
from typer.testing import CliRunner

from recognition.crops.cache import CropSpec, build_cache
from station.captures.mvip import find_captures
from station.cli.main import app
from station.errors import DatasetError, ModelError, StationError

FAST = [
    "--epochs", "2", "--batch", "2", "--views", "1-2", "--input-size", "32", "--workers", "1", "--stop-after", "1",
    "--color-encoder", "shufflenet_v2_x0_5", "--depth-encoder", "shufflenet_v2_x0_5", "--device", "cpu",
]  # fmt: skip
BLUE = "sets/blue_bar/train_data/0"


def train(data: Path, out: Path, *more: str) -> Result:
    """Run ``station train`` as a person does."""
    return CliRunner().invoke(app, ["train", "--data", str(data), "--out", str(out), *FAST, *more])


@pytest.fixture(scope="module")
def rough(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of the tree, with every fault that a tree may have; ``red_block`` has one capture."""
    root = tmp_path_factory.mktemp("rough")
    shutil.copytree(tree / "sets" / "blue_bar", root / "sets" / "blue_bar")
    red = root / "sets" / "red_block"
    shutil.copytree(tree / "sets" / "red_block" / "train_data" / "0" / "0", red / "train_data" / "0" / "0")
    shutil.copytree(tree / "sets" / "red_block" / "valid_data" / "0", red / "valid_data" / "0")
    (root / "Thumbs.db").write_bytes(b"x")
    (root / "sets" / "notes").mkdir()
    (root / BLUE / "readme.txt").write_text("stray")
    (root / BLUE / "0" / "cam_01" / "01_old.png").write_bytes(b"stray")
    shutil.rmtree(root / BLUE / "0" / "cam_02")
    picture = root / BLUE / "0" / "cam_03" / "03_rgb.png"
    picture.write_bytes(picture.read_bytes()[:500])
    cv2.imwrite(str(root / BLUE / "0" / "cam_04" / "04_depth.png"), np.full((100, 120), 700, np.uint16))
    cv2.imwrite(str(root / BLUE / "1" / "cam_05" / "05_rgb_mask_gen.png"), np.full((100, 120), 255, np.uint8))
    cv2.imwrite(str(root / BLUE / "1" / "cam_06" / "06_rgb_mask_gen.png"), np.zeros((240, 320), np.uint8))
    (root / BLUE / "1" / "cam_07" / "07_meta.json").write_text("{}")
    (root / BLUE / "1" / "cam_08" / "08_rgb_mask_gen.png").unlink()
    for mask in (root / BLUE / "2").glob("cam_*/*_mask_gen.png"):
        cv2.imwrite(str(mask), np.zeros((240, 320), np.uint8))
    for file in (root / BLUE / "3").glob("cam_*/*_rgb.png"):
        file.write_bytes(b"")
    return root


def test_every_fault_of_a_tree_is_one_sentence_and_the_rest_is_there(rough: Path, tmp_path: Path) -> None:
    captures = [c for c in find_captures(rough) if c.split == "train"]
    cache = build_cache(captures, tmp_path, CropSpec(24, 1.25), 1)
    said = [sentence.removeprefix(str(rough / BLUE) + "/") for sentence in cache.remarks]
    assert said == [
        "0/cam_02: There is no such folder. The view is left out.",
        "0/cam_03: 03_rgb.png cannot be read as an 8-bit colour PNG. The view is left out.",
        "0/cam_04: 04_depth.png has 120×100 pixels and 04_rgb.png 320×240. The view is left out.",
        "1/cam_05: 05_rgb_mask_gen.png has 120×100 pixels and the picture 320×240. The view is left out.",
        "1/cam_06: 06_rgb_mask_gen.png is empty. The view is left out.",
        "1/cam_07: 07_meta.json does not hold a camera's calibration. The view is left out.",
        "1/cam_08: 08_rgb_mask_gen.png is not there. The view is left out.",
        "2: None of its views shows a part. The capture is left out.",
        said[-1],
    ]
    assert said[-1].startswith("3: None of its ten views can be read")
    assert cache.view_mask.sum(axis=1).tolist() == [7, 6, 0, 0, 10]
    assert len(cache.manifest.lines) == 3
    assert build_cache(captures, tmp_path, CropSpec(24, 1.25), 1).remarks == cache.remarks


def test_a_rough_tree_trains_and_a_damaged_checkpoint_is_one_sentence(rough: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = train(rough, out)
    assert result.exit_code == 0, result.output
    assert "cam_02: There is no such folder. The view is left out." in result.output
    assert "4 more are left out; remarks.json" in result.output
    assert "A single training capture is little to learn from; no more have: red_block." in result.output
    checkpoint, best = out / "training" / "checkpoint.safetensors", out / "training" / "best.safetensors"
    whole, kept = checkpoint.read_bytes(), best.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", torch.zeros(3).numpy().tobytes(), kept):
        checkpoint.write_bytes(damaged)
        again = train(rough, out)
        assert isinstance(again.exception, ModelError), again.output
        assert str(checkpoint) in str(again.exception)
        assert "Give --fresh to train anew" in str(again.exception)
        assert checkpoint.read_bytes() == damaged
        assert best.read_bytes() == kept
    left = {path.name for path in out.rglob("*") if path.suffix in (".part", ".tmp")}
    assert not left
    assert not (out / "model").exists()


def test_a_tree_whose_class_shows_nothing_is_refused(rough: Path, tmp_path: Path) -> None:
    data = tmp_path / "tree"
    shutil.copytree(rough, data)
    for number in ("0", "1", "3"):
        shutil.rmtree(data / BLUE / number)
    result = train(data, tmp_path / "out")
    assert isinstance(result.exception, DatasetError)
    assert "No training capture of blue_bar shows a part. Restore pictures and masks" in str(result.exception)
    assert str(data) in str(result.exception)


def test_crops_that_cannot_be_cut_leave_nothing_behind(rough: Path, tmp_path: Path) -> None:
    data = tmp_path / "tree"
    shutil.copytree(rough, data)
    (data / BLUE / "1" / "capture.json").write_text("{")
    result = train(data, tmp_path / "out")
    assert isinstance(result.exception, StationError)
    assert "capture.json" in str(result.exception)
    assert not list((tmp_path / "out").rglob("*.part"))
    (data / BLUE / "1" / "capture.json").unlink()
    captures = find_captures(data)
    cache = build_cache(captures, tmp_path / "crops", CropSpec(24, 1.0), 1)
    (place,) = (tmp_path / "crops").iterdir()
    assert len(cache.samples) == len(captures)
    (place / "color.npy").write_bytes(b"x")
    with pytest.raises(DatasetError, match="damaged") as error:
        build_cache(captures, tmp_path / "crops", CropSpec(24, 1.0), 1)
    assert str(place) in str(error.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--device", "foo"], "There is no device 'foo'. Say auto, cpu or cuda."),
        (["--encoder-weights", "PICKLE"], "The weights are a pickle"),
        (["--weights", "PICKLE"], "The weights are a pickle"),
        (["--weights", "nowhere.safetensors"], "nowhere.safetensors: The weights to begin with cannot be read"),
        (["--tags"], "The classes name 0 tags, and a head for them needs two."),
        (["--set", "model.depth_coding=inches"], "The model's depth_coding is 'inches'."),
    ],
)
def test_wrong_options_are_one_sentence_and_nothing_is_written(
    rough: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    pickled = tmp_path / "weights.pt"
    torch.save({"x": torch.zeros(2)}, pickled)
    given = [str(pickled) if option == "PICKLE" else option for option in options]
    result = train(rough, tmp_path / "out", *given)
    assert isinstance(result.exception, StationError), result.output
    assert sentence in str(result.exception)
    assert not (tmp_path / "out").exists()
