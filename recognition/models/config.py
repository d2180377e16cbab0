"""One object that describes a model; it goes into ``model.json`` and rebuilds the same model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from station.errors import ModelError

STREAMS = ("rgbd", "rgb", "depth")
JOINS = ("color-to-depth", "depth-to-color", "both", "late")
JOINTS = ("squeeze-excite", "convolution")
VIEW_FUSIONS = (
    "max",
    "mean",
    "convolution",
    "squeeze-excite-sum",
    "squeeze-excite-max",
    "shared-squeeze-excite-sum",
    "shared-squeeze-excite-max",
    "mlp",
    "decoder",
    "attention",
)
TOKENS = ("views", "modalities")
SCALARS = ("head", "query", "off")
DEPTH_CODINGS = ("relative", "metres", "hha")
BACKGROUNDS = ("kept", "masked")
REGIONS = ("part", "picture")
_CHOICES = {
    "streams": STREAMS,
    "join": JOINS,
    "joint": JOINTS,
    "view_fusion": VIEW_FUSIONS,
    "tokens": TOKENS,
    "scalars": SCALARS,
    "depth_coding": DEPTH_CODINGS,
    "background": BACKGROUNDS,
    "region": REGIONS,
}
_FORMER = frozenset({"weight_dropout", "size_dropout"})
"""Keys of older models that say nothing of a model's shape."""
_KINDS: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Shape of the model; widths in channels, ``input_size`` in pixels, dropouts as probabilities.

    ``streams`` says which pictures it looks at, ``join`` where the features of one stream are led into the other
    (``late``: nowhere, they meet after pooling) and ``joint`` by what. ``slots`` is the number of cameras that those
    fusions count which know their inputs apart. With ``tokens`` of ``modalities`` the view fusion is given three
    vectors a view: joined, colour and depth. ``scalars`` is where weight and size come in: beside the fused views, in
    the decoder's query, or not at all. ``super_classes`` and ``tags`` are the lengths of those heads, 0 for none.
    ``depth_coding`` says as what depth goes in, ``background`` whether the surroundings of the part are seen or
    painted over, and ``region`` whether a view is cut round the part or shown whole.
    """

    classes: int
    color_encoder: str = "regnet_x_400mf"
    depth_encoder: str = "shufflenet_v2_x0_5"
    input_size: int = 112
    view_width: int = 384
    embedding: int = 192
    scalar_width: int = 64
    head_width: int = 384
    dropout: float = 0.2
    streams: str = "rgbd"
    join: str = "color-to-depth"
    joint: str = "squeeze-excite"
    view_fusion: str = "max"
    view_transformer: bool = False
    tokens: str = "views"
    slots: int = 10
    scalars: str = "head"
    super_classes: int = 0
    tags: int = 0
    depth_coding: str = "relative"
    background: str = "kept"
    region: str = "part"

    def __post_init__(self) -> None:
        """Refuse what cannot be built, with the sentence that a person who chose it can use."""
        for name, allowed in _CHOICES.items():
            if (value := getattr(self, name)) not in allowed:
                raise ModelError(f"The model's {name} is {value!r}.", todo=f"Allowed are {', '.join(allowed)}.")
        if self.classes < 1:
            raise ModelError(f"The model's configuration has {self.classes} classes.", todo="It needs one or more.")
        if self.tokens == "modalities" and self.streams != "rgbd":
            raise ModelError("The model's tokens are modalities, but it looks at one alone.", todo="Use both streams.")
        if self.scalars == "query" and self.view_fusion != "decoder":
            raise ModelError("Only the fusion 'decoder' has a query to take weight and size.", todo="Set it.")
        if min(self.input_size, self.view_width, self.embedding, self.scalar_width, self.head_width, self.slots) < 1:
            raise ModelError("The model's sizes and widths are counted from one.", todo="Give positive numbers.")

    @property
    def depth_channels(self) -> int:
        """How many planes depth goes in as; the last of them says where it was measured."""
        return 4 if self.depth_coding == "hha" else 2

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any], where: str = "model.json") -> ModelConfig:
        """Rebuild a configuration; raises ModelError on an unknown key, a missing one or a wrong kind."""
        expected = {name: str(field.type) for name, field in ModelConfig.__dataclass_fields__.items()}
        fields = {name: value for name, value in data.items() if name not in _FORMER}
        for name, value in fields.items():
            kind = expected.get(name)
            if kind is None or isinstance(value, bool) != (kind == "bool") or not isinstance(value, _KINDS[kind]):
                raise ModelError(
                    f"The model's configuration has {name} = {value!r}, which this version does not know.",
                    where=where,
                    todo="Use a model written by this version.",
                )
        if "classes" not in fields:
            raise ModelError("The model's configuration does not say how many classes there are.", where=where)
        try:
            return ModelConfig(**fields)
        except ModelError as error:
            raise ModelError(str(error), where=where) from error
