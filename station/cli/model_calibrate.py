"""``station models calibrate``: the confidence of a finished model, fitted anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.configuration import ConfigOption


def calibrate(
    data: Annotated[list[Path], typer.Option(help="MVIP tree with captures; may be given several times.")],
    out: Annotated[Path, typer.Option(help="Folder of the model with the new confidence.")],
    model: Annotated[
        str, typer.Option(help="Folder of a model, 'demo', or 'active' for the one in station.toml.")
    ] = "active",
    split: Annotated[str, typer.Option(help="Captures of which split: valid or test.")] = "valid",
    reliefs: Annotated[
        bool,
        typer.Option("--reliefs", help="Take the reliefs that parts are compared with from the train split, too."),
    ] = False,
    crops: Annotated[Path | None, typer.Option(help="Folder of the cut crops; <out>.crops if absent.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that cut the crops.")] = 2,
    config: ConfigOption = None,
) -> None:
    """Fit probabilities, prediction sets and the limit to the unknown to captures, without training anew."""
    from recognition.training.refit import refit
    from station.captures.mvip import find_captures
    from station.cli.model_choice import chosen_model
    from station.cli.training_display import TrainingDisplay
    from station.errors import ConfigError

    if split not in ("valid", "test"):
        raise ConfigError(f"--split is {split!r}, but must be valid or test: a model must not have learned from it.")
    every = [capture for tree in data for capture in find_captures(tree)]
    captures = [capture for capture in every if capture.split == split]
    compared = [capture for capture in every if reliefs and capture.split == "train"]
    source, cut = chosen_model(model, config), crops or out.with_name(out.name + ".crops")
    with TrainingDisplay() as display:
        found = refit(source, captures, out, cut, workers, display.advance, compared)
    if found.learned:
        typer.echo(f"{found.learned} captures were left out: the model has learned from them.")
    for condition, figures in found.metrics.items():
        typer.echo(
            f"{condition}: top-1 {figures['top1']:.2%}, top-5 {figures['top5']:.2%}, calibration error "
            f"{figures['calibration_error']:.2%}, false unknowns {figures['false_unknown']:.2%}, the set holds the "
            f"truth {figures['set_covers']:.2%} with {figures['set_length']:.2f} classes"
        )
    typer.echo(f"Model {found.model_id}, fitted to {found.captures} captures, lies in {out}.")
