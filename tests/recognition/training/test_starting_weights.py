from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from recognition.models.config import ModelConfig
from recognition.models.encoders import Encoder, torchvision_names
from recognition.models.multiview import MultiViewModel
from recognition.models.torchvision_import import torchvision_models
from recognition.training.checkpoint import pack, save_checkpoint
from recognition.training.starting_weights import starting_weights
from station.errors import ModelError
from tests.recognition.conftest import SMALL

NAMES = ["a", "b", "c", "d"]


def best_of(config: ModelConfig, folder: Path, classes: list[str] = NAMES) -> tuple[Path, Mapping[str, Tensor]]:
    """Write what a training leaves, and return it."""
    torch.manual_seed(9)
    state = MultiViewModel(config).state_dict()
    save_checkpoint(folder / "best.safetensors", pack("model", state), {"classes": classes})
    return folder / "best.safetensors", state


def test_a_training_of_the_same_model_gives_everything(tmp_path: Path) -> None:
    file, state = best_of(SMALL, tmp_path)
    start = starting_weights(SMALL, NAMES, file)
    assert set(start.tensors) == set(state)
    assert start.sentences == (
        f"Begins with {len(state)} of {len(state)} tensors of best.safetensors; random: none of these.",
    )


@pytest.mark.parametrize(
    ("change", "random"),
    [
        ({"view_fusion": "attention"}, "random: view_fusion."),
        ({"streams": "rgb"}, "random: view_projection (1 of 4 tensors)."),
        ({"classes": 6}, "random: prototypes, view_head, depth_head, head (2 of 6 tensors)."),
    ],
)  # fmt: skip
def test_what_does_not_fit_another_model_starts_at_random(
    tmp_path: Path, change: dict[str, object], random: str
) -> None:
    file, state = best_of(SMALL, tmp_path)
    other = replace(SMALL, **change)  # pyright: ignore[reportArgumentType]
    start = starting_weights(other, NAMES if other.classes == 4 else [*NAMES, "e", "f"], file)
    assert start.sentences[0].endswith(random)
    assert start.record[0]["tensors"] == len(start.tensors)
    own = MultiViewModel(other).state_dict()
    own.update(start.tensors)
    assert torch.equal(own["color_encoder.stages.0.0.weight"], state["color_encoder.stages.0.0.weight"])


def test_heads_of_other_classes_start_at_random_although_they_fit(tmp_path: Path) -> None:
    file, _ = best_of(SMALL, tmp_path, ["a", "b", "c", "other"])
    start = starting_weights(SMALL, NAMES, file)
    assert not [name for name in start.tensors if name.startswith(("view_head", "prototypes", "head.4"))]
    assert "head.0.weight" in start.tensors


def test_another_backbone_is_refused(tmp_path: Path) -> None:
    file, _ = best_of(SMALL, tmp_path)
    with pytest.raises(ModelError, match="none of its tensors fits the depth encoder") as error:
        starting_weights(replace(SMALL, depth_encoder="mobilenet_v3_small"), NAMES, file)
    assert str(file) in str(error.value)


def test_a_model_folder_is_a_beginning(model_folder: Path) -> None:
    start = starting_weights(replace(SMALL, view_fusion="mean"), NAMES, model_folder)
    assert "color_encoder.stages.0.0.weight" in start.tensors
    assert "prototypes" not in start.tensors  # the folder's classes are others
    by_file = starting_weights(replace(SMALL, view_fusion="mean"), NAMES, model_folder / "weights.safetensors")
    assert by_file.record == start.record
    content = bytearray((model_folder / "weights.safetensors").read_bytes())
    content[-1] ^= 1
    (model_folder / "weights.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="weights are damaged"):
        starting_weights(SMALL, NAMES, model_folder)


def _last_map(net: Any, picture: Tensor) -> Tensor:
    """Return what torchvision's model makes of a picture before it pools and classifies."""
    rows = {"ResNet": list(net.children())[:-2], "ShuffleNetV2": list(net.children())[:-1]}
    rows |= {"RegNet": list(net.children())[:2]}
    return nn.Sequential(*rows.get(type(net).__name__, [getattr(net, "features", None)]))(picture)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "regnet_x_400mf", "shufflenet_v2_x0_5"])
def test_an_encoder_with_torchvisions_state_computes_as_torchvision(name: str) -> None:
    torch.manual_seed(4)
    net: nn.Module = getattr(torchvision_models(), name)(weights=None).eval()
    encoder = Encoder(name)
    state = net.state_dict()
    encoder.load_state_dict({own: state[theirs] for own, theirs in torchvision_names(name).items()})
    picture = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(encoder.eval()(picture)[-1], _last_map(net, picture), atol=1e-6)


def test_torchvisions_weights_fit_color_and_depth() -> None:
    state = torchvision_models().shufflenet_v2_x0_5(weights=None).state_dict()
    asked: list[str] = []

    def fetch(name: str) -> Mapping[str, Tensor]:
        asked.append(name)
        return state

    start = starting_weights(SMALL, NAMES, encoder_weights="hub", fetch=fetch)
    assert asked == ["shufflenet_v2_x0_5"] * 2
    first = state["conv1.0.weight"]
    assert torch.equal(start.tensors["color_encoder.stages.0.0.weight"], first)
    adapted = start.tensors["depth_encoder.stages.0.0.weight"]
    assert adapted.shape[1] == 2
    # grey pictures of the same values get the same answer through two channels as through three
    assert torch.allclose(adapted.sum(1), first.sum(1), atol=1e-6)
    assert all(sentence.startswith("Begins with") for sentence in start.sentences)
    encoders = [name for name in MultiViewModel(SMALL).state_dict() if "_encoder." in name]
    assert set(start.tensors) == set(encoders)


def test_without_a_network_the_encoders_start_at_random() -> None:
    def fetch(name: str) -> Mapping[str, Tensor]:
        raise OSError("no route to host")

    start = starting_weights(SMALL, NAMES, encoder_weights="hub", fetch=fetch)
    assert not start.tensors
    assert "shufflenet_v2_x0_5 cannot be fetched (no route to host), so the color encoder" in start.sentences[0]
    assert start.sentences[-1] == "The model starts from random weights."


def test_a_file_of_torchvisions_state_fits_the_encoder_that_it_is_of(tmp_path: Path) -> None:
    file = tmp_path / "encoder.safetensors"
    save_file(torchvision_models().shufflenet_v2_x0_5(weights=None).state_dict(), str(file))
    other = replace(SMALL, color_encoder="mobilenet_v3_small")
    start = starting_weights(other, NAMES, encoder_weights=str(file))
    assert {name.partition(".")[0] for name in start.tensors} == {"depth_encoder"}
    with pytest.raises(ModelError, match="fits the encoders mobilenet_v3_small"):
        starting_weights(replace(other, depth_encoder="mobilenet_v3_small"), NAMES, encoder_weights=str(file))


def test_files_that_are_no_weights_are_refused_in_a_sentence(tmp_path: Path) -> None:
    pickled = tmp_path / "weights.pth"
    torch.save({"x": torch.zeros(2)}, pickled)
    damaged, _ = best_of(SMALL, tmp_path)
    damaged.write_bytes(damaged.read_bytes()[:5000])
    nothing = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(2)}, str(nothing))
    strange = tmp_path / "nan.safetensors"
    save_file({"model/x": torch.tensor([float("nan")])}, str(strange))
    for file, sentence in (
        (pickled, "are a pickle"),
        (damaged, "cannot be read"),
        (nothing, "not those of a training"),
        (strange, "no numbers"),
        (tmp_path / "missing", "cannot be read"),
    ):
        with pytest.raises(ModelError, match=sentence) as error:
            starting_weights(SMALL, NAMES, file)
        assert str(file) in str(error.value)
        with pytest.raises(ModelError) as error:
            starting_weights(SMALL, NAMES, encoder_weights=str(file))
        assert str(file) in str(error.value)
