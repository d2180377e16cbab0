from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recognition.engine import Engine
from recognition.registry import load_model
from station.captures.manifest import MANIFEST_FILE, compare, manifest_of_tree, read_manifest
from station.cli.main import app
from station.errors import StationError

FAST = [
    "--epochs", "1", "--batch", "4", "--views", "1-2", "--input-size", "32", "--workers", "1",
    "--color-encoder", "shufflenet_v2_x0_5", "--depth-encoder", "shufflenet_v2_x0_5", "--device", "cpu",
]  # fmt: skip


WORD_HEADS = ["super_head", "tag_head"]


@pytest.fixture(scope="module")
def small(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree without most of its captures."""
    copy = tmp_path_factory.mktemp("small")
    for folder in (tree / "sets").iterdir():
        (copy / "sets" / folder.name).mkdir(parents=True)
        meta = json.loads((folder / "meta.json").read_text())
        kind = "Block" if folder.name.endswith("block") or folder.name.endswith("cube") else "Bar"
        meta |= {"super_class": ["Box", kind], "description": {"Colours": [folder.name.partition("_")[0]], "a": ["b"]}}
        (copy / "sets" / folder.name / "meta.json").write_text(json.dumps(meta))
        for part in ("train_data/0/0", "train_data/0/1", "valid_data/0"):
            shutil.copytree(folder / part, copy / "sets" / folder.name / part)
    return copy


def test_train_makes_a_model_that_answers(small: Path, tmp_path: Path) -> None:
    out, first, crops = tmp_path / "run", tmp_path / "first", str(tmp_path / "crops")
    runner = CliRunner()
    common = ["train", "--data", str(small), "--crops", crops, *FAST]
    # single views first, of more classes and with another fusion
    result = runner.invoke(
        app,
        [*common, "--out", str(first), "--views", "1", "--set", "model.view_fusion=mlp", "--stop-after", "1"],
    )
    assert result.exit_code == 0, result.output
    begin = str(first / "training" / "best.safetensors")
    told = ["--weights", begin, "--super-classes", "--tags"]
    result = runner.invoke(app, [*common, "--out", str(out), "--hold-out", "blue_bar", *told])
    assert result.exit_code == 0, result.output
    folder = load_model(out / "model")
    assert [c.class_id for c in folder.classes] == ["dark_plate", "green_cube", "red_block"]
    assert folder.held_out == ("blue_bar",)
    assert folder.classes[0].name == "dark plate"
    assert folder.classes[0].number == "N-dar"
    assert folder.facts["training"]["captures"] == 6
    (begun,) = folder.facts["training"]["begins_with"]
    assert begun["source"] == "best.safetensors"
    assert begun["random"] == ["prototypes", "view_head", "depth_head", "head (2 of 6 tensors)", *WORD_HEADS]
    assert folder.facts["super_classes"] == ["Box/Bar", "Box/Block"]
    assert folder.facts["tags"] == ["Colours: dark", "Colours: green", "Colours: red"]
    assert (folder.config.super_classes, folder.config.tags) == (2, 3)
    assert folder.facts["metrics"]["pictures"]["captures"] == 3.0
    learned = read_manifest(out / "model" / MANIFEST_FILE)
    assert folder.facts["manifest"] == {"file": MANIFEST_FILE, "captures": 9, "sha256": learned.hash}
    assert {line.class_id for line in learned.lines} == {"dark_plate", "green_cube", "red_block"}
    assert {line.class_id for line in compare(learned, manifest_of_tree(small)).added} == {"blue_bar"}
    assert Engine(folder, "cpu").class_ids == ("dark_plate", "green_cube", "red_block")
    again = runner.invoke(app, ["train", "--data", str(small), "--out", str(out), *FAST])
    assert isinstance(again.exception, StationError)
    assert "models are never changed" in str(again.exception)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--hold-out", "no_such_class"], "Held-out classes that are not in the tree: no_such_class"),
        (["--views", "5-3"], "--views is '5-3'"),
        (["--color-encoder", "resnet19"], "There is no encoder 'resnet19'"),
    ],
)
def test_wrong_use_is_one_sentence(small: Path, tmp_path: Path, options: list[str], sentence: str) -> None:
    result = CliRunner().invoke(app, ["train", "--data", str(small), "--out", str(tmp_path / "x"), *FAST, *options])
    assert isinstance(result.exception, StationError)  # the command's entry prints it
    assert sentence in str(result.exception)
