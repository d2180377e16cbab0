"""``station study``: what each choice of model and training is worth, as tables."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recognition.study.plan import Table


def study(
    data: Annotated[
        list[Path],
        typer.Option(help="MVIP tree with train_data, valid_data and test_data; several are learned from together."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the trainings and their results; finished ones are kept.")],
    tables: Annotated[str, typer.Option("--tables", help="Which tables, with commas between, or all.")] = "all",
    profile: Annotated[str, typer.Option(help="small (for a processor) or full (MVIP's size, for a GPU).")] = "small",
    hold_out: Annotated[
        str, typer.Option(help="Classes the models must not know: ids with commas between, or a file of one a line.")
    ] = "",
    weights: Annotated[
        Path | None, typer.Option(help="best.safetensors of an earlier training that the encoders begin with.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Seeds with commas between; each table has its own number if empty.")] = "",
    epochs: Annotated[int | None, typer.Option(min=1, help="Of every training; the profile's own if absent.")] = None,
    crops: Annotated[Path | None, typer.Option(help="Folder of the cut crops; <out>/crops when not given.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Trainings side by side.")] = 1,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that cut the crops.")] = 2,
    doc: Annotated[Path | None, typer.Option(help="Markdown file for the tables; printed when not given.")] = None,
    report_only: Annotated[bool, typer.Option("--report-only", help="Write what there is and train nothing.")] = False,
) -> None:
    """Train and measure the rows of the studies, each seed of each row once; goes on where it was interrupted."""
    from rich.console import Console

    from recognition.engine import device_for
    from recognition.study.plan import PROFILES
    from recognition.study.pool import StudyPlace, results_of
    from recognition.study.report import study_text
    from recognition.study.runs import runs_of, unique
    from recognition.training.tree import TrainingTree
    from station.cli.class_lists import class_list

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    chosen, base = _tables(tables), PROFILES[_one_of("--profile", profile, PROFILES)].shortened(epochs)
    where = device_for(device)
    tree = TrainingTree.of(data, class_list(hold_out, "--hold-out"), crops or out / "crops", workers)
    place = StudyPlace(tree, out, weights, str(where))
    numbers, gpu = _seeds(seeds), where.type == "cuda"
    if not report_only:
        runs = unique(run for table in chosen for run in runs_of(table, base, numbers, gpu=gpu))
        begun = time.monotonic()
        for done, (run, result) in enumerate(results_of(place, runs, jobs), start=1):
            console.print(
                f"{done} of {len(runs)}, {run.row.name}, seed {run.seed}: top-1 {result.figures['top1']:.1%}"
                f" after {(time.monotonic() - begun) / 60:.0f} minutes"
            )
    found = place.study()
    text = study_text(profile, chosen, lambda row: found.results(row, base))
    if doc is None:
        typer.echo(text)
    else:
        doc.write_text(text, encoding="utf-8")


def _tables(text: str) -> tuple[Table, ...]:
    from recognition.study.plan import TABLES

    if text == "all":
        return TABLES
    by_key = {table.key: table for table in TABLES}
    return tuple(by_key[_one_of("--tables", key.strip(), by_key)] for key in text.split(","))


def _one_of(option: str, name: str, known: Mapping[str, object]) -> str:
    from station.errors import ConfigError

    if name not in known:
        raise ConfigError(f"{option} is {name!r}.", todo=f"Allowed are {', '.join(known)}.")
    return name


def _seeds(text: str) -> tuple[int, ...]:
    from station.errors import ConfigError

    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() for part in parts):
        raise ConfigError(f"--seeds is {text!r}.", todo="Give whole numbers with commas between, such as 1,2,3.")
    return tuple(int(part) for part in parts)
