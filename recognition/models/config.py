"""One object that describes a model; it goes into ``model.json`` and rebuilds the same model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from station.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Shape of the model; widths in channels, ``input_size`` in pixels, dropouts as probabilities."""

    classes: int
    color_encoder: str = "regnet_x_400mf"
    depth_encoder: str = "shufflenet_v2_x0_5"
    input_size: int = 112
    view_width: int = 384
    embedding: int = 192
    scalar_width: int = 64
    head_width: int = 384
    dropout: float = 0.2
    weight_dropout: float = 0.25
    size_dropout: float = 0.25

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any], where: str = "model.json") -> ModelConfig:
        """Rebuild a configuration; raises ModelError on an unknown key, a missing one or a wrong kind."""
        expected = {name: field.type for name, field in ModelConfig.__dataclass_fields__.items()}
        kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
        for name, value in data.items():
            kind = expected.get(name)
            if kind is None or isinstance(value, bool) or not isinstance(value, kinds[str(kind)]):
                raise ModelError(
                    f"The model's configuration has {name} = {value!r}, which this version does not know.",
                    where=where,
                    todo="Use a model written by this version.",
                )
        if "classes" not in data or int(data["classes"]) < 2:
            raise ModelError("The model's configuration needs two classes or more.", where=where)
        return ModelConfig(**data)
