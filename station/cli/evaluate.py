"""``station evaluate``: a model and captures in, a report of what the model is worth out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.cli.configuration import ConfigOption

if TYPE_CHECKING:
    from recognition.evaluation.intervals import Figure
    from recognition.evaluation.report import Report
    from recognition.evaluation.scores import Rate

SPLITS = ("train", "valid", "test")


def evaluate(
    data: Annotated[
        list[Path], typer.Option(help="MVIP tree with the captures to show to the model; may be given several times.")
    ],
    model: Annotated[
        str, typer.Option(help="Folder of a model, 'demo', or 'active' for the one in station.toml.")
    ] = "active",
    split: Annotated[str, typer.Option(help="Captures of which split: train, valid or test.")] = "test",
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.html and report.json; evaluations/<model>-<split> if absent.")
    ] = None,
    crops: Annotated[
        Path | None, typer.Option(help="Folder of the cut crops, which trainings share; <out>/crops if absent.")
    ] = None,
    unknown_classes: Annotated[
        str | None,
        typer.Option(
            help="Classes that must be called unknown: ids with commas between, or a file of one a line; every class"
            " of the tree that the model does not know if absent."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the cameras that are taken away at random.")] = 1,
    draws: Annotated[int, typer.Option(min=1, max=100, help="How often they are drawn for each capture.")] = 5,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that cut the crops.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of the short figures.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show a model the captures of a split and report what its answers are worth and what they hang on."""
    from recognition.evaluation.examine import Examination
    from recognition.evaluation.page import write_report
    from recognition.registry import load_model
    from station.cli.class_lists import class_list
    from station.cli.model_choice import chosen_model
    from station.cli.training_display import TrainingDisplay
    from station.errors import ConfigError

    if split not in SPLITS:
        raise ConfigError(f"--split is {split!r}, but must be one of {', '.join(SPLITS)}.")
    path = chosen_model(model, config)
    folder = load_model(path)
    target = out or Path("evaluations") / f"{folder.name}-{split}"
    if target.exists() and not target.is_dir():
        raise ConfigError("The report's place is no folder.", where=str(target), todo="Give another --out.")
    examination = Examination(
        folder=folder,
        model_path=path,
        data=tuple(data),
        split=split,
        crops=crops or target / "crops",
        unknown_classes=None if unknown_classes is None else class_list(unknown_classes, "unknown classes"),
        seed=seed,
        draws=draws,
        device=device,
        workers=workers,
    )
    with TrainingDisplay() as display:
        findings = examination.run(display)
        write_report(findings, target, display.advance)
    typer.echo(findings.report.to_json() if as_json else _short(findings.report, target), nl=not as_json)


def _short(report: Report, target: Path) -> str:
    from recognition.evaluation import words
    from recognition.evaluation.page import HTML

    def rated(name: str, rate: Rate) -> str:
        return f"{name:<34}{words.of_rate(rate)}"

    def figured(name: str, figure: Figure) -> str:
        return f"{name:<34}{words.number(figure.value)} ({words.interval(figure)})"

    lines = [
        *report.remarks,
        rated("top-1", report.answers.top1),
        rated("top-5", report.answers.top5),
        rated("top-1 of the network alone", report.network.top1),
        figured("calibration error", report.calibration.error),
        rated("prediction set holds the class", report.prediction_sets.covers),
        figured("classes in a prediction set", report.prediction_sets.length),
        rated("top-1 with three cameras missing", report.missing_cameras[3].top1),
        *(figured(f"AUROC, {one.condition}", one.auroc) for one in report.unknown),
        *(rated("weight wrong by 20 % is named", one.named) for one in report.wrong_weight[-1:]),
        report.views.sentence,
        f"The report lies in {target / HTML}.",
    ]
    return "\n".join(lines)
