from __future__ import annotations

import json
import math
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from recognition.models.multiview import MultiViewModel
from recognition.registry import load_model
from station.errors import ModelError
from tests.recognition.conftest import CONFIDENCE, NO_TURNS, PROFILES, SMALL, random_input


def test_a_model_comes_back_as_it_was_written(model_folder: Path, small_model: MultiViewModel) -> None:
    loaded = load_model(model_folder)
    assert loaded.config == SMALL
    assert loaded.classes == PROFILES
    assert loaded.held_out == ("held_one",)
    assert loaded.confidence == CONFIDENCE
    assert load_model(model_folder).id == loaded.id
    batch = random_input(1, 3)
    with torch.no_grad():
        # half precision keeps three digits
        torch.testing.assert_close(loaded.model(batch).logits, small_model(batch).logits, atol=0.02, rtol=0.02)


def test_a_model_is_never_overwritten(model_folder: Path, small_model: MultiViewModel) -> None:
    from recognition.registry import Gallery, write_model

    gallery = Gallery(torch.zeros(1, 32), torch.zeros(1))
    with pytest.raises(ModelError, match="never changed"):
        write_model(model_folder, "x", small_model.state_dict(), SMALL, PROFILES, (), CONFIDENCE, gallery, NO_TURNS, {})


def test_one_flipped_byte_of_the_weights_is_noticed(model_folder: Path) -> None:
    file = model_folder / "weights.safetensors"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ModelError, match=r"weights\.safetensors: The weights are damaged"):
        load_model(model_folder)


@pytest.mark.parametrize("length", [0, 7, 1000])
def test_cut_off_weights_are_noticed(model_folder: Path, length: int) -> None:
    file = model_folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(ModelError, match="damaged"):
        load_model(model_folder)


class _Trap:
    """Would touch a file when unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.file), "w")


def test_a_pickle_in_place_of_the_weights_is_refused_unread(model_folder: Path, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    (model_folder / "weights.safetensors").write_bytes(pickle.dumps(_Trap(trap)))
    with pytest.raises(ModelError, match="damaged"):
        load_model(model_folder)
    assert not trap.exists()


def test_an_edited_description_is_noticed(model_folder: Path) -> None:
    file = model_folder / "model.json"
    facts = json.loads(file.read_text())
    facts["confidence"]["experts"]["pictures"]["threshold"] = 1e9
    file.write_text(json.dumps(facts))
    with pytest.raises(ModelError, match="was changed after it was written"):
        load_model(model_folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 9, "id": "x"}', "null"])
def test_a_broken_description_is_one_sentence(model_folder: Path, text: str) -> None:
    (model_folder / "model.json").write_text(text)
    with pytest.raises(ModelError, match=r"model\.json: "):
        load_model(model_folder)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(model_folder: Path, number: str) -> None:
    file = model_folder / "model.json"
    text = file.read_text()
    assert '"visual_spread": 0.3' in text
    file.write_text(text.replace('"visual_spread": 0.3', f'"visual_spread": {number}'))
    with pytest.raises(ModelError, match=r"model\.json: .* is no number"):
        load_model(model_folder)


def test_a_threshold_that_nothing_set_comes_back(model_folder: Path, small_model: MultiViewModel) -> None:
    from recognition.registry import Gallery, write_model

    gallery = Gallery(torch.zeros(1, 32), torch.zeros(1))
    unset = replace(CONFIDENCE, experts={n: replace(e, threshold=math.inf) for n, e in CONFIDENCE.experts.items()})
    folder, state = model_folder.with_name("unset"), small_model.state_dict()
    write_model(folder, "x", state, SMALL, PROFILES, (), unset, gallery, NO_TURNS, {})
    assert load_model(folder).confidence == unset
    with pytest.raises(ModelError, match="cannot be written"):
        write_model(
            folder.with_name("b"), "x", state, SMALL, PROFILES, (), unset, gallery, NO_TURNS, {"metrics": math.nan}
        )
    assert not list(folder.parent.glob("b*"))


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(tmp_path / "nothing")
