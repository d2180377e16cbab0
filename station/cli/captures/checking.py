"""``station captures verify|reindex``: check the captures, and make the index again."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from station.captures.catalog import Catalog
from station.captures.reindex import ReindexReport
from station.captures.reindex import reindex as make_index
from station.captures.verify import HARMS, OF_THE_INDEX, Fault, VerifyReport
from station.captures.verify import verify as check_all
from station.cli.captures.opened import JsonOption, data_root, shown, size_text
from station.cli.configuration import ConfigOption
from station.datadir import CAPTURES, CATALOG, DataDir
from station.errors import ConfigError

_MOST_LINES = 50
"""Findings that are printed of each kind; --json has them all."""


def verify(
    tree: Annotated[Path | None, typer.Argument(help="Another tree than the station's; it has no index.")] = None,
    config: ConfigOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend the index; the captures are never changed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check every capture's files against their hashes; ends with 1 when one is harmed or the index is wrong."""
    if tree is not None and repair:
        raise ConfigError("--repair mends the station's index, and another tree has none.")
    with ExitStack() as stack:
        catalog, place = None, tree
        if place is None:
            root = data_root(config)
            if repair:
                stack.enter_context(DataDir.open(root))
            catalog, place = Catalog(root / CATALOG), root / CAPTURES
            stack.callback(catalog.close)
        course = stack.enter_context(shown("captures"))
        report = check_all(place, catalog, repair=repair, course=course)
    if as_json:
        typer.echo(json.dumps({"sound": report.sound, **asdict(report)}, ensure_ascii=False, indent=1))
    else:
        _show(report)
    raise typer.Exit(0 if report.sound else 1)


def reindex(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make the index again from the folders; the folders are the truth and are not changed."""
    with DataDir.open(data_root(config)) as data:
        catalog = Catalog.mended(data.catalog)
        try:
            with shown("captures") as course:
                report = make_index(data.captures, catalog, course)
        finally:
            catalog.close()
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    else:
        _tell(report)


def _show(report: VerifyReport) -> None:
    for fault in Fault:
        findings = report.of([fault])
        for finding in findings[:_MOST_LINES]:
            typer.echo(f"{finding.where}: {finding.what}")
        if len(findings) > _MOST_LINES:
            typer.echo(f"and {len(findings) - _MOST_LINES} more of this kind (--json has them all)")
    typer.echo(f"{report.captures} captures, {report.files} files and {size_text(report.bytes)} checked.")
    harmed, wrong = len(report.of(HARMS)), len(report.of(OF_THE_INDEX))
    unchecked = len(report.of([Fault.UNRECORDED]))
    if unchecked:
        typer.echo(f"{unchecked} captures have no hashes: they were made elsewhere or by an earlier version.")
    if harmed:
        typer.echo(f"{harmed} faults in captures: restore those files from a backup.")
    if wrong:
        mended = f"{report.repaired} mended." if report.repaired else "mend them with: station captures verify --repair"
        typer.echo(f"{wrong} entries of the index were wrong: {mended}")
    if report.sound:
        typer.echo("Everything else is whole." if report.findings else "Everything is whole.")


def _tell(report: ReindexReport) -> None:
    for folder, sentence in report.troubles[:_MOST_LINES]:
        typer.echo(f"{folder}: {sentence}")
    typer.echo(
        f"{report.kept} captures of {report.classes} classes, {report.review} in review, {report.trash} in the trash."
    )
    for number, what in (
        (report.unrecorded, "have no record: import them to give them one"),
        (report.relabelled, "lie elsewhere than their record says: the folder holds"),
        (len(report.troubles), "could not be taken in"),
        (len(report.strangers), "files and folders belong to no capture"),
    ):
        if number:
            typer.echo(f"{number} {what}.")
