from __future__ import annotations

from dataclasses import dataclass

import pytest

from recognition.models.config import ModelConfig
from recognition.training.config import TrainingConfig
from recognition.training.options import option_names, with_options
from station.errors import ConfigError, ModelError


@dataclass(frozen=True, slots=True)
class Both:
    model: ModelConfig
    training: TrainingConfig


BOTH = Both(ModelConfig(classes=2), TrainingConfig())


def test_settings_are_put_in_by_name() -> None:
    chosen = with_options(
        BOTH,
        [
            "model.view_fusion=decoder",
            "model.view_transformer=yes",
            "training.peak_rate=1e-3",
            "training.sampling.view_order=fixed",
            "training.augmentation.zoom=0",
        ],
    )
    assert chosen.model.view_fusion == "decoder"
    assert chosen.model.view_transformer
    assert chosen.training.peak_rate == 1e-3
    assert chosen.training.sampling.view_order == "fixed"
    assert chosen.training.augmentation.zoom == 0.0
    assert BOTH.training.sampling.view_order == "random"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("model.view_fusoin=max", "no setting 'model.view_fusoin'.*Did you mean model.view_fusion"),
        ("model=x", "no setting 'model'"),
        ("training.epochs.x=3", "no setting"),
        ("training.epochs=many", "training.epochs is 'many'.*a whole number"),
        ("training.auxiliary=perhaps", "yes or no"),
        ("training.sampling.view_order=odd", "random, fixed"),
        ("training.epochs", "no value"),
    ],
)
def test_a_wrong_setting_is_one_sentence(option: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        with_options(BOTH, [option])


def test_what_a_model_cannot_be_is_refused_by_the_model() -> None:
    with pytest.raises(ModelError, match="view_fusion is 'least'"):
        with_options(BOTH, ["model.view_fusion=least"])


def test_every_name_listed_is_known() -> None:
    names = option_names(BOTH)
    assert "training.augmentation.light" in names
    for name in names:
        value: object = BOTH
        for step in name.split("."):
            value = getattr(value, step)
        if not isinstance(value, bool):
            with_options(BOTH, [f"{name}={value}"])
