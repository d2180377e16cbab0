"""Several trees as one: the same class folder is one class, every capture keeps its identity."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from recognition.models.config import ModelConfig
from recognition.training.joined_trees import captures_of, class_folders
from recognition.training.tree import TrainingTree
from station.errors import DatasetError
from tests.recognition.small_tree import BOXES, write_capture

SHAPE = ModelConfig(classes=3, input_size=32)
RED, BLUE, GREEN, _ = BOXES


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two trees: both have the red block in the same places, without records; blue and green are in one each."""
    roots = (tmp_path_factory.mktemp("published"), tmp_path_factory.mktemp("own"))
    for seed, (root, boxes) in enumerate(zip(roots, ((RED, BLUE), (RED, GREEN)), strict=True)):
        rng = np.random.default_rng(seed)
        for box in boxes:
            folder = root / "sets" / box.class_id
            write_capture(folder / "train_data" / "0" / "0", box, rng, "train")
            write_capture(folder / "valid_data" / "0", box, rng, "valid")
            meta = {"name": f"{box.class_id} of tree {seed}", "weight": box.weight_kg}
            (folder / "meta.json").write_text(json.dumps(meta))
        for record in (root / "sets" / RED.class_id).rglob("capture.json"):
            record.unlink()
    return roots


def test_a_class_of_two_trees_is_one_class_of_distinct_captures(two: tuple[Path, Path], tmp_path: Path) -> None:
    tree = TrainingTree.of(two, (), tmp_path, workers=1)
    assert tree.known == ("blue_bar", "green_cube", "red_block")
    assert tree.place == f"{two[0]}, {two[1]}"
    data = tree.training_data(SHAPE)
    assert [data.train.samples[row].class_id for row, label in enumerate(data.train_labels) if label == 2] == [
        "red_block",
        "red_block",
    ]
    ids = [line.capture_id for line in data.train.manifest.lines]
    assert len(set(ids)) == len(ids) == 4
    # the red ones lie in the same place of their trees, and are still two
    assert len({line.content_hash for line in data.train.manifest.lines}) == 4


def test_what_the_first_tree_says_of_a_class_counts(two: tuple[Path, Path], tmp_path: Path) -> None:
    tree = TrainingTree.of(two, ("blue_bar", "green_cube"), tmp_path, workers=1)
    contradiction, alone = tree.sentences
    assert "The class red_block is described in two ways: name 'red_block of tree 0' and" in contradiction
    assert str(two[0]) in contradiction
    assert "one class alone, red_block" in alone
    (profile,) = tree.training_data(ModelConfig(classes=1, input_size=32)).profiles
    assert profile.name == "red_block of tree 0"
    assert TrainingTree.of((two[1], two[0]), (), tmp_path).folders["red_block"].is_relative_to(two[1])


def test_a_folder_without_a_description_does_not_speak_for_its_class(two: tuple[Path, Path], tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(two[0] / "sets" / "red_block", bare / "sets" / "red_block")
    (bare / "sets" / "red_block" / "meta.json").unlink()
    found = class_folders(captures_of((bare, two[0])))
    assert found.of["red_block"].is_relative_to(two[0])
    assert found.sentences == ()


def test_a_copied_tree_teaches_nothing_twice(two: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(two[0], copy)
    # the same tree under another name of its own counts once, too
    tree = TrainingTree.of((two[0], copy, two[0] / "sets"), (), tmp_path / "crops", workers=1)
    assert len(tree.captures) == 8
    data = tree.training_data(ModelConfig(classes=2, input_size=32))
    assert sorted(data.train_labels) == [-1, -1, 0, 1]
    assert "2 of the train captures are copies" in " ".join(data.train.remarks)
    assert len(data.train.manifest.lines) == 2


def test_a_validation_capture_that_was_learned_from_does_not_count(two: tuple[Path, Path], tmp_path: Path) -> None:
    leaked = tmp_path / "leaked"
    for folder in (two[0] / "sets").iterdir():
        shutil.copytree(folder / "train_data" / "0" / "0", leaked / "sets" / folder.name / "valid_data" / "7")
    data = TrainingTree.of((two[0], leaked), (), tmp_path / "crops", workers=1).training_data(
        ModelConfig(classes=2, input_size=32)
    )
    assert sorted(data.valid_labels) == [-1, -1, 0, 1]


def test_classes_that_were_never_weighed_are_named(two: tuple[Path, Path], tmp_path: Path) -> None:
    data = TrainingTree.of(two, (), tmp_path, workers=1).training_data(SHAPE)
    assert "1 of 3 classes were never weighed, red_block for one." in data.train.remarks[0]
    assert "model.scalars=off" in data.train.remarks[0]
    assert [known.weighed for known in data.profiles] == [True, True, False]


def test_a_root_that_is_not_there_is_named(two: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere"):
        TrainingTree.of((two[0], tmp_path / "nowhere"), (), tmp_path)
    with pytest.raises(DatasetError, match="found 0 classes"):
        TrainingTree.of(two, ("red_block", "blue_bar", "green_cube"), tmp_path)
