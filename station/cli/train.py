"""``station train``: a tree of captures in, a model folder out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from recognition.models.config import ModelConfig
    from recognition.training.config import TrainingConfig


def train(
    data: Annotated[
        list[Path],
        typer.Option(
            help="MVIP tree with train_data and valid_data; may be given several times to learn from all of them:"
            " class folders of the same name are one class."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the model, its checkpoints and crops; training/<name> when not given."),
    ] = None,
    hold_out: Annotated[
        str, typer.Option(help="Classes the model must not know: ids with commas between, or a file of one a line.")
    ] = "",
    epochs: Annotated[int, typer.Option(min=1, max=1000)] = 24,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    batch: Annotated[int, typer.Option(min=2, max=512, help="Captures in a batch.")] = 24,
    views: Annotated[str, typer.Option(help="Views drawn of each capture, fewest-most.")] = "3-5",
    rate: Annotated[float, typer.Option(min=1e-6, max=1.0, help="Highest learning rate.")] = 1.5e-3,
    color_encoder: Annotated[str, typer.Option(help="torchvision model for colour.")] = "regnet_x_400mf",
    depth_encoder: Annotated[str, typer.Option(help="torchvision model for depth.")] = "shufflenet_v2_x0_5",
    input_size: Annotated[int, typer.Option(min=32, max=512, help="Edge of a crop in pixels.")] = 112,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that cut the crops.")] = 2,
    name: Annotated[str, typer.Option(help="Name of the model.")] = "model",
    weights: Annotated[
        Path | None,
        typer.Option(
            help="best.safetensors of an earlier training, or a model folder, to begin with; classes, views and fusion"
            " may be others, what does not fit starts at random."
        ),
    ] = None,
    encoder_weights: Annotated[
        str,
        typer.Option(
            metavar="hub|FILE|none",
            help="What the encoders begin with: torchvision's ImageNet weights, a safetensors file of a torchvision"
            " model's state, or nothing.",
        ),
    ] = "none",
    crops: Annotated[Path | None, typer.Option(help="Folder of the cut crops; <out>/crops when not given.")] = None,
    super_classes: Annotated[
        bool, typer.Option("--super-classes/--no-super-classes", help="Learn the super-classes of the classes, too.")
    ] = False,
    tags: Annotated[bool, typer.Option("--tags/--no-tags", help="Learn the tags of the classes, too.")] = False,
    focus: Annotated[
        float, typer.Option(min=0.0, max=50.0, help="How much more often captures come that weight and size confuse.")
    ] = 0.0,
    told: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of captures whose picture heads are told weight and size.")
    ] = 0.0,
    stop_after: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many epochs of the schedule and make no model.")
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting of the model (model.view_fusion=decoder) or its training (training.patience=3,"
            " training.sampling.view_order=fixed); may be given several times. A wrong name lists those there are.",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on where it stopped.")] = False,
) -> None:
    """Train a model on captures; goes on where an interrupted run of the same options stopped."""
    from recognition.models.config import ModelConfig
    from recognition.training.config import TrainingConfig
    from recognition.training.options import with_options
    from recognition.training.sampling import Sampling
    from recognition.training.session import TrainingSession
    from station.cli.class_lists import class_list
    from station.cli.training_display import TrainingDisplay

    fewest, most = _range(views)
    chosen = with_options(
        _Chosen(
            ModelConfig(classes=2, color_encoder=color_encoder, depth_encoder=depth_encoder, input_size=input_size),
            TrainingConfig(
                epochs=epochs,
                seed=seed,
                peak_rate=rate,
                sampling=Sampling(batch=batch, fewest_views=fewest, most_views=most, focus=focus, prior_p=told),
            ),
        ),
        options or (),
    )
    session = TrainingSession(
        data=data,
        out=out or Path("training") / name,
        name=name,
        held_out=class_list(hold_out, "--hold-out"),
        shape=chosen.model,
        config=chosen.training,
        device=device,
        workers=workers,
        resume=not fresh,
        weights=weights,
        crops=crops,
        stop_after=stop_after,
        encoder_weights=encoder_weights,
        super_classes=super_classes,
        tags=tags,
    )
    with TrainingDisplay() as display:
        session.run(display)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What ``--set`` may change."""

    model: ModelConfig
    training: TrainingConfig


def _range(text: str) -> tuple[int, int]:
    from station.errors import ConfigError

    low, _, high = text.partition("-")
    if not (low.isdigit() and (high or low).isdigit()) or not 1 <= int(low) <= int(high or low) <= 10:
        raise ConfigError(f"--views is {text!r}, but must be two numbers from 1 to 10 such as 3-5.")
    return int(low), int(high or low)
