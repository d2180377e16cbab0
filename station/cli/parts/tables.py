"""``station parts import`` and ``export``: tables of parts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.configuration import ConfigOption
from station.cli.parts.options import DemoOption, JsonOption, WhoOption, author, folders, opened, said
from station.errors import StorageError
from station.parts.export import to_csv
from station.parts.importing import ImportPlan, PlannedRow, RowState, plan_import, take_over
from station.parts.table import read_table


def import_parts(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Table of parts; [parts] names its columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    new_tags: Annotated[bool, typer.Option("--new-tags", help="Unknown words become tags of the vocabulary.")] = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Take a table over: all or nothing, nothing is deleted; exit 1 when rows in conflict were left alone."""
    with opened(config, demo) as (loaded, parts):
        columns = loaded.settings.parts
        table = read_table(file, columns)
        plan = plan_import(table, parts, columns, learn_tags=new_tags, taken=folders(loaded, demo))
        if not dry_run:
            take_over(plan, parts, replace(author(loaded, who), through=f"import {file.name}"))
    if as_json:
        typer.echo(json.dumps(_report(plan, done=not dry_run), ensure_ascii=False))
    else:
        typer.echo(f"{file}: {len(table.rows)} rows, {table.encoding}, delimiter {table.delimiter!r}.")
        _print_plan(plan, done=not dry_run)
    raise typer.Exit(1 if plan.of(RowState.CONFLICT) else 0)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Where to; an existing file is not overwritten.")],
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Write all classes as a table that the import reads back."""
    with opened(config, demo) as (loaded, parts):
        records = parts.all()
        try:
            with file.open("xb") as out:
                out.write(to_csv(records, loaded.settings.parts))
        except (OSError, UnicodeEncodeError) as error:
            reason = (
                error.strerror if isinstance(error, OSError) else f"its encoding lacks {error.object[error.start]!r}"
            )
            raise StorageError(f"The table cannot be written: {reason}.", where=str(file)) from error
    typer.echo(f"{file}: {len(records)} classes.")


def _print_plan(plan: ImportPlan, *, done: bool) -> None:
    for row in plan.of(RowState.NEW):
        typer.echo(f"line {row.line}: new {row.number} {row.record.name if row.record else ''}")
    for row in plan.of(RowState.CHANGED):
        told = "; ".join(f"{name}: {said(before)} → {said(after)}" for name, before, after in row.changes)
        typer.echo(f"line {row.line}: changed {row.number}: {told}")
    for heading, tag in plan.new_tags:
        typer.echo(f"new tag {heading}:{tag}")
    for row in plan.of(RowState.CONFLICT):
        typer.echo(f"line {row.line}: left alone: {row.sentence}.")
    counts = ", ".join(f"{len(plan.of(state))} {state.value}" for state in RowState)
    typer.echo(f"{counts}. {'Taken over.' if done else 'Nothing was changed: this was a dry run.'}")


def _report(plan: ImportPlan, *, done: bool) -> dict[str, Any]:
    return {
        "done": done,
        "counts": {state.value: len(plan.of(state)) for state in RowState},
        "new_tags": [list(pair) for pair in plan.new_tags],
        "rows": [_row_report(row) for row in plan.rows if row.state is not RowState.SAME],
    }


def _row_report(row: PlannedRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "state": row.state.value,
        "number": row.number,
        "class": row.record.class_id if row.record else None,
        "changes": [{"field": name, "from": before, "to": after} for name, before, after in row.changes],
        "sentence": row.sentence,
    }
