"""``station models calibrate``: a finished model's confidence, fitted to captures that it has not seen."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from recognition.models.multiview import MultiViewModel
from recognition.registry import Gallery, load_model, write_model
from recognition.training.refit import refit
from station.captures.contents import hash_content
from station.captures.manifest import Manifest, ManifestLine
from station.captures.mvip import CapturePath, find_captures
from station.captures.record import content_hash
from station.cli.main import app
from station.errors import DatasetError, ModelError
from tests.recognition.conftest import CONFIDENCE, NO_TURNS, PROFILES, SMALL


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def unheard(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


@pytest.fixture
def held_out(tree: Path) -> list[CapturePath]:
    return [capture for capture in find_captures(tree) if capture.split == "valid"]


def test_the_command_writes_a_model_of_its_own_with_the_same_weights(
    tree: Path, model_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "refitted"
    asked = ["models", "calibrate", "--data", str(tree), "--model", str(model_folder), "--out", str(out)]
    said = CliRunner().invoke(app, [*asked, "--workers", "1"])
    assert said.exit_code == 0, said.output
    before, after = load_model(model_folder), load_model(out)
    assert sha256(out / "weights.safetensors") == sha256(model_folder / "weights.safetensors")
    assert after.id != before.id
    assert after.id in said.output
    assert after.held_out == before.held_out
    assert after.confidence != before.confidence
    assert after.confidence.captures == 8
    # eight captures promise nothing
    assert {expert.floor for expert in after.confidence.experts.values()} == {0.0}
    assert after.facts["confidence_of"]["model"] == before.id
    assert set(after.facts["metrics"]) == {"weight+size", "weight", "size", "pictures"}
    assert not (tmp_path / "refitted.part").exists()


def test_captures_that_the_model_has_learned_from_are_left_out(
    held_out: list[CapturePath], small_model: MultiViewModel, tmp_path: Path
) -> None:
    learned = held_out[0]
    content = content_hash(hash_content(learned.path))
    manifest = Manifest.of([ManifestLine("seen", content, "train", str(learned.class_id))])
    gallery = Gallery(torch.nn.functional.normalize(torch.ones(4, 32), dim=1), torch.arange(4))
    source = tmp_path / "source"
    write_model(source, "x", small_model.state_dict(), SMALL, PROFILES, (), CONFIDENCE, gallery, NO_TURNS, {}, manifest)
    found = refit(source, held_out, tmp_path / "out", tmp_path / "crops", 1, unheard)
    assert (found.captures, found.learned) == (len(held_out) - 1, 1)
    assert load_model(tmp_path / "out").facts["manifest"]["sha256"] == manifest.hash
    with pytest.raises(DatasetError, match="learned from all"):
        refit(source, [learned], tmp_path / "none", tmp_path / "crops", 1, unheard)
    assert not (tmp_path / "none").exists()


def test_a_model_is_never_changed_and_strange_captures_fit_nothing(
    held_out: list[CapturePath], model_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="never changed"):
        refit(model_folder, held_out, model_folder, tmp_path / "crops", 1, unheard)
    strangers = [CapturePath("stranger", "valid", capture.path) for capture in held_out]
    with pytest.raises(DatasetError, match="of a class that the model knows"):
        refit(model_folder, strangers, tmp_path / "out", tmp_path / "crops", 1, unheard)
    assert json.loads((model_folder / "model.json").read_text())["id"] == load_model(model_folder).id


def test_a_model_does_not_fit_its_confidence_to_what_it_learned(tree: Path, model_folder: Path, tmp_path: Path) -> None:
    asked = ["models", "calibrate", "--data", str(tree), "--model", str(model_folder), "--out", str(tmp_path / "o")]
    said = CliRunner().invoke(app, [*asked, "--split", "train"])
    assert said.exit_code == 1
    assert "must be valid or test" in str(said.exception)
