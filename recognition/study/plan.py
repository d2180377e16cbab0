"""What is compared: rows of settings, gathered in tables that each answer one question.

The questions are those of MVIP (arXiv 2502.15448) and of the bench. A row names what it changes against the profile's
base, so rows of several tables that come to the same settings are trained once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from recognition.models.config import VIEW_FUSIONS, ModelConfig
from recognition.training.config import TrainingConfig
from recognition.training.options import with_options
from recognition.training.sampling import Sampling

Begin = Literal["given", "random"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    ``options`` are settings as ``station train --set`` takes them. ``rotations`` limits the training captures of each
    class, 0 takes all. ``begin`` says what the encoders start from: the weights ``given`` to the study, or at random.
    ``needs_gpu`` marks what two processor cores have no time for.
    """

    name: str
    options: tuple[str, ...] = ()
    rotations: int = 0
    begin: Begin = "given"
    needs_gpu: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows beside one another, the first of which the others are compared with.

    ``figures`` are the names of the measures that its columns show, ``seeds`` how many trainings each row has at least.
    """

    key: str
    title: str
    question: str
    rows: tuple[Row, ...]
    figures: tuple[str, ...] = ("top1", "top5", "view_top1")
    seeds: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """A model and its training, as ``--set`` changes them."""

    model: ModelConfig
    training: TrainingConfig


@dataclass(frozen=True, slots=True)
class Profile:
    """The settings that every row starts from."""

    name: str
    base: Settings = field(default_factory=lambda: Settings(ModelConfig(2), TrainingConfig()))

    def shortened(self, epochs: int | None) -> Profile:
        """Return the profile with so many epochs, or as it is for ``None``."""
        if epochs is None:
            return self
        training = replace(self.base.training, epochs=epochs, validate_every=epochs)
        return replace(self, base=replace(self.base, training=training))

    def settings(self, row: Row, seed: int) -> Settings:
        """Return the settings of a row under a seed; raises ConfigError for a row that cannot be."""
        chosen = with_options(self.base, row.options, where=row.name)
        return replace(chosen, training=replace(chosen.training, seed=seed))


def _profile(name: str, encoder: str, pixels: int, views: int, epochs: int, batch: int, rate: float) -> Profile:
    return Profile(
        name,
        Settings(
            ModelConfig(
                classes=2,
                color_encoder=encoder,
                depth_encoder=encoder,
                input_size=pixels,
                streams="rgb",
                scalars="off",
            ),
            TrainingConfig(
                epochs=epochs,
                peak_rate=rate,
                averaging=0.98,
                validate_every=epochs,
                validation_views=10,
                precision="fp32",
                sampling=Sampling(batch=batch, chunk=batch, fewest_views=views, most_views=views),
            ),
        ),
    )


PROFILES = {
    "small": _profile("small", "mobilenet_v3_small", 128, views=3, epochs=6, batch=24, rate=2e-3),
    "full": _profile("full", "resnet50", 224, views=3, epochs=40, batch=32, rate=1e-3),
}
"""``small`` is for two processor cores, ``full`` is MVIP's size and wants a GPU."""

_BOTH = "model.streams=rgbd"
_SCALARS = "model.scalars=head"
_NO_AUXILIARY = "training.auxiliary=no"
_FIXED = "training.sampling.view_order=fixed"


def _views(fewest: int, most: int) -> tuple[str, str]:
    return f"training.sampling.fewest_views={fewest}", f"training.sampling.most_views={most}"


TABLES: tuple[Table, ...] = (
    Table(
        "mh-loss",
        "MH loss",
        "What is it worth that every view answers for itself, too?",
        (
            Row("max, with MH loss"),
            Row("max, without", (_NO_AUXILIARY,)),
        ),
        seeds=3,
    ),
    Table(
        "view-order",
        "View order",
        "Shall a view's place be its camera's, or drawn anew in every batch?",
        (
            Row("convolution, random order", ("model.view_fusion=convolution",)),
            Row("convolution, fixed order", ("model.view_fusion=convolution", _FIXED)),
        ),
        seeds=3,
    ),
    Table(
        "modalities",
        "Colour, depth, weight, size",
        "What does each modality add?",
        (
            Row("RGB"),
            Row("depth", ("model.streams=depth",)),
            Row("RGB-D", (_BOTH,)),
            Row("RGB-D + weight", (_BOTH, _SCALARS, "training.sampling.size_drop_p=1")),
            Row("RGB-D + weight + size", (_BOTH, _SCALARS)),
        ),
        figures=("top1", "top5", "top1_missing_3", "top1_no_weight", "top1_weight_20", "top5_weight_20"),
    ),
    Table(
        "fusions",
        "Fusion of the views",
        "How are the views to be joined?",
        (
            *(Row(kind, () if kind == "max" else (f"model.view_fusion={kind}",)) for kind in VIEW_FUSIONS),
            Row("transformer + max", ("model.view_transformer=yes",)),
            Row("transformer + mean", ("model.view_transformer=yes", "model.view_fusion=mean")),
        ),
        figures=("top1", "top3", "top5", "top1_missing_3", "top1_missing_7", "consistency"),
    ),
    Table(
        "order-of-transformers",
        "View order, for the decoder",
        "Does the transformer mind the order of the views?",
        (
            Row("decoder, random order", ("model.view_fusion=decoder",)),
            Row("decoder, fixed order", ("model.view_fusion=decoder", _FIXED)),
        ),
    ),
    Table(
        "fusions-without",
        "Fusion of the views, without MH loss",
        "Which fusions live on the MH loss?",
        tuple(
            Row(
                f"{kind}, without MH loss",
                (_NO_AUXILIARY,) if kind == "max" else (f"model.view_fusion={kind}", _NO_AUXILIARY),
            )
            for kind in ("max", "mean", "convolution", "mlp", "decoder", "attention")
        ),
    ),
    Table(
        "directions",
        "RGB-D: which way",
        "Where is one stream led into the other?",
        (
            Row("colour into depth", (_BOTH,)),
            Row("depth into colour", (_BOTH, "model.join=depth-to-color")),
            Row("both ways", (_BOTH, "model.join=both")),
            Row("late", (_BOTH, "model.join=late")),
            Row("colour into depth, convolution", (_BOTH, "model.joint=convolution")),
            Row("colour into depth, all vectors as tokens", (_BOTH, "model.tokens=modalities")),
        ),
        figures=("top1", "top5", "top1_no_depth"),
    ),
    Table(
        "depth-coding",
        "Coding of depth",
        "Relative depth, metres or HHA?",
        (
            Row("relative to the part", ("model.streams=depth",)),
            Row("metres", ("model.streams=depth", "model.depth_coding=metres")),
            Row("HHA", ("model.streams=depth", "model.depth_coding=hha"), begin="random"),
            Row("relative, random start", ("model.streams=depth",), begin="random"),
        ),
    ),
    Table(
        "training-views",
        "Views in training",
        "How many views are to be drawn in training?",
        (
            Row("3 drawn"),
            *(Row(f"{n} drawn", _views(n, n)) for n in (1, 2, 5, 10)),
            Row("3 to 5 drawn", _views(3, 5)),
        ),
        figures=("top1", "top1_views_1", "top1_views_3", "top1_views_5"),
    ),
    Table(
        "rotations",
        "Rotations captured",
        "How often must a part be turned for its training captures?",
        (*(Row(f"{n} of 12", rotations=n) for n in (1, 2, 4, 8)), Row("12 of 12")),
    ),
    Table(
        "start",
        "What the encoders begin with",
        "Is it worth to learn from other parts first, and is the MH loss where one has not?",
        (
            Row("given weights"),
            Row("random weights", begin="random"),
            Row("random weights, without MH loss", (_NO_AUXILIARY,), begin="random"),
        ),
    ),
    Table(
        "augmentation",
        "Augmentation",
        "Which augmentation matters?",
        (
            Row("all"),
            Row("no rotation", ("training.augmentation.rotation_p=0", "training.augmentation.tilt_deg=0")),
            Row(
                "no change of light",
                (
                    "training.augmentation.light=0",
                    "training.augmentation.tint=0",
                    "training.augmentation.noise=0",
                ),
            ),
            Row("no zoom and shift", ("training.augmentation.zoom=0", "training.augmentation.shift=0")),
            Row("no other backgrounds", ("training.augmentation.background_p=0",)),
            Row("views mixed within a class", ("training.sampling.mix_views_p=0.5",)),
        ),
    ),
    Table(
        "background",
        "Background",
        "Is the surrounding of the part to be kept?",
        (Row("kept"), Row("masked", ("model.background=masked",))),
    ),
    Table(
        "roi",
        "Region of interest",
        "Must the part be cut out of the picture?",
        (Row("the part's square"), Row("the whole picture", ("model.region=picture",))),
    ),
    Table(
        "resolution",
        "Pixels",
        "How large must the crops be?",
        (
            Row("base"),
            Row("96 px", ("model.input_size=96",)),
            Row("224 px", ("model.input_size=224",), needs_gpu=True),
            Row("512 px", ("model.input_size=512",), needs_gpu=True),
        ),
    ),
)
"""All tables, the ones that matter most first."""


def table_of(key: str) -> Table | None:
    """Return the table called ``key``."""
    return next((table for table in TABLES if table.key == key), None)
