"""``station import``: take the captures of another tree, or plain pictures, into the data set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from station.captures.catalog import Catalog
from station.captures.importing.examine import SENTENCES, FaultKind
from station.captures.importing.importer import ImportOptions, import_tree
from station.captures.importing.report import ImportReport
from station.captures.store import CaptureStore
from station.cli.captures.opened import JsonOption, open_catalog, shown
from station.cli.class_descriptions import bring_in_line
from station.cli.configuration import ConfigOption, chosen_settings
from station.datadir import CAPTURES, DataDir
from station.parts import PartMaster

_MOST_LINES = 30
"""Captures of each kind that are printed; --json has them all."""


def import_captures(
    tree: Annotated[Path, typer.Argument(help="An MVIP tree, or a folder with a folder of pictures for each class.")],
    config: ConfigOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    split: Annotated[Literal["train", "valid", "test"], typer.Option(help="Where plain pictures go.")] = "train",
    mask: Annotated[
        Literal["none", "whole"], typer.Option(help="Of plain pictures: none, or all of each is the part.")
    ] = "none",
    as_json: JsonOption = False,
) -> None:
    """Import captures, byte for byte; what is there already is passed over, so the same command goes on.

    Ends with 1 when something could not be imported.
    """
    loaded = chosen_settings(config)
    root, options = DataDir.lay_out(loaded.data_dir), ImportOptions(split=split, whole_mask=mask == "whole")
    with ExitStack() as stack:
        if dry_run:
            catalog, store, parts = stack.enter_context(open_catalog(root)), None, None
            place = root / CAPTURES
        else:
            data = stack.enter_context(DataDir.open(root))
            catalog, place = Catalog(data.catalog), data.captures
            stack.callback(catalog.close)
            store = CaptureStore(place, catalog, least_free_bytes=loaded.settings.station.least_free_bytes)
            stack.callback(store.stop)
            parts = PartMaster(data.parts, data.references)
            stack.callback(parts.close)
        course = stack.enter_context(shown("captures"))
        report = import_tree(tree, place, catalog, store, options, course)
        if store is not None and parts is not None:
            bring_in_line(parts, store)
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    else:
        _show(report)
    raise typer.Exit(1 if report.refused else 0)


def _show(report: ImportReport) -> None:
    for class_id, sentence in report.classes.items():
        typer.echo(f"{class_id}: {sentence}")
    _show_faults(report)
    _list(report.moved, "its place was taken, it is now in")
    _list(report.elsewhere, "its content is there under another label:")
    for where, why in report.refused[:_MOST_LINES]:
        typer.echo(f"{where}: not imported. {why}")
    would = "would be imported" if report.dry else "imported"
    typer.echo(
        f"{report.found} found: {len(report.imported)} {would}, {len(report.already)} were there already, "
        f"{len(report.elsewhere)} under another label, {len(report.refused)} not imported."
    )


def _show_faults(report: ImportReport) -> None:
    shown: set[FaultKind] = set()
    for fault in report.faults:
        if fault.kind not in shown:
            typer.echo(SENTENCES[fault.kind])
            shown.add(fault.kind)
        examples = ", ".join(fault.examples) + (" and more" if fault.captures > len(fault.examples) else "")
        typer.echo(f"  {fault.what}: {fault.captures} captures ({examples})")


def _list(found: Mapping[str, str], what: str) -> None:
    for where, folder in list(found.items())[:_MOST_LINES]:
        typer.echo(f"{where}: {what} {folder}")
    if len(found) > _MOST_LINES:
        typer.echo(f"and {len(found) - _MOST_LINES} more (--json has them all)")
