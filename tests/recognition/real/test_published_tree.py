"""The real MVIP captures, as they were published: they load, train and evaluate, and nothing of them is touched."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recognition.crops.cutting import square_of_mask
from recognition.engine import Engine
from recognition.registry import load_model
from recognition.training.loop import TrainingData
from recognition.training.tree import TrainingTree
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.cli.main import app
from station.results import PartLocation, PlateState
from tests.recognition.small_tree import write_tree

SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "mvip_sample"
PART = "bosch_0_120_489_435"
STATED_M = (0.188, 0.155, 0.140)
STATED_KG = 4.712
FAST = [
    "--epochs", "1", "--batch", "4", "--views", "1-2", "--input-size", "32", "--workers", "1", "--device", "cpu",
    "--color-encoder", "shufflenet_v2_x0_5", "--depth-encoder", "shufflenet_v2_x0_5",
]  # fmt: skip

pytestmark = pytest.mark.skipif(not SAMPLE.is_dir(), reason="the real captures ../shared/data/mvip_sample are not here")


@dataclass(frozen=True)
class Trained:
    """A model of the real part alone, what was said while it was trained, and the tree's files as they were before."""

    out: Path
    said: str
    files: dict[str, str]


def hashes(tree: Path) -> dict[str, str]:
    """Return the hash of every file of a tree, hidden ones too."""
    return {
        str(file.relative_to(tree)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(tree.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out = tmp_path_factory.mktemp("real")
    before = hashes(SAMPLE)
    result = CliRunner().invoke(app, ["train", "--data", str(SAMPLE), "--out", str(out), *FAST])
    assert result.exit_code == 0, result.output
    return Trained(out, " ".join(result.output.split()), before)


@pytest.fixture(scope="module")
def learned(trained: Trained) -> TrainingData:
    """What the model has learned from, as it was cut."""
    shape = load_model(trained.out / "model").config
    return TrainingTree.of(SAMPLE, (), trained.out / "crops", workers=1).training_data(shape)


def test_all_views_are_there_and_none_is_doubted(trained: Trained, learned: TrainingData) -> None:
    assert learned.train.view_mask.shape == (4, 10)
    assert learned.valid.view_mask.shape == (1, 10)
    assert learned.train.view_mask.all()
    assert learned.valid.view_mask.all()
    # the masks are the published ones with their specks, and each view shows the part
    parts = learned.valid.color[..., 3] > 127
    assert (parts.mean(axis=(2, 3)) > 0.2).all()
    assert not [said for said in (*learned.train.remarks, *learned.valid.remarks) if "left out" in said]


def test_the_fifth_camera_has_hardly_any_depth(learned: TrainingData) -> None:
    on_part = learned.train.color[..., 3] > 127
    measured = [(learned.train.depth_mm[:, view][on_part[:, view]] > 0).mean() for view in range(10)]
    assert min(range(10), key=lambda view: measured[view]) == 4
    assert sorted(measured)[1] > 0.5 > measured[4]


def test_the_weight_of_the_class_is_not_taken_for_one_of_the_capture(trained: Trained, learned: TrainingData) -> None:
    assert json.loads((SAMPLE / "sets" / PART / "meta.json").read_text())["weight"] == STATED_KG
    assert all(sample.weight_kg is None for sample in (*learned.train.samples, *learned.valid.samples))
    (known,) = load_model(trained.out / "model").classes
    assert known.weight_kg is None
    assert not known.weighed
    assert "No training capture was weighed" in trained.said


def test_the_measured_sizes_are_near_the_stated_one(learned: TrainingData) -> None:
    for sample in (*learned.train.samples, *learned.valid.samples):
        assert sample.size_m == pytest.approx(STATED_M, abs=0.020)


def test_a_model_of_one_class_says_what_it_can_say(trained: Trained) -> None:
    assert f"The model will know one class alone, {PART}: it can say that a part is like it or unknown" in trained.said
    folder = load_model(trained.out / "model")
    assert [known.class_id for known in folder.classes] == [PART]
    assert folder.facts["metrics"]["size"]["captures"] == 1.0
    assert not any(expert.floor for expert in folder.confidence.experts.values())  # one capture promises nothing


def test_the_model_answers_every_capture(trained: Trained) -> None:
    engine = Engine(trained.out / "model", "cpu")
    found = find_captures(SAMPLE)
    assert len(found) == 6
    for capture in found[::3]:
        frameset, _ = load_frameset(capture.path)
        masks = load_masks(capture.path)
        assert len(frameset.frames) == len(masks) == 10
        squares = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
        location = PartLocation(PlateState.OK, squares, masks, STATED_M, (), ())
        answer = engine.recognize(frameset, location, STATED_KG)
        (line,) = answer.ranked
        assert (line.class_id, line.probability) == (PART, pytest.approx(1.0))
        assert answer.prediction_set == (PART,)
        # nobody has weighed this part, so no weight fits it or does not
        assert line.weight_fits is None
        assert line.weight is None
        assert line.size_fits is not None
        assert set(answer.per_view) == set(answer.views_used)


def test_it_evaluates_and_the_tree_stays_as_it_was(trained: Trained, tmp_path: Path) -> None:
    out = tmp_path / "evaluation"
    result = CliRunner().invoke(
        app,
        ["evaluate", "--data", str(SAMPLE), "--model", str(trained.out / "model"), "--out", str(out), "--draws", "1",
         "--crops", str(trained.out / "crops"), "--device", "cpu", "--workers", "1"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert (out / "report.html").exists()
    report = json.loads((out / "report.json").read_text())
    assert (report["data"]["captures"], report["data"]["weighed"], report["data"]["measured"]) == (1, 0, 1)
    assert report["data"]["learned"] == 0
    assert report["answers"]["top1"]["share"] == 1.0
    assert hashes(SAMPLE) == trained.files
    assert len(trained.files) == 251


@pytest.mark.slow
def test_it_is_learned_from_beside_other_trees(tmp_path: Path) -> None:
    boxes = write_tree(tmp_path / "boxes", train=2, valid=1, test=1)
    before = hashes(SAMPLE)
    out = tmp_path / "out"
    runner = CliRunner()
    both = ["--data", str(SAMPLE), "--data", str(boxes)]
    result = runner.invoke(app, ["train", *both, "--out", str(out), "--hold-out", "green_cube,blue_bar", *FAST])
    assert result.exit_code == 0, result.output
    assert "1 of 3 classes were never weighed" in " ".join(result.output.split())
    folder = load_model(out / "model")
    assert [known.class_id for known in folder.classes] == [PART, "dark_plate", "red_block"]
    assert [known.weighed for known in folder.classes] == [False, True, True]
    result = runner.invoke(
        app,
        ["evaluate", *both, "--model", str(out / "model"), "--out", str(tmp_path / "evaluation"), "--draws", "1",
         "--crops", str(out / "crops"), "--device", "cpu", "--workers", "1"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "evaluation" / "report.json").read_text())
    assert (report["data"]["captures"], report["data"]["weighed"], report["data"]["unknown_captures"]) == (3, 2, 2)
    assert hashes(SAMPLE) == before
