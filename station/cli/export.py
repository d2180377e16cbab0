"""``station export``: write the data set for others, as an MVIP tree, as COCO, or as a table."""

from __future__ import annotations

import enum
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from station.captures.exporting.chosen import Choice
from station.captures.exporting.coco import export_coco
from station.captures.exporting.mvip import export_mvip
from station.captures.exporting.table import export_table
from station.cli.captures.opened import JsonOption, data_root, shown, size_text
from station.cli.configuration import ConfigOption
from station.datadir import CAPTURES

_MOST_LINES = 20

Format = Literal["mvip", "coco", "csv", "parquet"]


class Split(enum.StrEnum):
    """A split; typer knows no list of literals."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


def export(
    out: Annotated[Path, typer.Option("--out", help="A new folder (mvip, coco) or file (csv, parquet).")],
    form: Annotated[Format, typer.Option("--format", help="mvip is the whole tree, csv and parquet a table.")] = "mvip",
    tree: Annotated[Path | None, typer.Argument(help="Another tree than the station's.")] = None,
    config: ConfigOption = None,
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="Only this class: its folder. May be given again.")
    ] = None,
    splits: Annotated[list[Split] | None, typer.Option("--split", help="Only this split. May be given again.")] = None,
    records: Annotated[bool, typer.Option(help="mvip: write capture.json, which MVIP does not know, too.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Export the captures; writes to a new place, whole or not at all, and never over something."""
    place = tree if tree is not None else data_root(config) / CAPTURES
    choice = Choice(place, tuple(classes or ()), tuple(splits or ()))
    with shown(f"export as {form}") as course:
        if form == "mvip":
            report = export_mvip(choice, out, course, records=records)
        elif form == "coco":
            report = export_coco(choice, out, course)
        else:
            report = export_table(choice, out, form, course)
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
        return
    for where, why in report.left_out[:_MOST_LINES]:
        typer.echo(f"{where}: left out. {why}")
    if len(report.left_out) > _MOST_LINES:
        typer.echo(f"and {len(report.left_out) - _MOST_LINES} more (--json has them all)")
    typer.echo(f"{report.captures} captures in {report.files} files, {size_text(report.bytes)}: {out}")
